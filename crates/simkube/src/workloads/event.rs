//! What the built-in controllers, the scheduler, the kubelets and the network schedule for themselves.

use super::{keys::Controller, kubelet};
use api::ObjectKey;
use simcore::SimTime;
use uuid::Uuid;

/// An event of what works inside the cluster. Each names what it was scheduled for; when that is gone meanwhile, nothing happens.
#[derive(Clone, Debug)]
pub enum Event {
    /// A controller looks at a key.
    Sync {
        /// Which controller.
        controller: Controller,
        /// At what.
        key: ObjectKey,
    },
    /// kube-proxies and load balancers have taken over a Service's endpoints.
    DataPlane {
        /// The Service.
        service: ObjectKey,
    },
    /// A volume has been made for a claim.
    Provisioned {
        /// The claim.
        claim: ObjectKey,
        /// Its uid.
        uid: Uuid,
    },
    /// A volume is now attached, or detached, whichever was under way.
    VolumeMoved {
        /// The claim.
        claim: ObjectKey,
        /// Its uid.
        uid: Uuid,
    },
    /// A load balancer has its address.
    BalancerReady {
        /// The Service.
        service: ObjectKey,
        /// Its uid.
        uid: Uuid,
    },
    /// A load balancer's name resolves.
    BalancerResolves {
        /// The Service.
        service: ObjectKey,
        /// Its uid.
        uid: Uuid,
    },
    /// A finished Job has outlived its `ttlSecondsAfterFinished`.
    JobExpired {
        /// The Job.
        job: ObjectKey,
        /// Its uid.
        uid: Uuid,
    },
    /// A machine has been silent for the grace period.
    NodeSilent {
        /// Its Node object.
        node: ObjectKey,
        /// Since when it is lost.
        since: SimTime,
    },
    /// A pod no longer tolerates its unreachable machine.
    TaintEviction {
        /// The pod.
        pod: ObjectKey,
        /// Its uid.
        uid: Uuid,
        /// Since when the machine is lost.
        since: SimTime,
    },
    /// A volume has waited long enough for a lost machine to let go of it.
    ForcedDetach {
        /// The claim.
        claim: ObjectKey,
        /// Its uid.
        uid: Uuid,
        /// Since when nobody needs it there.
        since: SimTime,
    },
    /// `kubectl drain` tries again to evict a pod.
    DrainAgain {
        /// The pod.
        pod: ObjectKey,
        /// Its uid.
        uid: Uuid,
    },
    /// A stale answer of DNS has lived its time.
    NameForgotten {
        /// The Service whose name the answer was for.
        service: ObjectKey,
        /// The pod's hostname there.
        hostname: String,
    },
    /// Something of a kubelet.
    Kubelet(kubelet::Event),
}

impl Event {
    /// Whether a world with nothing else to come is still at work. A startup probe that fails for days until it gives up is not (a named
    /// shortcut: the container that it would have killed is started again and waits again). Anything else is, also when it turns out to be
    /// stale; the longest wait of that sort is a Job's time to live.
    pub fn keeps_awake(&self) -> bool {
        !matches!(self, Self::Kubelet(kubelet::Event::StartupDeadline { .. }))
    }
}
