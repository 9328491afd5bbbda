//! The machines for chain nodes, the zones they stand in, and which of them are lost.
//!
//! What the cluster knows of a machine is its Node object; what is so is here. A lost machine has no power: nothing runs on it and nothing
//! answers, but nobody is told.

use crate::profile::ClusterProfile;
use api::ObjectKey;
use simcore::SimTime;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

/// A machine. Machines are dealt to the zones in turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Machine(pub u8);

/// A zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Zone(pub u8);

impl Machine {
    /// All machines that the cluster was built with.
    pub fn all(profile: &ClusterProfile) -> impl Iterator<Item = Self> {
        (0..profile.machines).map(Self)
    }

    /// As in `spec.nodeName`.
    pub fn name(self) -> String {
        format!("machine-{}", self.0)
    }

    /// The key of its Node object.
    pub fn key(self) -> &'static ObjectKey {
        static KEYS: LazyLock<Vec<ObjectKey>> =
            LazyLock::new(|| (0..=u8::MAX).map(|number| ObjectKey::new("", Machine(number).name())).collect());
        &KEYS[usize::from(self.0)]
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

impl Zone {
    /// As in the label `topology.kubernetes.io/zone`.
    pub fn name(self) -> String {
        format!("zone-{}", self.0)
    }
}

/// Which machines are lost, and which of those the cluster has given up.
#[derive(Clone, Debug, Default)]
pub(super) struct Machines {
    lost: BTreeMap<Machine, SimTime>,
    unreachable: BTreeSet<Machine>,
}

impl Machines {
    /// Since when the machine is lost.
    pub fn lost_since(&self, machine: Machine) -> Option<SimTime> {
        self.lost.get(&machine).copied()
    }

    /// Whether the machine is lost.
    pub fn is_lost(&self, machine: Machine) -> bool {
        self.lost.contains_key(&machine)
    }

    /// Whether the node controller has noticed.
    pub fn is_unreachable(&self, machine: Machine) -> bool {
        self.unreachable.contains(&machine)
    }

    /// The machine is lost from now on.
    pub fn lose(&mut self, machine: Machine, now: SimTime) {
        self.lost.insert(machine, now);
    }

    /// The node controller has noticed.
    pub fn give_up(&mut self, machine: Machine) {
        self.unreachable.insert(machine);
    }

    /// The machine has power again; `false` if it never was without.
    pub fn give_back(&mut self, machine: Machine) -> bool {
        self.unreachable.remove(&machine);
        self.lost.remove(&machine).is_some()
    }

    /// Which are lost and given up, without moments.
    pub fn census(&self) -> (Vec<Machine>, &BTreeSet<Machine>) {
        (self.lost.keys().copied().collect(), &self.unreachable)
    }
}
