//! The external network: blocks made by validators that are not ours, the peers our nodes follow, and the bucket of snapshots.

mod heights;
mod peers;
mod snapshots;

use crate::profile::ChainProfile;
use api::Height;
use heights::Heights;
use peers::Peers;
use simcore::{Luck, SimTime, Span};
use std::hash::Hash;
use std::time::Duration;

/// The network of a world. Nothing in it changes as time passes: everything is computed from the moment.
#[derive(Clone, Debug)]
pub(crate) struct Network {
    heights: Heights,
    peers: Peers,
    luck: u64,
}

impl Network {
    /// The network that a profile and a seed determine.
    pub(crate) fn new(profile: &ChainProfile, luck: &Luck) -> Self {
        let heights = Heights::new(profile, luck);
        let peers = Peers::new(profile, luck, &heights);
        Self { heights, peers, luck: luck.fixed("snapshots", "bucket") }
    }

    /// The newest block.
    pub(crate) fn height(&self, now: SimTime) -> Height {
        self.heights.at(now)
    }

    /// When a block is made; `None`: never.
    pub(crate) fn time_of(&self, height: Height) -> Option<SimTime> {
        self.heights.time_of(height)
    }

    /// The newest block that some peer can hand on: while every peer waits for its upgrade, the network may run ahead of it.
    pub(crate) fn served(&self, now: SimTime) -> Height {
        let height = self.height(now);
        self.peers.silent_since(now).map_or(height, |upgrade| upgrade.min(height))
    }

    /// When a block can first be had from a peer; `None`: never.
    pub(crate) fn served_at(&self, height: Height) -> Option<SimTime> {
        let made = self.time_of(height)?;
        Some(self.peers.first_back_below(height).map_or(made, |back| back.max(made)))
    }

    /// How many peers are up.
    pub(crate) fn peers_up(&self, now: SimTime) -> usize {
        self.peers.up(now)
    }

    /// How many peers there are.
    pub(crate) fn peer_count(&self) -> usize {
        self.peers.count()
    }

    /// When the number of peers that are up next changes.
    pub(crate) fn next_peer_change(&self, now: SimTime) -> Option<SimTime> {
        self.peers.next_change(now)
    }

    /// Whether some peer that is up still holds a block.
    pub(crate) fn holds(&self, block: Height, now: SimTime) -> bool {
        self.peers.longest_retention(now).is_some_and(|kept| block > self.height(now).minus(kept))
    }
}

/// A duration from a range, fixed by seed, purpose and subject.
fn fixed_duration(luck: &Luck, purpose: &'static str, subject: &(impl Hash + ?Sized), span: Span) -> Duration {
    scaled(luck.fixed(purpose, subject), span)
}

/// A duration from a range, both ends included, by a uniform 64-bit number.
fn scaled(uniform: u64, span: Span) -> Duration {
    let width = (span.max() - span.min()).as_micros() + 1;
    let extra = (u128::from(uniform) * width) >> 64;
    span.min() + Duration::from_micros(u64::try_from(extra).expect("no wider than the range"))
}
