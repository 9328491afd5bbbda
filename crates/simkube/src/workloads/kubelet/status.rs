//! What a kubelet reports of a pod: phase, conditions, and the state of each container.

use super::container::{ContainerLife, Exit, Restart, Role, State};
use super::pod::PodLife;
use crate::server::Server;
use crate::workloads::pods;
use api::Object;
use api::kinds::Pod;
use k8s_openapi::api::core::v1::{
    ContainerState, ContainerStateRunning, ContainerStateTerminated, ContainerStateWaiting, ContainerStatus, PodCondition, PodIP, PodStatus,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use k8s_openapi::jiff::Timestamp;
use simcore::SimTime;

/// Why a kubelet evicts.
const LOW: &str = "The node was low on resource: memory.";

/// The status that the pod should show, given what is stored: conditions of others are kept, transition times move with their statuses.
pub(super) fn of(life: &PodLife, stored: &Object<Pod>, server: &Server, now: SimTime) -> PodStatus {
    let clock = Clock { server };
    let held = &*stored.status;
    // The init containers come first.
    let (init, main) = life.containers.split_at(life.containers.partition_point(|container| container.role != Role::Main));
    let tell = |containers: &[ContainerLife]| containers.iter().map(|container| clock.container(container, life.initialized)).collect();
    let mut status = PodStatus {
        phase: Some(phase(life).to_owned()),
        start_time: Some(clock.time(life.since)),
        pod_ip: life.address.clone(),
        pod_ips: life.address.clone().map(|ip| vec![PodIP { ip }]),
        init_container_statuses: (!init.is_empty()).then(|| tell(init)),
        container_statuses: Some(tell(main)),
        conditions: held.conditions.clone(),
        reason: held.reason.clone(),
        message: held.message.clone(),
        ..PodStatus::default()
    };
    for (kind, holds, reason) in conditions(life, &status) {
        set_condition(&mut status, kind, holds, reason, clock.time(now));
    }
    if life.evicted {
        pods::set_condition(&mut status, pods::disruption_target(clock.time(now), "TerminationByKubelet", LOW));
        if life.terminal.is_some() {
            status.reason = Some("Evicted".to_owned());
            status.message = Some(LOW.to_owned());
        }
    }
    status
}

/// As the kubelet's `getPhase`.
fn phase(life: &PodLife) -> &'static str {
    if let Some(phase) = life.terminal {
        return phase;
    }
    // A main container has run only if the pod was initialized; after a loss of power it may be about to be so again.
    let ran = |container: &ContainerLife| container.role != Role::Main || container.runs > 0;
    if life.containers.iter().all(ran) { "Running" } else { "Pending" }
}

/// Initialized, ContainersReady and Ready: whether each holds, and if not, why. Ready asks for all main containers and all sidecars.
fn conditions(life: &PodLife, status: &PodStatus) -> [(&'static str, bool, &'static str); 3] {
    let counts = |container: &&ContainerLife| container.role != Role::Init;
    let ready = life.containers.iter().filter(counts).all(|container| container.running().is_some_and(super::container::Running::is_ready));
    let completed = life.terminal == Some("Succeeded");
    let unready = if pods::is_terminal(status) { if completed { "PodCompleted" } else { "PodFailed" } } else { "ContainersNotReady" };
    let ready = ready && life.terminal.is_none();
    [("Initialized", life.initialized, "ContainersNotInitialized"), ("ContainersReady", ready, unready), ("Ready", ready, unready)]
}

/// Sets a condition, unless it says this already.
fn set_condition(status: &mut PodStatus, kind: &str, holds: bool, reason: &str, now: Time) {
    let (value, reason) = (if holds { "True" } else { "False" }, (!holds).then_some(reason));
    let says_so = |c: &PodCondition| c.type_ == kind && c.status == value && c.reason.as_deref() == reason && c.message.is_none();
    if status.conditions.iter().flatten().any(says_so) {
        return;
    }
    let condition = PodCondition {
        type_: kind.to_owned(),
        status: value.to_owned(),
        reason: reason.map(ToOwned::to_owned),
        last_transition_time: Some(now),
        ..PodCondition::default()
    };
    pods::set_condition(status, condition);
}

/// Turns moments into timestamps.
struct Clock<'a> {
    server: &'a Server,
}

impl Clock<'_> {
    fn time(&self, moment: SimTime) -> Time {
        Time(Timestamp::from_second(self.server.wall(moment).unix()).unwrap_or(Timestamp::MAX))
    }

    fn container(&self, container: &ContainerLife, initialized: bool) -> ContainerStatus {
        let running = container.running();
        let (state, last) = match &container.state {
            State::Waiting => (waiting(container, initialized), container.previous),
            State::BackOff(exit) => (reason("CrashLoopBackOff"), Some(*exit)),
            State::Running(running) => {
                let running = ContainerStateRunning { started_at: Some(self.time(running.since)) };
                (ContainerState { running: Some(running), ..ContainerState::default() }, container.previous)
            }
            State::Exited(exit) => (self.terminated(*exit), container.previous),
        };
        let ended_well = container.role == Role::Init && container.lets_next_go_on();
        ContainerStatus {
            name: container.spec.name.clone(),
            image: container.spec.image.clone().unwrap_or_default(),
            state: Some(state),
            last_state: last.map(|exit| self.terminated(exit)),
            ready: ended_well || running.is_some_and(super::container::Running::is_ready),
            started: Some(running.is_some_and(|running| running.started)),
            restart_count: i32::try_from(container.runs.saturating_sub(1)).unwrap_or(i32::MAX),
            ..ContainerStatus::default()
        }
    }

    fn terminated(&self, exit: Exit) -> ContainerState {
        let terminated = ContainerStateTerminated {
            exit_code: exit.code,
            reason: Some(exit.reason.to_owned()),
            started_at: Some(self.time(exit.since)),
            finished_at: Some(self.time(exit.at)),
            ..ContainerStateTerminated::default()
        };
        ContainerState { terminated: Some(terminated), ..ContainerState::default() }
    }
}

fn waiting(container: &ContainerLife, initialized: bool) -> ContainerState {
    if let Some(failure) = container.pull {
        return reason(failure.reason);
    }
    reason(if container.role == Role::Main && !initialized { "PodInitializing" } else { "ContainerCreating" })
}

fn reason(reason: &str) -> ContainerState {
    let waiting = ContainerStateWaiting { reason: Some(reason.to_owned()), message: None };
    ContainerState { waiting: Some(waiting), ..ContainerState::default() }
}

/// How a pod has ended whose containers have all stopped: well only if every main container ended with 0.
pub(super) fn final_phase(life: &PodLife) -> &'static str {
    let mut main = life.containers.iter().filter(|container| container.role == Role::Main);
    if !life.evicted && main.all(|container| container.exit().is_some_and(|exit| exit.code == 0)) { "Succeeded" } else { "Failed" }
}

/// Whether the pod's own containers have come to their end, so that its sidecars are no longer needed.
pub(super) fn has_run_out(life: &PodLife, policy: Restart) -> bool {
    let mut main = life.containers.iter().filter(|container| container.role == Role::Main);
    let failed_init = |container: &ContainerLife| container.role == Role::Init && container.exit().is_some_and(|exit| exit.code != 0);
    policy != Restart::Always && main.all(|container| container.exit().is_some()) || life.containers.iter().any(failed_init)
}
