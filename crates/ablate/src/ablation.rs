//! Leaves out one remedy after the other.

use crate::worlds::{Case, Starts, all};
use planner::Design;
use planner::design::{Decision, decisions};
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use verify::Catalogue;

/// How many worlds are run before it is looked whether one of them shows something: no more than so many are run for nothing.
const BATCH: usize = 64;

/// What is to be shown.
#[derive(Clone, Copy, Debug)]
pub struct Ablate<'a> {
    /// The design whose remedies they are.
    pub design: &'a Design,
    /// The scenarios.
    pub catalogue: &'a Catalogue,
    /// The first seed of the swarms.
    pub from: u64,
    /// How many seeds of swarms there are, each for two worlds.
    pub budget: u64,
    /// On how many threads.
    pub jobs: NonZeroUsize,
}

/// What leaving out each remedy has shown.
#[derive(Clone, Debug)]
pub struct Ablation {
    /// The design's name.
    pub design: String,
    /// Its remedies, in the order of decisions.
    pub remedies: Vec<Remedy>,
    /// How many worlds the whole design went through, and in how many of them it broke a law itself.
    pub worlds: (usize, usize),
    /// What the testbed could not do.
    pub failed: Vec<String>,
}

/// One remedy.
#[derive(Clone, Debug)]
pub struct Remedy {
    /// The decision.
    pub decision: &'static Decision,
    /// What the design decides.
    pub value: &'static str,
    /// The first world that shows it necessary, if one was found.
    pub shown: Option<Shown>,
    /// How many worlds were run to find it.
    pub worlds: usize,
}

/// A world that misses a remedy.
#[derive(Clone, Debug)]
pub struct Shown {
    /// The world.
    pub case: Case,
    /// The first law that is broken without the remedy and kept with it.
    pub oracle: &'static str,
    /// What is wrong then.
    pub message: String,
}

/// What the whole design breaks in each world; absent where the testbed failed.
type Broken = Vec<Option<BTreeSet<&'static str>>>;

impl Ablate<'_> {
    /// Runs the whole design, and then the design without each remedy. `doing` is told what begins.
    ///
    /// # Errors
    /// If the threads cannot be started, or a scenario for swarms does not settle.
    pub fn run(&self, doing: &(dyn Fn(&str) + Sync)) -> Result<Ablation, String> {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(self.jobs.get()).build();
        pool.map_err(|error| format!("the threads cannot be started: {error}"))?.install(|| self.all(doing))
    }

    fn all(&self, doing: &(dyn Fn(&str) + Sync)) -> Result<Ablation, String> {
        doing("the whole design");
        let cases = all(self.catalogue, self.design, self.from, self.budget)?;
        let mut failed = Vec::new();
        let broken = self.whole(&cases, &mut failed);
        let mut remedies = Vec::new();
        for decision in decisions() {
            let value = self.design.value(decision.name);
            if value != decision.faithful {
                doing(decision.name);
                let (shown, worlds) = self.without(decision, &cases, &broken, &mut failed);
                remedies.push(Remedy { decision, value, shown, worlds });
            }
        }
        let broke = broken.iter().flatten().filter(|broken| !broken.is_empty()).count();
        Ok(Ablation { design: self.design.name.to_string(), remedies, worlds: (cases.len(), broke), failed })
    }

    fn whole(&self, cases: &[Case], failed: &mut Vec<String>) -> Broken {
        let starts = Starts::new(self.catalogue, self.design, cases);
        let results: Vec<_> = cases.par_iter().map(|case| starts.run(case).map(|result| result.broken())).collect();
        results.into_iter().map(|result| result.map_err(|why| failed.push(why)).ok()).collect()
    }

    /// The first world in which the design without a remedy breaks what the whole one keeps, and how many were run to find it.
    fn without(&self, decision: &Decision, cases: &[Case], broken: &Broken, failed: &mut Vec<String>) -> (Option<Shown>, usize) {
        let design = self.design.with(&format!("{}={}", decision.name, decision.faithful)).expect("a decision with one of its values");
        let starts = Starts::new(self.catalogue, &design, cases);
        let judge = |(case, kept): (&Case, &Option<BTreeSet<&'static str>>)| {
            let Some(broken) = kept else { return Ok(None) };
            let result = starts.run(case)?;
            let missed = result.unexcused().find(|violation| !broken.contains(violation.oracle)).cloned();
            Ok(missed.map(|violation| Shown { case: case.clone(), oracle: violation.oracle, message: violation.finding.message }))
        };
        for (at, batch) in cases.chunks(BATCH).enumerate() {
            let kept = &broken[at * BATCH..][..batch.len()];
            let judged: Vec<Result<Option<Shown>, String>> = batch.par_iter().zip(kept).map(judge).collect();
            for (index, judged) in judged.into_iter().enumerate() {
                match judged {
                    Ok(Some(shown)) => return (Some(shown), at * BATCH + index + 1),
                    Ok(None) => {}
                    Err(why) => failed.push(why),
                }
            }
        }
        (None, cases.len())
    }
}
