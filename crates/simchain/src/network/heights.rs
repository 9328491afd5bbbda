//! When each block is made, and which block is newest: exact integer arithmetic over a few pieces, no event a block.
//!
//! `time(h) = piece start + (h - h0) * T + j(seed, h)` with `0 <= j < T/2`. Pieces begin where the chain stalls, changes its pace, or
//! waits for an upgrade. Since `j` is shorter than half a block, heights never overtake each other. Up to the start height `j` is 0: what
//! has happened before the scenario's start is the same for every seed.

use super::fixed_duration;
use crate::profile::ChainProfile;
use api::Height;
use simcore::{Luck, SimTime, stable_hash};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// Blocks at an even pace, from `first` on.
#[derive(Clone, Copy, Debug)]
struct Piece {
    first: Height,
    /// When `first` would be made without jitter, in microseconds.
    starts: i64,
    /// From one block to the next, in microseconds.
    block: i64,
}

/// The times of all blocks.
#[derive(Clone, Debug)]
pub(super) struct Heights {
    pieces: Arc<[Piece]>,
    /// The last block ever.
    last: Option<Height>,
    /// Blocks up to this one come without jitter.
    exact_up_to: Height,
    jitter: u64,
}

/// What changes with a block.
#[derive(Default)]
struct Turn {
    /// How much longer than usual it is waited for, in microseconds.
    pause: i64,
    /// The block time from it on, in microseconds.
    block: Option<i64>,
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX / 4)
}

impl Heights {
    pub(super) fn new(profile: &ChainProfile, luck: &Luck) -> Self {
        let block = micros(profile.block_time);
        let before = i64::try_from(profile.start_height.0.saturating_sub(1)).expect("a checked height");
        let mut pieces = vec![Piece { first: Height(1), starts: -before * block, block }];
        for (first, turn) in turns(profile, luck) {
            let piece = *pieces.last().expect("the first piece");
            let blocks = i64::try_from(first.above(piece.first)).expect("a height");
            let starts = piece.starts.saturating_add(blocks.saturating_mul(piece.block)).saturating_add(turn.pause);
            pieces.push(Piece { first, starts, block: turn.block.unwrap_or(piece.block) });
        }
        Self {
            pieces: pieces.into(),
            last: profile.halts_for_ever_at,
            exact_up_to: profile.start_height,
            jitter: luck.fixed("block jitter", "chain"),
        }
    }

    /// When a block is made; `None`: never.
    pub(super) fn time_of(&self, height: Height) -> Option<SimTime> {
        if self.last.is_some_and(|last| height > last) {
            return None;
        }
        let piece = self.pieces.iter().rfind(|piece| piece.first <= height).unwrap_or(&self.pieces[0]);
        Some(self.time_in(piece, height))
    }

    /// The newest block at a moment; 0 before the first.
    pub(super) fn at(&self, now: SimTime) -> Height {
        let Some(index) = self.pieces.iter().rposition(|piece| self.time_in(piece, piece.first) <= now) else {
            return Height(0);
        };
        let piece = &self.pieces[index];
        let blocks = (now.micros() - piece.starts).div_euclid(piece.block);
        let mut height = piece.first.plus(u64::try_from(blocks).unwrap_or(0));
        if let Some(next) = self.pieces.get(index + 1) {
            height = height.min(next.first.minus(1));
        }
        if self.time_in(piece, height) > now {
            height = height.minus(1);
        }
        self.last.map_or(height, |last| height.min(last))
    }

    fn time_in(&self, piece: &Piece, height: Height) -> SimTime {
        let blocks = i64::try_from(height.above(piece.first)).unwrap_or(i64::MAX);
        let even = piece.starts.saturating_add(blocks.saturating_mul(piece.block));
        SimTime::from_micros(even.saturating_add(self.jitter_of(height, piece.block)))
    }

    fn jitter_of(&self, height: Height, block: i64) -> i64 {
        if height <= self.exact_up_to {
            return 0;
        }
        let half = u128::try_from(block / 2).unwrap_or(0);
        let share = (u128::from(stable_hash(&(self.jitter, height))) * half) >> 64;
        i64::try_from(share).expect("less than half a block")
    }
}

