//! The worlds that a design and its ablations go through.

use explore::{Stage, tried};
use faults::{Profile, Schedule};
use planner::Design;
use std::collections::BTreeMap;
use std::sync::Arc;
use testbed::history::History;
use testbed::scenario::Scenario;
use testbed::world::Polls;
use testbed::{Settled, WorldResult};
use verify::Catalogue;

/// The scenarios in which swarms are drawn: a hard fork and a blue-green rollout.
const SWARMS: [&str; 2] = ["hardfork/planned-upgrade", "bluegreen/image-change"];

/// One world.
#[derive(Clone, Debug)]
pub struct Case {
    /// Its scenario.
    pub scenario: Arc<str>,
    /// Its seed.
    pub seed: u64,
    /// Its faults, those of the scenario included.
    pub faults: Schedule,
    /// Whether a profile drew them.
    pub drawn: bool,
}

/// All worlds, in the order in which they are gone through: the catalogue's by scenario, then swarms, seed by seed.
///
/// # Errors
/// If the scenario of a swarm does not settle under the design.
pub fn all(catalogue: &Catalogue, design: &Design, from: u64, budget: u64) -> Result<Vec<Case>, String> {
    let mut cases = Vec::new();
    for entry in &catalogue.entries {
        let mut seeds: Vec<u64> = entry.scenario.runs.iter().flat_map(|run| run.seeds.iter().copied()).collect();
        seeds.sort_unstable();
        seeds.dedup();
        let case = |seed| Case { scenario: entry.scenario.name.clone(), seed, faults: entry.scenario.schedule.clone(), drawn: false };
        cases.extend(seeds.into_iter().map(case));
    }
    let mut stages = Vec::new();
    for entry in SWARMS.iter().filter_map(|name| catalogue.entry(name)) {
        let stage = Stage::set(entry.scenario.clone(), entry.text.clone(), design.clone(), Profile::Swarm);
        stages.push(stage.map_err(|error| format!("{} under {}: {error}", entry.scenario.name, design.name))?);
    }
    for seed in from..from.saturating_add(budget) {
        cases.extend(stages.iter().map(|stage| Case {
            scenario: stage.scenario.name.clone(),
            seed,
            faults: stage.schedule(seed),
            drawn: true,
        }));
    }
    Ok(cases)
}

/// The settled starts of a design, scenario by scenario.
pub struct Starts<'a> {
    design: &'a Design,
    settled: BTreeMap<Arc<str>, Result<Settled, String>>,
}

impl<'a> Starts<'a> {
    /// Settles every scenario that worlds need.
    pub fn new(catalogue: &Catalogue, design: &'a Design, cases: &[Case]) -> Self {
        let needed = |scenario: &Scenario| cases.iter().any(|case| case.scenario == scenario.name);
        let settle = |scenario: &Scenario| tried(|| Settled::new(scenario, design, Polls::Elided));
        let entries = catalogue.entries.iter().filter(|entry| needed(&entry.scenario));
        Self { design, settled: entries.map(|entry| (entry.scenario.name.clone(), settle(&entry.scenario))).collect() }
    }

    /// Runs a world. The error says what the testbed could not do.
    pub fn run(&self, case: &Case) -> Result<WorldResult, String> {
        let why = |why: &str| format!("{} under {} with seed {}: {why}", case.scenario, self.design.name, case.seed);
        match &self.settled[&case.scenario] {
            Ok(settled) => tried(|| settled.run_under(case.seed, &case.faults, History::default())).map_err(|error| why(&error)),
            Err(error) => Err(why(error)),
        }
    }
}
