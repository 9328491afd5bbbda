//! `not-stable`.

use super::stage::{broken, by, delete, world};
use crate::faults::{schedule, settled};
use api::kinds::Pod;
use simcore::SimTime;
use simkube::Actor;
use std::time::Duration;
use testbed::history::History;

/// Nobody does anything in this scenario: it is calm from its start on.
const CALM: &str = "chain/halt-height-stays";
const POD: &str = "pacific-1-rpc-0-0";

fn a_pod_goes(scenario: &str, actor: Actor) -> Vec<&'static str> {
    let mut world = world(scenario, Duration::from_secs(60));
    assert_eq!(broken(&world), [""; 0]);
    by(&mut world, actor, delete::<Pod>(POD));
    broken(&world)
}

#[test]
fn a_pod_that_goes_by_itself_after_convergence_breaks_it() {
    assert_eq!(a_pod_goes(CALM, Actor::System("somebody")), ["not-stable"]);
}

#[test]
fn a_pod_that_a_person_deletes_does_not_nor_does_what_happens_before_the_last_action() {
    assert_eq!(a_pod_goes(CALM, Actor::Person), [""; 0]);
    assert_eq!(a_pod_goes("bluegreen/image-change", Actor::System("somebody")), [""; 0]);
}

#[test]
fn a_program_that_is_killed_and_still_has_its_grace_period_does_not() {
    let kill = r#"{"when": {"at": "1min"}, "what": {"cluster": {"liveness-kill": {"node": "pacific-1-rpc-0", "container": "seid"}}}}"#;
    let settled = settled(CALM, "halt-signal");
    for seed in 1..4 {
        let result = settled.run_under(seed, &schedule(&[kill]), History::kept()).expect("the testbed does not fail");
        let halts = SimTime::ZERO + Duration::from_secs(600);
        let early: Vec<_> = result.violations.iter().filter(|violation| violation.at < halts).collect();
        assert!(early.iter().all(|violation| violation.oracle != "not-stable"), "seed {seed}: {early:?}");
    }
}
