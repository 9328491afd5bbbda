//! A census: the same worlds under a variant and under the design that it is a variant of, and which oracles tell the two apart.
//!
//! A faithful design breaks laws by itself. Where it breaks one in some worlds only, that is a matter of luck, and a variant, whose worlds have
//! other luck from the first difference on, may break it in one world more by luck alone. So an oracle that the faithful design sets off now and then
//! counts only if far more worlds differ in the one direction than in the other.

use std::collections::{BTreeMap, BTreeSet};

/// The oracles that a world violates without an excuse.
pub type Broken = BTreeSet<&'static str>;

/// McNemar's test: the square of the difference over the sum, above which it is luck once in a thousand times (chi-squared, one degree of freedom:
/// 10.83).
const BEYOND_LUCK: usize = 11;

/// How one oracle tells a variant from its base.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sighting {
    /// After how many worlds it first saw what it does not see in the faithful design.
    pub after: Option<u64>,
    /// In how many worlds only the variant violates it.
    pub variant_only: usize,
    /// In how many worlds only the faithful design violates it.
    pub base_only: usize,
    /// In how many worlds the faithful design violates it.
    pub base: usize,
}

impl Sighting {
    /// Whether the difference is more than luck.
    pub fn tells(&self) -> bool {
        let more = self.variant_only.saturating_sub(self.base_only);
        let differing = self.variant_only + self.base_only;
        more > 0 && (self.base == 0 || more * more >= BEYOND_LUCK * differing)
    }
}

/// What came of the worlds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Census {
    /// How many there were.
    pub worlds: u64,
    /// By oracle, each that was violated by the one or the other.
    pub oracles: BTreeMap<&'static str, Sighting>,
    /// The worlds in which the testbed failed: the seed, and why.
    pub failed: Vec<(u64, String)>,
}

impl Census {
    /// Counts a world.
    pub fn add(&mut self, variant: &Broken, base: &Broken) {
        self.worlds += 1;
        for oracle in variant.union(base) {
            let sighting = self.oracles.entry(oracle).or_default();
            match (variant.contains(oracle), base.contains(oracle)) {
                (true, false) => {
                    sighting.variant_only += 1;
                    sighting.after.get_or_insert(self.worlds);
                }
                (false, true) => sighting.base_only += 1,
                _ => {}
            }
            sighting.base += usize::from(base.contains(oracle));
        }
    }

    /// Counts a world that says nothing, since the testbed failed in it.
    pub fn fail(&mut self, seed: u64, why: String) {
        self.worlds += 1;
        self.failed.push((seed, why));
    }

    /// What one oracle made of it.
    pub fn of(&self, oracle: &str) -> Sighting {
        self.oracles.get(oracle).copied().unwrap_or_default()
    }

    /// Whether a difference in this oracle means anything: the faithful design never violates it, or the variant does so far more often.
    pub fn trusts(&self, oracle: &str) -> bool {
        let sighting = self.of(oracle);
        sighting.base == 0 || sighting.tells()
    }
}
