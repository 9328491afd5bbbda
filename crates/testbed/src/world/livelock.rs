//! Finds that a world repeats itself: a pod in a crash loop, a reconcile that fails for ever, controllers that undo each other's work.
//!
//! The state is sampled whenever a container starts or a reconcile fails: almost every livelock does one of the two again and again, since
//! all else parks. A failure between the first in a row and those whose back-off grows no longer is passed over: no cycle has only such. What writes for ever without either is sampled at its calls, once there have been more of them than a rollout needs.
//!
//! Every state is remembered, with the time since when its round lasts: the last time that it was there. The first that was there before
//! closes a cycle, unless something is to come that was to come already then. If that is the retry of a key that fails, the round is not
//! over: each such key is tried within it, at up to a thousand seconds' distance. Behind a deadline that has passed there may be another,
//! later one: a round in which one passes counts only if as many passed in the round before it.
//!
//! The state leaves out what cannot repeat or does not matter: times, ids, versions, positions of random streams, how often a container has
//! been restarted. Most samples are told apart by their outline, the state without the store; stores are compared only of samples that have
//! one outline.

use super::process::CONTROLLERS;
use super::sim::Sim;
use simcore::{Fingerprint, SimTime, StableHasher};
use simkube::StoreState;
use std::collections::BTreeMap;
use std::hash::Hash;

/// How many effective calls are made without a look at the state that they lead to: a rollout of two replicas needs half as many.
const CALLS_WITHOUT_SAMPLE: u64 = 300;

/// The search for a cycle.
#[derive(Debug, Default)]
pub(super) struct Livelock {
    samples_seen: u64,
    /// By outline.
    samples: BTreeMap<Fingerprint, Vec<Sample>>,
    last_store: StoreState,
    calls_before: Option<u64>,
}

/// A state that the world was in, and where its present round begins: when it was last there.
#[derive(Clone, Debug)]
struct Sample {
    store: StoreState,
    at: SimTime,
    /// How many events had been added to the queue until then.
    added: u64,
    /// How many deadlines had passed until then.
    passed: u64,
    /// How many of them in the round that led there.
    passed_in_round: u64,
}

/// What is to come that was to come already at an earlier moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Awaited {
    /// Nothing that counts.
    Nothing,
    /// At most that a key which has failed is tried again.
    Retry,
    /// Something of the world.
    World,
}

impl Livelock {
    /// Looks at the world after an event: since when it repeats itself, if it does.
    pub fn look(&mut self, sim: &Sim) -> Option<SimTime> {
        let calls = sim.counters.api_calls + sim.counters.sidecar_calls;
        let calls_before = *self.calls_before.get_or_insert(calls);
        let many = calls.saturating_sub(calls_before + CALLS_WITHOUT_SAMPLE);
        let samples = sim.counters.container_starts + sim.recurring_errors + many;
        if samples == self.samples_seen {
            return None;
        }
        self.samples_seen = samples;
        self.last_store = sim.cluster.store_state(&self.last_store);
        let sample = Sample {
            store: self.last_store.clone(),
            at: sim.now,
            added: sim.queue.added(),
            passed: sim.deadlines_passed,
            passed_in_round: 0,
        };
        let before = self.samples.entry(sim.outline()).or_default();
        let Some(known) = before.iter_mut().find(|before| before.store == sample.store) else {
            before.push(sample);
            return None;
        };
        let awaited = sim.still_awaited(known.added);
        if awaited == Awaited::Retry {
            return None;
        }
        let passed_in_round = sample.passed - known.passed;
        let last = std::mem::replace(known, Sample { passed_in_round, ..sample });
        (last.at < sim.now && last.passed_in_round == passed_in_round && awaited == Awaited::Nothing).then_some(last.at)
    }
}

impl Sim {
    /// The state without the store, as far as it decides what happens next.
    pub(super) fn outline(&self) -> Fingerprint {
        let mut hasher = StableHasher::default();
        self.cluster.fingerprint(self.now, &mut hasher);
        self.chain.fingerprint(self.now, &mut hasher);
        self.faults.progress().for_each(|seen| seen.hash(&mut hasher));
        for process in &self.processes {
            CONTROLLERS.iter().for_each(|controller| process.worker(*controller).fingerprint(&mut hasher));
            process.memory.fingerprint(&mut hasher);
        }
        hasher.fingerprint()
    }
}
