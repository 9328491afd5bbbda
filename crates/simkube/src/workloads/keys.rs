//! The keys that controllers still have to look at.
//!
//! Every controller is level-triggered: a change marks a key, and the look comes after the controller has seen the change and worked its
//! way to it. More changes until then need no further look. A look reads the store as it is at that moment, which is also the moment of
//! its writes (a named shortcut: a real controller writes a few milliseconds after it has read its cache).

use super::event::Event;
use crate::Context;
use crate::profile::ClusterProfile;
use api::ObjectKey;
use simcore::{Span, Subject};

/// How long a node is missing before its pods are collected: a quarantine of 40 s and up to one of the collector's periods of 20 s.
const MISSING_NODE: Span = Span::seconds(40, 60);

/// What works inside the cluster and looks at objects by key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Controller {
    StatefulSet,
    Job,
    Endpoints,
    LoadBalancer,
    /// The protection of claims in use.
    ClaimProtection,
    /// The attach-detach controller; its keys are claims.
    Attachment,
    Scheduler,
    /// The budgets of disruptions.
    Disruption,
    /// What follows from the health of machines; its keys are nodes.
    NodeLifecycle,
    /// The collector of pods without a machine; its keys are nodes that are gone.
    PodGc,
    /// The kubelet of whichever machine the pod is on.
    Kubelet,
}

impl Controller {
    /// How the controller signs its requests, and names its random streams.
    pub const fn name(self) -> &'static str {
        match self {
            Self::StatefulSet => "statefulset-controller",
            Self::Job => "job-controller",
            Self::Endpoints => "endpointslice-controller",
            Self::LoadBalancer => "service-controller",
            Self::ClaimProtection => "pvc-protection-controller",
            Self::Attachment => "attachdetach-controller",
            Self::Scheduler => "scheduler",
            Self::Disruption => "disruption-controller",
            Self::NodeLifecycle => "node-controller",
            Self::PodGc => "pod-garbage-collector",
            Self::Kubelet => "kubelet",
        }
    }
}

/// The marked keys of all controllers.
#[derive(Clone, Default)]
pub(super) struct Keys {
    /// In order. They are few.
    marked: Vec<(Controller, ObjectKey)>,
}

impl Keys {
    /// Has a controller look at the key soon, if it is not going to anyway.
    pub fn mark(&mut self, cx: &mut Context<'_>, profile: &ClusterProfile, controller: Controller, key: &ObjectKey) {
        let Err(place) = self.place(controller, key) else { return };
        self.marked.insert(place, (controller, key.clone()));
        let name = controller.name();
        let wait = match controller {
            Controller::Endpoints => cx.luck.duration(name, key, profile.endpoint_slice),
            Controller::Scheduler => cx.luck.duration(name, key, profile.scheduling),
            Controller::PodGc => cx.luck.duration(name, key, MISSING_NODE),
            Controller::Kubelet => cx.luck.duration(name, key, profile.controller_view),
            _ => cx.luck.duration(name, key, profile.controller_view) + cx.luck.duration(name, key, profile.controller_sync),
        };
        let event = Event::Sync { controller, key: key.clone() };
        cx.after(wait, Subject::of(&(name, key)), crate::Event::Workload(event));
    }

    /// The controller looks now: later changes need another look.
    pub fn unmark(&mut self, controller: Controller, key: &ObjectKey) {
        if let Ok(place) = self.place(controller, key) {
            self.marked.remove(place);
        }
    }

    /// Where a key is marked, or would be.
    fn place(&self, controller: Controller, key: &ObjectKey) -> Result<usize, usize> {
        self.marked.binary_search_by(|(of, marked)| of.cmp(&controller).then_with(|| marked.cmp(key)))
    }
}
