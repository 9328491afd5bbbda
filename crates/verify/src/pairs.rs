//! Claim C05: a hard fork and a blue-green rollout from one start come to one end.
//!
//! A pair is two scenarios of the folder `convergence` whose names differ in `-by-hard-fork` and `-by-blue-green` alone: one start, one wanted
//! image, two strategies. The same design carries out both. Once all faults have healed, the same nodes are to serve with the same images under
//! the same selector, and nothing is to be left over.

use crate::{Case, Catalogue, Column, Entry};
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

/// Judges the claim for every column.
pub fn judge(catalogue: &Catalogue, columns: &mut [Column], tell: &(dyn Fn(&str) + Sync)) {
    let pairs = pairs(catalogue);
    for column in columns {
        tell(&format!("{}: pairs of rollouts", column.design.name));
        let runs: Vec<_> = pairs.iter().flat_map(|pair| (1..=SEEDS).map(move |seed| (*pair, seed))).collect();
        let cases: Vec<_> = runs.into_par_iter().map(|((fork, blue_green), seed)| case(fork, blue_green, &column.design, seed)).collect();
        for case in cases {
            column.worlds += 2;
            match case {
                Ok(case) => column.claims.entry("C05").or_default().add(case),
                Err(why) => column.failed.push(why),
            }
        }
    }
}

fn case(fork: &Entry, blue_green: &Entry, design: &Design, seed: u64) -> Result<Option<Case>, String> {
    let (by_fork, by_blue_green) = (run(fork, design, seed)?, run(blue_green, design, seed)?);
    let (by_fork_end, by_blue_green_end) = (end_of(&by_fork), end_of(&by_blue_green));
    let differ = by_fork_end != by_blue_green_end || is_left_over(&by_fork) || is_left_over(&by_blue_green);
    Ok(differ.then(|| Case {
        scenario: fork.scenario.name.clone(),
        seed,
        faults: fork.scenario.schedule.clone(),
        at: by_fork.ended,
        message: format!("a hard fork ends with {by_fork_end}, a blue-green rollout from the same start with {by_blue_green_end}"),
        sentence: None,
    }))
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
