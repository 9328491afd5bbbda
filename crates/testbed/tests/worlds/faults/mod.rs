//! Faults strike where their triggers say, do what they say, and heal.

mod binary;
mod bootstrap;
mod calls;
mod chain;
mod cluster;
mod controller;
mod drawn;
mod person;
mod premature_halt;
mod schedules;
mod sidecar;
mod switch_races;

use crate::common;

use faults::Schedule;
use planner::Design;
use simcore::SimTime;
use std::fmt::Write as _;
use testbed::history::{Entry, History};
use testbed::scenario::Scenario;
use testbed::world::Polls;
use testbed::{Settled, WorldResult};

/// The scenario of that name, settled under the first of its designs that has that name.
pub fn settled(scenario: &str, design: &str) -> Settled {
    let scenario = scenario_named(scenario);
    let run = scenario.runs.iter().find(|run| &*run.design.name == design).expect("the scenario runs under the design");
    Settled::new(&scenario, &run.design, Polls::Elided).expect("the scenario settles")
}

pub fn scenario_named(name: &str) -> Scenario {
    common::scenarios().into_iter().find(|scenario| &*scenario.name == name).expect("a scenario of that name")
}

/// A schedule from its written form: each line a fault as flow-style YAML, which is JSON.
pub fn schedule(faults: &[&str]) -> Schedule {
    Schedule(faults.iter().map(|fault| serde_json::from_str(fault).expect(fault)).collect())
}

/// The planned upgrade under `bootstrap`, seed 1, with some faults.
pub fn planned_upgrade(faults: &[&str]) -> WorldResult {
    settled("hardfork/planned-upgrade", "bootstrap").run_under(1, &schedule(faults), History::kept()).expect("the testbed does not fail")
}

/// A seed's world of a scenario by the design of remedies, with some faults.
pub fn rehearsed(scenario: &str, seed: u64, faults: &[&str]) -> WorldResult {
    rehearsed_but(&[], scenario, seed, faults)
}

/// The same with other decisions, each as `decision=value`.
pub fn rehearsed_but(decisions: &[&str], scenario: &str, seed: u64, faults: &[&str]) -> WorldResult {
    let change = |design: Design, decision: &&str| design.with(decision).expect("a decision");
    let design = decisions.iter().fold(Design::preset("rehearsed").expect("a preset"), change);
    let settled = Settled::new(&scenario_named(scenario), &design, Polls::Elided).expect("the scenario settles");
    settled.run_under(seed, &schedule(faults), History::kept()).expect("the testbed does not fail")
}

/// The change of an image under `blue-green`, seed 1, with some faults.
pub fn blue_green(faults: &[&str]) -> WorldResult {
    settled("bluegreen/image-change", "blue-green").run_under(1, &schedule(faults), History::kept()).expect("the testbed does not fail")
}

/// When a line that contains a text was told first.
pub fn moment(result: &WorldResult, containing: &str) -> SimTime {
    moments(result, containing).first().copied().unwrap_or_else(|| panic!("nothing tells of {containing:?}"))
}

/// When each line that contains a text was told.
pub fn moments(result: &WorldResult, containing: &str) -> Vec<SimTime> {
    let tells = |told: &&(SimTime, Entry)| testbed::history::tell(std::slice::from_ref(*told)).contains(containing);
    result.history.iter().filter(tells).map(|(at, _)| *at).collect()
}

/// Each schedule leads to the same history whether idle polls are made or computed.
pub fn assert_elision_changes_nothing(schedules: &[Vec<String>]) {
    let scenario = scenario_named("hardfork/planned-upgrade");
    let run = scenario.runs.iter().find(|run| &*run.design.name == "bootstrap").expect("the scenario runs under the design");
    let [elided, made] = [Polls::Elided, Polls::Made].map(|polls| Settled::new(&scenario, &run.design, polls).expect("it settles"));
    for faults in schedules {
        let schedule = schedule(&faults.iter().map(String::as_str).collect::<Vec<_>>());
        for seed in [1, 2] {
            let run = |settled: &Settled| settled.run_under(seed, &schedule, History::default()).expect("the testbed does not fail");
            let (elided, made) = (run(&elided), run(&made));
            assert_all_befell(&elided);
            assert_eq!(elided.history_hash, made.history_hash, "{faults:?}, seed {seed}");
            assert_eq!(elided.counters.all_reconciles(), made.counters.all_reconciles(), "{faults:?}, seed {seed}");
        }
    }
}

/// The lines of a result's story that contain a text.
pub fn lines(result: &WorldResult, containing: &str) -> Vec<String> {
    testbed::history::tell(&result.history).lines().filter(|line| line.contains(containing)).map(str::to_owned).collect()
}

/// Calls of the operator, as `verb kind name: error`, in order.
pub fn calls(result: &WorldResult) -> Vec<String> {
    let of = |entry: &Entry| match entry {
        Entry::Call { verb, kind, name, error } => {
            let mut line = format!("{verb:?} {kind} {}", name.as_deref().unwrap_or("*"));
            if let Some(error) = error {
                write!(line, ": {error}").expect("a string takes what is written");
            }
            Some(line)
        }
        _ => None,
    };
    result.history.iter().filter_map(|(_, entry)| of(entry)).collect()
}

/// How often each fault struck and befell something: all of them, or the test is about nothing.
pub fn assert_all_befell(result: &WorldResult) {
    for record in &result.faults {
        let struck = record.struck.as_ref().unwrap_or_else(|| panic!("{} never struck", record.fault));
        assert!(struck.befell, "{} found nothing to befall", record.fault);
    }
}
