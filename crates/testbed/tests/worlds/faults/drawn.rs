//! Worlds with drawn faults: whatever befalls them, they end, and computing idle polls instead of making them changes nothing.

use super::scenario_named;

use faults::{Fault, Group, Profile, Schedule};
use planner::Design;
use std::collections::BTreeSet;
use testbed::Settled;
use testbed::history::History;
use testbed::scenario;
use testbed::world::Polls;

/// So many seeds are run in any case, and so many at most until every fault of a group has befallen something.
const SEEDS: std::ops::Range<u64> = 8..64;
const RUNS: [(&str, &str); 3] =
    [("hardfork/planned-upgrade", "bootstrap"), ("hardfork/planned-upgrade", "halt-signal"), ("bluegreen/image-change", "blue-green")];

/// Runs worlds with faults of a group under both ways of polling, until each of its faults has befallen something.
fn every_fault_befalls(group: &str) {
    let group = Group::ALL.into_iter().find(|known| known.name() == group).expect("a group of that name");
    let worlds = RUNS.map(|(scenario, design)| {
        let scenario = scenario_named(scenario);
        let run = scenario.runs.iter().find(|run| &*run.design.name == design).expect("the scenario runs under the design");
        [Polls::Elided, Polls::Made].map(|polls| Settled::new(&scenario, &run.design, polls).expect("it settles"))
    });
    let offered = worlds.each_ref().map(|[elided, _]| elided.opportunities().expect("the testbed does not fail"));
    let mut missing: BTreeSet<String> = group.kinds().iter().map(|kind| format!("{}/{}", group.name(), kind.name)).collect();
    for seed in 0..SEEDS.end {
        for ((settled, offered), (_, design)) in worlds.iter().zip(&offered).zip(RUNS) {
            let schedule = Profile::Only(group).draw(seed, offered);
            let [elided, made] = settled.each_ref().map(|settled| {
                settled.run_under(seed, &schedule, History::default()).unwrap_or_else(|failure| panic!("{design}, seed {seed}: {failure}"))
            });
            assert_eq!(elided.history_hash, made.history_hash, "{design}, seed {seed}");
            assert_eq!(elided.counters.all_reconciles(), made.counters.all_reconciles(), "{design}, seed {seed}");
            for record in elided.faults.iter().filter(|record| record.struck.as_ref().is_some_and(|struck| struck.befell)) {
                missing.remove(&record.fault.what.id());
            }
        }
        if missing.is_empty() && seed >= SEEDS.start {
            return;
        }
    }
    panic!("{missing:?} never befell anything in {} seeds", SEEDS.end);
}

#[test]
fn whatever_a_design_offers_to_faults_can_be_named_in_a_file() {
    let crash = serde_json::from_str::<Fault>(r#"{"when": {"at": "0s"}, "what": {"controller": "crash"}}"#).expect("a fault").what;
    for scenario in ["hardfork/planned-upgrade", "bluegreen/image-change"].map(scenario_named) {
        let ground = scenario::ground(scenario.group.name(), &scenario.chain);
        for design in Design::presets() {
            let settled = Settled::new(&scenario, &design, Polls::Elided).expect("it settles");
            let offered = settled.opportunities().expect("the testbed does not fail");
            for (_, when) in offered.triggers() {
                let fault = Fault { when, what: crash.clone() };
                assert_eq!(fault.check(&ground), Ok(()), "{} under {}: {fault:?}", scenario.name, design.name);
            }
            for seed in 0..64 {
                let schedule: Schedule = Profile::Heavy.draw(seed, &offered);
                assert_eq!(schedule.check(&ground), Ok(()), "{} under {}, seed {seed}", scenario.name, design.name);
            }
        }
    }
}

#[test]
fn every_fault_of_the_operators_process_befalls_something_and_every_world_ends() {
    every_fault_befalls("controller");
}

#[test]
fn every_fault_of_the_cluster_befalls_something_and_every_world_ends() {
    every_fault_befalls("cluster");
}

#[test]
fn every_fault_of_a_sidecar_befalls_something_and_every_world_ends() {
    every_fault_befalls("sidecar");
}
