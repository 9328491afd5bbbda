//! Claims that compare two rollouts: C05 (a hard fork and a blue-green rollout from one start come to one end) and C26 (one plan with an optional
//! halt height behaves like both).
//!
//! A pair is two scenarios of the folder `convergence` whose names differ in `-by-hard-fork` and `-by-blue-green` alone: one start, one wanted
//! image, two strategies. The same design carries out both. Once all faults have healed, the same nodes are to serve with the same images under
//! the same selector, and nothing is to be left over.

use crate::{Case, Catalogue, Column, Entry};
use api::group::StrategyType;
use explore::tried;
use planner::Design;
use rayon::prelude::*;
use testbed::history::History;
use testbed::world::Polls;
use testbed::{Settled, WorldResult};

const FORK: &str = "-by-hard-fork";
const BLUE_GREEN: &str = "-by-blue-green";
/// Under how many seeds each pair is run.
const SEEDS: u64 = 4;

/// The scenarios that only differ in their strategy.
fn pairs(catalogue: &Catalogue) -> Vec<(&Entry, &Entry)> {
    let partner = |entry: &Entry| catalogue.entry(&format!("{}{BLUE_GREEN}", entry.scenario.name.strip_suffix(FORK)?));
    catalogue.entries.iter().filter_map(|entry| Some((entry, partner(entry)?))).collect()
}

/// A case that refutes a claim, or none.
type Outcome = Result<Option<Case>, String>;

/// Judges both claims for every column that they speak of.
pub fn judge(catalogue: &Catalogue, columns: &mut [Column], tell: &(dyn Fn(&str) + Sync)) {
    let pairs = pairs(catalogue);
    for column in columns {
        tell(&format!("{}: pairs of rollouts", column.design.name));
        let design = column.design.clone();
        let runs: Vec<_> = pairs.iter().flat_map(|pair| (1..=SEEDS).map(move |seed| (*pair, seed))).collect();
        let judged: Vec<(Outcome, Outcome)> = (runs.into_par_iter())
            .map(|((fork, blue_green), seed)| {
                let own = if design.answers == StrategyType::BlueGreen { blue_green } else { fork };
                (one_end(fork, blue_green, &design, seed), one_strategy(own, &design, seed))
            })
            .collect();
        for (ends, strategy) in judged {
            column.worlds += 4;
            for (claim, outcome) in [("C05", ends), ("C26", strategy)] {
                match outcome {
                    Ok(case) => column.claims.entry(claim).or_default().add(case),
                    Err(why) => column.failed.push(why),
                }
            }
        }
    }
}

/// C05: both strategies come to one end.
fn one_end(fork: &Entry, blue_green: &Entry, design: &Design, seed: u64) -> Outcome {
    let (by_fork, by_blue_green) = (run(fork, design, seed)?, run(blue_green, design, seed)?);
    let (fork_end, blue_green_end) = (end_of(&by_fork), end_of(&by_blue_green));
    let differ = fork_end != blue_green_end || is_left_over(&by_fork) || is_left_over(&by_blue_green);
    let message = || format!("a hard fork ends with {fork_end}, a blue-green rollout from the same start with {blue_green_end}");
    Ok(differ.then(|| case(&by_fork, fork, message())))
}

/// C26: with one plan for both strategies a rollout comes to the same end, and breaks no other law.
fn one_strategy(entry: &Entry, design: &Design, seed: u64) -> Outcome {
    let one = design.with("strategies=one").expect("a decision with one of its values");
    let (before, after) = (run(entry, design, seed)?, run(entry, &one, seed)?);
    let (ends_before, ends_after) = (end_of(&before), end_of(&after));
    let broken: Vec<_> = after.broken().difference(&before.broken()).copied().collect();
    let differ = ends_before != ends_after || !broken.is_empty();
    let broken = if broken.is_empty() { "nothing else".to_owned() } else { broken.join(" and ") };
    let message = || format!("with one strategy a rollout ends with {ends_after} and breaks {broken}; with two it ends with {ends_before}");
    Ok(differ.then(|| case(&after, entry, message())))
}

fn case(world: &WorldResult, entry: &Entry, message: String) -> Case {
    Case {
        design: world.design.as_str().into(),
        scenario: world.scenario.clone(),
        seed: world.seed,
        faults: entry.scenario.schedule.clone(),
        at: world.ended,
        message,
        sentence: None,
    }
}

fn run(entry: &Entry, design: &Design, seed: u64) -> Result<WorldResult, String> {
    let settled = tried(|| Settled::new(&entry.scenario, design, Polls::Elided))?;
    tried(|| settled.run(seed, History::default()))
        .map_err(|why| format!("{} under {} with seed {seed}: {why}", entry.scenario.name, design.name))
}

fn end_of(result: &WorldResult) -> String {
    let mut serving: Vec<_> = result.end.serving.iter().map(|serving| format!("{} on {}", serving.node, serving.image)).collect();
    serving.sort();
    let serving = if serving.is_empty() { "nothing serving".to_owned() } else { serving.join(" and ") };
    let selector: Vec<_> = result.end.selector.iter().map(|(key, value)| format!("{key}={value}")).collect();
    let left = if is_left_over(result) { "something" } else { "nothing" };
    format!("{serving}, selector {}, {left} left over", selector.join(","))
}

fn is_left_over(result: &WorldResult) -> bool {
    result.broken().contains("leftover") || !result.end.leftovers.is_empty()
}
