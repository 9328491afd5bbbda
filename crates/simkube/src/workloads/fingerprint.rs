//! The abstract state of what works inside the cluster: the same for two states that differ only in ids, counts and moments.

use super::Workloads;
use simcore::{SimTime, StableHasher};
use std::hash::Hash;

impl Workloads {
    /// Adds the abstract state.
    pub fn fingerprint(&self, _now: SimTime, hasher: &mut StableHasher) {
        self.machines.census().hash(hasher);
        self.drains.census().for_each(|pod| pod.hash(hasher));
        self.attachments.census().hash(hasher);
        self.kubelet.missing_images().hash(hasher);
        self.kubelet.census().hash(hasher);
        self.names.census().for_each(|name| name.hash(hasher));
        self.endpoints.census().for_each(|service| service.hash(hasher));
    }
}
