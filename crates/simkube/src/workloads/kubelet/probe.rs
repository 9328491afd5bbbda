//! Probes, computed instead of made.
//!
//! A probe looks at its endpoint on a grid. Its result turns when as many looks in a row as the threshold asks for have seen another answer
//! than the result says. Nobody looks: when the endpoint's answer changes, the moment at which the result would turn is computed, and that
//! moment is one event. An answer that changes and changes back between two looks was never seen.

use api::ObjectKey;
use k8s_openapi::api::core::v1::{Container, Probe as Spec};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use simcore::{Grid, SimTime};
use std::time::Duration;

/// What a probe decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProbeKind {
    /// Whether the container has started; the others wait for it.
    Startup,
    /// Whether it must be restarted.
    Liveness,
    /// Whether it takes part in the pod's readiness.
    Readiness,
}

impl ProbeKind {
    /// The container's probe of this kind.
    pub(super) fn of(self, container: &Container) -> Option<&Spec> {
        match self {
            Self::Startup => container.startup_probe.as_ref(),
            Self::Liveness => container.liveness_probe.as_ref(),
            Self::Readiness => container.readiness_probe.as_ref(),
        }
    }

    /// What holds before anything was seen: a container lives, and is neither started nor ready. A startup probe has no result until it has
    /// succeeded or failed for good.
    fn initial(self) -> Option<bool> {
        match self {
            Self::Startup => None,
            Self::Liveness => Some(true),
            Self::Readiness => Some(false),
        }
    }
}

/// Port and path of the pod's localhost that a probe looks at.
pub(super) type Target = (i32, String);

/// Where an HTTP probe looks. `Err` says which other kind of probe it is.
pub(super) fn target(spec: &Spec, container: &Container, pod: &ObjectKey) -> Result<Target, String> {
    let Some(get) = &spec.http_get else {
        return Err(format!("pod {pod}, container {}: a probe other than httpGet", container.name));
    };
    if get.host.is_some() {
        return Err(format!("pod {pod}, container {}: a probe of another host", container.name));
    }
    let named =
        |name: &str| container.ports.iter().flatten().find(|port| port.name.as_deref() == Some(name)).map(|port| port.container_port);
    let port = match &get.port {
        IntOrString::Int(port) => Some(*port),
        IntOrString::String(name) => named(name),
    };
    let port = port.ok_or_else(|| format!("pod {pod}, container {}: a probe of a port without a number", container.name))?;
    Ok((port, get.path.clone().unwrap_or_else(|| "/".to_owned())))
}

/// A probe of a running container.
#[derive(Clone, Debug)]
pub(super) struct Probe {
    pub target: Target,
    grid: Grid,
    success_threshold: u32,
    failure_threshold: u32,
    /// What the endpoint answers, and since when.
    answer: bool,
    since: SimTime,
    /// The answer that the last looks before `since` saw, and the first of those looks in a row.
    seen: Option<(bool, SimTime)>,
    /// What has been concluded; nothing yet for a startup probe.
    result: Option<bool>,
    /// The look at which that was concluded.
    turned: Option<SimTime>,
    /// Tells the event that was scheduled last from earlier ones.
    pub token: u32,
}

impl Probe {
    /// A probe that begins now. Its first look comes when the initial delay, which counts from the container's start, is over.
    pub fn begin(kind: ProbeKind, spec: &Spec, target: Target, started: SimTime, now: SimTime, answer: bool) -> Self {
        let seconds = |value: Option<i32>| value.and_then(|n| u64::try_from(n).ok()).filter(|n| *n > 0);
        let threshold = |value: Option<i32>| value.and_then(|n| u32::try_from(n).ok()).filter(|n| *n > 0);
        let delay = Duration::from_secs(seconds(spec.initial_delay_seconds).unwrap_or(0));
        let period = Duration::from_secs(seconds(spec.period_seconds).unwrap_or(10));
        Self {
            target,
            grid: Grid { anchor: (started + delay).max(now), period },
            success_threshold: threshold(spec.success_threshold).unwrap_or(1),
            failure_threshold: threshold(spec.failure_threshold).unwrap_or(3),
            answer,
            since: now,
            seen: None,
            result: kind.initial(),
            turned: None,
            token: 0,
        }
    }

