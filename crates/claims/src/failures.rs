//! Claims about failure modes: C18 (a bootstrap fails), C19 (recovery), C20 (the new binary panics), C21 (a long wait), C22 (no peers), C23 (late).

use crate::court::Court;
use crate::lifecycle::{Ended, ended, failed_for_peers};
use crate::rollout::{Rollout, about, about_group};
use api::group::GroupPhase;
use api::kinds::Job;
use api::node::NodePhase;
use api::plan::{PlanPhase, plan_of};
use api::{AnyObject, Kind, SeiNode, names};
use oracles::{Fact, Sight, Violation, is_bootstrap};
use simchain::Happening;
use simcore::SimTime;
use simkube::{Actor, StoreChange};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// How long the plan may take to fail after its entrant: its next poll, and a write.
const NEXT_POLL: Duration = Duration::from_secs(10);
/// What counts as days.
const LONG: Duration = Duration::from_secs(24 * 3600);

/// What has failed so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Failures {
    /// Entrants whose bootstrap Job failed, and when.
    jobs: BTreeMap<Arc<str>, SimTime>,
    /// Entrants whose peers were not found in their bootstrap, and when their plan failed of it.
    lonely: BTreeMap<Arc<str>, SimTime>,
    /// Entrants whose new binary panicked at H, and when.
    panicked: BTreeMap<Arc<str>, SimTime>,
    /// When Jobs were created.
    started: BTreeMap<Arc<str>, SimTime>,
    /// Whether a plan of the group's has failed or an entrant hangs.
    failed: bool,
    /// Whether a person has deleted an entrant since, and edited the spec.
    removed: bool,
    repaired: bool,
}

impl Failures {
    /// Looks at a fact.
    pub fn observe(&mut self, sight: &Sight<'_>, fact: &Fact<'_>, rollout: &Rollout, court: &mut Court) {
        match fact {
            Fact::Stored(change) => {
                self.job(sight, change, rollout, court);
                self.node(sight, change, rollout, court);
                self.group(sight, change);
            }
            Fact::Chain { node, pod, what: Happening::Panicked { height, .. } }
                if rollout.entrants.contains(*node) && rollout.halt == Some(*height) && !is_bootstrap(sight, *pod) =>
            {
                self.panicked.entry(Arc::from(*node)).or_insert(sight.now);
                self.failed = true;
            }
            _ => {}
        }
    }

    fn job(&mut self, sight: &Sight<'_>, change: &StoreChange, rollout: &Rollout, court: &mut Court) {
        let Some(new) = change.new.as_ref().filter(|new| new.info.kind == Job::INFO.kind) else { return };
        let Some(node) = rollout.entrants.iter().find(|node| names::bootstrap_job(node) == new.meta.name()).cloned() else { return };
        if change.old.is_none() {
            self.started.insert(node.clone(), sight.now);
        }
        let waited = self.started.get(&node).is_some_and(|started| sight.now.since(*started) >= LONG);
        match ended(new).filter(|end| change.old.as_ref().and_then(ended) != Some(*end)) {
            Some(Ended::Complete) if waited => court.test("C21"),
            Some(Ended::Failed) if waited && !rollout.disturbed => {
                court.refute(
                    "C21",
                    "not-converged",
                    sight.now,
                    about(sight, &node, format!("the bootstrap Job of {node} fails while it waits")),
                );
            }
            Some(Ended::Failed) => {
                self.jobs.entry(node).or_insert(sight.now);
            }
            _ => {}
        }
    }

    fn node(&mut self, sight: &Sight<'_>, change: &StoreChange, rollout: &Rollout, court: &mut Court) {
        let Some(new) = change.new.as_ref().filter(|new| rollout.entrants.contains(&new.meta.key.name)) else { return };
        let phase = |object: &AnyObject| object.status_as::<SeiNode>()?.phase;
        let name = &new.meta.key.name;
        self.removed |= self.failed && new.meta.deleting.is_some() && change.actor == Actor::Person;
        if phase(new) == Some(NodePhase::Running)
            && change.old.as_ref().and_then(phase) != Some(NodePhase::Running)
            && self.panicked.contains_key(name)
        {
            let message = format!("SeiNode {name} enters phase Running though its binary panics at block H");
            court.refute("C20", "running-lies", sight.now, about(sight, name, message));
        }
        if failed_for_peers(new) {
            self.lonely.entry(name.clone()).or_insert(sight.now);
        }
    }

