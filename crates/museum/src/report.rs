//! What a hunt comes to: the medians, what escaped, and which oracle cannot be done without.

use crate::{Exhibit, Hunt, Hunted, Pair, Strategy};
use serde::Serialize;
use std::cmp::Reverse;

/// Everything that was found, and what was not.
#[derive(Clone, Debug)]
pub struct Report {
    /// What was searched.
    pub hunt: Hunt,
    /// By exhibit, in the order asked for.
    pub hunted: Vec<Hunted>,
    /// Those of them that it takes two faults to see, swept.
    pub pairs: Vec<Pair>,
}

impl Report {
    /// Hunts for some exhibits. `tell` is told what has been done: [`Report::steps`] times.
    ///
    /// # Errors
    /// If the threads cannot be started, or the testbed fails before a design's or a variant's first world, or in a sweep of two faults.
    pub fn of(hunt: Hunt, exhibits: &[Exhibit], tell: &(dyn Fn(&str) + Sync)) -> Result<Self, String> {
        let hunted = hunt.run(exhibits, tell)?;
        let pairs = exhibits.iter().map(|exhibit| Pair::sweep(exhibit, PAIR_SEED, hunt.jobs)).collect::<Result<Vec<_>, String>>()?;
        Ok(Self { hunt, hunted, pairs: pairs.into_iter().flatten().collect() })
    }

    /// How often a hunt for some exhibits tells that something is done.
    pub fn steps(exhibits: &[Exhibit]) -> usize {
        crate::bases(exhibits).len() + exhibits.len()
    }

    /// The worlds that a strategy needs in the median, over all exhibits; nothing if it does not find half of them.
    pub fn median(&self, strategy: Strategy) -> Option<u64> {
        let mut after: Vec<u64> = self.hunted.iter().map(|hunted| hunted.after(strategy).unwrap_or(u64::MAX)).collect();
        after.sort_unstable();
        after.get(after.len().saturating_sub(1) / 2).copied().filter(|worlds| *worlds < u64::MAX)
    }

    /// The exhibits that no strategy found, and no sweep of two faults.
    pub fn undetected(&self) -> Vec<&'static str> {
        let swept = |name| self.pairs.iter().any(|pair| pair.exhibit.name == name && pair.holds());
        let escaped = self.hunted.iter().filter(|hunted| !hunted.is_detected() && !swept(hunted.exhibit.name));
        escaped.map(|hunted| hunted.exhibit.name).collect()
    }

    /// The exhibits that an oracle sees.
    pub fn seen_by(&self, oracle: &str) -> Vec<&'static str> {
        self.hunted.iter().filter(|hunted| hunted.seen_by.contains(oracle)).map(|hunted| hunted.exhibit.name).collect()
    }

    /// The exhibits that would escape without an oracle: no other one sees them.
    pub fn seen_only_by(&self, oracle: &str) -> Vec<&'static str> {
        let alone = self.hunted.iter().filter(|hunted| hunted.seen_by.iter().eq([&oracle]));
        alone.map(|hunted| hunted.exhibit.name).collect()
    }

    /// Of the exhibits that an oracle sees in the swarm and others do too: the one that would be seen latest without it.
    pub fn delayed_most(&self, oracle: &str) -> Option<Delay> {
        let delay = |hunted: &Hunted| {
            let others = hunted.seen_by.iter().filter(|other| **other != oracle);
            let with = hunted.census.of(oracle).after.filter(|_| hunted.seen_by.contains(oracle))?;
            let without = others.filter_map(|other| hunted.census.of(other).after).min()?;
            (without > with).then_some(Delay { exhibit: hunted.exhibit.name, with, without })
        };
        self.hunted.iter().filter_map(delay).max_by_key(|delay| (delay.without, Reverse(delay.exhibit)))
    }

    /// The worlds of variants in which the testbed failed, each with its reason.
    pub fn failures(&self) -> Vec<String> {
        let of = |hunted: &Hunted| {
            let name = hunted.exhibit.name;
            hunted.census.failed.iter().map(|(seed, why)| format!("{name}, seed {seed}: {why}")).collect::<Vec<_>>()
        };
        self.hunted.iter().flat_map(of).collect()
    }
}

/// How much later an exhibit is seen without an oracle: after so many worlds of the swarm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Delay {
    /// The exhibit.
    pub exhibit: &'static str,
    /// With the oracle.
    pub with: u64,
    /// Without it.
    pub without: u64,
}

/// The seed of every world in which two faults are placed.
const PAIR_SEED: u64 = 1;
