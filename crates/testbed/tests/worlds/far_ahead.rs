//! A halt height may be any number that the API server accepts: however far ahead it lies, a world ends with a verdict.

use crate::common;

use simcore::SimTime;
use std::time::Duration;
use testbed::history::History;
use testbed::scenario;
use testbed::world::Polls;
use testbed::{Settled, WorldResult};

/// A hard fork to that height on a chain without an upgrade that would end the wait.
fn hard_fork(halt_height: &str) -> WorldResult {
    let file = common::root().join("scenarios/spec/halt-height-never-reached.yaml");
    let text = std::fs::read_to_string(&file).expect("a scenario").replace("9223372036854775807", halt_height);
    let scenario = scenario::read(&file, text.as_bytes()).unwrap_or_else(|problems| panic!("{problems}"));
    let settled = Settled::new(&scenario, &scenario.runs[0].design, Polls::Elided).expect("the scenario settles");
    settled.run(1, History::default()).expect("the testbed does not fail")
}

#[test]
fn a_halt_height_a_month_ahead_is_waited_for() {
    let month = Duration::from_secs(30 * 86_400);
    let result = hard_fork("start+6480000");
    assert!(result.ended >= SimTime::ZERO + month, "it ended at {}", result.ended);
    assert_eq!(
        result.plans.iter().filter(|plan| plan.phase == api::plan::PlanPhase::Complete).count(),
        3,
        "the group's and both entrants'"
    );
}

#[test]
fn a_halt_height_that_never_comes_is_waited_for_at_rest() {
    let result = hard_fork("9223372036854775807");
    assert!(result.ended < SimTime::ZERO + Duration::from_secs(3600), "it ended at {}", result.ended);
    assert!(!result.violations.is_empty(), "a rollout that never ends is no success");
}
