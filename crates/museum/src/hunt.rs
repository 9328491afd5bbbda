//! Hunting for defects: how many worlds each strategy needs until an exhibit's own oracle sees it.
//!
//! It *sees* a variant in a world that violates it without an excuse, where the faithful design's world of the same seed and the same faults does not.

use crate::census::{Broken, Census};
use crate::{Base, Exhibit, Strategy};
use explore::{Guided, Seeds, Stage, tried};
use faults::{Group, Profile, Schedule, What};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;
use sweep::single_faults;
use testbed::WorldResult;
use testbed::history::History;

/// By what faults are drawn.
const PROFILE: Profile = Profile::Swarm;

/// What is to be searched.
#[derive(Clone, Copy, Debug)]
pub struct Hunt {
    /// The first seed.
    pub seed: u64,
    /// How many worlds an exhibit and strategy at most.
    pub budget: u64,
    /// On how many threads.
    pub jobs: NonZeroUsize,
}

/// The faithful design in a scenario, with the worlds that are the same for all its variants.
struct Quarry {
    stage: Stage,
    /// Those of the swarm, from the first seed on: the faults, and what the faithful design violates, unless the testbed failed.
    swarm: Vec<(Schedule, Result<Broken, String>)>,
    /// Those of the sweep: their faults.
    sweep: Vec<Schedule>,
}

/// An exhibit, and what came of the hunt for it.
#[derive(Clone, Debug)]
pub struct Hunted {
    /// The exhibit.
    pub exhibit: Exhibit,
    /// The worlds of the swarm, as many as the budget allows.
    pub census: Census,
    /// After how many worlds its own oracle saw it, by each strategy that found it.
    after: BTreeMap<Strategy, u64>,
    /// The oracles that see it.
    pub seen_by: BTreeSet<&'static str>,
}

impl Hunted {
    /// After how many worlds its own oracle saw it, if the strategy found it.
    pub fn after(&self, strategy: Strategy) -> Option<u64> {
        self.after.get(&strategy).copied()
    }

    /// Whether some strategy found it.
    pub fn is_detected(&self) -> bool {
        !self.after.is_empty()
    }
}

/// A world in which an exhibit was found: after how many, and which oracles told the variant from the faithful design.
type Find = Option<(u64, Broken)>;

impl Hunt {
    /// Searches for some exhibits. `tell` is told what has been done: each base and each exhibit once.
    ///
    /// # Errors
    /// If the threads cannot be started, or the testbed fails before a design's or a variant's first world.
    pub fn run(&self, exhibits: &[Exhibit], tell: &(dyn Fn(&str) + Sync)) -> Result<Vec<Hunted>, String> {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(self.jobs.get()).build().map_err(|error| error.to_string())?;
        let quarry = |base: Base| {
            let quarry = self.quarry(&base).map_err(|why| format!("{} under {}: {why}", base.scenario, base.design));
            tell(base.scenario);
            quarry.map(|quarry| (base, quarry))
        };
        pool.install(|| {
            let quarries: BTreeMap<Base, Quarry> = bases(exhibits).into_par_iter().map(quarry).collect::<Result<_, _>>()?;
            let hunted = |exhibit: &Exhibit| {
                let hunted = self.hunted(exhibit, &quarries[&exhibit.base]).map_err(|why| format!("{}: {why}", exhibit.name));
                tell(exhibit.name);
                hunted
            };
            exhibits.par_iter().map(hunted).collect()
        })
    }

    fn seeds(&self) -> Seeds {
        Seeds { from: self.seed, to: self.seed.saturating_add(self.budget) }
    }

