//! Finds that a world repeats itself: a pod in a crash loop, a reconcile that fails for ever.
//!
//! The state is sampled whenever a container starts or a reconcile fails: every livelock does one of the two again and again, since all else
//! parks. Samples are compared by Brent's method, which keeps one earlier sample and finds a cycle of any length. The state leaves out what
//! cannot repeat or does not matter: times, ids, versions, positions of random streams, how often a container has been restarted.
//! Once it repeats, the world runs one more cycle, to judge laws of the end at each of its moments.

use super::Stop;
use super::sim::Sim;
use simcore::{Fingerprint, SimTime, StableHasher};

/// The search for a cycle.
#[derive(Debug, Default)]
pub(super) struct Livelock {
    samples_seen: u64,
    kept: Option<(Fingerprint, SimTime)>,
    age: u64,
    power: u64,
    proof: Option<Proof>,
}

/// One more round of a cycle that was found.
#[derive(Debug)]
struct Proof {
    since: SimTime,
    state: Fingerprint,
    missing: Option<String>,
}

impl Livelock {
    /// Looks at the world after an event.
    pub fn look(&mut self, sim: &mut Sim) -> Option<Stop> {
        if let Some(proof) = &mut self.proof
            && proof.missing.is_none()
        {
            proof.missing = oracles::unconverged(&sim.sight());
        }
        let samples = sim.counters.container_starts + sim.counters.reconcile_errors;
        if samples == self.samples_seen {
            return None;
        }
        self.samples_seen = samples;
        let state = sim.fingerprint();
        if let Some(proof) = &self.proof {
            return (proof.state == state).then(|| Stop::Livelock {
                since: proof.since,
                cycle: sim.now.since(proof.since),
                missing: proof.missing.clone(),
            });
        }
        match self.kept {
            Some((kept, _)) if kept == state => {
                self.proof = Some(Proof { since: sim.now, state, missing: oracles::unconverged(&sim.sight()) });
            }
            Some(_) if self.age < self.power => self.age += 1,
            _ => {
                self.kept = Some((state, sim.now));
                self.power = (self.power * 2).max(1);
                self.age = 0;
            }
        }
        None
    }
}

impl Sim {
    /// The state as far as it decides what happens next.
    fn fingerprint(&self) -> Fingerprint {
        let mut hasher = StableHasher::default();
        self.cluster.fingerprint(self.now, &mut hasher);
        self.chain.fingerprint(self.now, &mut hasher);
        self.group_worker.fingerprint(&mut hasher);
        self.node_worker.fingerprint(&mut hasher);
        hasher.fingerprint()
    }
}
