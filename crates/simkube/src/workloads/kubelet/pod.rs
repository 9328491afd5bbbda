//! One pod on its machine: what is to be started next, and how it is brought to its end.
//!
//! [`PodLife::advance`] is what a kubelet's `syncPod` is: it looks at where the pod stands and does everything that can be done now. It is
//! called after whatever may have changed that.

use super::container::{ContainerLife, Exit, Restart, Role, Running, State};
use super::images::{Images, NEXT_LOOK, Need, PullFailure};
use super::probe::{self, ProbeKind};
use super::{Event, status};
use crate::boundary::{ContainerId, ContainerStart, Output, PodId};
use crate::workloads::controllers::attachments::Attachments;
use crate::workloads::event::Event as WorkloadEvent;
use crate::workloads::keys::Controller;
use crate::workloads::machines::Machine;
use crate::workloads::pods;
use crate::workloads::step::Step;
use api::kinds::{PersistentVolumeClaim, Pod};
use api::{Object, ObjectKey};
use simcore::SimTime;
use std::collections::BTreeMap;
use std::hash::Hash;
use std::sync::Arc;
use uuid::Uuid;

/// A pod that a kubelet runs.
#[derive(Clone, Debug)]
pub(super) struct PodLife {
    pub key: ObjectKey,
    pub id: PodId,
    pub machine: Machine,
    /// When the kubelet took it on.
    pub since: SimTime,
    /// Its address, once its volumes are there.
    pub address: Option<String>,
    pub containers: Vec<ContainerLife>,
    /// Whether every init container has succeeded and every sidecar started, once.
    pub initialized: bool,
    /// The phase in which it has ended.
    pub terminal: Option<&'static str>,
    /// Whether the kubelet has evicted it.
    pub evicted: bool,
    /// Whether its machine is without power, or has not looked at it since.
    pub off: bool,
    pub policy: Restart,
    /// What its localhost answers.
    pub answers: BTreeMap<probe::Target, bool>,
    /// The container whose image is being pulled, and until when: a pod's containers are started one by one.
    pub pulling: Option<(usize, SimTime)>,
    /// When containers that were told to end are killed; absent while the pod is to run.
    pub deadline: Option<SimTime>,
}

impl PodLife {
    /// A pod that has come to the machine.
    pub fn new(pod: &Object<Pod>, machine: Machine, now: SimTime) -> Self {
        Self {
            key: pod.meta.key.clone(),
            id: pods::id(pod),
            machine,
            since: now,
            address: None,
            containers: ContainerLife::all_of(&pod.spec),
            initialized: false,
            terminal: None,
            evicted: false,
            off: false,
            policy: Restart::of(&pod.spec),
            answers: BTreeMap::new(),
            pulling: None,
            deadline: None,
        }
    }

    /// Does all that can be done now, and reports it.
    pub fn advance(&mut self, step: &mut Step<'_, '_>, volumes: &Attachments, images: &mut Images) {
        let Some(pod) = self.stored(step).filter(|_| !self.off) else { return };
        if self.terminal.is_none() && (self.deadline.is_some() || self.must_end(&pod)) {
            self.end(step, &pod);
        } else if self.terminal.is_none() && self.has_volumes(step, &pod, volumes) {
            if self.address.is_none() {
                self.address = Some(images.next_address());
            }
            self.start_what_is_due(step, &pod, images);
        }
        self.report(step, &pod);
        if self.terminal.is_some() && pod.meta.deleting.is_some() && pod.meta.deletion_grace_seconds != Some(0) {
            step.server.remove_now(step.cx, &const { <Pod as api::Kind>::INFO }, &self.key, Controller::Kubelet.name());
        }
    }

    /// The pod as it is stored, unless it is gone.
    pub fn stored(&self, step: &Step<'_, '_>) -> Option<Object<Pod>> {
        step.server.typed::<Pod>(&self.key).filter(|pod| pods::id(pod) == self.id)
    }

    fn must_end(&self, pod: &Object<Pod>) -> bool {
        pod.meta.deleting.is_some() || status::has_run_out(self, self.policy)
    }

    fn has_volumes(&self, step: &Step<'_, '_>, pod: &Object<Pod>, volumes: &Attachments) -> bool {
        let uid = |name: &str| -> Option<Uuid> {
            let key = ObjectKey::new(self.key.namespace.clone(), name);
            step.server.object(&<PersistentVolumeClaim as api::Kind>::INFO, &key)?.meta.uid
        };
        pods::claim_names(&pod.spec).all(|name| uid(name).is_some_and(|volume| volumes.is_attached(volume, self.machine)))
    }

    /// Init containers one after the other, then the main ones. Once the pod is initialized, a sidecar that is down holds nothing up.
    fn start_what_is_due(&mut self, step: &mut Step<'_, '_>, pod: &Object<Pod>, images: &mut Images) {
        for index in 0..self.containers.len() {
            if self.pulling.is_some() {
                return;
            }
            if self.containers[index].role == Role::Main {
                self.initialized = true;
            }
            if self.containers[index].is_due() {
                self.start(step, pod, index, images);
            }
            if !self.initialized && !self.containers[index].lets_next_go_on() {
                return;
            }
        }
    }

