//! At which height a process is at a moment, and when it is at a height: closed forms, one for each way of moving.

use super::{Rule, Run};
use crate::network::Network;
use api::Height;
use simcore::SimTime;
use std::time::Duration;

/// How a seid whose RPC answers moves.
#[derive(Clone, Copy, Debug)]
pub(super) enum Motion {
    /// It stands still; the volume has its heights.
    Still(Why),
    /// It executes one block after the other, as fast as it can, from `from` at `since`.
    Catching {
        since: SimTime,
        from: Height,
        step: Duration,
        /// The first block after which no block is left to be had, but the one that block sync leaves to consensus; `None`: never.
        caught: Option<(SimTime, Height)>,
    },
    /// It executes each block a little after it can be had, from `from` at `since`: so many blocks short of the newest.
    Following { since: SimTime, from: Height, delay: Duration, short: u64 },
}

/// Why a process stands still.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// Peers are not connected yet.
    Connecting,
    /// It knows no peer, or none is up.
    NoPeers,
    /// No peer that is up holds its next block.
    Pruned,
    /// It panicked in consensus and stays alive.
    Stuck,
    /// Its state is not the network's: block sync has dropped all peers.
    Diverged,
}

impl Motion {
    /// The way up to the newest block, one block a `step`. Block h needs block h + 1, so it ends one short of the newest.
    pub(super) fn catching(network: &Network, since: SimTime, from: Height, step: Duration) -> Self {
        let at = |blocks: u64| after_steps(since, step, blocks);
        let is_caught = |blocks: u64| network.height(at(blocks)) <= from.plus(blocks + 1);
        let mut enough = 1;
        while !is_caught(enough) && enough < 1 << 40 {
            enough *= 2;
        }
        let caught = is_caught(enough).then(|| {
            let blocks = first(0, enough, is_caught);
            (at(blocks), from.plus(blocks))
        });
        Self::Catching { since, from, step, caught }
    }

    pub(super) fn moves(&self) -> bool {
        !matches!(self, Self::Still(_))
    }

    pub(super) fn follows(&self) -> bool {
        matches!(self, Self::Following { .. })
    }

    /// Whether it will stand still for good, as far as it can be known.
    pub(super) fn is_wedged(&self) -> bool {
        matches!(self, Self::Still(Why::Stuck | Why::Pruned | Why::Diverged))
    }

    /// The rule by which a process moves so.
    pub(super) fn rule(&self) -> Rule {
        match self {
            Self::Following { short: 0, .. } => Rule::FollowsTip,
            Self::Following { .. } => Rule::NeedsSecondPeer,
            Self::Catching { .. } => Rule::BlockSyncs,
            Self::Still(Why::Connecting) => Rule::RpcComesUp,
            Self::Still(Why::NoPeers) => Rule::NeedsPeers,
            Self::Still(Why::Pruned) => Rule::PeersPruned,
            Self::Still(Why::Stuck) => Rule::DefectSticks,
            Self::Still(Why::Diverged) => Rule::DivergenceWedges,
        }
    }

    pub(super) fn class(&self) -> &'static str {
        match self {
            Self::Following { short: 0, .. } => "following",
            Self::Following { .. } => "with one peer",
            Self::Catching { .. } => "catching up",
            Self::Still(Why::Connecting) => "connecting",
            Self::Still(Why::NoPeers) => "without peers",
            Self::Still(Why::Pruned) => "pruned",
            Self::Still(Why::Stuck) => "stuck",
            Self::Still(Why::Diverged) => "diverged",
        }
    }

    /// When a block above the starting one is executed; `None`: not by this motion.
    pub(super) fn time_of(&self, height: Height, network: &Network) -> Option<SimTime> {
        match self {
            Self::Still(_) => None,
            Self::Catching { since, from, step, caught } => {
                let within = caught.is_none_or(|(_, last)| height <= last);
                within.then(|| after_steps(*since, *step, height.above(*from)))
            }
            Self::Following { since, delay, short, .. } => network.served_at(height.plus(*short)).map(|at| (at + *delay).max(*since)),
        }
    }

    /// The last block executed at a moment.
    pub(super) fn height(&self, network: &Network, now: SimTime) -> Option<Height> {
        match self {
            Self::Still(_) => None,
            Self::Catching { since, from, step, caught } => {
                let blocks = now.since(*since).as_micros() / step.as_micros();
                let height = from.plus(u64::try_from(blocks).unwrap_or(u64::MAX >> 1));
                Some(caught.map_or(height, |(_, last)| height.min(last)))
            }
            Self::Following { from, delay, short, .. } => Some(network.served(now - *delay).minus(*short).max(*from)),
        }
    }
}

impl Run {
    /// The last block executed at a moment, for a process that moves. A block that needs handling by itself counts once it was handled.
    pub(super) fn height(&self, network: &Network, now: SimTime) -> Height {
        let height = self.motion.height(network, now).unwrap_or(self.handled).max(self.handled);
        self.next.map_or(height, |next| height.min(next.minus(1)))
    }
}

pub(super) fn after_steps(since: SimTime, step: Duration, steps: u64) -> SimTime {
    let micros = step.as_micros().saturating_mul(u128::from(steps));
    since + Duration::from_micros(u64::try_from(micros).unwrap_or(u64::MAX >> 1))
}

/// The first number in `low..=high` for which a condition holds that never turns false again; `high` is known to satisfy it.
pub(super) fn first(mut low: u64, mut high: u64, holds: impl Fn(u64) -> bool) -> u64 {
    while low < high {
        let middle = low + (high - low) / 2;
        if holds(middle) { high = middle } else { low = middle + 1 }
    }
    high
}
