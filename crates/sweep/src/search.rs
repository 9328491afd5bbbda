//! Running every placement: first none, then one fault, then a second one at the points of each history that the first has changed.
//!
//! A fault placed where a world stands as another one stood, at the same sort of point, and there the same fault was placed already, is the
//! same world once more: it is counted and not run. What it is to stand alike, `testbed/src/world/faults/standing.rs` says; of single faults only those
//! are not run that strike after the very same event.

use crate::certificate::{Breaking, Certificate};
use crate::parted::{Extended, Placed};
use crate::places::places;
use explore::{Stage, tried};
use faults::{Fault, Opportunities, Schedule, Trigger, What};
use rayon::prelude::*;
use rustc_hash::FxHashSet;
use simcore::{SimTime, stable_hash};
use std::collections::{BTreeMap, BTreeSet};
use std::num::{NonZeroU32, NonZeroUsize};
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use testbed::scenario::ground;
use testbed::{EndState, WorldResult};

/// How many histories are read at once, to be extended one after the other.
const BATCH: usize = 64;

/// Every placement of up to `k` faults of an alphabet.
pub struct Sweep<'a> {
    /// The scenario, under its design.
    pub stage: &'a Stage,
    /// The seed of every world.
    pub seed: u64,
    /// The faults.
    pub alphabet: Vec<What>,
    /// How many at most.
    pub k: usize,
    /// On how many threads.
    pub jobs: NonZeroUsize,
    /// Whether a fault is not placed again where a world stands as another one did.
    pub merging: bool,
    /// The build that runs it.
    pub code: String,
}

/// What one world came to.
struct End {
    state: u64,
    broken: BTreeSet<&'static str>,
    /// Whether its last fault befell anything.
    befell: bool,
}

/// Every schedule of one fault of an alphabet, at each place that a seed's fault-free history offers, beside what the scenario itself names. In the order of
/// the places.
///
/// # Errors
/// If the testbed failed.
pub fn single_faults(stage: &Stage, seed: u64, alphabet: &[What]) -> Result<Vec<Placed>, String> {
    let own = stage.scenario.schedule.clone();
    let recorded = tried(|| stage.settled.offered_under(seed, &own))?;
    Ok(extensions(stage, alphabet, &own, &recorded).placed.into_iter().map(|(placed, _)| placed).collect())
}

/// A schedule with each fault more, and how many are refused.
struct Extensions {
    /// Each with what is the same for placements that come to the same, if there may be others.
    placed: Vec<(Placed, Option<u64>)>,
    refused: u64,
}

impl Sweep<'_> {
    /// Runs everything. `tell` is called with the number of schedules run, and of those known to be run, as they change.
    ///
    /// # Errors
    /// If the threads cannot be started, or the world without faults fails.
    pub fn run(&self, tell: &(dyn Fn(u64, u64) + Sync)) -> Result<Certificate, String> {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(self.jobs.get()).build().map_err(|error| error.to_string())?;
        let mut certificate = self.blank();
        let mut ends = BTreeSet::new();
        let own = self.stage.scenario.schedule.clone();
        let (first, offered) = self.recorded(&own)?;
        certificate.places = places(&offered).len();
        take(&mut certificate, &mut ends, 0, &own, Ok(end_of(&first)));
        let mut frontier = vec![own];
        let mut stood = FxHashSet::default();
        for faults in 1..=self.k {
            let mut next = Vec::new();
            for batch in frontier.chunks(BATCH) {
                let placed = self.placed(&pool, batch, faults, &mut stood, &mut certificate);
                let number = AtomicU64::new(certificate.run());
                let known = certificate.run() + placed.iter().map(|(_, extensions)| extensions.len() as u64).sum::<u64>();
                let came_to = |schedule: &Schedule, result: Result<WorldResult, String>| {
                    tell(number.fetch_add(1, Relaxed), known);
                    (schedule.clone(), result.map(|result| end_of(&result)))
                };
                let run = |(own, extensions): &(&Schedule, Vec<Placed>)| {
                    let (stage, seed, merging) = (self.stage, self.seed, self.merging);
                    Extended { stage, seed, own, extensions, merging }.run(|_| (), came_to)
                };
                let done: Vec<_> = pool.install(|| placed.par_iter().flat_map(run).collect());
                certificate.merged[faults] += known - certificate.run() - done.len() as u64;
                for (schedule, end) in done {
                    let goes_on = end.as_ref().is_ok_and(|end| end.befell);
                    certificate.idle += u64::from(faults < self.k && !goes_on);
                    take(&mut certificate, &mut ends, faults, &schedule, end);
                    if goes_on && faults < self.k {
                        next.push(schedule);
                    }
                }
            }
            frontier = next;
        }
        certificate.distinct_ends = ends.len();
        Ok(certificate)
    }

    /// The extensions of some schedules that are to be run.
    fn placed<'s>(
        &self,
        pool: &rayon::ThreadPool,
        schedules: &'s [Schedule],
        faults: usize,
        stood: &mut FxHashSet<u64>,
        certificate: &mut Certificate,
    ) -> Vec<(&'s Schedule, Vec<Placed>)> {
        let extended =
            |schedule: &Schedule| self.recorded(schedule).map(|recorded| extensions(self.stage, &self.alphabet, schedule, &recorded));
        let extended: Vec<_> = pool.install(|| schedules.par_iter().map(extended).collect());
        let mut all = Vec::new();
        for (schedule, extended) in schedules.iter().zip(extended) {
            match extended {
                Err(why) => certificate.failed.push((schedule.clone(), why)),
                Ok(Extensions { placed, refused }) => {
                    certificate.refused[faults] += refused;
                    let number = placed.len();
                    // Single faults are not merged by what a world looks like: a certificate of them leaves nothing unseen.
                    let mut is_run = |alike: Option<u64>| alike.is_none_or(|alike| stood.insert(alike)) || faults == 1 || !self.merging;
                    let run: Vec<Placed> = placed.into_iter().filter(|(_, alike)| is_run(*alike)).map(|(placed, _)| placed).collect();
                    certificate.merged[faults] += (number - run.len()) as u64;
                    all.push((schedule, run));
                }
            }
        }
        all
    }

    fn blank(&self) -> Certificate {
        Certificate {
            version: 2,
            scenario: self.stage.scenario.name.to_string(),
            design: self.stage.design.name.to_string(),
            seed: self.seed,
            code: self.code.clone(),
            k: self.k,
            alphabet: self.alphabet.clone(),
            places: 0,
            schedules: vec![0; self.k + 1],
            refused: vec![0; self.k + 1],
            merged: vec![0; self.k + 1],
            idle: 0,
            distinct_ends: 0,
            oracles: BTreeMap::new(),
            failed: Vec::new(),
        }
    }

    fn recorded(&self, schedule: &Schedule) -> Result<(WorldResult, Opportunities), String> {
        tried(|| self.stage.settled.stood_under(self.seed, schedule))
    }
}

