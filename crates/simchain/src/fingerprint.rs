//! The chain's state without anything that only time, chance or identity explain, so that a state which repeats is seen to repeat.

use crate::chain::{Chain, Pod};
use crate::profile::Upgrade;
use crate::volume::Data;
use simcore::{SimTime, StableHasher, stable_hash};
use std::hash::{Hash, Hasher};

impl Chain {
    /// Adds the chain's state to a hash: no absolute times, no ids, no positions of random streams, no drawn durations. A node that
    /// follows the tip has no height; one that rests, or whose seid is down, has it relative to the upgrade; one that catches up is a
    /// different state at every moment. How many tasks of one kind ended alike does not matter: each that is sent without an id adds a row.
    pub fn fingerprint(&self, now: SimTime, hasher: &mut StableHasher) {
        let height = self.network.height(now);
        let effective = || self.profile.upgrades.iter().filter_map(Upgrade::applies_at);
        let passed = effective().filter(|upgrade| *upgrade <= height).count();
        let waits_for_upgrade = effective().any(|upgrade| upgrade == height);
        (passed, waits_for_upgrade, self.network.peers_up(now), self.network.is_held()).hash(hasher);
        self.signal_slips.hash(hasher);
        self.task_faults.iter().for_each(|fault| (&fault.node, &fault.kind, fault.times).hash(hasher));
        let mut pods: Vec<u64> = self.pods.values().map(|pod| self.pod_state(pod, now)).collect();
        pods.sort_unstable();
        pods.hash(hasher);
    }

    fn pod_state(&self, pod: &Pod, now: SimTime) -> u64 {
        let mut state = StableHasher::default();
        (&*pod.node, pod.answers).hash(&mut state);
        let volume = pod.seid.as_ref().map(|seid| seid.volume).or(pod.sidecar.as_ref().map(|sidecar| sidecar.volume));
        let Some(volume) = volume.and_then(|volume| self.volumes.get(&volume)) else { return state.finish() };
        match &pod.seid {
            Some(seid) => {
                let (class, rests_at) = seid.class(&self.network, volume, now);
                (class, &*seid.program.image, rests_at.map(|data| self.relative(data))).hash(&mut state);
            }
            None => self.relative(volume.data).hash(&mut state),
        }
        if let Some(sidecar) = &pod.sidecar {
            let mut work: Vec<&str> = sidecar.work().collect();
            work.sort_unstable();
            (sidecar.serves(), sidecar.is_ready(), work).hash(&mut state);
        }
        let mut rows: Vec<u64> = volume.tasks.values().map(|row| stable_hash(&(row.task.type_name(), row.state, &row.error))).collect();
        rows.sort_unstable();
        rows.dedup();
        (rows, &volume.markers, &volume.config.first_peer, volume.config.state_sync, &volume.upgrade_info).hash(&mut state);
        state.finish()
    }

    /// Heights as distances from the first upgrade, or from the start without one.
    fn relative(&self, data: Data) -> [(u64, u64); 3] {
        let reference = self.profile.upgrades.first().map_or(self.profile.start_height, |upgrade| upgrade.height);
        [data.app, data.state, data.store].map(|height| (height.above(reference), reference.above(height)))
    }
}