    fn group(&mut self, sight: &Sight<'_>, change: &StoreChange) {
        let Some(new) = change.new.as_ref().filter(|new| new.meta.key == *sight.group) else { return };
        self.failed |= plan_of(new).is_some_and(|plan| plan.phase == PlanPhase::Failed);
        let edited = change.old.as_ref().is_some_and(|old| old.meta.generation != new.meta.generation);
        self.repaired |= self.failed && edited && change.actor == Actor::Person;
    }

    /// Looks at the end.
    pub fn end(&mut self, sight: &Sight<'_>, rollout: &Rollout, violations: &[Violation], court: &mut Court) {
        let unconverged = oracles::unconverged(sight);
        if self.repaired && self.removed {
            court.test("C19");
            if let Some(missing) = &unconverged {
                court.refute(
                    "C19",
                    "not-converged",
                    sight.now,
                    about_group(sight, sight.now, format!("after the spec was mended, {missing}")),
                );
            }
            return;
        }
        if rollout.late && !rollout.edited && !sight.failure_allowed {
            late(sight, unconverged.as_deref(), violations, court);
        }
        if rollout.edited {
            return;
        }
        for (claim, failed) in [("C18", &self.jobs), ("C22", &self.lonely)] {
            if let Some((node, since)) = failed.iter().next() {
                court.test(claim);
                let wrong = fails_at_once(sight, *since, rollout);
                if !wrong.is_empty() {
                    let message = format!("after the bootstrap of {node} failed at {since}, {}", wrong.join("; "));
                    court.refute(claim, "failure-hidden", sight.now, about_group(sight, *since, message));
                }
            }
        }
        if let Some((node, since)) = self.panicked.iter().next() {
            court.test("C20");
            let wrong = waits(sight, rollout);
            if !wrong.is_empty() {
                let message = format!("after the new binary of {node} panicked at {since}, {}", wrong.join("; "));
                court.refute("C20", "failure-hidden", sight.now, about_group(sight, *since, message));
            }
        }
    }
}

/// What a failed bootstrap should have led to and has not.
fn fails_at_once(sight: &Sight<'_>, since: SimTime, rollout: &Rollout) -> Vec<String> {
    let mut wrong = incumbents_missing(sight, rollout);
    match rollout.ended {
        Some((at, PlanPhase::Failed)) if at.since(since.min(at)) <= NEXT_POLL => {}
        Some((at, PlanPhase::Failed)) => wrong.push(format!("the plan fails only at {at}")),
        Some((at, phase)) => wrong.push(format!("the plan is {phase:?} at {at}")),
        None => wrong.push("the plan never fails".to_owned()),
    }
    let phase = sight.group().and_then(|group| group.status.phase);
    if phase != Some(GroupPhase::Degraded) {
        wrong.push(format!("the group is {}", phase.map_or_else(|| "without a phase".to_owned(), |phase| format!("{phase:?}"))));
    }
    wrong
}

/// What a panic of the new binary should have left and has not.
fn waits(sight: &Sight<'_>, rollout: &Rollout) -> Vec<String> {
    let mut wrong = incumbents_missing(sight, rollout);
    if let Some(at) = rollout.gates_passed {
        wrong.push(format!("the plan goes on to switch traffic at {at}"));
    } else if let Some((at, phase)) = rollout.ended {
        wrong.push(format!("the plan is {phase:?} at {at}"));
    }
    wrong
}

fn incumbents_missing(sight: &Sight<'_>, rollout: &Rollout) -> Vec<String> {
    let serving = rollout.incumbents_serving(sight);
    if serving >= rollout.replicas { Vec::new() } else { vec![format!("{serving} of {} incumbents serve in the end", rollout.replicas)] }
}

/// A rollout that began past H.
fn late(sight: &Sight<'_>, unconverged: Option<&str>, violations: &[Violation], court: &mut Court) {
    court.test("C23");
    if let Some(missing) = unconverged {
        court.refute("C23", "not-converged", sight.now, about_group(sight, sight.now, format!("a late rollout ends with this: {missing}")));
    }
    if let Some(stale) = violations.iter().find(|violation| violation.oracle == "stale-serving" && violation.excused.is_none()) {
        court.refute("C23", "stale-serving", stale.at, stale.finding.clone());
    }
}