/// A schedule with one fault more, at each place that is not before its last one has struck.
fn extensions(stage: &Stage, alphabet: &[What], schedule: &Schedule, recorded: &(WorldResult, Opportunities)) -> Extensions {
    let (before, offered) = recorded;
    let own = stage.scenario.schedule.0.len();
    let struck = before.faults[own..].iter().filter_map(|record| Some(record.struck.as_ref()?.at)).max();
    let ground = ground(stage.scenario.group.name(), &stage.scenario.chain);
    let mut extensions = Extensions { placed: Vec::new(), refused: 0 };
    for place in places(offered).iter().filter(|place| struck.is_none_or(|struck| place.at >= struck)) {
        let standing = standing_at(&offered.standings, place.at);
        for (letter, what) in alphabet.iter().enumerate() {
            let fault = Fault { when: place.when.clone(), what: what.clone() };
            if fault.check(&ground).is_err() {
                extensions.refused += 1;
                continue;
            }
            let mut schedule = schedule.clone();
            schedule.0.push(fault);
            let alike = standing.map(|standing| stable_hash(&(standing, sort_of(&place.when), letter)));
            extensions.placed.push((Placed { schedule, at: place.at }, alike));
        }
    }
    extensions
}

/// Where a world stood when it came to a place: after the last event until then that offered one.
fn standing_at(standings: &[(SimTime, Option<u64>)], at: SimTime) -> Option<u64> {
    let until = standings.partition_point(|(stood, _)| *stood <= at);
    standings[..until].last().and_then(|(_, standing)| *standing)
}

/// A trigger without what counts up in a history: which call of its sort it is, and which height.
fn sort_of(when: &Trigger) -> String {
    match when {
        Trigger::Call(call) => Trigger::Call(faults::CallTrigger { nth: NonZeroU32::MIN, ..call.clone() }).to_string(),
        Trigger::Height(_) => "height".to_owned(),
        other => other.to_string(),
    }
}

/// Ends are the same if the same is left and the same laws were broken, whatever the heights.
fn end_of(result: &WorldResult) -> End {
    let broken = result.broken();
    let EndState { group_phase, selector, seinodes, serving, leftovers } = &result.end;
    let nodes: Vec<_> = seinodes.iter().map(|node| (&node.name, &node.phase, &node.image)).collect();
    let serving: Vec<_> = serving.iter().map(|serving| (&serving.node, &serving.image)).collect();
    let befell = result.faults.last().is_none_or(|record| record.struck.as_ref().is_some_and(|struck| struck.befell));
    End { state: stable_hash(&(group_phase, selector, nodes, serving, leftovers, &broken)), broken, befell }
}

/// Puts what a schedule came to on the certificate.
fn take(certificate: &mut Certificate, ends: &mut BTreeSet<u64>, faults: usize, schedule: &Schedule, end: Result<End, String>) {
    certificate.schedules[faults] += 1;
    let end = match end {
        Ok(end) => end,
        Err(why) => return certificate.failed.push((schedule.clone(), why)),
    };
    ends.insert(end.state);
    for oracle in end.broken {
        let none = || Breaking { resilience: faults, first: schedule.clone(), schedules: vec![0; certificate.schedules.len()] };
        certificate.oracles.entry(oracle).or_insert_with(none).schedules[faults] += 1;
    }
}
