//! Worlds with drawn faults: whatever befalls them, they end, and computing idle polls instead of making them changes nothing.

use super::scenario_named;

use faults::{Group, Profile};
use std::collections::BTreeMap;
use testbed::Settled;
use testbed::history::History;
use testbed::world::Polls;

const SEEDS: u64 = 8;
const RUNS: [(&str, &str); 3] =
    [("hardfork/planned-upgrade", "bootstrap"), ("hardfork/planned-upgrade", "halt-signal"), ("bluegreen/image-change", "blue-green")];

/// The name of a fault's kind, from its written form.
fn kind_of(what: &faults::What) -> String {
    let written = serde_json::to_value(what).expect("a fault has a written form");
    let fault = written.as_object().and_then(|groups| groups.values().next()).expect("a fault has a group");
    let name = fault.as_str().or_else(|| fault.as_object()?.keys().next().map(String::as_str));
    name.expect("a fault has a name").to_owned()
}

/// Runs worlds with faults of a group under both ways of polling; how many of each kind befell something.
fn befallen(group: &str) -> BTreeMap<String, usize> {
    let group = Group::ALL.into_iter().find(|known| known.name() == group).expect("a group of that name");
    let mut befallen = BTreeMap::new();
    for (scenario, design) in RUNS {
        let scenario = scenario_named(scenario);
        let run = scenario.runs.iter().find(|run| &*run.design.name == design).expect("the scenario runs under the design");
        let [elided, made] = [Polls::Elided, Polls::Made].map(|polls| Settled::new(&scenario, &run.design, polls).expect("it settles"));
        let offered = elided.opportunities().expect("the testbed does not fail");
        for seed in 0..SEEDS {
            let schedule = Profile::Only(group).draw(seed, &offered);
            let run = |settled: &Settled| {
                settled.run_under(seed, &schedule, History::default()).unwrap_or_else(|failure| panic!("{design}, seed {seed}: {failure}"))
            };
            let (elided, made) = (run(&elided), run(&made));
            assert_eq!(elided.history_hash, made.history_hash, "{design}, seed {seed}");
            assert_eq!(elided.counters.all_reconciles(), made.counters.all_reconciles(), "{design}, seed {seed}");
            for record in &elided.faults {
                let befell = record.struck.as_ref().is_some_and(|struck| struck.befell);
                *befallen.entry(kind_of(&record.fault.what)).or_default() += usize::from(befell);
            }
        }
    }
    befallen
}

#[test]
fn every_fault_of_the_operators_process_befalls_something_and_every_world_ends() {
    let befallen = befallen("controller");
    assert!(befallen.len() == 6 && befallen.values().all(|count| *count > 0), "{befallen:?}");
}

#[test]
fn every_fault_of_the_cluster_befalls_something_and_every_world_ends() {
    let befallen = befallen("cluster");
    assert!(befallen.len() == 11 && befallen.values().all(|count| *count > 0), "{befallen:?}");
}

#[test]
fn every_fault_of_a_sidecar_befalls_something_and_every_world_ends() {
    let befallen = befallen("sidecar");
    assert!(befallen.len() == 6 && befallen.values().all(|count| *count > 0), "{befallen:?}");
}
