//! A campaign: the seeds of a range, one world each, on all cores.

use crate::StorageError;
use crate::case::Case;
use crate::corpus::{Corpus, file_name};
use crate::journal::{Header, Journal};
use crate::tally::Tally;
use faults::{Opportunities, Profile, Schedule};
use planner::Design;
use rayon::prelude::*;
use simcore::stable_hash;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use testbed::history::History;
use testbed::scenario::Scenario;
use testbed::world::Polls;
use testbed::{Failure, Settled, WorldResult};

/// Seeds that are run together: enough to keep all cores busy, few enough to lose little when a campaign is stopped.
const BLOCK: u64 = 256;

/// One scenario under one design, ready for worlds.
pub struct Campaign {
    scenario: Scenario,
    text: String,
    design: Design,
    profile: Profile,
    settled: Settled,
    offered: Opportunities,
}

/// What ends a campaign before its last seed.
pub struct Budget<'a> {
    /// No new block begins after this.
    pub time: Option<Duration>,
    /// Set from outside: worlds in flight end, no other begins.
    pub stop: &'a AtomicBool,
    /// Tells how long the campaign has been running. (The clock is the caller's.)
    pub elapsed: &'a (dyn Fn() -> Duration + Sync),
}

/// Why a campaign ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Halt {
    /// All seeds are done.
    Done,
    /// Its time was up.
    TimeUp,
    /// It was stopped.
    Stopped,
}

/// A violation that was found.
#[derive(Clone, Copy)]
pub struct Found<'a> {
    /// The world.
    pub result: &'a WorldResult,
    /// Which of its violations.
    pub violation: usize,
}

/// Hears of a campaign as it goes on, in order of the seeds.
pub trait Progress {
    /// A world has come to an end, one way or another.
    fn world(&mut self, seed: u64, world: &Result<WorldResult, Failure>);
    /// A block is done; this is the tally so far.
    fn block(&mut self, tally: &Tally);
}

impl Campaign {
    /// Settles a scenario under a design. `text` is the scenario's file.
    ///
    /// # Errors
    /// If the testbed failed.
    pub fn new(scenario: Scenario, text: String, design: Design, profile: Profile) -> Result<Self, Failure> {
        let settled = Settled::new(&scenario, &design, Polls::Elided)?;
        let offered = settled.opportunities()?;
        Ok(Self { scenario, text, design, profile, settled, offered })
    }

    /// The faults of a seed: the scenario's own, and those that the profile draws.
    pub fn schedule(&self, seed: u64) -> Schedule {
        let drawn = self.profile.draw(seed, &self.offered);
        Schedule(self.scenario.schedule.0.iter().chain(&drawn.0).cloned().collect())
    }

    /// The world of a seed. A panic is a failure of the testbed like any other.
    ///
    /// # Errors
    /// If the testbed failed.
    pub fn world(&self, seed: u64, history: History) -> Result<WorldResult, Failure> {
        let schedule = self.schedule(seed);
        catch_unwind(AssertUnwindSafe(|| self.settled.run_under(seed, &schedule, history)))
            .unwrap_or_else(|panic| Err(Failure::Panicked(panic_text(&*panic))))
    }

    /// The case of a seed.
    pub fn case(&self, seed: u64) -> Case {
        Case {
            scenario: self.scenario.clone(),
            text: self.text.clone(),
            design: self.design.clone(),
            seed,
            schedule: self.schedule(seed),
            history_hash: None,
        }
    }

    /// Runs the worlds of a range of seeds, on as many threads as the present pool has. With a folder, what is found is kept there, and what was
    /// done there before is not done again.
    ///
    /// # Errors
    /// If the folder cannot be used.
    pub fn run(
        &self,
        seeds: Range<u64>,
        budget: &Budget<'_>,
        folder: Option<&Path>,
        progress: &mut dyn Progress,
    ) -> Result<(Tally, Halt), StorageError> {
        let mut store = folder.map(|folder| self.open(folder, seeds.start)).transpose()?;
        let mut tally = store.as_mut().map(|(.., tally)| std::mem::take(tally)).unwrap_or_default();
        let mut next = store.as_ref().map_or(seeds.start, |(_, journal, _)| journal.next());
        while next < seeds.end {
            if budget.time.is_some_and(|time| (budget.elapsed)() >= time) {
                return Ok((tally, Halt::TimeUp));
            }
            let to = seeds.end.min(next + BLOCK);
            let worlds: Vec<_> = (next..to)
                .into_par_iter()
                .map(|seed| (!budget.stop.load(Ordering::Relaxed)).then(|| self.world(seed, History::default())))
                .collect();
            let mut block = Tally::default();
            let mut done = next;
            for world in worlds.iter().map_while(Option::as_ref) {
                block.add(done, world);
                progress.world(done, world);
                if let Some((corpus, ..)) = &store {
                    self.keep_shapes(done, world, corpus)?;
                }
                done += 1;
            }
            if let Some((_, journal, _)) = store.as_mut().filter(|_| done > next) {
                journal.append(done, block.clone())?;
            }
            tally.join(block);
            progress.block(&tally);
            next = done;
            if budget.stop.load(Ordering::Relaxed) {
                return Ok((tally, Halt::Stopped));
            }
        }
        Ok((tally, Halt::Done))
    }

    fn open(&self, folder: &Path, first_seed: u64) -> Result<(Corpus, Journal, Tally), StorageError> {
        let header = Header {
            version: 1,
            code: crate::CODE_VERSION.to_owned(),
            scenario: self.scenario.name.to_string(),
            scenario_hash: format!("{:016x}", stable_hash(&self.text)),
            design: self.design.name.to_string(),
            profile: self.profile.name().to_owned(),
            first_seed,
        };
        let corpus = Corpus::open(folder)?;
        let (journal, tally) = Journal::open(&folder.join("journal.jsonl"), &header)?;
        Ok((corpus, journal, tally))
    }

    /// Keeps a case of each shape of a world's violations that is new.
    fn keep_shapes(&self, seed: u64, world: &Result<WorldResult, Failure>, corpus: &Corpus) -> Result<(), StorageError> {
        let Ok(result) = world else { return Ok(()) };
        let schedule = Schedule(result.faults.iter().map(|record| record.fault.clone()).collect());
        let shape = schedule.shape();
        for violation in (0..result.violations.len()).filter(|index| result.violations[*index].excused.is_none()) {
            let found = Found { result, violation };
            let name = file_name(&found, &shape);
            if corpus.lacks(&name) {
                corpus.keep(&name, &self.case(seed), &found, self.profile.name())?;
            }
        }
        Ok(())
    }
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "for reasons of its own".to_owned())
}