    /// The endpoint's answer is now this.
    pub fn answers(&mut self, now: SimTime, answer: bool) {
        if answer == self.answer {
            return;
        }
        if self.grid.at_or_after(self.since) < now {
            self.seen = Some((self.answer, self.first_look()));
        }
        self.answer = answer;
        self.since = now;
        self.token += 1;
    }

    /// The first look of the row that sees the present answer. A row goes on over a change that no look saw.
    fn first_look(&self) -> SimTime {
        match self.seen {
            Some((answer, first)) if answer == self.answer => first,
            _ => match self.grid.at_or_after(self.since) {
                // That look has been made, and saw the answer before.
                look if self.turned == Some(look) && self.result != Some(self.answer) => self.grid.after(look),
                look => look,
            },
        }
    }

    /// When the result turns if the answer stays, and what it then is.
    pub fn turns(&self) -> Option<(SimTime, bool)> {
        let looks = if self.answer { self.success_threshold } else { self.failure_threshold };
        (self.result != Some(self.answer)).then(|| (self.first_look() + self.grid.period * (looks - 1), self.answer))
    }

    /// The result turns: gives what it is now.
    pub fn turn(&mut self) -> bool {
        self.turned = self.turns().map(|(at, _)| at);
        self.seen = Some((self.answer, self.first_look()));
        self.result = Some(self.answer);
        self.token += 1;
        self.answer
    }

    /// What has been concluded.
    pub fn result(&self) -> Option<bool> {
        self.result
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> SimTime {
        SimTime::ZERO + Duration::from_secs(seconds)
    }

    /// Looks at 10, 15, 20, ... and turns to ready after one good look, to unready after three bad ones.
    fn readiness(answer: bool) -> Probe {
        let spec = Spec { initial_delay_seconds: Some(10), period_seconds: Some(5), failure_threshold: Some(3), ..Spec::default() };
        Probe::begin(ProbeKind::Readiness, &spec, (80, "/".to_owned()), SimTime::ZERO, SimTime::ZERO, answer)
    }

    #[test]
    fn a_result_turns_at_the_first_look_at_or_after_the_change() {
        let mut probe = readiness(false);
        assert_eq!(probe.turns(), None, "it is unready from the start");
        probe.answers(at(15), true);
        assert_eq!(probe.turns(), Some((at(15), true)));
    }

    #[test]
    fn a_threshold_of_three_takes_two_periods_more() {
        let mut probe = readiness(true);
        assert!(probe.turn());
        probe.answers(at(21), false);
        assert_eq!(probe.turns(), Some((at(35), false)));
    }

    #[test]
    fn a_good_look_between_bad_ones_starts_the_count_again() {
        let mut probe = readiness(true);
        probe.turn();
        probe.answers(at(21), false);
        probe.answers(at(28), true);
        assert_eq!(probe.turns(), None);
        probe.answers(at(31), false);
        assert_eq!(probe.turns(), Some((at(45), false)));
    }

    #[test]
    fn a_change_between_two_looks_is_never_seen() {
        let mut probe = readiness(true);
        probe.turn();
        probe.answers(at(21), false);
        probe.answers(at(26), true);
        probe.answers(at(29), false);
        assert_eq!(probe.turns(), Some((at(35), false)), "the look at 25 counts");
        probe.answers(at(31), true);
        probe.answers(at(32), false);
        assert_eq!(probe.turns(), Some((at(35), false)), "the look at 30 counts too");
    }

    #[test]
    fn an_answer_that_changes_back_at_the_very_look_that_saw_it_was_seen_and_the_count_begins_with_the_next_look() {
        let mut probe = readiness(false);
        probe.answers(at(15), true);
        assert!(probe.turn());
        probe.answers(at(15), false);
        assert_eq!(probe.turns(), Some((at(30), false)), "the looks at 20, 25 and 30");
        probe.answers(at(21), true);
        assert_eq!(probe.turns(), None);
    }

    #[test]
    fn a_startup_probe_counts_failures_from_its_first_look() {
        let spec = Spec { period_seconds: Some(5), failure_threshold: Some(4), ..Spec::default() };
        let mut probe = Probe::begin(ProbeKind::Startup, &spec, (80, "/".to_owned()), SimTime::ZERO, SimTime::ZERO, false);
        assert_eq!(probe.turns(), Some((at(15), false)));
        probe.answers(at(12), true);
        assert_eq!(probe.turns(), Some((at(15), true)));
    }
}
