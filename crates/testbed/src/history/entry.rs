//! The kinds of things a history holds.

use api::ObjectKey;
use api::plan::{PlanPhase, TaskStatus};
use controller::Controller;
use oracles::Violation;
use simchain::Happening;
use simkube::{Actor, PodId, Verb};
use std::sync::Arc;

/// How an object in the store changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stored {
    /// It is new.
    Created,
    /// It is another.
    Changed,
    /// Its deletion began; finalizers or a grace period hold it.
    Deleting,
    /// It is gone.
    Removed,
}

/// One entry of a history.
#[derive(Clone, Debug, PartialEq, Hash)]
pub enum Entry {
    /// An object in the store changed.
    Stored {
        /// How.
        how: Stored,
        /// Its kind.
        kind: &'static str,
        /// Its name; without the random part, if its name has one.
        name: Arc<str>,
        /// Its new resourceVersion.
        version: u64,
        /// By whom.
        actor: Actor,
    },
    /// Something a reader of objects would notice.
    Noticed(Happened),
    /// An effective call of the operator was carried out.
    Call {
        /// The verb.
        verb: Verb,
        /// The kind.
        kind: &'static str,
        /// The object.
        name: Option<Arc<str>>,
        /// Why it was refused, if it was.
        error: Option<Arc<str>>,
    },
    /// The operator recorded a Kubernetes event.
    Event {
        /// The object's kind.
        kind: &'static str,
        /// The object.
        name: Arc<str>,
        /// The event's reason.
        reason: &'static str,
        /// The event's text.
        message: Arc<str>,
    },
    /// A reconcile returned an error.
    ReconcileFailed {
        /// Whose.
        controller: Controller,
        /// Of which object.
        name: Arc<str>,
        /// The error.
        error: Arc<str>,
        /// Whether it is a conflict: it was retried on a newer copy.
        conflict: bool,
    },
    /// A container was started.
    ContainerStarted {
        /// Its pod.
        pod: Arc<str>,
        /// Its name.
        container: Arc<str>,
        /// How often it had been started before.
        restarts: u32,
    },
    /// A container ended.
    ContainerExited {
        /// Its pod.
        pod: Arc<str>,
        /// Its name.
        container: Arc<str>,
        /// Its exit code.
        code: i32,
    },
    /// A node's programs did something.
    Chain {
        /// The node.
        node: Arc<str>,
        /// What.
        what: Happening,
    },
    /// Clients of a Service now go elsewhere.
    DataPlane {
        /// The Service.
        service: Arc<str>,
        /// The pods.
        pods: Vec<Arc<str>>,
    },
    /// The person at the keyboard did something.
    Acted {
        /// What.
        what: Arc<str>,
        /// Why it was refused, if it was.
        refused: Option<Arc<str>>,
    },
    /// A law was broken.
    Violated(Violation),
    /// Something happened to the operator's own process.
    Operator {
        /// What.
        what: &'static str,
    },
    /// A fault struck, or is over.
    Fault {
        /// What it is, in words.
        what: Arc<str>,
        /// What became of it.
        how: &'static str,
    },
}

impl Entry {
    /// Clients of a Service now go to these pods.
    pub fn data_plane(service: &ObjectKey, pods: &[(ObjectKey, PodId)]) -> Self {
        Self::DataPlane { service: service.name.clone(), pods: pods.iter().map(|(pod, _)| pod.name.clone()).collect() }
    }
}

/// What a reader of objects notices in a change.
#[derive(Clone, Debug, PartialEq, Hash)]
pub enum Happened {
    /// A group or node entered a phase.
    Phase {
        /// The object's kind.
        kind: &'static str,
        /// The object.
        name: Arc<str>,
        /// The phase.
        phase: &'static str,
    },
    /// A plan was stored.
    PlanStored {
        /// Whose.
        owner: Arc<str>,
        /// Its tasks' types, in order.
        tasks: Vec<Arc<str>>,
    },
    /// A task of a plan changed its status.
    Task {
        /// Whose plan.
        owner: Arc<str>,
        /// The task's type.
        task: Arc<str>,
        /// Its new status.
        status: TaskStatus,
        /// Why it failed.
        error: Option<Arc<str>>,
    },
    /// A plan changed its phase.
    PlanPhase {
        /// Whose.
        owner: Arc<str>,
        /// Its new phase.
        phase: PlanPhase,
    },
    /// A plan was removed from its owner's status.
    PlanCleared {
        /// Whose.
        owner: Arc<str>,
    },
    /// A pod changed its phase.
    PodPhase {
        /// The pod.
        pod: Arc<str>,
        /// The phase.
        phase: Arc<str>,
        /// The machine it is on, when it is new there.
        machine: Option<Arc<str>>,
    },
    /// A pod became Ready or ceased to be.
    PodReady {
        /// The pod.
        pod: Arc<str>,
        /// Whether it is.
        ready: bool,
    },
    /// A Job ended.
    JobEnded {
        /// The Job.
        job: Arc<str>,
        /// Its terminal condition.
        condition: Arc<str>,
    },
    /// The external Service selects other pods.
    Selector {
        /// The Service.
        service: Arc<str>,
        /// The selector, as `key=value` pairs.
        selector: Arc<str>,
    },
    /// A container waits for an image that cannot be pulled.
    ImageMissing {
        /// Its pod.
        pod: Arc<str>,
        /// The container.
        container: Arc<str>,
        /// The image.
        image: Arc<str>,
    },
}
