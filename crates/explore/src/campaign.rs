//! A campaign: the worlds of a range of seeds, on all cores, taken in the order of their seeds.
//!
//! A guided one goes generation by generation, each on all cores. What a search has learned is in no journal: a campaign that goes on after a
//! kill runs its earlier worlds again, for what they teach alone, and so comes to be where it was.

use crate::guided::{Bred, Brood, GENERATION, Guided, Lesson};
use crate::{Coverage, Found, Ledger, LedgerError, Seeds, Sighting, Stage, Tally, in_order};
use serde_json::json;
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
    /// How they come by their faults, and whether states are counted.
    pub search: Search,
    /// On how many threads.
    pub jobs: NonZeroUsize,
    /// Whether each world is run twice, and its histories compared.
    pub twice: bool,
    /// Whether violations are told one by one.
    pub violations: bool,
}

/// How worlds come by their faults, and whether the abstract states that they pass through are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Search {
    /// By their seeds alone; states are not counted.
    Blind,
    /// By their seeds alone; states are counted.
    Covered,
    /// Bred from those of worlds that showed something new; states are counted.
    Guided,
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
    /// All violations in their machine-readable form, a line each, if they are to be told.
    pub violations: String,
    /// What the search learns from each world, if it learns.
    pub lessons: Vec<Lesson>,
}

/// How far a campaign is.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    /// The sum of all worlds so far, those of earlier runs of the campaign included.
    pub tally: Tally,
    /// How many of them an earlier run had done.
    pub before: u64,
    /// What all of them have covered, if states are counted; known when the campaign has ended.
    pub coverage: Option<Coverage>,
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

/// One world: what it came to, and what is learned from it.
type Ran = Result<(WorldResult, Option<Lesson>), String>;

/// A world, by its seed.
type Run<'a> = &'a (dyn Fn(u64) -> Ran + Sync);

/// A campaign at work.
struct Work<'a> {
    campaign: &'a Campaign,
    ledger: Option<&'a mut Ledger>,
    stop: &'a (dyn Fn() -> bool + Sync),
    tell: &'a mut dyn FnMut(&Progress, &Batch),
    progress: Progress,
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
        let mut work = Work::new(self, ledger, stop, tell);
        match self.search {
            Search::Blind => {
                let run = |seed| stage.run(seed, self.twice).map(|result| (result, None));
                work.worlds(self.seeds, &run, &mut |_| ())?;
            }
            Search::Covered => {
                let mut coverage = Coverage::default();
                let run = |seed| self.covered(stage, seed);
                let mut learn = |lesson: Lesson| {
                    coverage.add(lesson.seed, &lesson.sighting, true);
                };
                work.worlds(self.seeds, &run, &mut learn)?;
                work.progress.coverage = Some(coverage);
            }
            Search::Guided => {
                let mut guided = Guided::new(stage);
                for generation in self.seeds.pieces(GENERATION) {
                    let brood = guided.brood();
                    let run = |seed| self.bred(stage, &brood, seed);
                    if !work.worlds(generation, &run, &mut |lesson| guided.learn(lesson))? {
                        break;
                    }
                }
                work.progress.coverage = Some(guided.into_coverage());
            }
        }
        work.end()
    }

    fn covered(&self, stage: &Stage, seed: u64) -> Ran {
        if self.twice {
            stage.run(seed, true)?;
        }
        let result = stage.watched(seed)?;
        let bred = Bred { schedule: stage.schedule(seed), is_drawn: true };
        let lesson = Lesson { seed, bred, sighting: Sighting::of(&result), places: Vec::new() };
        Ok((result, Some(lesson)))
    }

    fn bred(&self, stage: &Stage, brood: &Brood, seed: u64) -> Ran {
        let schedule = || brood.schedule(&brood.breed(seed));
        let twice = || if self.twice { stage.run_under(seed, &schedule(), true).map(drop) } else { Ok(()) };
        let ran = twice().and_then(|()| brood.run(stage, seed)).map_err(|why| {
            let faults = crate::caught(|| json!({ "faults": schedule() }).to_string());
            format!("{why}; its faults, for --faults: {}", faults.unwrap_or_else(|why| why))
        });
        ran.map(|(result, lesson)| (result, Some(lesson)))
    }

    /// Runs neighbouring worlds, as many as there are before it is told to stop.
    fn batch(&self, seeds: Seeds, run: Run<'_>, keep_found: bool, stopped: &dyn Fn() -> bool) -> Batch {
        let mut batch = Batch {
            seeds: Seeds { from: seeds.from, to: seeds.from },
            tally: Tally::default(),
            found: Vec::new(),
            violations: String::new(),
            lessons: Vec::new(),
        };
        for seed in seeds.from..seeds.to {
            if stopped() {
                break;
            }
            match crate::tried(|| run(seed)) {
                Ok((result, lesson)) => {
                    batch.tally.add(&result);
                    if keep_found {
                        batch.found.extend(Found::all(&result));
                    }
                    if self.violations {
                        for violation in &result.violations {
                            let told = serde_json::to_string(&result.told(violation));
                            batch.violations += &told.expect("a violation has a written form");
                            batch.violations.push('\n');
                        }
                    }
                    batch.lessons.extend(lesson);
                }
                Err(message) => batch.tally.add_failure(seed, message),
            }
            batch.seeds.to = seed + 1;
        }
        batch
    }
}

