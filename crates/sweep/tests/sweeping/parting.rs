//! A world that parts from another where its fault strikes is the world that met that fault from the beginning.

use crate::stage;
use faults::{Group, What};
use sweep::{Extended, Placed, single_faults};
use testbed::WorldResult;
use testbed::history::History;
use testbed::world::Sim;

const SEED: u64 = 1;

/// Runs some of a scenario's single faults both ways.
fn part(scenario: &str, design: &str, every: usize) {
    let stage = stage(scenario, design);
    let all = single_faults(&stage, SEED, &What::alphabet(&Group::ALL, stage.offered())).expect("no failure");
    let some: Vec<Placed> = all.into_iter().step_by(every).collect();
    assert!(some.len() > 100, "{}", some.len());
    let told = |result: &WorldResult| (result.to_json(), result.faults.clone(), result.claims.clone());
    let (own, extensions) = (&stage.scenario.schedule, &*some);
    let extended = Extended { stage: &stage, seed: SEED, own, extensions, merging: false };
    let parted = extended.run(Sim::judge, |_, result| told(&result.expect("no failure")));
    assert_eq!(parted.len(), some.len());
    for (parted, Placed { schedule, at }) in parted.iter().zip(&some) {
        let whole = stage.settled.judged_under(SEED, schedule, History::default()).expect("no failure");
        let fault = schedule.0.last().expect("one was placed");
        assert!(*parted == told(&whole), "{} at {at}, {}", fault.what, fault.when);
    }
}

#[test]
fn a_world_that_parts_where_its_fault_strikes_is_the_one_that_met_it_from_the_beginning() {
    part("bluegreen/image-change.yaml", "blue-green", 251);
    part("hardfork/planned-upgrade.yaml", "bootstrap", 601);
}

#[test]
fn it_is_where_other_faults_have_struck_before() {
    part("controller/two-leaders.yaml", "blue-green", 251);
    part("api-server/create-timed-out-and-landed.yaml", "rehearsed", 601);
}
