//! The kubelets of all machines: how a pod lives.
//!
//! `pod` says what is started and ended in which order, `container` when a container is started again, `probe` when it counts as started,
//! alive and ready, `status` what of that is reported. The programs themselves run elsewhere: a kubelet announces each run and is told how
//! it ended and what it answers.

mod container;
mod ending;
mod images;
mod pod;
mod power;
mod probe;
mod probing;
mod status;

pub use probe::ProbeKind;

use super::controllers::attachments::Attachments;
use super::machines::Machine;
use super::pods;
use super::step::Step;
use crate::boundary::{ContainerId, PodId, Route};
use api::ObjectKey;
use api::kinds::Pod;
use images::Images;
use pod::PodLife;
use simcore::{SimTime, stable_hash};
use std::collections::BTreeMap;

/// What a kubelet waits for. An event about a run that has ended, or a token that is not the last, is stale and does nothing.
#[derive(Clone, Debug)]
pub enum Event {
    /// An image has been pulled for a pod.
    Pulled {
        /// The pod.
        pod: PodId,
        /// The image.
        image: String,
    },
    /// The kubelet looks again at a pod whose image could not be pulled.
    PullBackOff {
        /// The pod.
        pod: PodId,
        /// When the pull failed.
        since: SimTime,
    },
    /// An image that has appeared is tried again.
    PullAgain {
        /// The pod.
        pod: PodId,
        /// The image.
        image: String,
    },
    /// A restart back-off is over.
    BackOffOver {
        /// The run that ended.
        id: ContainerId,
    },
    /// A grace period is over.
    GraceOver {
        /// The run that was told to end.
        id: ContainerId,
    },
    /// A probe's result turns.
    ProbeTurns {
        /// The run.
        id: ContainerId,
        /// Which probe.
        kind: ProbeKind,
        /// Of which expectation.
        token: u32,
    },
    /// A startup probe has failed for the last time.
    StartupDeadline {
        /// The run.
        id: ContainerId,
        /// Of which expectation.
        token: u32,
    },
}

/// All pods that are on machines.
#[derive(Clone, Default)]
pub(super) struct Kubelet {
    pods: BTreeMap<PodId, PodLife>,
    images: Images,
}

impl Kubelet {
    /// Sees the pod of a name as it is now: takes on a new one, ends what is being deleted, cleans up after one that is gone.
    pub fn sync(&mut self, step: &mut Step<'_, '_>, volumes: &Attachments, key: &ObjectKey) {
        let stored = step.server.typed::<Pod>(key);
        let id = stored.as_ref().map(pods::id);
        let gone: Vec<_> = self.pods.values().filter(|life| life.key == *key && Some(life.id) != id).map(|life| life.id).collect();
        for id in gone {
            self.pods.remove(&id).iter().for_each(|life| life.kill_all(step));
        }
        let Some(pod) = stored else { return };
        let Some(machine) = pod.spec.node_name.as_deref().and_then(Machine::named) else { return };
        if step.machines.is_lost(machine) {
            return;
        }
        let life = self.pods.entry(pods::id(&pod)).or_insert_with(|| PodLife::new(&pod, machine, step.now()));
        if life.off {
            life.power_on(step);
        }
        self.advance(step, volumes, pods::id(&pod));
    }

    /// A volume of the claim is now on the machine.
    pub fn volume_attached(&mut self, step: &mut Step<'_, '_>, volumes: &Attachments, claim: &ObjectKey, machine: Machine) {
        let users: Vec<_> = pods::of_claim(step.server, claim).filter_map(|pod| pod.meta.uid.map(PodId)).collect();
        for id in users {
            if self.pods.get(&id).is_some_and(|life| life.machine == machine) {
                self.advance(step, volumes, id);
            }
        }
    }

    /// Something that a kubelet waited for.
    pub fn handle(&mut self, step: &mut Step<'_, '_>, volumes: &Attachments, event: Event) {
        let id = match &event {
            Event::Pulled { pod, .. } | Event::PullBackOff { pod, .. } | Event::PullAgain { pod, .. } => *pod,
            Event::BackOffOver { id } | Event::GraceOver { id } | Event::ProbeTurns { id, .. } | Event::StartupDeadline { id, .. } => {
                id.pod
            }
        };
        let Some(life) = self.pods.get_mut(&id) else { return };
        match event {
            Event::Pulled { image, .. } => {
                if let Some(image) = life.pulled(step, &self.images, image) {
                    let machine = life.machine;
                    self.images.add(machine, image.clone());
                    self.image_arrived(step, volumes, machine, &image);
                }
            }
            Event::PullBackOff { since, .. } => life.pull_back_off(since),
            Event::PullAgain { image, .. } => life.try_again(&image),
            Event::BackOffOver { id } => life.back_off_over(id),
            Event::GraceOver { id } => life.grace_over(step, id),
            Event::ProbeTurns { id, kind, token } => life.probe_turns(step, id, kind, token),
            Event::StartupDeadline { id, token } => life.probe_turns(step, id, ProbeKind::Startup, token),
        }
        self.advance(step, volumes, id);
    }

