//! Running every placement: first none, then one fault, then a second one at the points of each history that the first has changed.

use crate::certificate::{Breaking, Certificate};
use crate::places::{Place, places};
use explore::{Stage, tried};
use faults::{Fault, Opportunities, Schedule, What};
use rayon::prelude::*;
use simcore::stable_hash;
use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;
use testbed::history::History;
use testbed::scenario::ground;
use testbed::{EndState, WorldResult};

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

/// Every schedule of one fault of an alphabet, at each place that a seed's fault-free history offers, beside what the scenario itself names.
///
/// # Errors
/// If the testbed failed.
pub fn single_faults(stage: &Stage, seed: u64, alphabet: &[What]) -> Result<Vec<Schedule>, String> {
    let own = stage.scenario.schedule.clone();
    let (before, offered) = tried(|| stage.settled.offered_under(seed, &own))?;
    Ok(extensions(stage, alphabet, &own, &places(&offered), &before, &mut 0))
}

impl Sweep<'_> {
    /// Runs everything.
    ///
    /// # Errors
    /// If the threads cannot be started, or the world without faults fails.
    pub fn run(&self) -> Result<Certificate, String> {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(self.jobs.get()).build().map_err(|error| error.to_string())?;
        let mut certificate = self.blank();
        let mut ends = BTreeSet::new();
        let own = self.stage.scenario.schedule.clone();
        let (first, offered) = self.recorded(&own)?;
        certificate.places = places(&offered).len();
        take(&mut certificate, &mut ends, 0, &own, Ok(end_of(&first)));
        let mut frontier = vec![own];
        for faults in 1..=self.k {
            let mut next = Vec::new();
            for schedule in frontier {
                let (before, offered) = match self.recorded(&schedule) {
                    Ok(recorded) => recorded,
                    Err(why) => {
                        certificate.failed.push((schedule, why));
                        continue;
                    }
                };
                let placed =
                    extensions(self.stage, &self.alphabet, &schedule, &places(&offered), &before, &mut certificate.refused[faults]);
                let run = |schedule: Schedule| {
                    let end = tried(|| self.stage.settled.run_under(self.seed, &schedule, History::default()));
                    (schedule, end.map(|result| end_of(&result)))
                };
                let done: Vec<_> = pool.install(|| placed.into_par_iter().map(run).collect());
                for (schedule, end) in done {
                    let goes_on = end.as_ref().is_ok_and(|end| end.befell);
                    certificate.merged += u64::from(faults < self.k && !goes_on);
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

    fn blank(&self) -> Certificate {
        Certificate {
            version: 1,
            scenario: self.stage.scenario.name.to_string(),
            design: self.stage.design.name.to_string(),
            seed: self.seed,
            code: self.code.clone(),
            k: self.k,
            alphabet: self.alphabet.clone(),
            places: 0,
            schedules: vec![0; self.k + 1],
            refused: vec![0; self.k + 1],
            merged: 0,
            distinct_ends: 0,
            oracles: BTreeMap::new(),
            failed: Vec::new(),
        }
    }

    fn recorded(&self, schedule: &Schedule) -> Result<(WorldResult, Opportunities), String> {
        tried(|| self.stage.settled.offered_under(self.seed, schedule))
    }
}

/// A schedule with one fault more, at each place that is not before its last one has struck.
fn extensions(
    stage: &Stage,
    alphabet: &[What],
    schedule: &Schedule,
    places: &[Place],
    before: &WorldResult,
    refused: &mut u64,
) -> Vec<Schedule> {
    let own = stage.scenario.schedule.0.len();
    let struck = before.faults[own..].iter().filter_map(|record| Some(record.struck.as_ref()?.at)).max();
    let ground = ground(stage.scenario.group.name(), &stage.scenario.chain);
    let mut extended = Vec::new();
    for place in places.iter().filter(|place| struck.is_none_or(|struck| place.at >= struck)) {
        for what in alphabet {
            let fault = Fault { when: place.when.clone(), what: what.clone() };
            if fault.check(&ground).is_err() {
                *refused += 1;
                continue;
            }
            let mut schedule = schedule.clone();
            schedule.0.push(fault);
            extended.push(schedule);
        }
    }
    extended
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
