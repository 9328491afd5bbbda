//! Finds that a world repeats itself: a pod in a crash loop, a reconcile that fails for ever, controllers that undo each other's work.
//!
//! The state is sampled whenever a container starts or a reconcile fails: almost every livelock does one of the two again and again, since
//! all else parks. What writes for ever without either is sampled at its calls, once there have been more of them than a rollout needs.
//! Every sample is remembered, so the first one that was there before closes a cycle. The state leaves out what cannot repeat or does not
//! matter: times, ids, versions, positions of random streams, how often a container has been restarted.

use super::process::CONTROLLERS;
use super::sim::Sim;
use simcore::{Fingerprint, SimTime, StableHasher};
use simkube::Known;
use std::collections::BTreeMap;
use std::hash::Hash;

/// How many effective calls are made without a look at the state that they lead to: a rollout of two replicas needs half as many.
const CALLS_WITHOUT_SAMPLE: u64 = 300;

/// The search for a cycle.
#[derive(Debug, Default)]
pub(super) struct Livelock {
    samples_seen: u64,
    samples: BTreeMap<Fingerprint, Sample>,
    known: Known,
    calls_before: Option<u64>,
}

/// The first time that the world was in a state.
#[derive(Clone, Copy, Debug)]
struct Sample {
    at: SimTime,
    /// How many events had been added to the queue until then.
    added: u64,
}

impl Livelock {
    /// Looks at the world after an event: since when it repeats itself, if it does.
    pub fn look(&mut self, sim: &Sim) -> Option<SimTime> {
        let calls = sim.counters.api_calls + sim.counters.sidecar_calls;
        let calls_before = *self.calls_before.get_or_insert(calls);
        let many = calls.saturating_sub(calls_before + CALLS_WITHOUT_SAMPLE);
        let samples = sim.counters.container_starts + sim.counters.reconcile_errors + many;
        if samples == self.samples_seen {
            return None;
        }
        self.samples_seen = samples;
        let sample = Sample { at: sim.now, added: sim.queue.added() };
        let Sample { at: since, added } = *self.samples.entry(sim.fingerprint(&mut self.known)).or_insert(sample);
        (since < sim.now && !sim.still_awaits(added)).then_some(since)
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
