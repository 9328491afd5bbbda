//! The world's randomness: one ChaCha8 stream per purpose and subject, derived from the seed, made when first used.

use crate::hash::{StableHasher, stable_hash};
use crate::span::Span;
use crate::time::micros_of;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rustc_hash::FxHashMap;
use std::hash::{Hash, Hasher};
use std::time::Duration;
use uuid::Uuid;

/// What determines a world's luck.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Seed(pub u64);

/// All random streams of a world.
#[derive(Clone, Debug)]
pub struct Luck {
    seed: Seed,
    /// By purpose and hashed subject. A stream is large, and a map that grows moves all it holds.
    streams: FxHashMap<(&'static str, u64), Box<ChaCha8Rng>>,
}

impl Luck {
    /// The streams of a seed.
    pub fn new(seed: Seed) -> Self {
        Self { seed, streams: FxHashMap::default() }
    }

    /// The seed.
    pub fn seed(&self) -> Seed {
        self.seed
    }

    /// The stream of a purpose and a subject.
    pub fn stream(&mut self, purpose: &'static str, subject: &(impl Hash + ?Sized)) -> &mut ChaCha8Rng {
        let (seed, subject) = (self.seed, stable_hash(subject));
        self.streams.entry((purpose, subject)).or_insert_with(|| {
            let mut key = [0; 32];
            key[..8].copy_from_slice(&seed.0.to_le_bytes());
            key[8..16].copy_from_slice(&stable_hash(purpose).to_le_bytes());
            key[16..24].copy_from_slice(&subject.to_le_bytes());
            Box::new(ChaCha8Rng::from_seed(key))
        })
    }

    /// A whole number from 0 up to, but not including, `bound`. Panics if `bound` is 0.
    ///
    /// Multiply-shift on 64 bits: the same on every platform, and off from uniform by less than `bound / 2^64`.
    pub fn below(&mut self, purpose: &'static str, subject: &(impl Hash + ?Sized), bound: u64) -> u64 {
        assert!(bound > 0, "nothing lies below zero");
        let draw = self.stream(purpose, subject).next_u64();
        let below = (u128::from(draw) * u128::from(bound)) >> 64;
        u64::try_from(below).expect("the high half of a product of two 64-bit numbers")
    }

    /// A duration from the range, both ends included, in microseconds.
    pub fn duration(&mut self, purpose: &'static str, subject: &(impl Hash + ?Sized), span: Span) -> Duration {
        let width = micros_of(span.max()) - micros_of(span.min());
        if width == 0 {
            return span.min();
        }
        let extra = self.below(purpose, subject, u64::try_from(width).expect("a range starts at its lower end") + 1);
        span.min() + Duration::from_micros(extra)
    }

    /// Which of several outcomes, weighted. Panics if all weights are 0.
    pub fn weighted(&mut self, purpose: &'static str, subject: &(impl Hash + ?Sized), weights: &[u32]) -> usize {
        let total: u64 = weights.iter().copied().map(u64::from).sum();
        let mut draw = self.below(purpose, subject, total);
        for (index, weight) in weights.iter().copied().enumerate() {
            match draw.checked_sub(u64::from(weight)) {
                None => return index,
                Some(rest) => draw = rest,
            }
        }
        unreachable!("a draw below the total falls into one of the weights")
    }

    /// A version 4 UUID.
    pub fn uuid(&mut self, purpose: &'static str, subject: &(impl Hash + ?Sized)) -> Uuid {
        let mut bytes = [0; 16];
        self.stream(purpose, subject).fill_bytes(&mut bytes);
        bytes[6] = bytes[6] & 0x0f | 0x40;
        bytes[8] = bytes[8] & 0x3f | 0x80;
        Uuid::from_bytes(bytes)
    }

    /// A number fixed by seed, purpose and subject, without a stream: for orders and jitters that must not depend on how often they are asked.
    pub fn fixed(&self, purpose: &'static str, subject: &(impl Hash + ?Sized)) -> u64 {
        let mut hasher = StableHasher::default();
        (self.seed, purpose).hash(&mut hasher);
        subject.hash(&mut hasher);
        hasher.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_more_draw_of_a_purpose_does_not_shift_another() {
        let (mut a, mut b) = (Luck::new(Seed(7)), Luck::new(Seed(7)));
        a.below("api latency", "rpc-0", 100);
        assert_eq!(a.below("pod start", "rpc-0", 1 << 40), b.below("pod start", "rpc-0", 1 << 40));
        assert_ne!(a.below("pod start", "rpc-1", 1 << 40), b.below("pod start", "rpc-2", 1 << 40));
    }

    #[test]
    fn a_duration_stays_in_its_range_and_reaches_both_ends() {
        let mut luck = Luck::new(Seed(1));
        let span = Span::between(Duration::from_micros(3), Duration::from_micros(5)).expect("a range");
        let drawn: std::collections::BTreeSet<_> = (0..200).map(|_| luck.duration("d", "s", span)).collect();
        assert_eq!(drawn.into_iter().map(|d| d.as_micros()).collect::<Vec<_>>(), [3, 4, 5]);
    }

    #[test]
    fn an_outcome_without_weight_is_never_drawn() {
        let mut luck = Luck::new(Seed(1));
        assert!((0..500).all(|_| luck.weighted("w", "s", &[0, 3, 0, 1, 0]) % 2 == 1));
    }
}
