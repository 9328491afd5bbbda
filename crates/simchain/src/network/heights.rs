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

impl Piece {
    /// When a block would be made without jitter.
    fn even(&self, height: Height) -> i64 {
        let blocks = i64::try_from(height.above(self.first)).unwrap_or(i64::MAX);
        self.starts.saturating_add(blocks.saturating_mul(self.block))
    }
}

/// What comes later, in some 146 000 years, never comes: a halt height may be any number, and the clock must not overflow.
const BEYOND_TIME: SimTime = SimTime::from_micros(i64::MAX / 2);

/// The times of all blocks.
#[derive(Clone, Debug)]
pub(super) struct Heights {
    turns: BTreeMap<Height, Turn>,
    pieces: Arc<[Piece]>,
    /// The last block ever.
    last: Option<Height>,
    /// The newest block while no further one is made, for want of voting power.
    held: Option<Height>,
    /// Blocks up to this one come without jitter.
    exact_up_to: Height,
    jitter: u64,
}

/// What changes with a block.
#[derive(Clone, Copy, Debug, Default)]
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
        let origin = Piece { first: Height(1), starts: -before * block, block };
        let turns = turns(profile, luck);
        Self {
            pieces: pieces(origin, &turns),
            turns,
            last: profile.halts_for_ever_at,
            held: None,
            exact_up_to: profile.start_height,
            jitter: luck.fixed("block jitter", "chain"),
        }
    }

    /// The next block, and all that follow, come so much later.
    pub(super) fn stall(&mut self, now: SimTime, lasts: Duration) {
        self.turns.entry(self.at(now).plus(1)).or_default().pause += micros(lasts);
        self.pieces = pieces(self.pieces[0], &self.turns);
    }

    /// So many blocks after the next one come at another pace.
    pub(super) fn slow(&mut self, now: SimTime, blocks: u64, block_time: Duration) {
        let first = self.at(now).plus(2);
        let then = first.plus(blocks);
        let usual = self.piece_of(then).block;
        self.turns.range_mut(first..then).for_each(|(_, turn)| turn.block = None);
        self.turns.entry(first).or_default().block = Some(micros(block_time));
        self.turns.entry(then).or_default().block = Some(usual);
        self.pieces = pieces(self.pieces[0], &self.turns);
    }

    /// The block after an upgrade's waits so long.
    pub(super) fn resume_after(&mut self, upgrade: Height, wait: Duration) {
        let block = self.piece_of(upgrade).block;
        self.turns.entry(upgrade.plus(1)).or_default().pause = (micros(wait) - block).max(0);
        self.pieces = pieces(self.pieces[0], &self.turns);
    }

    /// An upgrade is at another height, or never: with it goes the wait after its block.
    pub(super) fn move_upgrade(&mut self, from: Height, to: Option<Height>) {
        let waited = self.turns.get_mut(&from.plus(1)).map_or(0, |turn| std::mem::take(&mut turn.pause));
        if let Some(to) = to {
            self.turns.entry(to.plus(1)).or_default().pause += waited;
        }
        self.pieces = pieces(self.pieces[0], &self.turns);
    }

    /// No block is made until [`Heights::resume`].
    pub(super) fn hold(&mut self, now: SimTime) {
        self.held = Some(self.at(now));
    }

    /// Whether no block is made.
    pub(super) fn is_held(&self) -> bool {
        self.held.is_some()
    }

    /// Blocks are made again: the next one a block time from now, or when it was to come anyway.
    pub(super) fn resume(&mut self, now: SimTime) {
        let Some(newest) = self.held.take() else { return };
        let next = newest.plus(1);
        let piece = self.piece_of(next);
        let late = now.micros() + piece.block - piece.even(next);
        if late > 0 {
            self.turns.entry(next).or_default().pause += late;
            self.pieces = pieces(self.pieces[0], &self.turns);
        }
    }

    /// The last block that will be made, as far as is known now.
    fn last(&self) -> Option<Height> {
        [self.last, self.held].into_iter().flatten().min()
    }

    fn piece_of(&self, height: Height) -> Piece {
        *self.pieces.iter().rfind(|piece| piece.first <= height).unwrap_or(&self.pieces[0])
    }

    /// When a block is made; `None`: never.
    pub(super) fn time_of(&self, height: Height) -> Option<SimTime> {
        if self.last().is_some_and(|last| height > last) {
            return None;
        }
        Some(self.time_in(&self.piece_of(height), height)).filter(|made| *made < BEYOND_TIME)
    }

    /// The newest block at a moment; 0 before the first.
    pub(super) fn at(&self, now: SimTime) -> Height {
        let Some(index) = self.pieces.iter().rposition(|piece| self.is_made(piece, piece.first, now)) else {
            return Height(0);
        };
        let piece = &self.pieces[index];
        let blocks = (now.micros() - piece.starts).div_euclid(piece.block);
        let mut height = piece.first.plus(u64::try_from(blocks).unwrap_or(0));
        if let Some(next) = self.pieces.get(index + 1) {
            height = height.min(next.first.minus(1));
        }
        if !self.is_made(piece, height, now) {
            height = height.minus(1);
        }
        self.last().map_or(height, |last| height.min(last))
    }

    /// Whether a block has been made at a moment. Its jitter decides only in the half block after it would be made without.
    fn is_made(&self, piece: &Piece, height: Height, now: SimTime) -> bool {
        let late = now.micros().saturating_sub(piece.even(height));
        late >= piece.block / 2 || (late >= 0 && late >= self.jitter_of(height, piece.block))
    }

    fn time_in(&self, piece: &Piece, height: Height) -> SimTime {
        SimTime::from_micros(piece.even(height).saturating_add(self.jitter_of(height, piece.block)))
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

/// The pieces from the first on, which these turns make.
fn pieces(origin: Piece, turns: &BTreeMap<Height, Turn>) -> Arc<[Piece]> {
    let mut pieces = vec![origin];
    for (first, turn) in turns {
        let piece = *pieces.last().expect("the first piece");
        let starts = piece.even(*first).saturating_add(turn.pause);
        pieces.push(Piece { first: *first, starts, block: turn.block.unwrap_or(piece.block) });
    }
    pieces.into()
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
    for upgrade in &profile.upgrades {
        let Some(height) = upgrade.applies_at().filter(|height| *height >= profile.start_height) else { continue };
        let wait = fixed_duration(luck, "chain resumes", &*upgrade.name, upgrade.resume_after.unwrap_or(profile.resume_after));
        turns.entry(height.plus(1)).or_default().pause += micros(wait.saturating_sub(profile.block_time));
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
                        passed_at: Height(if happens { 0 } else { height }),
                        resume_after: Some(Span::seconds(wait, wait + 20)),
                        ..Upgrade::new(format!("u{index}"), Height(height), UpgradeKind::Major)
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
            for upgrade in profile.upgrades.iter().filter(|upgrade| upgrade.applies_at() == Some(Height(height - 1))) {
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
    fn a_block_that_time_does_not_reach_is_never_made() {
        let profile = ChainProfile { start_height: Height(1000), ..ChainProfile::default() };
        let heights = Heights::new(&profile, &Luck::new(Seed(1)));
        let years = |years: u64| Height(1000 + years * 365 * 86_400 * 5 / 2);
        assert!(heights.time_of(years(140_000)).is_some());
        assert_eq!((heights.time_of(years(150_000)), heights.time_of(Height(u64::MAX))), (None, None));
    }

    /// Something done to the chain: after so many blocks, what, for so many seconds or blocks.
    fn disturbances() -> impl Strategy<Value = Vec<(u64, u8, u64)>> {
        proptest::collection::vec((1u64..60, 0u8..3, 1u64..120), 0..6)
    }

    proptest! {
        #[test]
        fn what_is_done_to_the_chain_moves_no_block_that_was_made_and_keeps_all_in_order(seed in any::<u64>(), done in disturbances()) {
            let profile = ChainProfile { start_height: Height(1000), ..ChainProfile::default() };
            let mut heights = Heights::new(&profile, &Luck::new(Seed(seed)));
            let mut newest = Height(1000);
            for (blocks, what, much) in done {
                newest = newest.plus(blocks);
                let mut now = heights.time_of(newest).expect("made");
                let made: Vec<_> = (990..=newest.0).map(|height| heights.time_of(Height(height))).collect();
                match what {
                    0 => heights.stall(now, Duration::from_secs(much)),
                    1 => heights.slow(now, much, Duration::from_secs(1)),
                    _ => {
                        heights.hold(now);
                        now = now + Duration::from_secs(much);
                        prop_assert_eq!((heights.at(now), heights.time_of(newest.plus(1))), (newest, None));
                        heights.resume(now);
                        prop_assert!(heights.time_of(newest.plus(1)).is_some_and(|next| next > now));
                    }
                }
                let after: Vec<_> = (990..=newest.0).map(|height| heights.time_of(Height(height))).collect();
                prop_assert_eq!(made, after);
            }
            for height in 990..newest.0 + 300 {
                let at = heights.time_of(Height(height)).expect("made");
                prop_assert_eq!((heights.at(at), heights.at(at - Duration::from_micros(1))), (Height(height), Height(height - 1)));
            }
        }
    }

    #[test]
    fn the_later_of_two_paces_holds_for_its_blocks_and_leaves_the_usual_one_behind() {
        let mut heights = Heights::new(&ChainProfile::default(), &Luck::new(Seed(1)));
        let start = ChainProfile::default().start_height;
        heights.slow(SimTime::ZERO, 100, Duration::from_secs(10));
        heights.slow(heights.time_of(start.plus(50)).expect("made"), 100, Duration::from_millis(100));
        let pace = |height: u64| heights.piece_of(start.plus(height)).block;
        assert_eq!([pace(1), pace(20), pace(60), pace(130), pace(160)], [400_000, 10_000_000, 100_000, 100_000, 400_000]);
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
