//! How many continuations recover from a point of a history.

use explore::tried;
use faults::Schedule;
use oracles::EventNumber;
use rayon::prelude::*;
use simcore::{Seed, stable_hash};
use std::collections::BTreeMap;
use testbed::history::History;
use testbed::world::{HORIZON, World};
use testbed::{Failure, Settled};

/// The odds of one world, each point of its history looked at once.
pub struct Odds<'a> {
    settled: &'a Settled,
    seed: u64,
    schedule: &'a Schedule,
    oracle: &'static str,
    /// How many continuations each point gets.
    of: u32,
    known: BTreeMap<u64, u32>,
}

impl<'a> Odds<'a> {
    /// Of a world that violates an oracle.
    pub fn new(settled: &'a Settled, seed: u64, schedule: &'a Schedule, oracle: &'static str, of: u32) -> Self {
        Self { settled, seed, schedule, oracle, of, known: BTreeMap::new() }
    }

    /// How many continuations recover when that many entries have been told.
    ///
    /// # Errors
    /// If the testbed failed.
    pub fn after(&mut self, told: u64) -> Result<u32, String> {
        if let Some(recover) = self.known.get(&told) {
            return Ok(*recover);
        }
        let one = |index: u32| tried(|| self.recovers(told, index).map_err(|failure| failure.to_string()));
        let outcomes: Vec<bool> = (0..self.of).into_par_iter().map(one).collect::<Result<_, _>>()?;
        let recover = outcomes.into_iter().map(u32::from).sum();
        self.known.insert(told, recover);
        Ok(recover)
    }

    /// Whether the oracle is not violated in a continuation. The same ones have the same luck at every point.
    fn recovers(&self, told: u64, index: u32) -> Result<bool, Failure> {
        let mut world: World = self.settled.world_under(self.seed, self.schedule, History::default());
        if let Some(last) = told.checked_sub(1) {
            world.run_past(EventNumber(last));
        }
        world.go_on_elsewise(Seed(stable_hash(&("continuation", self.seed, index))));
        Ok(!world.finish(HORIZON, self.seed)?.broken().contains(self.oracle))
    }
}
