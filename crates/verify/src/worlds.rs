//! The worlds that a design is judged from.

use crate::{Case, Catalogue, Column, Entry};
use api::group::StrategyType;
use claims::Verdict;
use explore::{Stage, tried};
use faults::{Group, Profile, Schedule, What};
use planner::Design;
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;
use sweep::{Extended, Placed, single_faults};
use testbed::history::History;
use testbed::world::{Polls, Sim};
use testbed::{Settled, WorldResult};

/// The seed of the history at whose points single faults are placed.
const SWEPT: u64 = 1;

/// The design that is meant for every scenario.
const REHEARSED: &str = "rehearsed";
/// One world in so many meets no fault but those of the scenario: races need none.
const CALM: u32 = 8;

/// What one world says of each claim.
struct Said {
    scenario: Arc<str>,
    seed: u64,
    schedule: Schedule,
    claims: Result<BTreeMap<&'static str, Verdict>, String>,
}

impl Said {
    fn of(scenario: &Arc<str>, seed: u64, schedule: Schedule, result: Result<WorldResult, String>) -> Self {
        Self { scenario: scenario.clone(), seed, schedule, claims: result.map(|result| result.claims) }
    }
}

impl Column {
    fn take(&mut self, said: Vec<Said>) {
        for Said { scenario, seed, schedule, claims } in said {
            self.worlds += 1;
            let claims = match claims {
                Ok(claims) => claims,
                Err(why) => {
                    self.failed.push(format!("{scenario} under {} with seed {seed}: {why}", self.design.name));
                    continue;
                }
            };
            for (claim, verdict) in claims {
                let case = match verdict {
                    Verdict::Untested => continue,
                    Verdict::Holds => None,
                    Verdict::Refuted(refutation) => Some(Case {
                        design: self.design.name.clone(),
                        scenario: scenario.clone(),
                        seed,
                        faults: schedule.clone(),
                        at: refutation.violation.at,
                        message: refutation.violation.finding.message,
                        sentence: None,
                    }),
                };
                self.claims.entry(claim).or_default().add(case);
            }
        }
    }
}

/// Every scenario that has a run for the design, whatever decisions that run changes, under the seeds that it names. The design
/// that is to survive everything meets all of them.
pub fn catalogue(catalogue: &Catalogue, design: &Design, column: &mut Column) {
    let said: Vec<Vec<Said>> = catalogue.entries.par_iter().map(|entry| run_entry(entry, design)).collect();
    column.take(said.into_iter().flatten().collect());
}

fn run_entry(entry: &Entry, design: &Design) -> Vec<Said> {
    let scenario = &entry.scenario;
    let (preset, _) = Design::parts_of(&design.name);
    let of_design = scenario.runs.iter().filter(|run| preset == REHEARSED || Design::parts_of(&run.design.name).0 == preset);
    let mut seeds: Vec<u64> = of_design.flat_map(|run| run.seeds.iter().copied()).collect();
    seeds.sort_unstable();
    seeds.dedup();
    if seeds.is_empty() {
        return Vec::new();
    }
    let settled = tried(|| Settled::new(scenario, design, Polls::Elided));
    let run = |seed: u64| match &settled {
        Ok(settled) => tried(|| settled.judged(seed, History::default())),
        Err(why) => Err(why.clone()),
    };
    seeds.into_iter().map(|seed| Said::of(&scenario.name, seed, scenario.schedule.clone(), run(seed))).collect()
}

/// Claim C16 speaks of the design with one decision changed: what it says of the design as it is does not count.
pub fn service_in_switch(whole: &Catalogue, design: &Design, budget: u32, column: &mut Column) {
    column.claims.remove("C16");
    let changed = design.with("service-update=in-switch-traffic").expect("a decision with one of its values");
    let mut other = Column::new(changed.clone());
    catalogue(whole, &changed, &mut other);
    if let Some(stage) = stage(whole, &changed, &mut other) {
        other.take(run_all(&stage, (0..u64::from(budget.div_ceil(CALM))).map(|seed| (seed, stage.scenario.schedule.clone())).collect()));
    }
    column.worlds += other.worlds;
    column.failed.append(&mut other.failed);
    column.claims.extend(other.claims.remove_entry("C16"));
}

/// Fault-free worlds, single faults and swarms.
pub fn chaos(catalogue: &Catalogue, design: &Design, budget: u32, column: &mut Column) {
    let Some(stage) = stage(catalogue, design, column).filter(|_| budget > 0) else { return };
    let calm = budget.div_ceil(CALM);
    let single = (budget - calm).div_ceil(2);
    let swarm = u64::from(budget - calm - single);
    column.take(run_all(&stage, (0..u64::from(calm)).map(|seed| (seed, stage.scenario.schedule.clone())).collect()));
    match single_faults(&stage, SWEPT, &What::alphabet(&Group::ALL, stage.offered())) {
        Ok(placed) => {
            let chosen = spread(placed.len(), usize::try_from(single).expect("a number of worlds fits"));
            column.placements = (chosen.len() as u64, placed.len() as u64);
            let worlds: Vec<Placed> = chosen.into_iter().map(|at| placed[at].clone()).collect();
            let said = |schedule: &Schedule, result| Said::of(&stage.scenario.name, SWEPT, schedule.clone(), result);
            let (own, extensions) = (&stage.scenario.schedule, &*worlds);
            column.take(Extended { stage: &stage, seed: SWEPT, own, extensions, merging: false }.run(Sim::judge, said));
        }
        Err(why) => column.failed.push(format!("{} under {}: {why}", stage.scenario.name, design.name)),
    }
    column.take(run_all(&stage, (0..swarm).map(|seed| (seed, stage.schedule(seed))).collect()));
}

/// The scenario that a design is first of all an answer to, settled.
fn stage(catalogue: &Catalogue, design: &Design, column: &mut Column) -> Option<Stage> {
    let name = match design.answers {
        StrategyType::BlueGreen => "bluegreen/image-change",
        StrategyType::HardFork => "hardfork/planned-upgrade",
    };
    let entry = catalogue.entry(name)?;
    let stage = Stage::set(entry.scenario.clone(), entry.text.clone(), design.clone(), Profile::Swarm);
    stage.map_err(|error| column.failed.push(format!("{name} under {}: {error}", design.name))).ok()
}

fn run_all(stage: &Stage, worlds: Vec<(u64, Schedule)>) -> Vec<Said> {
    let run = |(seed, schedule): (u64, Schedule)| {
        let result = tried(|| stage.settled.judged_under(seed, &schedule, History::default()));
        Said::of(&stage.scenario.name, seed, schedule, result)
    };
    worlds.into_par_iter().map(run).collect()
}

/// So many positions of a list, evenly spread; all, if there are no more.
fn spread(length: usize, wanted: usize) -> Vec<usize> {
    if length <= wanted { (0..length).collect() } else { (0..wanted).map(|index| index * length / wanted).collect() }
}

#[cfg(test)]
mod tests {
    use super::spread;

    #[test]
    fn what_is_spread_is_all_or_so_many_in_order() {
        assert_eq!(spread(3, 5), [0, 1, 2]);
        assert_eq!(spread(10, 4), [0, 2, 5, 7]);
        assert!(spread(0, 4).is_empty());
    }
}
