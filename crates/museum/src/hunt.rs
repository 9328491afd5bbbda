//! Hunting for defects: the same worlds under a variant and under the design that it is a variant of.
//!
//! A faithful design breaks laws by itself. So a variant is *seen* in a world by an oracle that is violated there without an excuse, and is
//! not in the unbroken design's world of the same seed and faults. Where the unbroken design violates an oracle now and then by itself, a
//! world of other luck may show a difference that is none; [`Sighting`] counts both directions, so that this can be told.

use crate::{Base, Exhibit, Strategy};
use explore::{Stage, tried};
use faults::Schedule;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;
use testbed::history::History;

/// What is to be searched.
#[derive(Clone, Copy, Debug)]
pub struct Hunt {
    /// The first seed.
    pub seed: u64,
    /// How many worlds a variant and strategy.
    pub budget: usize,
    /// On how many threads.
    pub jobs: NonZeroUsize,
}

/// The oracles that a world violates without an excuse.
type Broken = BTreeSet<&'static str>;

/// The unbroken design's worlds of one strategy, with what they violate.
struct Quarry {
    worlds: Vec<(u64, Schedule, Broken)>,
}

/// How one oracle tells a variant from its base.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sighting {
    /// After how many worlds it saw the variant first.
    pub after: Option<usize>,
    /// In how many worlds only the variant violates it.
    pub variant_only: usize,
    /// In how many worlds only the unbroken design violates it.
    pub base_only: usize,
}

/// What came of one variant under one strategy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trail {
    /// How many worlds were run.
    pub worlds: usize,
    /// By oracle, those that made a difference.
    pub oracles: BTreeMap<&'static str, Sighting>,
    /// The oracles that the unbroken design violates in some of these worlds.
    pub base: BTreeSet<&'static str>,
    /// The worlds in which the testbed failed: the seed, the faults, and why.
    pub failed: Vec<(u64, Schedule, String)>,
}

impl Trail {
    /// After how many worlds the variant was seen first, by whichever oracle.
    pub fn detected(&self) -> Option<usize> {
        self.oracles.values().filter_map(|sighting| sighting.after).min()
    }

    /// After how many worlds one oracle saw it first.
    pub fn seen_by(&self, oracle: &str) -> Option<usize> {
        self.oracles.get(oracle)?.after
    }

    fn add(&mut self, variant: &Broken, base: &Broken) {
        self.base.extend(base);
        for oracle in variant.difference(base) {
            let sighting = self.oracles.entry(oracle).or_default();
            sighting.after.get_or_insert(self.worlds);
            sighting.variant_only += 1;
        }
        for oracle in base.difference(variant) {
            self.oracles.entry(oracle).or_default().base_only += 1;
        }
    }
}

/// An exhibit with its trails, in the order of [`Strategy::ALL`].
#[derive(Clone)]
pub struct Hunted {
    /// The exhibit.
    pub exhibit: Exhibit,
    /// What came of it under each strategy.
    pub trails: [Trail; 2],
}

impl Hunted {
    /// The oracles that see the exhibit for certain: in some world only the variant violates them, and in none only the unbroken design. All
    /// worlds of a sweep have one seed, and so one sort of luck: what they show counts only if the unbroken design violates the oracle in none.
    pub fn seen_by(&self) -> BTreeSet<&'static str> {
        let [swarm, sweep] = &self.trails;
        let all = |trail: &Trail, oracle: &str| trail.oracles.get(oracle).copied().unwrap_or_default();
        let is_certain = |oracle: &&'static str| {
            let (of_swarm, of_sweep) = (all(swarm, oracle), all(sweep, oracle));
            let shown = of_swarm.variant_only > 0 || (of_sweep.variant_only > 0 && !sweep.base.contains(oracle));
            shown && of_swarm.base_only + of_sweep.base_only == 0
        };
        swarm.oracles.keys().chain(sweep.oracles.keys()).copied().filter(is_certain).collect()
    }
}

impl Hunt {
    /// Searches for some exhibits. `tell` is called as each is done.
    ///
    /// # Errors
    /// If the threads cannot be started, or a base or a variant cannot be set up.
    pub fn run(&self, exhibits: &[Exhibit], tell: &(dyn Fn(&Exhibit) + Sync)) -> Result<Vec<Hunted>, String> {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(self.jobs.get()).build().map_err(|error| error.to_string())?;
        let bases: BTreeSet<Base> = exhibits.iter().map(|exhibit| exhibit.base).collect();
        let quarries = |base: Base| self.quarries(&base).map(|quarries| (base, quarries));
        pool.install(|| {
            let quarries: BTreeMap<Base, [Quarry; 2]> = bases.into_par_iter().map(quarries).collect::<Result<_, _>>()?;
            let hunted = |exhibit: &Exhibit| {
                let hunted = self.hunted(exhibit, &quarries[&exhibit.base]);
                tell(exhibit);
                hunted
            };
            exhibits.par_iter().map(hunted).collect()
        })
    }

    fn quarries(&self, base: &Base) -> Result<[Quarry; 2], String> {
        let stage = base.stage(Strategy::PROFILE).map_err(|error| format!("{}: {error}", base.scenario))?;
        let [swarm, sweep] = Strategy::ALL.map(|strategy| self.quarry(&stage, strategy));
        Ok([swarm?, sweep?])
    }

    fn quarry(&self, stage: &Stage, strategy: Strategy) -> Result<Quarry, String> {
        let worlds = strategy.worlds(stage, self.seed, self.budget)?;
        let run = |(seed, schedule): (u64, Schedule)| {
            let broken = broken(stage, seed, &schedule)?;
            Ok((seed, schedule, broken))
        };
        Ok(Quarry { worlds: worlds.into_par_iter().map(run).collect::<Result<_, String>>()? })
    }

    fn hunted(&self, exhibit: &Exhibit, quarries: &[Quarry; 2]) -> Result<Hunted, String> {
        let stage = exhibit.stage(Strategy::PROFILE).map_err(|error| format!("{}: {error}", exhibit.name))?;
        let trails = quarries.each_ref().map(|quarry| trail(&stage, quarry));
        Ok(Hunted { exhibit: *exhibit, trails })
    }
}

fn trail(stage: &Stage, quarry: &Quarry) -> Trail {
    let mut trail = Trail::default();
    for (seed, schedule, base) in &quarry.worlds {
        trail.worlds += 1;
        match broken(stage, *seed, schedule) {
            Ok(variant) => trail.add(&variant, base),
            Err(why) => trail.failed.push((*seed, schedule.clone(), why)),
        }
    }
    trail
}

/// What a world violates without an excuse.
pub(crate) fn broken(stage: &Stage, seed: u64, schedule: &Schedule) -> Result<Broken, String> {
    let result = tried(|| stage.settled.run_under(seed, schedule, History::default()))?;
    Ok(result.broken())
}
