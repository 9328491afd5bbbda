//! The defect that no single fault shows, swept: every placement of one fault leaves it unseen, some placement of two does not.

use crate::{Exhibit, Shown};
use faults::Profile;
use std::num::NonZeroUsize;
use sweep::{Certificate, Sweep};

/// The certificates of an exhibit that it takes two faults to see.
#[derive(Clone, Debug)]
pub struct Pair {
    /// The exhibit.
    pub exhibit: Exhibit,
    /// Every placement of up to two faults of its alphabet, under the variant.
    pub variant: Certificate,
    /// The same under the faithful design.
    pub base: Certificate,
}

impl Pair {
    /// Sweeps an exhibit that names an alphabet for it; gives nothing for another one.
    ///
    /// # Errors
    /// If the testbed failed.
    pub fn sweep(exhibit: &Exhibit, seed: u64, jobs: NonZeroUsize) -> Result<Option<Self>, String> {
        let Shown::TwoFaults(alphabet) = exhibit.shown else { return Ok(None) };
        let stages = [exhibit.stage(Profile::None), exhibit.base.stage(Profile::None)];
        let [variant, base] = stages.map(|stage| {
            let stage = stage.map_err(|error| error.to_string())?;
            Sweep { stage: &stage, seed, alphabet: alphabet.to_vec(), k: 2, jobs, merging: false, code: String::new() }.run(&|_, _| ())
        });
        Ok(Some(Self { exhibit: *exhibit, variant: variant?, base: base? }))
    }

    /// How many schedules of this many faults show the exhibit to its own oracle, under the variant.
    pub fn showing(&self, faults: usize) -> u64 {
        self.variant.oracles.get(self.exhibit.oracle).map_or(0, |breaking| breaking.schedules[faults])
    }

    /// The first schedule that shows it, in words.
    pub fn first(&self) -> Option<String> {
        let first = &self.variant.oracles.get(self.exhibit.oracle)?.first;
        Some(first.0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))
    }

    /// Whether two faults show it, no single one does, and nothing of all that under the faithful design.
    pub fn holds(&self) -> bool {
        let least = self.variant.oracles.get(self.exhibit.oracle).map(|breaking| breaking.resilience);
        least == Some(2) && !self.base.oracles.contains_key(self.exhibit.oracle)
    }
}
