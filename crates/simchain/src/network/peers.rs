//! The external peers: which are up, what they hold.
//!
//! A peer is up but for the time from an upgrade's block to its own upgrade, and while it is gone for a while. One that is up is at the
//! newest block and knows all others: it lags nowhere (a named shortcut; one that upgrades late would have to catch up first).

use super::fixed_duration;
use super::heights::Heights;
use crate::profile::ChainProfile;
use api::Height;
use simcore::{Luck, SimTime};
use std::sync::Arc;
use std::time::Duration;

/// A time for which some peers are down.
#[derive(Clone, Debug)]
struct Outage {
    cause: Cause,
    /// When they stop; `None`: not yet known.
    starts: Option<SimTime>,
    /// How long each stays down, the first peer first; those beyond stay up.
    lasts: Arc<[Duration]>,
}

#[derive(Clone, Copy, Debug)]
enum Cause {
    /// An upgrade's block is made.
    Upgrade(Height),
    /// They are gone.
    Gone,
}

/// A time for which no peer is up.
#[derive(Clone, Copy, Debug)]
struct Silence {
    from: SimTime,
    until: SimTime,
}

/// All external peers.
#[derive(Clone, Debug)]
pub(super) struct Peers {
    /// How many blocks each keeps.
    retention: Arc<[u64]>,
    /// No more than this, for a while.
    keep_at_most: u64,
    outages: Vec<Outage>,
    silences: Vec<Silence>,
}

impl Peers {
    pub(super) fn new(profile: &ChainProfile, luck: &Luck, heights: &Heights) -> Self {
        let (kinds, count) = (&profile.peers, profile.peers.count);
        let retention = (0..count).map(|peer| match peer {
            peer if peer < kinds.archives => u64::MAX,
            peer if peer < kinds.archives + kinds.snapshotters => kinds.snapshotter_retention,
            _ => kinds.full_retention,
        });
        let upgrades = profile.upgrades.iter().filter_map(|upgrade| Some((upgrade, upgrade.applies_at()?)));
        let outages = upgrades.filter(|(_, height)| *height >= profile.start_height).map(|(upgrade, height)| {
            let after = |peer| fixed_duration(luck, "peer upgrades", &(&*upgrade.name, peer), kinds.upgrade_after);
            Outage { cause: Cause::Upgrade(height), starts: None, lasts: (0..count).map(after).collect() }
        });
        let mut peers = Self { retention: retention.collect(), keep_at_most: u64::MAX, outages: outages.collect(), silences: Vec::new() };
        peers.date(heights);
        peers
    }

    /// The moments of blocks have changed.
    pub(super) fn date(&mut self, heights: &Heights) {
        for outage in &mut self.outages {
            if let Cause::Upgrade(height) = outage.cause {
                outage.starts = heights.time_of(height).filter(|_| height < Height(u64::MAX));
            }
        }
        self.silences = self.find_silences();
    }

    /// The first so many peers are gone for a while.
    pub(super) fn leave(&mut self, count: usize, now: SimTime, lasts: Duration) {
        let count = count.min(self.count());
        self.outages.push(Outage { cause: Cause::Gone, starts: Some(now), lasts: vec![lasts; count].into() });
        self.silences = self.find_silences();
    }

    /// No peer keeps more blocks than this.
    pub(super) fn keep_at_most(&mut self, blocks: u64) {
        self.keep_at_most = blocks;
    }

    /// An upgrade is at another height, or never.
    pub(super) fn move_upgrade(&mut self, from: Height, to: Option<Height>, heights: &Heights) {
        for outage in &mut self.outages {
            if matches!(outage.cause, Cause::Upgrade(height) if height == from) {
                // A peer that waits for an upgrade that never comes is never down for it.
                outage.cause = Cause::Upgrade(to.unwrap_or(Height(u64::MAX)));
            }
        }
        self.date(heights);
    }

    fn find_silences(&self) -> Vec<Silence> {
        let mut moments: Vec<SimTime> = self.moments().collect();
        moments.sort_unstable();
        moments.dedup();
        let mut silences: Vec<Silence> = Vec::new();
        for pair in moments.windows(2).filter(|pair| self.up(pair[0]) == 0) {
            match silences.last_mut().filter(|last| last.until == pair[0]) {
                Some(last) => last.until = pair[1],
                None => silences.push(Silence { from: pair[0], until: pair[1] }),
            }
        }
        silences
    }

    /// Every moment at which a peer stops or comes back.
    fn moments(&self) -> impl Iterator<Item = SimTime> {
        self.outages.iter().filter_map(|outage| Some((outage.starts?, &outage.lasts))).flat_map(|(starts, lasts)| {
            let back = lasts.iter().map(move |lasts| starts + *lasts);
            back.chain([starts])
        })
    }

    /// When the last peer has upgraded, of the upgrades whose moment is known.
    pub(super) fn upgraded(&self) -> Option<SimTime> {
        let upgrades = self.outages.iter().filter(|outage| matches!(outage.cause, Cause::Upgrade(_)));
        upgrades.filter_map(|outage| Some(outage.starts? + *outage.lasts.iter().max()?)).max()
    }

    pub(super) fn count(&self) -> usize {
        self.retention.len()
    }

    pub(super) fn is_up(&self, peer: usize, now: SimTime) -> bool {
        let down = |outage: &Outage| {
            let while_down = outage.starts.zip(outage.lasts.get(peer));
            while_down.is_some_and(|(starts, lasts)| starts <= now && now < starts + *lasts)
        };
        peer < self.count() && !self.outages.iter().any(down)
    }

    /// The first peer that is up.
    pub(super) fn first_up(&self, now: SimTime) -> Option<usize> {
        (0..self.count()).find(|peer| self.is_up(*peer, now))
    }

    pub(super) fn up(&self, now: SimTime) -> usize {
        (0..self.count()).filter(|peer| self.is_up(*peer, now)).count()
    }

    /// How many blocks a peer keeps.
    pub(super) fn retention(&self, peer: usize) -> Option<u64> {
        self.retention.get(peer).map(|kept| (*kept).min(self.keep_at_most))
    }

    /// The most blocks that a peer which is up keeps; `None` if none is.
    pub(super) fn longest_retention(&self, now: SimTime) -> Option<u64> {
        (0..self.count()).filter(|peer| self.is_up(*peer, now)).map(|peer| self.retention[peer].min(self.keep_at_most)).max()
    }

    /// When the number of peers that are up next changes.
    pub(super) fn next_change(&self, now: SimTime) -> Option<SimTime> {
        self.moments().filter(|moment| *moment > now).min()
    }

    /// Since when no peer is up, if none is for now.
    pub(super) fn silent_since(&self, now: SimTime) -> Option<SimTime> {
        self.silences.iter().find(|silence| silence.from <= now && now < silence.until).map(|silence| silence.from)
    }

    /// The times in which no peer is up: when each begins, and ends.
    pub(super) fn silences(&self) -> impl Iterator<Item = (SimTime, SimTime)> {
        self.silences.iter().map(|silence| (silence.from, silence.until))
    }

    /// From when on something made at a moment can be had: silence keeps back what was made in it.
    pub(super) fn handed_on(&self, made: SimTime) -> SimTime {
        self.silences.iter().find(|silence| silence.from < made && made < silence.until).map_or(made, |silence| silence.until)
    }
}
