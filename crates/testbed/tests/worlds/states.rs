//! Abstract states: luck hardly changes them, a fault does, and nobody notices that they are counted.

use crate::common;

use faults::{Profile, Schedule};
use serde_json::json;
use std::collections::BTreeSet;
use testbed::history::History;
use testbed::world::{HORIZON, Polls, Sim};
use testbed::{Settled, WorldResult};

fn settled(name: &str, design: &str) -> Settled {
    let scenario = common::scenarios().into_iter().find(|scenario| &*scenario.name == name).expect("the scenario");
    let run = scenario.runs.iter().find(|run| &*run.design.name == design).expect("a run under the design");
    Settled::new(&scenario, &run.design, Polls::Elided).expect("the scenario settles")
}

fn watched(settled: &Settled, seed: u64, schedule: &Schedule) -> WorldResult {
    let mut world = settled.world_under(seed, schedule, History::default());
    world.act(Sim::record_states);
    world.finish(HORIZON, seed).expect("the testbed does not fail")
}

fn states(result: &WorldResult) -> BTreeSet<u64> {
    assert!(result.states.is_sorted(), "in order");
    result.states.iter().copied().collect()
}

#[test]
fn worlds_that_differ_in_luck_alone_share_most_states_and_a_fault_brings_new_ones() {
    for (name, design) in [("hardfork/planned-upgrade", "halt-signal"), ("bluegreen/image-change", "blue-green")] {
        let settled = settled(name, design);
        let calm = |seed| states(&watched(&settled, seed, &Schedule::default()));
        let others: BTreeSet<u64> = (2..12).flat_map(calm).collect();
        let one = calm(1);
        let shared = one.intersection(&others).count();
        assert!(one.len() > 20, "{name}: a rollout passes through {} states", one.len());
        assert!(shared * 100 >= one.len() * 80, "{name}: {shared} of {}", one.len());
        let faults = json!([{ "when": { "task": { "type": "create-entrant-nodes", "is": "Complete" } }, "what": { "person": { "deletes-incumbent": { "node": "pacific-1-rpc-0" } } } }]);
        let faults: Schedule = serde_json::from_value(faults).expect("a schedule");
        let disturbed = states(&watched(&settled, 1, &faults));
        let calm: BTreeSet<u64> = one.union(&others).copied().collect();
        assert!(disturbed.difference(&calm).count() > 5, "{name}: a node that is deleted is nothing that luck brings");
    }
}

#[test]
fn a_world_that_is_watched_is_the_same_world_and_one_that_is_not_tells_no_states() {
    let settled = settled("hardfork/planned-upgrade", "bootstrap");
    let offered = settled.opportunities().expect("fault-free worlds end");
    for seed in 0..100 {
        let schedule = Profile::Swarm.draw(seed, &offered);
        let plain = settled.run_under(seed, &schedule, History::default()).expect("the testbed does not fail");
        let watched = watched(&settled, seed, &schedule);
        assert_eq!(plain.history_hash, watched.history_hash, "seed {seed}");
        assert!(plain.states.is_empty() && watched.states.len() > 5, "seed {seed}");
    }
}

#[test]
fn a_profile_has_thousands_of_states_and_not_one_a_world() {
    let settled = settled("hardfork/planned-upgrade", "bootstrap");
    let offered = settled.opportunities().expect("fault-free worlds end");
    let of = |seeds: std::ops::Range<u64>| {
        let all = seeds.flat_map(|seed| watched(&settled, seed, &Profile::Swarm.draw(seed, &offered)).states);
        all.collect::<BTreeSet<u64>>()
    };
    let (first, later) = (of(0..200), of(200..400));
    let new = later.difference(&first).count();
    assert!(new * 2 < first.len(), "{new} after {}", first.len());
}
