//! How a pod is brought to its end: signals, grace periods, eviction by the kubelet.

use super::container::{ContainerLife, Role, State};
use super::pod::PodLife;
use super::probe::ProbeKind;
use super::{Event, status};
use crate::boundary::{ContainerId, Output, Signal};
use crate::workloads::step::Step;
use api::Object;
use api::kinds::Pod;
use simcore::SimTime;
use std::time::Duration;

/// What a sidecar is given to end when the main containers have used up the grace period.
const LEAST_GRACE: Duration = Duration::from_secs(2);
/// What a pod is given that the kubelet evicts at a hard threshold (`immediateEvictionGracePeriodSeconds`).
const EVICTION_GRACE: Duration = Duration::from_secs(1);

impl PodLife {
    /// The machine runs short of something: the kubelet ends the pod and marks it Failed, whatever its budget. `false` if it is ending already.
    pub fn evict(&mut self, step: &Step<'_, '_>) -> bool {
        let evictable = !self.off && self.terminal.is_none() && self.deadline.is_none();
        if evictable {
            self.evicted = true;
            self.deadline = Some(step.now() + EVICTION_GRACE);
        }
        evictable
    }

    /// The kernel kills the container's main process, for want of memory or because someone told it to.
    pub fn kill(&mut self, step: &mut Step<'_, '_>, id: ContainerId, out_of_memory: bool) -> bool {
        if self.run(id).is_none() {
            return false;
        }
        if let Some(running) = self.containers[usize::from(id.index)].running_mut() {
            running.out_of_memory = out_of_memory;
        }
        step.cx.tell(Output::Signal { id, signal: Signal::Kill });
        true
    }

    /// Tells a container to end, and has it killed at the deadline. It is told once; of its probes, readiness goes on.
    pub fn signal(&mut self, step: &mut Step<'_, '_>, index: usize, deadline: SimTime) {
        let id = self.container_id(index);
        let Some(running) = self.containers[index].running_mut().filter(|running| !running.signalled) else { return };
        running.signalled = true;
        running.probes.retain(|kind, _| *kind == ProbeKind::Readiness);
        step.cx.tell(Output::Signal { id, signal: Signal::Terminate });
        self.later(step, deadline, Event::GraceOver { id });
    }

    /// Brings the pod to its end: main and init containers first, then the sidecars in reverse order, one by one.
    pub fn end(&mut self, step: &mut Step<'_, '_>, pod: &Object<Pod>) {
        let deadline = *self.deadline.get_or_insert(step.now() + grace(pod));
        self.pulling = None;
        for index in 0..self.containers.len() {
            let container = &mut self.containers[index];
            if let State::BackOff(exit) = container.state {
                container.state = State::Exited(exit);
            }
            if container.role != Role::Sidecar {
                self.signal(step, index, deadline);
            }
        }
        let runs = |container: &ContainerLife| container.running().is_some();
        if self.containers.iter().any(|container| container.role != Role::Sidecar && runs(container)) {
            return;
        }
        match self.containers.iter().rposition(runs) {
            Some(last) => self.signal(step, last, deadline.max(step.now() + LEAST_GRACE)),
            None => self.terminal = Some(status::final_phase(self)),
        }
    }

    /// A container that was told to end has had its time.
    pub fn grace_over(&self, step: &mut Step<'_, '_>, id: ContainerId) {
        if self.run(id).is_some() {
            step.cx.tell(Output::Signal { id, signal: Signal::Kill });
        }
    }

    /// The pod's object is gone although it still runs: its containers are killed.
    pub fn kill_all(&self, step: &mut Step<'_, '_>) {
        let running = (0..self.containers.len()).filter(|index| self.containers[*index].running().is_some());
        running.for_each(|index| step.cx.tell(Output::Signal { id: self.container_id(index), signal: Signal::Kill }));
    }
}

/// How long the pod's containers are given to end.
pub(super) fn grace(pod: &Object<Pod>) -> Duration {
    let seconds = pod.meta.deletion_grace_seconds.or(pod.spec.termination_grace_period_seconds).unwrap_or(30);
    Duration::from_secs(u64::try_from(seconds).unwrap_or(0))
}
