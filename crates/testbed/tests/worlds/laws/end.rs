//! `leftover`, `replica-count`, `not-quiet`, `not-stable`: what worlds end in; and that the guard against endless ones decides nothing.

use super::{broken, planned_upgrade, run};
use faults::Schedule;
use oracles::{Docket, EndVerdicts, EventNumber, ObjectRef};
use simcore::SimTime;
use std::time::Duration;
use testbed::Settled;
use testbed::history::History;
use testbed::world::{HORIZON, Polls};

const UPGRADE: &str = "hardfork/planned-upgrade";
const CHANGE: &str = "bluegreen/image-change";

#[test]
fn the_laws_of_the_end_are_silent_at_the_settled_start() {
    let (_, world) = planned_upgrade();
    let verdicts = world.look(|sim| EndVerdicts::at_rest(&sim.sight()));
    let mut docket = Docket::default();
    world.look(|sim| verdicts.write(sim.now(), &sim.sight(), &mut docket));
    assert_eq!(docket.take_violations(), []);
}

#[test]
fn leftover_fires_for_a_finished_plan_that_nobody_clears_and_not_once_it_is_cleared() {
    assert!(broken(&run(CHANGE, "blue-green", 1, &[]), "leftover") > 0);
    assert_eq!(broken(&run(CHANGE, "blue-green,status-base=refreshed", 1, &[]), "leftover"), 0);
}

#[test]
fn replica_count_fires_for_a_group_that_owns_incumbents_and_entrants_and_not_for_one_set_of_nodes() {
    assert_eq!(broken(&run(UPGRADE, "halt-signal", 1, &[]), "replica-count"), 1);
    assert_eq!(broken(&run(CHANGE, "blue-green", 1, &[]), "replica-count"), 0);
}

#[test]
fn not_stable_fires_when_a_converged_group_is_made_anew_beside_its_nodes() {
    assert!(broken(&run(UPGRADE, "bootstrap,status-base=refreshed", 1, &[]), "not-stable") > 0);
    assert_eq!(broken(&run(UPGRADE, "bootstrap", 1, &[]), "not-stable"), 0);
}

#[test]
fn not_quiet_fires_for_objects_that_are_written_to_in_every_round_and_not_for_a_pod_that_crashes_alone() {
    let judged = |busy: Vec<(ObjectRef, EventNumber)>| {
        let mut docket = Docket::default();
        oracles::judge_quiet(busy, SimTime::ZERO, Duration::from_secs(300), SimTime::ZERO + Duration::from_secs(900), &mut docket);
        docket.take_violations().iter().map(|violation| violation.oracle).collect::<Vec<_>>()
    };
    assert_eq!(judged(vec![(ObjectRef::node("pacific-1-rpc-0"), EventNumber(7))]), ["not-quiet"]);
    assert_eq!(judged(Vec::new()), Vec::<&str>::new());
    let crashing = run(UPGRADE, "halt-signal", 1, &[]);
    assert!(crashing.livelock.is_some() && broken(&crashing, "not-quiet") == 0);
}

#[test]
fn no_verdict_changes_when_the_horizon_is_ten_times_as_far() {
    for scenario in super::common::scenarios() {
        for run in &scenario.runs {
            let settled = Settled::new(&scenario, &run.design, Polls::Elided).expect("the scenario settles");
            let offered = settled.opportunities().expect("fault-free worlds end");
            for seed in 1..=3 {
                let schedule: Schedule = faults::Profile::Swarm.draw(seed, &offered);
                let verdicts = |horizon| {
                    let result = settled.run_within(horizon, seed, &schedule, History::default()).expect("the testbed does not fail");
                    (result.history_hash, result.outcome, result.violations)
                };
                assert!(verdicts(HORIZON) == verdicts(HORIZON * 10), "{} under {}, seed {seed}", scenario.name, run.design.name);
            }
        }
    }
}