impl<'a> Work<'a> {
    fn new(
        campaign: &'a Campaign,
        ledger: Option<&'a mut Ledger>,
        stop: &'a (dyn Fn() -> bool + Sync),
        tell: &'a mut dyn FnMut(&Progress, &Batch),
    ) -> Self {
        let tally = ledger.as_ref().map_or_else(Tally::default, |ledger| ledger.tally().clone());
        let progress = Progress { before: tally.worlds, tally, coverage: None };
        Self { campaign, ledger, stop, tell, progress }
    }

    /// Runs neighbouring worlds. Those that the ledger knows are run again if the search learns from worlds, and for nothing else. Whether all
    /// were run: `false` if it was told to stop.
    fn worlds(&mut self, seeds: Seeds, run: Run<'_>, learn: &mut dyn FnMut(Lesson)) -> Result<bool, CampaignError> {
        let done = (self.campaign.seeds.from + self.progress.before).clamp(seeds.from, seeds.to);
        let known = Seeds { from: seeds.from, to: done };
        let rest = Seeds { from: done, to: seeds.to };
        let learns = self.campaign.search != Search::Blind;
        if learns && known.count() > 0 && !self.pass(known, run, learn, false)? {
            return Ok(false);
        }
        Ok(rest.count() == 0 || self.pass(rest, run, learn, true)?)
    }

    /// Runs neighbouring worlds, to be counted and told only if they are new. Whether all were run.
    fn pass(&mut self, seeds: Seeds, run: Run<'_>, learn: &mut dyn FnMut(Lesson), new: bool) -> Result<bool, CampaignError> {
        let Self { campaign, ledger, stop, tell, progress } = self;
        let (broken, keep_found) = (AtomicBool::new(false), new && ledger.is_some());
        let stopped = || broken.load(Ordering::Relaxed) || stop();
        let work = |seeds: Seeds| (seeds, campaign.batch(seeds, run, keep_found, &stopped));
        let (mut failed, mut whole) = (None, true);
        let take = |(asked, mut batch): (Seeds, Batch)| {
            std::mem::take(&mut batch.lessons).into_iter().for_each(&mut *learn);
            if new && batch.seeds.count() > 0 {
                let written = ledger.as_mut().map_or(Ok(()), |ledger| ledger.add(&batch));
                if let Err(error) = written {
                    failed = Some(error);
                    broken.store(true, Ordering::Relaxed);
                    return ControlFlow::Break(());
                }
                progress.tally.join(batch.tally.clone());
                tell(progress, &batch);
            }
            // A batch that was cut short ends what has been done without a gap.
            whole = batch.seeds == asked;
            if whole { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        };
        in_order(campaign.jobs, seeds, &work, take).map_err(CampaignError::Threads)?;
        failed.map_or(Ok(whole), |error| Err(error.into()))
    }

    fn end(self) -> Result<Progress, CampaignError> {
        self.ledger.map_or(Ok(()), Ledger::refresh)?;
        Ok(self.progress)
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
            seed => stage.run(seed, false).map(|result| (result, None)),
        };
        let jobs = NonZeroUsize::new(2).expect("not 0");
        let seeds = Seeds { from: 0, to: 12 };
        let campaign = Campaign { seeds, search: Search::Blind, jobs, twice: false, violations: false };
        let mut tell = |_: &Progress, _: &Batch| ();
        let mut work = Work::new(&campaign, None, &|| false, &mut tell);
        assert!(work.worlds(seeds, &run, &mut |_| ()).expect("the campaign goes on"));
        let progress = work.end().expect("no ledger fails");
        assert_eq!((progress.tally.worlds, progress.tally.failures), (12, 2));
        assert_eq!(progress.tally.outcomes.values().sum::<u64>(), 10);
        let told: Vec<_> = progress.tally.failed.iter().map(|failure| (failure.seed, failure.message.as_str())).collect();
        assert!(matches!(told[0], (7, message) if message.starts_with("panic at ") && message.ends_with("no machine")), "{told:?}");
        assert_eq!(told[1], (9, "not modelled: a thing"));
    }
}
