//! The sum of many worlds. Adding is all there is: the tally of two ranges of seeds is the sum of their tallies.

use serde::{Deserialize, Serialize};
use simcore::stable_hash;
use std::collections::BTreeMap;
use testbed::WorldResult;
use testbed::marks::Mark;
use testbed::scenario::Outcome;

/// How many failures of the testbed are told with their message; more are only counted.
const TOLD: usize = 100;

/// What a number of worlds came to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tally {
    /// Worlds that were run, those in which the testbed failed included.
    pub worlds: u64,
    /// How they ended.
    pub outcomes: BTreeMap<Outcome, u64>,
    /// Violations by oracle.
    pub oracles: BTreeMap<String, Broken>,
    /// Excused violations, by the row of the excuse table.
    pub excused: BTreeMap<String, u64>,
    /// Faults, by group and name.
    pub faults: BTreeMap<String, FaultTally>,
    /// Worlds that passed each mark.
    pub marks: BTreeMap<String, u64>,
    /// The sum of a hash of each world's seed and history: equal for the same worlds, however they were run.
    pub histories: u64,
    /// Worlds in which the testbed failed.
    pub failures: u64,
    /// The first of these.
    pub failed: Vec<FailureNote>,
}

/// Violations of one oracle.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Broken {
    /// Worlds with at least one that is not excused.
    pub worlds: u64,
    /// All that are not excused.
    pub total: u64,
    /// All that are.
    pub excused: u64,
    /// The lowest seed with one that is not excused.
    pub first_seed: Option<u64>,
}

/// What became of the faults of one kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaultTally {
    /// How often worlds were to meet it.
    pub drawn: u64,
    /// How often its trigger came.
    pub struck: u64,
    /// How often there was something to befall.
    pub befell: u64,
}

impl FaultTally {
    /// How often its trigger never came.
    pub fn missed(self) -> u64 {
        self.drawn - self.struck
    }
}

/// A world in which the testbed failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FailureNote {
    /// Its seed.
    pub seed: u64,
    /// What happened.
    pub message: String,
}

impl Tally {
    /// Adds a world that was judged.
    pub fn add(&mut self, result: &WorldResult) {
        self.worlds += 1;
        *self.outcomes.entry(result.outcome).or_default() += 1;
        let mut broken: Vec<&str> = Vec::new();
        for violation in &result.violations {
            let tally = self.oracles.entry(violation.oracle.to_owned()).or_default();
            if let Some(row) = violation.excused {
                tally.excused += 1;
                *self.excused.entry(row.to_owned()).or_default() += 1;
                continue;
            }
            tally.total += 1;
            tally.first_seed.get_or_insert(result.seed);
            if !broken.contains(&violation.oracle) {
                broken.push(violation.oracle);
                tally.worlds += 1;
            }
        }
        result.marks.iter().for_each(|mark| *self.marks.entry(mark.name().to_owned()).or_default() += 1);
        self.histories = self.histories.wrapping_add(stable_hash(&(result.seed, &result.history_hash)));
        for record in &result.faults {
            let tally = self.faults.entry(record.fault.what.id()).or_default();
            tally.drawn += 1;
            tally.struck += u64::from(record.struck.is_some());
            tally.befell += u64::from(record.struck.as_ref().is_some_and(|struck| struck.befell));
        }
    }

    /// Adds a world in which the testbed failed.
    pub fn add_failure(&mut self, seed: u64, message: String) {
        self.worlds += 1;
        self.failures += 1;
        if self.failed.len() < TOLD {
            self.failed.push(FailureNote { seed, message });
        }
    }

    /// Adds the worlds of later seeds.
    pub fn join(&mut self, later: Self) {
        self.worlds += later.worlds;
        self.failures += later.failures;
        later.outcomes.into_iter().for_each(|(outcome, n)| *self.outcomes.entry(outcome).or_default() += n);
        self.histories = self.histories.wrapping_add(later.histories);
        later.marks.into_iter().for_each(|(mark, n)| *self.marks.entry(mark).or_default() += n);
        later.excused.into_iter().for_each(|(row, n)| *self.excused.entry(row).or_default() += n);
        for (oracle, more) in later.oracles {
            let tally = self.oracles.entry(oracle).or_default();
            tally.worlds += more.worlds;
            tally.total += more.total;
            tally.excused += more.excused;
            tally.first_seed = tally.first_seed.or(more.first_seed);
        }
        for (kind, more) in later.faults {
            let tally = self.faults.entry(kind).or_default();
            tally.drawn += more.drawn;
            tally.struck += more.struck;
            tally.befell += more.befell;
        }
        self.failed.extend(later.failed);
        self.failed.truncate(TOLD);
    }

    /// Marks that no world has passed.
    pub fn missed_marks(&self) -> impl Iterator<Item = Mark> {
        Mark::ALL.iter().copied().filter(|mark| !self.marks.contains_key(mark.name()))
    }

    /// Violations that are not excused.
    pub fn violations(&self) -> u64 {
        self.oracles.values().map(|broken| broken.total).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sum_of_two_ranges_keeps_the_lowest_seed_and_counts_failures_it_no_longer_tells() {
        let half = |seed| {
            let mut tally = Tally::default();
            tally.oracles.insert("no-endpoint".to_owned(), Broken { worlds: 1, total: 2, excused: 1, first_seed: Some(seed) });
            (0..TOLD as u64).for_each(|n| tally.add_failure(seed + n, "x".to_owned()));
            tally
        };
        let mut sum = half(5);
        sum.join(half(500));
        assert_eq!(sum.oracles["no-endpoint"], Broken { worlds: 2, total: 4, excused: 2, first_seed: Some(5) });
        assert_eq!((sum.failures, sum.failed.len(), sum.failed[0].seed), (200, TOLD, 5));
        assert_eq!(sum.violations(), 4);
    }
}
