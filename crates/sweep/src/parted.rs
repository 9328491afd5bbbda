//! Running a schedule's extensions by one fault: each parts, at its place, from the world without that fault.

use explore::{Stage, tried};
use faults::Schedule;
use rayon::prelude::*;
use simcore::SimTime;
use testbed::WorldResult;
use testbed::history::History;
use testbed::world::Sim;

/// A schedule whose last fault was placed in the history of those before it.
#[derive(Clone, Debug, PartialEq)]
pub struct Placed {
    /// The schedule.
    pub schedule: Schedule,
    /// When that history comes to the place.
    pub at: SimTime,
}

/// Runs extensions of a schedule, which are in the order of their places, and takes what each came to. `watch` has all their worlds watched.
pub fn run_parted<R: Send>(
    stage: &Stage,
    seed: u64,
    own: &Schedule,
    extensions: &[Placed],
    watch: impl Fn(&mut Sim) + Sync,
    take: impl Fn(&Schedule, Result<WorldResult, String>) -> R + Sync,
) -> Vec<R> {
    let mut trunk = stage.settled.trunk(seed, own, &watch);
    let mut taken = Vec::new();
    for there in extensions.chunk_by(|one, next| one.at == next.at) {
        let parting = tried(|| trunk.grow(there[0].at));
        let run = |Placed { schedule, .. }: &Placed| {
            let fault = schedule.0.last().expect("an extension has a fault");
            let result = match &parting {
                Ok(parting) if !fault.when.is_set() => tried(|| parting.run_with(fault)),
                _ => tried(|| stage.settled.watched_under(seed, schedule, History::default(), &watch)),
            };
            take(schedule, result)
        };
        taken.par_extend(there.par_iter().map(run));
    }
    taken
}
