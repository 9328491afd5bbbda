//! Finds that a world repeats itself: a pod in a crash loop, a reconcile that fails for ever.
//!
//! The state is sampled whenever a container starts or a reconcile fails: every livelock does one of the two again and again, since all else
//! parks. Every sample is remembered, so the first one that was there before closes a cycle. The state leaves out what cannot repeat or does
//! not matter: times, ids, versions, positions of random streams, how often a container has been restarted.

use super::Stop;
use super::process::CONTROLLERS;
use super::sim::Sim;
use simcore::{Fingerprint, SimTime, StableHasher};
use simkube::Known;
use std::collections::BTreeMap;
use std::hash::Hash;

/// The search for a cycle.
#[derive(Debug, Default)]
pub(super) struct Livelock {
    samples_seen: u64,
    samples: BTreeMap<Fingerprint, Sample>,
    unconverged: Option<Unconverged>,
    known: Known,
}

/// The first time that the world was in a state.
#[derive(Clone, Copy, Debug)]
struct Sample {
    at: SimTime,
    /// How many events had been added to the queue until then.
    added: u64,
}

/// The last stretch of time without convergence.
#[derive(Debug)]
struct Unconverged {
    /// What was missing when it began.
    missing: String,
    /// The last event at which something was.
    last: SimTime,
    /// Whether it goes on.
    goes_on: bool,
}

impl Livelock {
    /// Looks at the world after an event.
    pub fn look(&mut self, sim: &Sim) -> Option<Stop> {
        if !self.samples.is_empty() {
            self.judge(sim);
        }
        let samples = sim.counters.container_starts + sim.counters.reconcile_errors;
        if samples == self.samples_seen {
            return None;
        }
        self.samples_seen = samples;
        let sample = Sample { at: sim.now, added: sim.queue.added() };
        let Sample { at: since, added } = *self.samples.entry(sim.fingerprint(&mut self.known)).or_insert(sample);
        (since < sim.now && !sim.still_awaits(added)).then(|| {
            let in_cycle = self.unconverged.take().filter(|stretch| stretch.last >= since).map(|stretch| stretch.missing);
            let missing = oracles::unconverged(&sim.sight()).or(in_cycle);
            Stop::Livelock { since, cycle: sim.now.since(since), missing }
        })
    }

    fn judge(&mut self, sim: &Sim) {
        let sight = sim.sight();
        match &mut self.unconverged {
            stretch if oracles::has_converged(&sight) => stretch.iter_mut().for_each(|stretch| stretch.goes_on = false),
            Some(stretch) if stretch.goes_on => stretch.last = sim.now,
            stretch => *stretch = oracles::unconverged(&sight).map(|missing| Unconverged { missing, last: sim.now, goes_on: true }),
        }
    }
}

impl Sim {
    /// The state as far as it decides what happens next.
    fn fingerprint(&self, known: &mut Known) -> Fingerprint {
        let mut hasher = StableHasher::default();
        self.cluster.fingerprint(self.now, known, &mut hasher);
        self.chain.fingerprint(self.now, &mut hasher);
        self.faults.progress().for_each(|seen| seen.hash(&mut hasher));
        for process in &self.processes {
            CONTROLLERS.iter().for_each(|controller| process.worker(*controller).fingerprint(&mut hasher));
        }
        hasher.fingerprint()
    }
}