    /// Starts a container, or first has its image pulled.
    fn start(&mut self, step: &mut Step<'_, '_>, pod: &Object<Pod>, index: usize, images: &mut Images) {
        let id = self.container_id(index);
        let container = &mut self.containers[index];
        let image = container.spec.image.clone().unwrap_or_default();
        match images.need(self.machine, &image, container.spec.image_pull_policy.as_deref()) {
            Need::Nothing => container.pull = None,
            Need::Pull => {
                let until = step.now() + step.draw("image pull", &(&self.key, &image), step.profile.image_pull);
                self.pulling = Some((index, until));
                return self.later(step, until, Event::Pulled { pod: self.id, image });
            }
            Need::Unpullable => return self.pull_failed(step, index),
            Need::Forbidden => {
                container.pull = Some(PullFailure::forbidden(step.now()));
                return;
            }
        }
        container.runs += 1;
        container.state = State::Running(Running::new(step.now()));
        let volume = pods::data_claim(step.server, pod).and_then(|claim| claim.meta.uid);
        let container = container.spec.clone();
        step.cx.tell(Output::Start(ContainerStart { id, pod: pod.clone().into_any(), container, volume }));
        if !self.begin_probe(step, index, ProbeKind::Startup) {
            self.started(step, index);
        }
    }

    /// The present run of the container of that name.
    pub fn container_named(&self, name: &str) -> Option<ContainerId> {
        let index = self.containers.iter().position(|container| container.spec.name == name && container.running().is_some())?;
        Some(self.container_id(index))
    }

    /// The identity of the container's present run, or of its next one.
    pub fn container_id(&self, index: usize) -> ContainerId {
        let container = &self.containers[index];
        let run = if container.running().is_some() { container.runs - 1 } else { container.runs };
        ContainerId { pod: self.id, index: u8::try_from(index).expect("a pod has few containers"), run }
    }

    pub fn later(&self, step: &mut Step<'_, '_>, at: SimTime, event: Event) {
        step.at(at, &("kubelet", &self.key), WorkloadEvent::Kubelet(event));
    }

    /// A pull is over: gives the image if it succeeded.
    pub fn pulled(&mut self, step: &mut Step<'_, '_>, images: &Images, image: String) -> Option<String> {
        let (index, _) = self.pulling.take_if(|(_, until)| *until == step.now())?;
        if images.is_missing(&image) {
            self.pull_failed(step, index);
            return None;
        }
        Some(image)
    }

    /// An image could not be pulled: the container waits, at the next look in back-off.
    fn pull_failed(&mut self, step: &mut Step<'_, '_>, index: usize) {
        let container = &mut self.containers[index];
        container.pull = Some(PullFailure::pulling(container.pull, step.now()));
        let at = step.now() + step.draw("failed image pull", &self.key, NEXT_LOOK);
        self.later(step, at, Event::PullBackOff { pod: self.id, since: step.now() });
    }

    /// The kubelet looks at the pod again and finds images in back-off whose pull failed at this moment.
    pub fn pull_back_off(&mut self, since: SimTime) {
        let failures = self.containers.iter_mut().filter_map(|container| container.pull.as_mut());
        failures
            .filter(|failure| failure.last == since && failure.reason == "ErrImagePull")
            .for_each(|failure| failure.reason = "ImagePullBackOff");
    }

    /// Whether a container waits for the image, and since when it was tried.
    pub fn waits_for(&self, image: &str) -> Option<PullFailure> {
        let waiting = self.containers.iter().filter(|container| container.spec.image.as_deref() == Some(image));
        waiting.filter_map(|container| container.pull).next()
    }

    /// Containers that wait for the image may try again.
    pub fn try_again(&mut self, image: &str) {
        let waiting = self.containers.iter_mut().filter(|container| container.spec.image.as_deref() == Some(image));
        waiting.filter_map(|container| container.pull.as_mut()).for_each(|failure| failure.try_again = true);
    }

    /// A run has ended.
    pub fn exited(&mut self, step: &mut Step<'_, '_>, id: ContainerId, code: i32) {
        let Some(exit) = self.run(id).map(|running| Exit::seen(running, step.now(), code)) else { return };
        let (policy, ending) = (self.policy, self.deadline.is_some());
        let container = &mut self.containers[usize::from(id.index)];
        if ending || !container.is_restarted(policy, code) {
            container.state = State::Exited(exit);
            return;
        }
        let wait = container.next_back_off(exit);
        if wait.is_zero() {
            container.previous = Some(exit);
            container.state = State::Waiting;
        } else {
            container.state = State::BackOff(exit);
            self.later(step, step.now() + wait, Event::BackOffOver { id });
        }
    }

    /// A back-off is over: the container may be started again.
    pub fn back_off_over(&mut self, id: ContainerId) {
        let container = &mut self.containers[usize::from(id.index)];
        if let (State::BackOff(exit), true) = (&container.state, container.runs == id.run + 1) {
            container.previous = Some(*exit);
            container.state = State::Waiting;
        }
    }

    /// The run, if it is the present one.
    pub fn run(&self, id: ContainerId) -> Option<&Running> {
        self.containers.get(usize::from(id.index)).filter(|container| container.runs == id.run + 1)?.running()
    }

    /// The abstract state: where each container stands, and whether the pod is ending.
    pub fn outline(&self) -> impl Hash + use<> {
        let container = |container: &ContainerLife| match &container.state {
            State::Waiting => (0, container.pull.is_some(), false),
            State::BackOff(_) => (1, false, false),
            State::Running(running) => (2, running.is_ready(), running.signalled),
            State::Exited(exit) => (3, exit.code == 0, false),
        };
        (self.deadline.is_some(), self.off, self.terminal, self.containers.iter().map(container).collect::<Vec<_>>())
    }

    /// Writes the pod's status if it changed.
    fn report(&self, step: &mut Step<'_, '_>, pod: &Object<Pod>) {
        let status = status::of(self, pod, step.server, step.now());
        step.patch_status(Controller::Kubelet, pod, Object { status: Arc::new(status), ..pod.clone() });
    }
}
