//! One container of a pod, through all its runs.

use super::images::PullFailure;
use super::probe::{Probe, ProbeKind};
use k8s_openapi::api::core::v1::{Container, PodSpec};
use simcore::SimTime;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// What part a container plays in its pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Role {
    /// Runs to completion before the next.
    Init,
    /// An init container with restartPolicy Always: runs beside the main ones.
    Sidecar,
    /// One of `containers`.
    Main,
}

/// When a container that has ended is started again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Restart {
    Always,
    OnFailure,
    Never,
}

impl Restart {
    /// The pod's policy.
    pub fn of(spec: &PodSpec) -> Self {
        match spec.restart_policy.as_deref() {
            Some("Never") => Self::Never,
            Some("OnFailure") => Self::OnFailure,
            _ => Self::Always,
        }
    }
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Exit {
    pub since: SimTime,
    pub at: SimTime,
    pub code: i32,
    /// As a container's status tells it.
    pub reason: &'static str,
}

impl Exit {
    /// A run that ended under the kubelet's eyes.
    pub fn seen(running: &Running, at: SimTime, code: i32) -> Self {
        let reason = match code {
            0 => "Completed",
            137 if running.out_of_memory => "OOMKilled",
            _ => "Error",
        };
        Self { since: running.since, at, code, reason }
    }

    /// A run that a loss of power ended: what containerd says of a container that it finds dead when it starts.
    pub fn unseen(running: &Running, at: SimTime) -> Self {
        Self { since: running.since, at, code: 255, reason: "Unknown" }
    }
}

/// A run.
#[derive(Clone, Debug)]
pub(super) struct Running {
    pub since: SimTime,
    /// Whether its startup probe, if it has one, has succeeded.
    pub started: bool,
    /// Whether it has been told to end.
    pub signalled: bool,
    /// Whether the kernel has killed it for want of memory.
    pub out_of_memory: bool,
    pub probes: BTreeMap<ProbeKind, Probe>,
}

impl Running {
    /// A run that begins.
    pub fn new(since: SimTime) -> Self {
        Self { since, started: false, signalled: false, out_of_memory: false, probes: BTreeMap::new() }
    }

    /// Ready unless a readiness probe says otherwise.
    pub fn is_ready(&self) -> bool {
        let probe = self.probes.get(&ProbeKind::Readiness);
        self.started && probe.is_none_or(|probe| probe.result() == Some(true))
    }
}

/// Where a container stands.
#[derive(Clone, Debug)]
pub(super) enum State {
    /// To be started when its turn comes.
    Waiting,
    /// To be started again when its back-off is over.
    BackOff(Exit),
    Running(Running),
    /// Ended for good.
    Exited(Exit),
}

/// A container with its past.
#[derive(Clone, Debug)]
pub(super) struct ContainerLife {
    pub spec: Arc<Container>,
    pub role: Role,
    pub state: State,
    /// Why its image is not there, while it waits for that.
    pub pull: Option<PullFailure>,
    /// How often it was started.
    pub runs: u32,
    /// How the run before the present one ended.
    pub previous: Option<Exit>,
    /// The wait before the next restart.
    back_off: Duration,
}

/// The first restart comes at once.
const FIRST_BACK_OFF: Duration = Duration::ZERO;
/// The second after this long, then twice as long each time.
const SECOND_BACK_OFF: Duration = Duration::from_secs(10);
/// But never longer than this.
const LONGEST_BACK_OFF: Duration = Duration::from_secs(300);
/// A run of this length makes the next restart a first one.
const FORGIVEN_AFTER: Duration = Duration::from_secs(600);

impl ContainerLife {
    /// All containers of a pod: init containers first, then the main ones.
    pub fn all_of(spec: &PodSpec) -> Vec<Self> {
        let init = spec.init_containers.iter().flatten().map(|container| {
            let role = if container.restart_policy.as_deref() == Some("Always") { Role::Sidecar } else { Role::Init };
            (container, role)
        });
        let main = spec.containers.iter().map(|container| (container, Role::Main));
        init.chain(main).map(|(container, role)| Self::new(container.clone(), role)).collect()
    }

    fn new(spec: Container, role: Role) -> Self {
        Self { spec: Arc::new(spec), role, state: State::Waiting, pull: None, runs: 0, previous: None, back_off: FIRST_BACK_OFF }
    }

    /// The present run, if there is one.
    pub fn running(&self) -> Option<&Running> {
        if let State::Running(running) = &self.state { Some(running) } else { None }
    }

    /// The present run, to change.
    pub fn running_mut(&mut self) -> Option<&mut Running> {
        if let State::Running(running) = &mut self.state { Some(running) } else { None }
    }

    /// Whether it can be started now: it waits, and not for a back-off of its image.
    pub fn is_due(&self) -> bool {
        matches!(self.state, State::Waiting) && self.pull.is_none_or(|failure| failure.try_again)
    }

    /// How it ended for good, if it did.
    pub fn exit(&self) -> Option<Exit> {
        if let State::Exited(exit) = self.state { Some(exit) } else { None }
    }

    /// Whether the next container of the init sequence may go on: an init container has succeeded, a sidecar has started.
    pub fn lets_next_go_on(&self) -> bool {
        match self.role {
            Role::Init => self.exit().is_some_and(|exit| exit.code == 0),
            Role::Sidecar => self.running().is_some_and(|running| running.started),
            Role::Main => true,
        }
    }

    /// Whether a run that ends with this code is followed by another, under the pod's policy.
    pub fn is_restarted(&self, policy: Restart, code: i32) -> bool {
        match (self.role, policy) {
            (Role::Sidecar, _) => true,
            (Role::Init, _) if code == 0 => false,
            (Role::Init, policy) => policy != Restart::Never,
            (Role::Main, Restart::Always) => true,
            (Role::Main, Restart::OnFailure) => code != 0,
            (Role::Main, Restart::Never) => false,
        }
    }

    /// How long to wait before the next run.
    pub fn next_back_off(&mut self, exit: Exit) -> Duration {
        if exit.at.since(exit.since) >= FORGIVEN_AFTER {
            self.back_off = FIRST_BACK_OFF;
        }
        let wait = self.back_off;
        self.back_off = if wait.is_zero() { SECOND_BACK_OFF } else { (wait * 2).min(LONGEST_BACK_OFF) };
        wait
    }
}
