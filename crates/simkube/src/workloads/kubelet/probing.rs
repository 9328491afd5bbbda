//! How a pod's probes follow what its localhost answers, and what their results lead to.

use super::Event;
use super::ending::grace;
use super::pod::PodLife;
use super::probe::{self, Probe, ProbeKind};
use crate::boundary::ContainerId;
use crate::workloads::step::Step;
use std::time::Duration;

impl PodLife {
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
    pub fn begin_probe(&mut self, step: &mut Step<'_, '_>, index: usize, kind: ProbeKind) -> bool {
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
            (ProbeKind::Startup | ProbeKind::Liveness, false) => self.end_unhealthy(step, index, kind),
        }
    }

    /// A container that a probe found dead is told to end, with the probe's own grace period or the pod's.
    fn end_unhealthy(&mut self, step: &mut Step<'_, '_>, index: usize, kind: ProbeKind) {
        let own = kind.of(&self.containers[index].spec).and_then(|probe| probe.termination_grace_period_seconds);
        let own = own.and_then(|seconds| u64::try_from(seconds).ok()).map(Duration::from_secs);
        let grace = own.unwrap_or_else(|| self.stored(step).map_or(Duration::ZERO, |pod| grace(&pod)));
        self.signal(step, index, step.now() + grace);
    }

    /// A liveness probe has failed for the last time, whether or not the container has one. `false` if nobody would look: the run is over,
    /// or ends already, or its pod does.
    pub fn fail_liveness(&mut self, step: &mut Step<'_, '_>, id: ContainerId) -> bool {
        let looked_at = self.deadline.is_none() && self.run(id).is_some_and(|running| !running.signalled);
        if looked_at {
            self.end_unhealthy(step, usize::from(id.index), ProbeKind::Liveness);
        }
        looked_at
    }

    /// The container has started: now its other probes begin.
    pub fn started(&mut self, step: &mut Step<'_, '_>, index: usize) {
        self.containers[index].running_mut().expect("only a running container starts").started = true;
        self.begin_probe(step, index, ProbeKind::Liveness);
        self.begin_probe(step, index, ProbeKind::Readiness);
    }
}
