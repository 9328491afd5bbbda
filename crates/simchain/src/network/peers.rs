//! The external peers: which are up, what they hold.
//!
//! A peer is up but for the time from an upgrade's block to its own upgrade. One that is up is at the newest block and knows all others:
//! it lags nowhere (a named shortcut; one that upgrades late would have to catch up first).

use super::fixed_duration;
use super::heights::Heights;
use crate::profile::ChainProfile;
use api::Height;
use simcore::{Luck, SimTime};
use std::sync::Arc;

/// An upgrade as the peers meet it.
#[derive(Clone, Debug)]
struct Outage {
    /// The upgrade's block.
    upgrade: Height,
    /// When it is made, and every peer stops.
    starts: SimTime,
    /// When each peer is back.
    back: Arc<[SimTime]>,
    /// The first of them; `None` without peers.
    first_back: Option<SimTime>,
}

/// All external peers.
#[derive(Clone, Debug)]
pub(super) struct Peers {
    /// How many blocks each keeps.
    retention: Arc<[u64]>,
    outages: Arc<[Outage]>,
}

impl Peers {
    pub(super) fn new(profile: &ChainProfile, luck: &Luck, heights: &Heights) -> Self {
        let (kinds, count) = (&profile.peers, profile.peers.count);
        let retention = (0..count).map(|peer| match peer {
            peer if peer < kinds.archives => u64::MAX,
            peer if peer < kinds.archives + kinds.snapshotters => kinds.snapshotter_retention,
            _ => kinds.full_retention,
        });
        let outages = profile.upgrades.iter().filter(|upgrade| upgrade.happens() && upgrade.height >= profile.start_height);
        let outages = outages.filter_map(|upgrade| {
            let starts = heights.time_of(upgrade.height)?;
            let after = |peer| fixed_duration(luck, "peer upgrades", &(&*upgrade.name, peer), kinds.upgrade_after);
            let back: Arc<[SimTime]> = (0..count).map(|peer| starts + after(peer)).collect();
            let first_back = back.iter().min().copied();
            Some(Outage { upgrade: upgrade.height, starts, back, first_back })
        });
        Self { retention: retention.collect(), outages: outages.collect() }
    }

    pub(super) fn count(&self) -> usize {
        self.retention.len()
    }

    fn is_up(&self, peer: usize, now: SimTime) -> bool {
        self.outages.iter().all(|outage| now < outage.starts || outage.back[peer] <= now)
    }

    pub(super) fn up(&self, now: SimTime) -> usize {
        (0..self.count()).filter(|peer| self.is_up(*peer, now)).count()
    }

    /// The most blocks that a peer which is up keeps; `None` if none is.
    pub(super) fn longest_retention(&self, now: SimTime) -> Option<u64> {
        (0..self.count()).filter(|peer| self.is_up(*peer, now)).map(|peer| self.retention[peer]).max()
    }

    /// When the number of peers that are up next changes.
    pub(super) fn next_change(&self, now: SimTime) -> Option<SimTime> {
        let moments = self.outages.iter().flat_map(|outage| outage.back.iter().copied().chain([outage.starts]));
        moments.filter(|moment| *moment > now).min()
    }

    /// The upgrade for which all peers are down now.
    pub(super) fn silent_since(&self, now: SimTime) -> Option<Height> {
        let silent = |outage: &&Outage| outage.starts <= now && outage.first_back.is_some_and(|back| now < back);
        self.outages.iter().find(silent).map(|outage| outage.upgrade)
    }

    /// When the first peer is back from the last upgrade below a block.
    pub(super) fn first_back_below(&self, block: Height) -> Option<SimTime> {
        self.outages.iter().rfind(|outage| outage.upgrade < block).and_then(|outage| outage.first_back)
    }
}
