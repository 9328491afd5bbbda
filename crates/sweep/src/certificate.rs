//! What a sweep has run and found.

use faults::{Schedule, What};
use serde::Serialize;
use std::collections::BTreeMap;

/// The result of a sweep.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Certificate {
    /// The version of the format.
    pub version: u32,
    /// The scenario.
    pub scenario: String,
    /// The design, decisions changed included.
    pub design: String,
    /// The seed of every world.
    pub seed: u64,
    /// The build that ran it.
    pub code: String,
    /// How many faults a schedule has at most.
    pub k: usize,
    /// The faults that were placed.
    pub alphabet: Vec<What>,
    /// How many places the fault-free history offers.
    pub places: usize,
    /// How many schedules were run, by their number of faults, from none on. Of one fault: faults times places, less what is refused or merged.
    pub schedules: Vec<u64>,
    /// How many placements cannot be: a fault that has no effect at such a trigger is refused, as in a file.
    pub refused: Vec<u64>,
    /// How many placements were not run, by number of faults, since the same fault already strikes after the same event, or was placed where another
    /// world stood alike.
    pub merged: Vec<u64>,
    /// How many schedules were not extended by a further fault, since their last one befell nothing: they are the world without it.
    pub idle: u64,
    /// How many different ends the worlds had: what was left, and which laws were broken.
    pub distinct_ends: usize,
    /// By oracle, what broke it.
    pub oracles: BTreeMap<&'static str, Breaking>,
    /// Schedules in which the testbed failed, with why: the certificate holds for none of them.
    pub failed: Vec<(Schedule, String)>,
}

impl Certificate {
    /// How many schedules have been run.
    pub fn run(&self) -> u64 {
        self.schedules.iter().sum()
    }
}

/// How an oracle is broken.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Breaking {
    /// The least number of faults that breaks it, without an excuse: its resilience number. An oracle that is not listed withstood all.
    pub resilience: usize,
    /// The first schedule of that many faults that does.
    pub first: Schedule,
    /// How many schedules break it, by their number of faults, from none on.
    pub schedules: Vec<u64>,
}
