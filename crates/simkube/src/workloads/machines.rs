//! The machines for chain nodes and the zones they stand in.

use crate::profile::ClusterProfile;

/// A machine. Machines are dealt to the zones in turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Machine(pub u8);

/// A zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Zone(pub u8);

impl Machine {
    /// All machines of the cluster.
    pub fn all(profile: &ClusterProfile) -> impl Iterator<Item = Self> {
        (0..profile.machines).map(Self)
    }

    /// As in `spec.nodeName`.
    pub fn name(self) -> String {
        format!("machine-{}", self.0)
    }

    /// The machine of that name.
    pub fn named(name: &str) -> Option<Self> {
        name.strip_prefix("machine-")?.parse().ok().map(Self)
    }

    /// Where it stands.
    pub fn zone(self, profile: &ClusterProfile) -> Zone {
        Zone(self.0 % profile.zones)
    }
}
