//! What a campaign counts. Two tallies add up to that of both.

use serde::{Deserialize, Serialize};
use simcore::stable_hash;
use std::collections::BTreeMap;
use testbed::marks::Mark;
use testbed::{Failure, WorldResult};

/// Counts over the worlds of a campaign.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub struct Tally {
    /// Worlds that came to an end.
    pub worlds: u64,
    /// By how they ended.
    pub outcomes: BTreeMap<String, u64>,
    /// Violations that no fault excuses, by oracle.
    pub violations: BTreeMap<String, OracleCount>,
    /// Excused violations, by row of the table of excuses.
    pub excused: BTreeMap<String, OracleCount>,
    /// By fault, `group/name`.
    pub faults: BTreeMap<String, FaultCount>,
    /// In how many worlds each mark was passed.
    pub marks: BTreeMap<String, u64>,
    /// Worlds in which the testbed itself failed: seed and reason. No more than a few are kept.
    pub failures: Vec<(u64, String)>,
    /// How many of those there were.
    pub failed: u64,
    /// The sum of a hash of each world's seed and history: two campaigns over the same seeds agree in it if all their histories do.
    pub histories: u64,
}

/// How often a law was broken.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OracleCount {
    /// Worlds in which it was, at least once.
    pub worlds: u64,
    /// How often in all.
    pub total: u64,
    /// The first seed in which it was.
    pub first_seed: u64,
}

/// How often a fault was to strike, struck, and found something to befall.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FaultCount {
    /// Schedules that name it, each time.
    pub drawn: u64,
    /// Times that its trigger came.
    pub struck: u64,
    /// Times that there was something to befall.
    pub befell: u64,
}

/// How many failures of the testbed are kept in full.
const KEPT: usize = 20;

impl Tally {
    /// Counts a world.
    pub fn add(&mut self, seed: u64, world: &Result<WorldResult, Failure>) {
        let result = match world {
            Ok(result) => result,
            Err(failure) => {
                self.failed += 1;
                if self.failures.len() < KEPT {
                    self.failures.push((seed, failure.to_string()));
                }
                return;
            }
        };
        self.worlds += 1;
        self.histories = self.histories.wrapping_add(stable_hash(&(seed, &result.history_hash)));
        *self.outcomes.entry(result.outcome.name().to_owned()).or_default() += 1;
        let mut seen: BTreeMap<(bool, &str), u64> = BTreeMap::new();
        for violation in &result.violations {
            match violation.excused {
                None => *seen.entry((false, violation.oracle)).or_default() += 1,
                Some(row) => *seen.entry((true, row)).or_default() += 1,
            }
        }
        for ((excused, name), count) in seen {
            let counts = if excused { &mut self.excused } else { &mut self.violations };
            let held = counts.entry(name.to_owned()).or_insert_with(|| OracleCount { first_seed: seed, ..OracleCount::default() });
            held.worlds += 1;
            held.total += count;
        }
        for record in &result.faults {
            let held = self.faults.entry(record.fault.what.id()).or_default();
            held.drawn += 1;
            held.struck += u64::from(record.struck.is_some());
            held.befell += u64::from(record.struck.as_ref().is_some_and(|struck| struck.befell));
        }
        for mark in result.marks.iter() {
            *self.marks.entry(mark.name().to_owned()).or_default() += 1;
        }
    }

    /// Counts the worlds of another tally too, which are of later seeds.
    pub fn join(&mut self, later: Self) {
        self.worlds += later.worlds;
        self.histories = self.histories.wrapping_add(later.histories);
        self.failed += later.failed;
        self.failures.extend(later.failures);
        self.failures.truncate(KEPT);
        add_counts(&mut self.outcomes, later.outcomes);
        add_counts(&mut self.marks, later.marks);
        for (held, later) in [(&mut self.violations, later.violations), (&mut self.excused, later.excused)] {
            for (name, count) in later {
                let first_seed = count.first_seed;
                let sum = held.entry(name).or_insert_with(|| OracleCount { first_seed, ..OracleCount::default() });
                sum.worlds += count.worlds;
                sum.total += count.total;
            }
        }
        for (id, count) in later.faults {
            let sum = self.faults.entry(id).or_default();
            sum.drawn += count.drawn;
            sum.struck += count.struck;
            sum.befell += count.befell;
        }
    }

    /// How many violations no fault excuses.
    pub fn unexcused(&self) -> u64 {
        self.violations.values().map(|count| count.total).sum()
    }

    /// Marks that no world has passed.
    pub fn missed_marks(&self) -> impl Iterator<Item = Mark> {
        Mark::ALL.iter().copied().filter(|mark| !self.marks.contains_key(mark.name()))
    }
}

fn add_counts(held: &mut BTreeMap<String, u64>, later: BTreeMap<String, u64>) {
    for (name, count) in later {
        *held.entry(name).or_default() += count;
    }
}
