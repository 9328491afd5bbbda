//! Everything that makes a world but its seed.

use faults::{Opportunities, Profile, Schedule};
use planner::Design;
use std::path::Path;
use std::sync::Arc;
use testbed::history::History;
use testbed::scenario::Scenario;
use testbed::world::{Faithful, HORIZON, Polls, Program, Sim};
use testbed::{Failure, Settled, WorldResult};
use thiserror::Error;

/// A scenario under a design, settled, with the profile by which faults are drawn.
pub struct Stage {
    /// The scenario.
    pub scenario: Scenario,
    /// Its file's text.
    pub text: Arc<str>,
    /// The design.
    pub design: Design,
    /// The fault profile.
    pub profile: Profile,
    /// The scenario at its start.
    pub settled: Settled,
    offered: Opportunities,
}

/// The stage could not be set: the testbed failed before any seed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct StageError(String);

impl Stage {
    /// Lets the scenario settle, and looks what it offers to faults.
    ///
    /// # Errors
    /// If the testbed failed.
    pub fn set(scenario: Scenario, text: Arc<str>, design: Design, profile: Profile) -> Result<Self, StageError> {
        Self::running(Arc::new(Faithful), scenario, text, design, profile)
    }

    /// The same where the operator's processes run another program.
    ///
    /// # Errors
    /// If the testbed failed.
    pub fn running(
        program: Arc<dyn Program>,
        scenario: Scenario,
        text: Arc<str>,
        design: Design,
        profile: Profile,
    ) -> Result<Self, StageError> {
        let settle = || -> Result<_, Failure> {
            let settled = Settled::running(program, &scenario, &design, Polls::Elided)?;
            let offered = settled.opportunities()?;
            Ok((settled, offered))
        };
        let (settled, offered) = crate::tried(settle).map_err(StageError)?;
        Ok(Self { scenario, text, design, profile, settled, offered })
    }

    /// What the scenario offers to faults, by a few fault-free worlds.
    pub fn offered(&self) -> &Opportunities {
        &self.offered
    }

    /// The faults that the world of a seed meets: those of the scenario itself, and those that are drawn.
    pub fn schedule(&self, seed: u64) -> Schedule {
        let mut schedule = self.scenario.schedule.clone();
        schedule.0.extend(self.profile.draw(seed, &self.offered).0);
        schedule
    }

    /// Runs the world of a seed, once or twice. Whatever goes wrong with the testbed is told in words.
    ///
    /// # Errors
    /// If the testbed failed, panicked, or did not do the same twice.
    pub fn run(&self, seed: u64, twice: bool) -> Result<WorldResult, String> {
        self.run_under(seed, &self.schedule(seed), twice)
    }

    /// The same with the faults of a schedule.
    ///
    /// # Errors
    /// See there.
    pub fn run_under(&self, seed: u64, schedule: &Schedule, twice: bool) -> Result<WorldResult, String> {
        crate::tried(|| {
            let run = |history: History| self.settled.run_under(seed, schedule, history);
            let result = if twice { crate::run_twice(run).map_err(|difference| difference.to_string())? } else { run(History::default()) };
            result.map_err(|failure| failure.to_string())
        })
    }

    /// Runs the world of a seed and has it tell which abstract states it passes through.
    ///
    /// # Errors
    /// If the testbed failed or panicked.
    pub fn watched(&self, seed: u64) -> Result<WorldResult, String> {
        crate::tried(|| {
            let mut world = self.settled.world_under(seed, &self.schedule(seed), History::default());
            world.act(Sim::record_states);
            world.finish(HORIZON, seed)
        })
    }

    /// The same with the faults of a schedule, and with what the world offers to further faults.
    ///
    /// # Errors
    /// If the testbed failed or panicked.
    pub fn scouted(&self, seed: u64, schedule: &Schedule) -> Result<(WorldResult, Opportunities), String> {
        crate::tried(|| -> Result<_, Failure> {
            let mut world = self.settled.world_under(seed, schedule, History::kept());
            world.act(|sim| {
                sim.record_states();
                sim.record_opportunities();
            });
            let stop = world.run();
            let offered = world.look(Sim::opportunities);
            Ok((world.judge(seed, &stop)?, offered))
        })
    }

    /// The path under which a scenario's text is read again, so that it has the same name.
    pub fn path_of(name: &str) -> std::path::PathBuf {
        Path::new("scenarios").join(format!("{name}.yaml"))
    }
}