    /// A run has ended.
    pub fn exited(&mut self, step: &mut Step<'_, '_>, volumes: &Attachments, id: ContainerId, code: i32) {
        if let Some(life) = self.pods.get_mut(&id.pod) {
            life.exited(step, id, code);
            self.advance(step, volumes, id.pod);
        }
    }

    /// What a pod's localhost answers has changed.
    pub fn answers(&mut self, step: &mut Step<'_, '_>, pod: PodId, port: i32, path: &str, ok: bool) {
        if let Some(life) = self.pods.get_mut(&pod) {
            life.answers(step, port, path, ok);
        }
    }

    fn advance(&mut self, step: &mut Step<'_, '_>, volumes: &Attachments, id: PodId) {
        if let Some(life) = self.pods.get_mut(&id) {
            life.advance(step, volumes, &mut self.images);
        }
    }

    /// Pods that wait for an image which must not be pulled can have it once another pod has pulled it.
    fn image_arrived(&mut self, step: &mut Step<'_, '_>, volumes: &Attachments, machine: Machine, image: &str) {
        let waits = |life: &&PodLife| life.machine == machine && life.waits_for(image).is_some_and(|failure| failure.is_forbidden());
        let waiting: Vec<_> = self.pods.values().filter(waits).map(|life| life.id).collect();
        for id in waiting {
            self.pods.get_mut(&id).expect("the pod was just found").try_again(image);
            self.advance(step, volumes, id);
        }
    }

    /// The registry loses an image, or has it from now on.
    pub fn set_image(&mut self, step: &mut Step<'_, '_>, image: &str, exists: bool) {
        if !exists {
            return self.images.lose(image);
        }
        self.images.publish(image);
        for life in self.pods.values() {
            if let Some(failure) = life.waits_for(image).filter(|failure| !failure.is_forbidden()) {
                let event = Event::PullAgain { pod: life.id, image: image.to_owned() };
                life.later(step, failure.next_try(step.now()), event);
            }
        }
    }

    /// A machine loses its power.
    pub fn power_off(&mut self, step: &mut Step<'_, '_>, machine: Machine) {
        self.pods.values_mut().filter(|life| life.machine == machine).for_each(|life| life.power_off(step));
    }

    /// A machine is gone with its disk.
    pub fn forget(&mut self, machine: Machine) {
        self.images.forget(machine);
    }

    /// The present run of a pod's container.
    pub fn container(&self, pod: PodId, name: &str) -> Option<ContainerId> {
        self.pods.get(&pod)?.container_named(name)
    }

    /// A container's process is killed from outside.
    pub fn kill(&mut self, step: &mut Step<'_, '_>, id: ContainerId, out_of_memory: bool) -> bool {
        self.pods.get_mut(&id.pod).is_some_and(|life| life.kill(step, id, out_of_memory))
    }

    /// A container's liveness probe has failed for the last time.
    pub fn fail_liveness(&mut self, step: &mut Step<'_, '_>, id: ContainerId) -> bool {
        self.pods.get_mut(&id.pod).is_some_and(|life| life.fail_liveness(step, id))
    }

    /// A kubelet evicts a pod for want of memory.
    pub fn evict(&mut self, step: &mut Step<'_, '_>, volumes: &Attachments, id: PodId) -> bool {
        let Some(life) = self.pods.get_mut(&id) else { return false };
        let evicted = life.evict(step);
        self.advance(step, volumes, id);
        evicted
    }

    /// What a connection to a pod's address meets.
    pub fn route(&self, id: PodId) -> Route {
        match self.pods.get(&id) {
            Some(life) if life.off => Route::Unroutable,
            Some(_) => Route::Pod(id),
            None => Route::Refused,
        }
    }

    /// The images that the registry lacks.
    pub fn missing_images(&self) -> &std::collections::BTreeSet<String> {
        self.images.census()
    }

    /// What all pods do, in an order that does not depend on their names: a Job's pod has a new one each time.
    pub fn census(&self) -> Vec<u64> {
        let mut pods: Vec<_> = self.pods.values().map(|life| stable_hash(&life.outline())).collect();
        pods.sort_unstable();
        pods
    }
}
