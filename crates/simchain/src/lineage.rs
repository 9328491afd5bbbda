//! The lineage of a state: what stands in for the app hash (chain.md, section 1).
//!
//! Plain blocks change a state the same way whoever executes them, so only what not every binary does alike is written down: upgrades
//! applied, stores changed, code forks carried out. Two states of one height are the same if these are.

use crate::profile::ChainProfile;
use api::Height;
use simcore::stable_hash;
use std::sync::Arc;

/// What was done at a block that not every binary does.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Deed {
    /// An upgrade's migrations.
    Upgraded(Arc<str>),
    /// An upgrade's change of stores.
    ChangedStores(Arc<str>),
    /// A code fork.
    Forked(Arc<str>),
}

/// All deeds of a state's history, by rising height.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Lineage(Vec<(Height, Deed)>);

impl Lineage {
    /// What the network does, for ever.
    pub(crate) fn of_network(profile: &ChainProfile) -> Self {
        let mut deeds = Vec::new();
        for upgrade in &profile.upgrades {
            let Some(height) = upgrade.applies_at() else { continue };
            deeds.push((height, Deed::Upgraded(upgrade.name.clone())));
            if upgrade.adds_or_deletes_stores {
                deeds.push((height, Deed::ChangedStores(upgrade.name.clone())));
            }
        }
        deeds.extend(profile.code_forks.iter().map(|fork| (fork.height, Deed::Forked(fork.name.clone()))));
        deeds.sort();
        Self(deeds)
    }

    /// A deed at a block above all others.
    pub(crate) fn add(&mut self, block: Height, deed: Deed) {
        self.0.push((block, deed));
    }

    /// As it was at a height.
    pub(crate) fn up_to(&self, height: Height) -> Self {
        Self(self.deeds(height).to_vec())
    }

    /// Whether two states are the same at a height which both have reached.
    pub(crate) fn agrees(&self, other: &Self, height: Height) -> bool {
        self.deeds(height) == other.deeds(height)
    }

    /// Whether an upgrade was applied.
    pub(crate) fn has_upgraded(&self, name: &str) -> bool {
        self.0.iter().any(|(_, deed)| matches!(deed, Deed::Upgraded(applied) if &**applied == name))
    }

    /// One number for it at a height, as an app hash is.
    pub(crate) fn hash_at(&self, height: Height) -> u64 {
        stable_hash(&(height, self.deeds(height)))
    }

    fn deeds(&self, height: Height) -> &[(Height, Deed)] {
        &self.0[..self.0.partition_point(|(at, _)| *at <= height)]
    }
}
