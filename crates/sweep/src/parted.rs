//! Running a schedule's extensions by one fault: each parts, at its place, from the world without that fault.
//!
//! Places that come in the same event of that world are one for a fault that strikes after it: a call that takes effect, the status of a task that it
//! writes, a phase. Only what decides the call itself tells them apart.

use explore::{Stage, tried};
use faults::{Fault, Schedule, What};
use rayon::prelude::*;
use rustc_hash::FxHashSet;
use simcore::SimTime;
use std::sync::Arc;
use testbed::history::History;
use testbed::world::Sim;
use testbed::{Parting, WorldResult};

/// A schedule whose last fault was placed in the history of those before it.
#[derive(Clone, Debug, PartialEq)]
pub struct Placed {
    /// The schedule.
    pub schedule: Schedule,
    /// When that history comes to the place.
    pub at: SimTime,
}

impl Placed {
    fn fault(&self) -> &Fault {
        self.schedule.0.last().expect("an extension has a fault")
    }
}

/// Extensions of a schedule, which are in the order of their places.
pub struct Extended<'a> {
    /// The scenario, under its design.
    pub stage: &'a Stage,
    /// The seed of every world.
    pub seed: u64,
    /// The schedule.
    pub own: &'a Schedule,
    /// Its extensions.
    pub extensions: &'a [Placed],
    /// Whether those are run once that come to the same world.
    pub merging: bool,
}

impl Extended<'_> {
    /// Runs them, and takes what each came to that was run. `watch` has all their worlds watched.
    pub fn run<R: Send>(
        &self,
        watch: impl Fn(&mut Sim) + Sync,
        take: impl Fn(&Schedule, Result<WorldResult, String>) -> R + Sync,
    ) -> Vec<R> {
        let mut trunk = self.stage.settled.trunk(self.seed, self.own, &watch);
        let (mut taken, mut met) = (Vec::new(), FxHashSet::default());
        for there in self.extensions.chunk_by(|one, next| one.at == next.at) {
            let parting = tried(|| trunk.grow(there[0].at));
            let run = |placed: &&Placed| {
                let Placed { schedule, .. } = placed;
                let result = match &parting {
                    Ok(parting) if !placed.fault().when.is_set() => tried(|| parting.run_with(placed.fault())),
                    _ => tried(|| self.stage.settled.watched_under(self.seed, schedule, History::default(), &watch)),
                };
                take(schedule, result)
            };
            let new = match &parting {
                Ok(parting) if self.merging => new_worlds(parting, there, &mut met),
                _ => there.iter().collect(),
            };
            taken.par_extend(new.par_iter().map(run));
        }
        taken
    }
}

/// Those of some extensions that come to worlds that none has come to before: by the event after which the same fault strikes.
fn new_worlds<'a>(parting: &Arc<Parting>, there: &'a [Placed], met: &mut FxHashSet<(u64, &'a What)>) -> Vec<&'a Placed> {
    let places: Vec<&[Placed]> = there.chunk_by(|one, next| one.fault().when == next.fault().when).collect();
    let struck_after = |place: &&[Placed]| {
        let fault = place[0].fault();
        (!fault.when.is_set()).then(|| tried(|| parting.struck_after(fault)).ok().flatten()).flatten()
    };
    let events: Vec<Option<u64>> = places.par_iter().map(struck_after).collect();
    let mut new = Vec::new();
    for (place, event) in places.into_iter().zip(events) {
        let mut is_new = |what: &'a What| event.is_none_or(|event| what.decides_its_call() || met.insert((event, what)));
        new.extend(place.iter().filter(|placed| is_new(&placed.fault().what)));
    }
    new
}
