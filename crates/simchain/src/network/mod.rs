//! The external network: blocks made by validators that are not ours, the peers our nodes follow, and the bucket of snapshots.

mod heights;
mod peers;
mod snapshots;

use crate::lineage::Lineage;
use crate::profile::ChainProfile;
use api::Height;
use heights::Heights;
use peers::Peers;
use simcore::{Luck, SimTime, Span};
use std::hash::Hash;
use std::sync::Arc;
use std::time::Duration;

/// The network of a world. Nothing in it changes as time passes: everything is computed from the moment. Only what is done to the chain
/// from outside, and a loss of voting power, moves the blocks that are still to come.
#[derive(Clone, Debug)]
pub(crate) struct Network {
    heights: Heights,
    peers: Peers,
    lineage: Arc<Lineage>,
    luck: u64,
}

impl Network {
    /// The network that a profile and a seed determine.
    pub(crate) fn new(profile: &ChainProfile, luck: &Luck) -> Self {
        let heights = Heights::new(profile, luck);
        let peers = Peers::new(profile, luck, &heights);
        Self { heights, peers, lineage: Lineage::of_network(profile).into(), luck: luck.fixed("snapshots", "bucket") }
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
        self.height(self.peers.silent_since(now).unwrap_or(now))
    }

    /// When a block can first be had from a peer; `None`: never.
    pub(crate) fn served_at(&self, height: Height) -> Option<SimTime> {
        self.time_of(height).map(|made| self.peers.handed_on(made))
    }

    /// When the last peer has upgraded, of the upgrades whose moment is known.
    pub(crate) fn peers_upgraded(&self) -> Option<SimTime> {
        self.peers.upgraded()
    }

    /// The times in which no peer is up.
    pub(crate) fn silences(&self) -> impl Iterator<Item = (SimTime, SimTime)> {
        self.peers.silences()
    }

    /// How many peers are up.
    pub(crate) fn peers_up(&self, now: SimTime) -> usize {
        self.peers.up(now)
    }

    /// What the network's state has come through and will come through.
    pub(crate) fn lineage(&self) -> &Lineage {
        &self.lineage
    }

    /// The first peer that is up.
    pub(crate) fn first_peer_up(&self, now: SimTime) -> Option<usize> {
        self.peers.first_up(now)
    }

    /// The oldest block that a peer holds; `None` if it is not up.
    pub(crate) fn oldest_of(&self, peer: usize, now: SimTime) -> Option<Height> {
        let kept = self.peers.retention(peer).filter(|_| self.peers.is_up(peer, now))?;
        Some(self.height(now).minus(kept).plus(1))
    }

    /// The next block, and all that follow, come so much later.
    pub(crate) fn stall(&mut self, now: SimTime, lasts: Duration) {
        self.heights.stall(now, lasts);
        self.peers.date(&self.heights);
    }

    /// So many blocks after the next one come at another pace.
    pub(crate) fn slow(&mut self, now: SimTime, blocks: u64, block_time: Duration) {
        self.heights.slow(now, blocks, block_time);
        self.peers.date(&self.heights);
    }

    /// The first so many peers are gone for a while.
    pub(crate) fn lose_peers(&mut self, count: usize, now: SimTime, lasts: Duration) {
        self.peers.leave(count, now, lasts);
    }

    /// No peer keeps more blocks than this.
    pub(crate) fn keep_at_most(&mut self, blocks: u64) {
        self.peers.keep_at_most(blocks);
    }

    /// The block after an upgrade's waits so long.
    pub(crate) fn resume_after(&mut self, upgrade: Height, wait: Duration) {
        self.heights.resume_after(upgrade, wait);
        self.peers.date(&self.heights);
    }

    /// An upgrade has been moved from one height to another, or cancelled, in a profile which says so.
    pub(crate) fn move_upgrade(&mut self, profile: &ChainProfile, from: Height, to: Option<Height>) {
        self.heights.move_upgrade(from, to);
        self.peers.move_upgrade(from, to, &self.heights);
        self.lineage = Lineage::of_network(profile).into();
    }

    /// Voting power suffices for blocks, or does not. Whether that is news.
    pub(crate) fn set_quorum(&mut self, now: SimTime, suffices: bool) -> bool {
        if suffices != self.heights.is_held() {
            return false;
        }
        if suffices {
            self.heights.resume(now)
        } else {
            self.heights.hold(now)
        }
        self.peers.date(&self.heights);
        true
    }

    /// Whether no block is made for want of voting power.
    pub(crate) fn is_held(&self) -> bool {
        self.heights.is_held()
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
