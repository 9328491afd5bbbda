//! Running the pairs.

use crate::distribution::Distribution;
use crate::measure::MEASURES;
use explore::{Seeds, Stage, tried};
use faults::Schedule;
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use testbed::WorldResult;
use testbed::history::History;

/// What is to be compared: designs, each on the stage of its own.
pub struct Compare<'a> {
    /// The stages; the first design is the one that others are compared with, and its stage draws the schedules.
    pub stages: &'a [Stage],
    /// The worlds.
    pub seeds: Seeds,
    /// On how many threads.
    pub jobs: NonZeroUsize,
}

/// What a design came to.
#[derive(Clone, Debug)]
pub struct Compared {
    /// The design.
    pub design: String,
    /// The scenario in which it was run.
    pub scenario: String,
    /// How many worlds were run.
    pub worlds: u64,
    /// How many faults were scheduled, and how many of them struck.
    pub faults: (u64, u64),
    /// How many worlds violate each oracle without an excuse.
    pub violated: BTreeMap<&'static str, u64>,
    /// Each measurement's distribution, in the order of [`MEASURES`]; absent where no world has a value.
    pub measured: Vec<Option<Distribution>>,
    /// Each measurement's difference from the first design's, world by world; absent for the first design itself, and where no pair has values.
    pub differences: Vec<Option<Distribution>>,
    /// Worlds in which the testbed failed.
    pub failed: Vec<String>,
}

/// What is kept of one world.
struct Kept {
    values: Vec<Option<f64>>,
    broken: Vec<&'static str>,
    faults: u64,
    struck: u64,
}

impl Kept {
    fn of(world: &WorldResult) -> Self {
        Self {
            values: MEASURES.iter().map(|measure| (measure.of)(world)).collect(),
            broken: world.broken().into_iter().collect(),
            faults: world.faults.len() as u64,
            struck: world.faults.iter().filter(|record| record.struck.is_some()).count() as u64,
        }
    }
}

impl Compare<'_> {
    /// Runs every world of every design.
    ///
    /// # Errors
    /// If the threads cannot be started.
    pub fn run(&self) -> Result<Vec<Compared>, String> {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(self.jobs.get()).build().map_err(|error| error.to_string())?;
        let seeds: Vec<u64> = (self.seeds.from..self.seeds.to).collect();
        let first = self.stages.first().ok_or("there is nothing to compare")?;
        let schedule = |stage: &Stage, seed| {
            let drawn = first.profile.draw(seed, first.offered()).0;
            Schedule(stage.scenario.schedule.0.iter().cloned().chain(drawn).collect())
        };
        let worlds = |stage: &Stage| -> Vec<Result<Kept, String>> {
            let run = |seed: &u64| tried(|| stage.settled.judged_under(*seed, &schedule(stage, *seed), History::default()));
            let kept = |seed: &u64| run(seed).map(|world| Kept::of(&world)).map_err(|why| format!("seed {seed}: {why}"));
            pool.install(|| seeds.par_iter().map(kept).collect())
        };
        let all: Vec<Vec<Result<Kept, String>>> = self.stages.iter().map(worlds).collect();
        Ok(self.stages.iter().enumerate().map(|(at, stage)| compared(stage, &all[at], (at > 0).then_some(&all[0]))).collect())
    }
}

fn compared(stage: &Stage, worlds: &[Result<Kept, String>], first: Option<&Vec<Result<Kept, String>>>) -> Compared {
    let mut violated = BTreeMap::new();
    for oracle in worlds.iter().flatten().flat_map(|kept| &kept.broken) {
        *violated.entry(*oracle).or_default() += 1;
    }
    let value = |kept: &Result<Kept, String>, at: usize| kept.as_ref().ok().and_then(|kept| kept.values[at]);
    let measured = |at: usize| Distribution::of(worlds.iter().filter_map(|kept| value(kept, at)).collect());
    let difference = |at: usize| {
        let pairs = worlds.iter().zip(first?);
        Distribution::of(pairs.filter_map(|(kept, other)| Some(value(kept, at)? - value(other, at)?)).collect())
    };
    Compared {
        design: stage.design.name.to_string(),
        scenario: stage.scenario.name.to_string(),
        worlds: worlds.len() as u64,
        faults: worlds.iter().flatten().fold((0, 0), |(faults, struck), kept| (faults + kept.faults, struck + kept.struck)),
        violated,
        measured: (0..MEASURES.len()).map(measured).collect(),
        differences: (0..MEASURES.len()).map(difference).collect(),
        failed: worlds.iter().filter_map(|kept| kept.as_ref().err().cloned()).collect(),
    }
}