/// Where the chain's pace changes: its stalls, its slow phases, and the wait after each upgrade's block.
fn turns(profile: &ChainProfile, luck: &Luck) -> BTreeMap<Height, Turn> {
    let mut turns: BTreeMap<Height, Turn> = BTreeMap::new();
    for stall in &profile.stalls {
        turns.entry(stall.height).or_default().pause += micros(stall.lasts);
    }
    for phase in &profile.slow_phases {
        turns.entry(phase.from).or_default().block = Some(micros(phase.block_time));
        turns.entry(phase.to.plus(1)).or_default().block.get_or_insert(micros(profile.block_time));
    }
    for upgrade in profile.upgrades.iter().filter(|upgrade| upgrade.happens() && upgrade.height >= profile.start_height) {
        let wait = fixed_duration(luck, "chain resumes", &*upgrade.name, upgrade.resume_after.unwrap_or(profile.resume_after));
        turns.entry(upgrade.height.plus(1)).or_default().pause += micros(wait.saturating_sub(profile.block_time));
    }
    turns
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::{SlowPhase, Stall, Upgrade, UpgradeKind};
    use proptest::prelude::*;
    use simcore::{Seed, Span};

    fn profiles() -> impl Strategy<Value = ChainProfile> {
        let stalls = proptest::collection::vec((1u64..300, 0u64..90_000_000), 0..4);
        let phases = proptest::collection::vec((1u64..60, 1u64..40, 210_000u64..2_000_001), 0..4);
        let upgrades = proptest::collection::vec((1u64..80, 0u64..90, any::<bool>()), 0..3);
        (stalls, phases, upgrades, 210_000u64..900_001, proptest::option::of(0u64..300)).prop_map(
            |(stalls, phases, upgrades, block, last)| {
                let start = 1000;
                let mut free = start;
                let mut slow_phases = Vec::new();
                for (gap, blocks, time) in phases {
                    let from = free + gap;
                    free = from + blocks;
                    slow_phases.push(SlowPhase { from: Height(from), to: Height(free), block_time: Duration::from_micros(time) });
                }
                let mut height = start;
                let upgrades = upgrades.into_iter().enumerate().map(|(index, (gap, wait, happens))| {
                    height += gap;
                    Upgrade {
                        name: format!("u{index}").into(),
                        height: Height(height),
                        kind: UpgradeKind::Major,
                        adds_or_deletes_stores: false,
                        passed_at: Height(if happens { 0 } else { height }),
                        resume_after: Some(Span::seconds(wait, wait + 20)),
                    }
                });
                ChainProfile {
                    start_height: Height(start),
                    block_time: Duration::from_micros(block),
                    upgrades: upgrades.collect(),
                    stalls: stalls
                        .into_iter()
                        .map(|(above, lasts)| Stall { height: Height(start + above), lasts: Duration::from_micros(lasts) })
                        .collect(),
                    slow_phases,
                    halts_for_ever_at: last.map(|above| Height(start + above)),
                    ..ChainProfile::default()
                }
            },
        )
    }

    /// The times of blocks 1000 .. 1400, made one after the other as the profile reads.
    fn stepped(profile: &ChainProfile, luck: &Luck) -> Vec<(u64, i64)> {
        let normal = micros(profile.block_time);
        let (mut even, mut block, mut made) = (0, normal, vec![(1000, 0)]);
        for height in 1001..1400u64 {
            even += block;
            for stall in profile.stalls.iter().filter(|stall| stall.height == Height(height)) {
                even += micros(stall.lasts);
            }
            for upgrade in profile.upgrades.iter().filter(|upgrade| upgrade.happens() && upgrade.height == Height(height - 1)) {
                let wait = fixed_duration(luck, "chain resumes", &*upgrade.name, upgrade.resume_after.expect("set"));
                even += (micros(wait) - normal).max(0);
            }
            block = profile.slow_phases.iter().find(|p| p.from.0 <= height && height <= p.to.0).map_or(normal, |p| micros(p.block_time));
            if profile.halts_for_ever_at.is_some_and(|last| height > last.0) {
                break;
            }
            let share = (u128::from(stable_hash(&(luck.fixed("block jitter", "chain"), Height(height)))) * (block / 2) as u128) >> 64;
            made.push((height, even + share as i64));
        }
        made
    }

    proptest! {
        #[test]
        fn the_computed_height_equals_a_stepped_one(profile in profiles(), seed in any::<u64>(), looks in proptest::collection::vec(0i64..400_000_000, 40)) {
            prop_assert_eq!(profile.validate(), Ok(()));
            let luck = Luck::new(Seed(seed));
            let heights = Heights::new(&profile, &luck);
            let made = stepped(&profile, &luck);
            for pair in made.windows(2) {
                prop_assert!(pair[0].1 < pair[1].1, "blocks overtake each other: {pair:?}");
            }
            for (height, at) in &made {
                prop_assert_eq!(heights.time_of(Height(*height)), Some(SimTime::from_micros(*at)));
                prop_assert_eq!(heights.at(SimTime::from_micros(*at)), Height(*height));
                prop_assert!(heights.at(SimTime::from_micros(*at - 1)) < Height(*height));
            }
            let horizon = made.last().expect("the start").1;
            for look in looks.into_iter().filter(|look| *look <= horizon) {
                let newest = made.iter().rfind(|(_, at)| *at <= look).expect("the start").0;
                prop_assert_eq!(heights.at(SimTime::from_micros(look)), Height(newest));
            }
        }
    }

    #[test]
    fn the_past_is_the_same_for_every_seed() {
        let profile = ChainProfile::default();
        let [a, b] = [1, 2].map(|seed| Heights::new(&profile, &Luck::new(Seed(seed))));
        assert_eq!(a.time_of(profile.start_height), Some(SimTime::ZERO));
        assert_eq!(a.time_of(profile.start_height.minus(9)), b.time_of(profile.start_height.minus(9)));
        assert_ne!(a.time_of(profile.start_height.plus(9)), b.time_of(profile.start_height.plus(9)));
    }

    #[test]
    fn a_chain_that_halts_for_ever_makes_no_block_after_its_last() {
        let profile = ChainProfile { halts_for_ever_at: Some(Height(198_740_010)), ..ChainProfile::default() };
        let heights = Heights::new(&profile, &Luck::new(Seed(1)));
        assert_eq!(heights.time_of(Height(198_740_011)), None);
        assert_eq!(heights.at(SimTime::ZERO + Duration::from_secs(86_400)), Height(198_740_010));
    }
}
