//! A campaign: the worlds of a range of seeds, on all cores, taken in the order of their seeds.

use crate::{Found, Ledger, LedgerError, Seeds, Stage, Tally, in_order};
use serde_json::Value;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use testbed::WorldResult;
use thiserror::Error;

/// What is to be run.
#[derive(Clone, Copy, Debug)]
pub struct Campaign {
    /// The worlds.
    pub seeds: Seeds,
    /// On how many threads.
    pub jobs: NonZeroUsize,
    /// Whether each world is run twice, and its histories compared.
    pub twice: bool,
    /// Whether violations are told one by one.
    pub violations: bool,
}

/// Neighbouring worlds, and what they came to.
#[derive(Clone, Debug)]
pub struct Batch {
    /// Their seeds.
    pub seeds: Seeds,
    /// Their sum.
    pub tally: Tally,
    /// The first violation of each oracle in each world, if a ledger wants to know.
    pub found: Vec<Found>,
    /// All violations in their machine-readable form, if they are to be told.
    pub violations: Vec<Value>,
}

/// How far a campaign is.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    /// The sum of all worlds so far, those of earlier runs of the campaign included.
    pub tally: Tally,
    /// How many of them an earlier run had done.
    pub before: u64,
}

/// A campaign cannot go on.
#[derive(Debug, Error)]
pub enum CampaignError {
    /// The threads cannot be started.
    #[error("the threads cannot be started: {0}")]
    Threads(String),
    /// Its folder cannot be written.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl Campaign {
    /// Runs the worlds on a stage until all are done or `stop` says so; then the worlds in flight are finished. `tell` sees each batch as
    /// it comes, in the order of seeds, with the progress that it makes.
    ///
    /// # Errors
    /// If the threads cannot be started or the ledger cannot be written.
    pub fn run(
        &self,
        stage: &Stage,
        ledger: Option<&mut Ledger>,
        stop: &(dyn Fn() -> bool + Sync),
        tell: &mut dyn FnMut(&Progress, &Batch),
    ) -> Result<Progress, CampaignError> {
        self.run_worlds(&|seed| stage.run(seed, self.twice), ledger, stop, tell)
    }

    fn run_worlds(
        &self,
        run: &(dyn Fn(u64) -> Result<WorldResult, String> + Sync),
        mut ledger: Option<&mut Ledger>,
        stop: &(dyn Fn() -> bool + Sync),
        tell: &mut dyn FnMut(&Progress, &Batch),
    ) -> Result<Progress, CampaignError> {
        let tally = ledger.as_ref().map_or_else(Tally::default, |ledger| ledger.tally().clone());
        let mut progress = Progress { before: tally.worlds, tally };
        let to_do = ledger.as_ref().map_or(Some(self.seeds), |ledger| ledger.to_do());
        let Some(to_do) = to_do else { return Ok(progress) };
        let (broken, keep_found) = (AtomicBool::new(false), ledger.is_some());
        let stopped = || broken.load(Ordering::Relaxed) || stop();
        let work = |seeds: Seeds| (seeds, self.batch(seeds, run, keep_found, &stopped));
        let mut failed = None;
        let take = |(asked, batch): (Seeds, Batch)| {
            if batch.seeds.count() > 0 {
                let written = ledger.as_mut().map_or(Ok(()), |ledger| ledger.add(&batch));
                if let Err(error) = written {
                    failed = Some(error);
                    broken.store(true, Ordering::Relaxed);
                    return ControlFlow::Break(());
                }
                progress.tally.join(batch.tally.clone());
                tell(&progress, &batch);
            }
            // A batch that was cut short ends what has been done without a gap.
            if batch.seeds == asked { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        };
        in_order(self.jobs, to_do, &work, take).map_err(CampaignError::Threads)?;
        if let Some(error) = failed {
            return Err(error.into());
        }
        ledger.map_or(Ok(()), Ledger::refresh)?;
        Ok(progress)
    }

    /// Runs neighbouring worlds, as many as there are before it is told to stop.
    fn batch(
        &self,
        seeds: Seeds,
        run: &(dyn Fn(u64) -> Result<WorldResult, String> + Sync),
        keep_found: bool,
        stopped: &dyn Fn() -> bool,
    ) -> Batch {
        let mut batch =
            Batch { seeds: Seeds { from: seeds.from, to: seeds.from }, tally: Tally::default(), found: Vec::new(), violations: Vec::new() };
        for seed in seeds.from..seeds.to {
            if stopped() {
                break;
            }
            match crate::tried(|| run(seed)) {
                Ok(result) => {
                    batch.tally.add(&result);
                    if keep_found {
                        batch.found.extend(Found::all(&result));
                    }
                    if self.violations {
                        batch.violations.extend(result.violations.iter().map(|violation| result.violation_json(violation)));
                    }
                }
                Err(message) => batch.tally.add_failure(seed, message),
            }
            batch.seeds.to = seed + 1;
        }
        batch
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use faults::Profile;
    use planner::Design;

    #[test]
    fn a_world_that_panics_or_fails_is_told_with_its_seed_and_the_others_go_on() {
        let text = include_str!("../../../scenarios/chain/running-pod-restarts.yaml");
        let scenario = testbed::scenario::read(&Stage::path_of("chain/running-pod-restarts"), text.as_bytes());
        let scenario = scenario.unwrap_or_else(|problems| panic!("{problems}"));
        let design = Design::preset("halt-signal").expect("a preset");
        let stage = Stage::set(scenario, text.into(), design, Profile::None).expect("it settles");
        let run = |seed: u64| match seed {
            7 => panic!("no machine"),
            9 => Err("not modelled: a thing".to_owned()),
            seed => stage.run(seed, false),
        };
        let jobs = NonZeroUsize::new(2).expect("not 0");
        let campaign = Campaign { seeds: Seeds { from: 0, to: 12 }, jobs, twice: false, violations: false };
        let progress = campaign.run_worlds(&run, None, &|| false, &mut |_, _| ()).expect("the campaign goes on");
        assert_eq!((progress.tally.worlds, progress.tally.failures), (12, 2));
        assert_eq!(progress.tally.outcomes.values().sum::<u64>(), 10);
        let told: Vec<_> = progress.tally.failed.iter().map(|failure| (failure.seed, failure.message.as_str())).collect();
        assert!(matches!(told[0], (7, message) if message.starts_with("panic at ") && message.ends_with("no machine")), "{told:?}");
        assert_eq!(told[1], (9, "not modelled: a thing"));
    }
}
