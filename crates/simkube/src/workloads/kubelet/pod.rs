//! One pod on its machine: what is to be started next, and how it is brought to its end.
//!
//! [`PodLife::advance`] is what a kubelet's `syncPod` is: it looks at where the pod stands and does everything that can be done now. It is
//! called after whatever may have changed that.

use super::container::{ContainerLife, Exit, Restart, Role, Running, State};
use super::images::Images;
use super::probe::{self, Probe, ProbeKind};
use super::{Event, status};
use crate::boundary::{ContainerId, ContainerStart, Output, PodId, Signal};
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
use std::time::Duration;
use uuid::Uuid;

/// What a sidecar is given to end when the main containers have used up the grace period.
const LEAST_GRACE: Duration = Duration::from_secs(2);

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
    policy: Restart,
    /// What its localhost answers.
    answers: BTreeMap<probe::Target, bool>,
    /// The container whose image is being pulled: a pod's containers are started one by one.
    pulling: Option<usize>,
    /// When containers that were told to end are killed; absent while the pod is to run.
    deadline: Option<SimTime>,
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
            policy: Restart::of(&pod.spec),
            answers: BTreeMap::new(),
            pulling: None,
            deadline: None,
        }
    }

    /// Does all that can be done now, and reports it.
    pub fn advance(&mut self, step: &mut Step<'_, '_>, volumes: &Attachments, images: &mut Images) {
        let Some(pod) = self.stored(step) else { return };
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
            step.server.remove_now(step.cx, &const { <Pod as api::Kind>::INFO }, &self.key);
        }
    }

    /// The pod as it is stored, unless it is gone.
    fn stored(&self, step: &Step<'_, '_>) -> Option<Object<Pod>> {
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
            if matches!(self.containers[index].state, State::Waiting) {
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
        if !images.has(self.machine, &image) {
            self.pulling = Some(index);
            let wait = step.draw("image pull", &(&self.key, &image), step.profile.image_pull);
            return self.later(step, step.now() + wait, Event::Pulled { pod: self.id, image });
        }
        container.runs += 1;
        container.state = State::Running(Running { since: step.now(), started: false, signalled: false, probes: BTreeMap::new() });
        let volume = pods::data_claim(step.server, pod).and_then(|claim| claim.meta.uid);
        let container = container.spec.clone();
        step.cx.tell(Output::Start(ContainerStart { id, pod: pod.clone().into_any(), container, volume }));
        if !self.begin_probe(step, index, ProbeKind::Startup) {
            self.started(step, index);
        }
    }

    /// The identity of the container's present run, or of its next one.
    fn container_id(&self, index: usize) -> ContainerId {
        let container = &self.containers[index];
        let run = if container.running().is_some() { container.runs - 1 } else { container.runs };
        ContainerId { pod: self.id, index: u8::try_from(index).expect("a pod has few containers"), run }
    }

    fn later(&self, step: &mut Step<'_, '_>, at: SimTime, event: Event) {
        step.at(at, &("kubelet", &self.key), WorkloadEvent::Kubelet(event));
    }

    /// An image has been pulled.
    pub fn pulled(&mut self) {
        self.pulling = None;
    }

    /// A run has ended.
    pub fn exited(&mut self, step: &mut Step<'_, '_>, id: ContainerId, code: i32) {
        let Some(since) = self.run(id).map(|running| running.since) else { return };
        let (policy, ending) = (self.policy, self.deadline.is_some());
        let container = &mut self.containers[usize::from(id.index)];
        let exit = Exit { since, at: step.now(), code };
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
    fn run(&self, id: ContainerId) -> Option<&Running> {
        self.containers.get(usize::from(id.index)).filter(|container| container.runs == id.run + 1)?.running()
    }

    /// What the pod's localhost answers has changed.
    pub fn answers(&mut self, step: &mut Step<'_, '_>, port: i32, path: &str, ok: bool) {
        let target = (port, path.to_owned());
        self.answers.insert(target.clone(), ok);
        for index in 0..self.containers.len() {
            for kind in [ProbeKind::Startup, ProbeKind::Liveness, ProbeKind::Readiness] {
                let now = step.now();
                let probe = self.containers[index].running_mut().and_then(|running| running.probes.get_mut(&kind));
                if let Some(probe) = probe.filter(|probe| probe.target == target) {
                    probe.answers(now, ok);
                    self.expect_turn(step, index, kind);
                }
            }
        }
    }

    /// Begins to probe; `false` if the container has no such probe.
    fn begin_probe(&mut self, step: &mut Step<'_, '_>, index: usize, kind: ProbeKind) -> bool {
        let container = self.containers[index].spec.clone();
        let Some(spec) = kind.of(&container) else { return false };
        let target = match probe::target(spec, &container, &self.key) {
            Ok(target) => target,
            Err(what) => {
                step.unmodelled(what);
                return true;
            }
        };
        let answer = self.answers.get(&target).copied().unwrap_or(false);
        let running = self.containers[index].running_mut().expect("only running containers are probed");
        let probe = Probe::begin(kind, spec, target, running.since, step.now(), answer);
        running.probes.insert(kind, probe);
        self.expect_turn(step, index, kind);
        true
    }

    /// Schedules the moment at which a probe's result would turn.
    fn expect_turn(&self, step: &mut Step<'_, '_>, index: usize, kind: ProbeKind) {
        let Some(probe) = self.containers[index].running().and_then(|running| running.probes.get(&kind)) else { return };
        let (Some((at, answer)), token) = (probe.turns(), probe.token) else { return };
        let id = self.container_id(index);
        let event = match (kind, answer) {
            (ProbeKind::Startup, false) => Event::StartupDeadline { id, token },
            _ => Event::ProbeTurns { id, kind, token },
        };
        self.later(step, at, event);
    }

    /// A probe's result turns, if it was not changed meanwhile.
    pub fn probe_turns(&mut self, step: &mut Step<'_, '_>, id: ContainerId, kind: ProbeKind, token: u32) {
        if self.run(id).and_then(|running| running.probes.get(&kind)).is_none_or(|probe| probe.token != token) {
            return;
        }
        let index = usize::from(id.index);
        let running = self.containers[index].running_mut().expect("the run was just looked at");
        let result = running.probes.get_mut(&kind).expect("the probe was just looked at").turn();
        match (kind, result) {
            (ProbeKind::Readiness, _) | (ProbeKind::Liveness, true) => {}
            (ProbeKind::Startup, true) => {
                running.probes.remove(&ProbeKind::Startup);
                self.started(step, index);
            }
            (ProbeKind::Startup | ProbeKind::Liveness, false) => {
                let grace = self.stored(step).map_or(Duration::ZERO, |pod| grace(&pod));
                self.signal(step, index, step.now() + grace);
            }
        }
    }

    /// The container has started: now its other probes begin.
    fn started(&mut self, step: &mut Step<'_, '_>, index: usize) {
        self.containers[index].running_mut().expect("only a running container starts").started = true;
        self.begin_probe(step, index, ProbeKind::Liveness);
        self.begin_probe(step, index, ProbeKind::Readiness);
    }

    /// Tells a container to end, and has it killed at the deadline. It is told once; of its probes, readiness goes on.
    fn signal(&mut self, step: &mut Step<'_, '_>, index: usize, deadline: SimTime) {
        let id = self.container_id(index);
        let Some(running) = self.containers[index].running_mut().filter(|running| !running.signalled) else { return };
        running.signalled = true;
        running.probes.retain(|kind, _| *kind == ProbeKind::Readiness);
        step.cx.tell(Output::Signal { id, signal: Signal::Terminate });
        self.later(step, deadline, Event::GraceOver { id });
    }

    /// Brings the pod to its end: main and init containers first, then the sidecars in reverse order, one by one.
    fn end(&mut self, step: &mut Step<'_, '_>, pod: &Object<Pod>) {
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

    /// The abstract state: where each container stands, and whether the pod is ending.
    pub fn outline(&self) -> impl Hash + use<> {
        let container = |container: &ContainerLife| match &container.state {
            State::Waiting => (0, false, false),
            State::BackOff(_) => (1, false, false),
            State::Running(running) => (2, running.is_ready(), running.signalled),
            State::Exited(exit) => (3, exit.code == 0, false),
        };
        (self.deadline.is_some(), self.terminal, self.containers.iter().map(container).collect::<Vec<_>>())
    }

    /// Writes the pod's status if it changed.
    fn report(&self, step: &mut Step<'_, '_>, pod: &Object<Pod>) {
        let status = status::of(self, pod, step.server, step.now());
        step.patch_status(Controller::Kubelet, pod, Object { status: Arc::new(status), ..pod.clone() });
    }
}

/// How long the pod's containers are given to end.
fn grace(pod: &Object<Pod>) -> Duration {
    let seconds = pod.meta.deletion_grace_seconds.or(pod.spec.termination_grace_period_seconds).unwrap_or(30);
    Duration::from_secs(u64::try_from(seconds).unwrap_or(0))
}