    fn quarry(&self, base: &Base) -> Result<Quarry, String> {
        let stage = base.stage(PROFILE).map_err(|error| error.to_string())?;
        let Seeds { from, to } = self.seeds();
        let run = |seed| {
            let schedule = stage.schedule(seed);
            let broken = broken(&stage, seed, &schedule);
            (schedule, broken)
        };
        let swarm = (from..to).into_par_iter().map(run).collect();
        let alphabet = What::alphabet(&Group::ALL, stage.offered());
        let mut sweep = vec![stage.scenario.schedule.clone()];
        sweep.extend(single_faults(&stage, self.seed, &alphabet)?.into_iter().map(|placed| placed.schedule));
        sweep.truncate(usize::try_from(self.budget).unwrap_or(usize::MAX));
        Ok(Quarry { stage, swarm, sweep })
    }

    fn hunted(&self, exhibit: &Exhibit, quarry: &Quarry) -> Result<Hunted, String> {
        let stage = exhibit.stage(PROFILE).map_err(|error| error.to_string())?;
        let oracle = exhibit.oracle;
        let census = self.census(&stage, quarry);
        let mut seen_by: BTreeSet<_> = census.oracles.keys().copied().filter(|oracle| census.of(oracle).tells()).collect();
        let mut after = BTreeMap::new();
        if census.trusts(oracle) {
            after.extend(census.of(oracle).after.map(|worlds| (Strategy::Swarm, worlds)));
            let finds = [(Strategy::Guided, self.guided(&stage, quarry, oracle)), (Strategy::Sweep, self.swept(&stage, quarry, oracle))];
            for (strategy, find) in finds {
                let Some((worlds, told)) = find else { continue };
                after.insert(strategy, worlds);
                seen_by.extend(told.into_iter().filter(|oracle| census.trusts(oracle)));
            }
        }
        Ok(Hunted { exhibit: *exhibit, census, after, seen_by })
    }

    fn census(&self, stage: &Stage, quarry: &Quarry) -> Census {
        let mut census = Census::default();
        for (seed, (schedule, base)) in (self.seed..).zip(&quarry.swarm) {
            match (broken(stage, seed, schedule), base) {
                (Ok(variant), Ok(base)) => census.add(&variant, base),
                (Err(why), _) => census.fail(seed, why),
                (_, Err(why)) => census.fail(seed, format!("the faithful design: {why}")),
            }
        }
        census
    }

    fn guided(&self, stage: &Stage, quarry: &Quarry, oracle: &str) -> Find {
        let mut told = None;
        let (worlds, _) = Guided::find(stage, self.seeds(), |result| {
            told = told_apart(result, quarry, oracle);
            told.is_some()
        })?;
        told.map(|told| (worlds, told))
    }

    fn swept(&self, stage: &Stage, quarry: &Quarry, oracle: &str) -> Find {
        let run = |schedule: &Schedule| tried(|| stage.settled.run_under(self.seed, schedule, History::default())).ok();
        let told = |schedule: &Schedule| told_apart(&run(schedule)?, quarry, oracle);
        (1..).zip(&quarry.sweep).find_map(|(worlds, schedule)| told(schedule).map(|told| (worlds, told)))
    }
}

/// The unbroken designs that some exhibits are variants of.
pub fn bases(exhibits: &[Exhibit]) -> BTreeSet<Base> {
    exhibits.iter().map(|exhibit| exhibit.base).collect()
}

/// The oracles that a variant's world violates and the faithful design's of the same seed and faults does not, if the one asked for is among them.
fn told_apart(result: &WorldResult, quarry: &Quarry, oracle: &str) -> Option<Broken> {
    let variant = result.broken();
    if !variant.contains(oracle) {
        return None;
    }
    let schedule = Schedule(result.faults.iter().map(|record| record.fault.clone()).collect());
    let base = broken(&quarry.stage, result.seed, &schedule).ok()?;
    let told: Broken = variant.difference(&base).copied().collect();
    told.contains(oracle).then_some(told)
}

/// What a world violates without an excuse.
fn broken(stage: &Stage, seed: u64, schedule: &Schedule) -> Result<Broken, String> {
    let result = tried(|| stage.settled.run_under(seed, schedule, History::default()))?;
    Ok(result.broken())
}
