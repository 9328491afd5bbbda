//! What a rollout costs its users and its operator, measured throughout a world.
//!
//! Laws say what is wrong; a meter says how much. It sees what laws see and adds up over virtual time what held between two events. What
//! changes without an event (a node that falls too far behind) is noticed at the next one; the laws that wait for just that ask for a look
//! then, so that it is never long.

use api::kinds::{PersistentVolumeClaim, Pod};
use api::{Kind, SeiNode};
use oracles::{Fact, Sight, has_converged, id_of, is_ready};
use serde::Serialize;
use simcore::SimTime;
use std::time::Duration;

/// How many requests a second clients send, whatever becomes of them.
const REQUESTS_A_SECOND: f64 = 100.0;

/// What was measured in one world, from its start to its end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Measurements {
    /// Seconds in which clients reached no ready node that serves.
    pub seconds_without_endpoint: f64,
    /// Seconds in which clients reached a node that does not serve: behind, wedged, diverged, or not answering.
    pub seconds_of_stale_service: f64,
    /// Requests that nobody served, of a hundred a second spread evenly over the nodes that clients reach.
    pub requests_lost: f64,
    /// SeiNodes that were removed.
    pub nodes_deleted: u64,
    /// Hours that pods ran on machines beyond the wanted replicas.
    pub extra_machine_hours: f64,
    /// Hours that volume claims existed beyond the wanted replicas.
    pub extra_volume_hours: f64,
    /// Seconds from the first change of the group's spec to the last moment at which the group came to be as its spec asks; absent if it is not so in the end.
    pub seconds_to_done: Option<f64>,
}

/// The state of a world between two events.
#[derive(Clone, Copy, Debug, Default)]
struct State {
    unserved: bool,
    stale: bool,
    /// The share of requests that are lost.
    lost: f64,
    extra_machines: u32,
    extra_volumes: u32,
}

/// Measures a world.
#[derive(Clone, Debug, Default)]
pub struct Meter {
    last: SimTime,
    state: State,
    applied: Option<SimTime>,
    done: Option<SimTime>,
    sum: Measurements,
}

impl Meter {
    /// Looks at a world at its start.
    pub fn begin(sight: &Sight<'_>) -> Self {
        Self { last: sight.now, state: State::of(sight), ..Self::default() }
    }

    /// Looks at a fact.
    pub fn observe(&mut self, sight: &Sight<'_>, fact: &Fact<'_>) {
        self.add_up(sight.now);
        if let Fact::Stored(change) = fact {
            self.sum.nodes_deleted += u64::from(change.new.is_none() && change.object().info.kind == SeiNode::INFO.kind);
            let (old, new) = (change.old.as_ref(), change.new.as_ref());
            let edited = old.zip(new).is_some_and(|(old, new)| new.meta.key == *sight.group && old.meta.generation != new.meta.generation);
            if edited {
                self.applied.get_or_insert(sight.now);
            }
        }
        self.state = State::of(sight);
        match has_converged(sight) {
            true => self.done = self.done.or(Some(sight.now)),
            false => self.done = None,
        }
    }

    /// What has been measured, at the world's end.
    pub fn end(&mut self, sight: &Sight<'_>) -> Measurements {
        self.add_up(sight.now);
        let to_done = self.applied.zip(self.done).map(|(applied, done)| done.since(applied.min(done)).as_secs_f64());
        Measurements { seconds_to_done: to_done, ..self.sum }
    }

    fn add_up(&mut self, now: SimTime) {
        let span = now.since(self.last.min(now));
        self.last = now;
        if span == Duration::ZERO {
            return;
        }
        let (State { unserved, stale, lost, extra_machines, extra_volumes }, sum) = (self.state, &mut self.sum);
        let (seconds, hours) = (span.as_secs_f64(), span.as_secs_f64() / 3600.0);
        sum.seconds_without_endpoint += if unserved { seconds } else { 0.0 };
        sum.seconds_of_stale_service += if stale { seconds } else { 0.0 };
        sum.requests_lost += lost * REQUESTS_A_SECOND * seconds;
        sum.extra_machine_hours += f64::from(extra_machines) * hours;
        sum.extra_volume_hours += f64::from(extra_volumes) * hours;
    }
}

impl State {
    fn of(sight: &Sight<'_>) -> Self {
        let reached = sight.reached();
        let serving = reached.iter().filter(|(_, pod)| sight.serves(*pod)).count();
        let ready = |pod| sight.pods().any(|stored| id_of(stored) == pod && is_ready(stored));
        let wanted = sight.group_spec().and_then(|spec| u32::try_from(spec.replicas).ok()).unwrap_or(0);
        let on_machines = sight.pods().filter(|pod| pod.spec_as::<Pod>().is_some_and(|spec| spec.node_name.is_some())).count();
        let claims = sight.cluster.objects(&PersistentVolumeClaim::INFO).count();
        let beyond = |count: usize| u32::try_from(count).unwrap_or(u32::MAX).saturating_sub(wanted);
        Self {
            unserved: !reached.iter().any(|(_, pod)| sight.serves(*pod) && ready(*pod)),
            stale: serving < reached.len(),
            lost: share_lost(serving, reached.len()),
            extra_machines: beyond(on_machines),
            extra_volumes: beyond(claims),
        }
    }
}

/// All requests are lost if clients reach nobody, else those that go to nodes that do not serve.
#[allow(clippy::cast_precision_loss, reason = "a Service has few endpoints")]
fn share_lost(serving: usize, reached: usize) -> f64 {
    if reached == 0 { 1.0 } else { (reached - serving) as f64 / reached as f64 }
}

#[cfg(test)]
mod tests {
    use super::share_lost;

    #[test]
    fn requests_are_lost_where_nobody_serves_them() {
        assert!((share_lost(0, 0) - 1.0).abs() < f64::EPSILON);
        assert!((share_lost(1, 4) - 0.75).abs() < f64::EPSILON);
        assert!(share_lost(2, 2).abs() < f64::EPSILON);
    }
}
