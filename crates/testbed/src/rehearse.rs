//! From a scenario to results: the settled start, made once for each design, and a world for each seed.

use crate::history::History;
use crate::outcome::WorldResult;
use crate::scenario::Scenario;
use crate::world::{Faithful, Goal, HORIZON, Polls, Program, Setup, Sim, Stop, World};
use api::group::GroupPhase;
use api::{ObjectKey, Time, names};
use controller::Operator;
use faults::{Opportunities, Schedule};
use planner::{Design, Settings};
use simcore::{Seed, SimTime, stable_hash};
use simkube::{Actor, Request};
use std::sync::Arc;
use std::time::Duration;
use thiserror::Error;

/// How long the settling of a scenario may take.
const SETTLING: Duration = Duration::from_secs(24 * 3600);
/// How many fault-free worlds tell what a scenario offers to faults.
const LOOKED_AT: u64 = 3;
/// The wall clock at every scenario's start: 2026-01-01T00:00:00Z.
const EPOCH: Time = Time::from_unix(1_767_225_600);

/// The testbed itself failed: no verdict about the design.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Failure {
    /// Something was asked that is not modelled.
    #[error("not modelled: {0}")]
    Unmodelled(String),
    /// The guard against endless worlds was reached.
    #[error("the world neither rests nor repeats within the horizon, at {0}")]
    Horizon(SimTime),
    /// The code panicked.
    #[error("panicked: {0}")]
    Panicked(String),
    /// The group did not get Ready before the scenario's start.
    #[error("the scenario does not settle: {0}")]
    Unsettled(String),
}

/// The state of a scenario at its start, under one design: reached by the real controllers, shared by the worlds of all seeds.
pub struct Settled(Sim);

impl Settled {
    /// Lets the group of a scenario come up and rest. Its luck derives from scenario and design alone.
    ///
    /// # Errors
    /// If it does not, or the testbed failed.
    pub fn new(scenario: &Scenario, design: &Design, polls: Polls) -> Result<Self, Failure> {
        Self::running(Arc::new(Faithful), scenario, design, polls)
    }

    /// The same where the operator's processes run another program. The luck is the same too.
    ///
    /// # Errors
    /// See [`Settled::new`].
    pub fn running(program: Arc<dyn Program>, scenario: &Scenario, design: &Design, polls: Polls) -> Result<Self, Failure> {
        let setup = Setup {
            scenario: scenario.name.clone(),
            design: design.clone(),
            operator: Operator { design: Arc::new(design.clone()), settings: Arc::new(Settings::default()) },
            program,
            cluster: scenario.cluster.clone(),
            chain: scenario.chain.clone(),
            timeline: scenario.timeline.clone(),
            schedule: scenario.schedule.clone(),
            first_image: scenario.group.spec.template.spec.image.as_str().into(),
            first_replicas: scenario.group.spec.replicas,
            restores_snapshots: scenario.group.spec.template.spec.snapshot().is_some_and(|snapshot| snapshot.s3.is_some()),
            group: scenario.group.meta.key.clone(),
            external: ObjectKey::new(scenario.group.meta.key.namespace.clone(), names::external_service(scenario.group.name())),
            epoch: EPOCH,
            halt_heights: scenario.halt_heights(),
            failure_allowed: scenario.allows_failure(),
            restores_in_vain: scenario.restores_in_vain(),
            polls,
        };
        let seed = Seed(stable_hash(&(&*scenario.settled_as, design)));
        let mut sim = Sim::new(Arc::new(setup), seed, SimTime::ZERO - SETTLING);
        (sim.request(Request::Create(scenario.group.clone().into_any()), Actor::Person))
            .map_err(|error| Failure::Unsettled(error.to_string()))?;
        let mut world = World::new(sim);
        match world.run_until(Some(SimTime::ZERO)) {
            Stop::Rest => {}
            Stop::Unmodelled(what) => return Err(Failure::Unmodelled(what)),
            Stop::Until | Stop::Horizon | Stop::Livelock { .. } => return Err(unsettled(&world)),
        }
        world.advance_to(SimTime::ZERO);
        if world.look(|sim| sim.sight().group().and_then(|group| group.status.phase)) != Some(GroupPhase::Ready) {
            return Err(unsettled(&world));
        }
        Ok(Self(world.into_sim().reseeded(seed, History::default())))
    }

    /// The world of a seed, at its start, with the faults that the scenario names. `history` says whether its entries are kept.
    pub fn world(&self, seed: u64, history: History) -> World {
        self.world_under(seed, &self.0.setup().schedule, history)
    }

    /// The world of a seed, at its start, with the faults of a schedule.
    pub fn world_under(&self, seed: u64, schedule: &Schedule, history: History) -> World {
        let mut sim = self.0.reseeded(Seed(seed), history);
        sim.schedule_actions();
        sim.meet(schedule);
        World::new(sim)
    }

    /// Runs the world of a seed to its end, with the faults that the scenario names.
    ///
    /// # Errors
    /// If the testbed failed.
    pub fn run(&self, seed: u64, history: History) -> Result<WorldResult, Failure> {
        self.run_under(seed, &self.0.setup().schedule, history)
    }

    /// Runs the world of a seed to its end, with the faults that the scenario names; the claims watch it, and it is measured.
    ///
    /// # Errors
    /// If the testbed failed.
    pub fn judged(&self, seed: u64, history: History) -> Result<WorldResult, Failure> {
        self.judged_under(seed, &self.0.setup().schedule, history)
    }

    /// What the scenario offers to faults under its design: what happened in a few fault-free worlds.
    ///
    /// # Errors
    /// If the testbed failed.
    pub fn opportunities(&self) -> Result<Opportunities, Failure> {
        let mut offered: Option<Opportunities> = None;
        for seed in 0..LOOKED_AT {
            let (_, of_world) = self.offered_under(stable_hash(&("opportunities", seed)), &Schedule::default())?;
            match &mut offered {
                Some(offered) => offered.join(of_world),
                None => offered = Some(of_world),
            }
        }
        Ok(offered.expect("at least one world was looked at"))
    }

    /// Runs the world of a seed to its end, with the faults of a schedule; gives too what it offered to further faults.
    ///
    /// # Errors
    /// If the testbed failed.
    pub fn offered_under(&self, seed: u64, schedule: &Schedule) -> Result<(WorldResult, Opportunities), Failure> {
        self.recorded_under(seed, schedule, Sim::record_opportunities)
    }

    /// The same, with where the world stood at each offer.
    ///
    /// # Errors
    /// If the testbed failed.
    pub fn stood_under(&self, seed: u64, schedule: &Schedule) -> Result<(WorldResult, Opportunities), Failure> {
        self.recorded_under(seed, schedule, |sim| {
            sim.record_opportunities();
            sim.record_standings();
        })
    }

    fn recorded_under(
        &self,
        seed: u64,
        schedule: &Schedule,
        record: impl FnOnce(&mut Sim),
    ) -> Result<(WorldResult, Opportunities), Failure> {
        let mut world = self.world_under(seed, schedule, History::kept());
        world.act(record);
        let stop = world.run();
        world.unless_failed(&stop)?;
        let offered = world.look(Sim::opportunities);
        Ok((world.judge(seed, &stop)?, offered))
    }

    /// Runs the world of a seed to its end, with the faults of a schedule; the claims watch it, and it is measured.
    ///
    /// # Errors
    /// If the testbed failed.
    pub fn judged_under(&self, seed: u64, schedule: &Schedule, history: History) -> Result<WorldResult, Failure> {
        self.watched_under(seed, schedule, history, Sim::judge)
    }

    /// Runs the world of a seed to its end, with the faults of a schedule. `watch` may have it watched.
    ///
    /// # Errors
    /// If the testbed failed.
    pub fn watched_under(
        &self,
        seed: u64,
        schedule: &Schedule,
        history: History,
        watch: impl FnOnce(&mut Sim),
    ) -> Result<WorldResult, Failure> {
        let mut world = self.world_under(seed, schedule, history);
        world.act(watch);
        world.finish(HORIZON, seed)
    }

    /// Runs the world of a seed to its end, with the faults of a schedule.
    ///
    /// # Errors
    /// If the testbed failed.
    pub fn run_under(&self, seed: u64, schedule: &Schedule, history: History) -> Result<WorldResult, Failure> {
        self.run_within(HORIZON, seed, schedule, history)
    }

    /// The same within another horizon, which must make no difference.
    ///
    /// # Errors
    /// If the testbed failed.
    pub fn run_within(&self, horizon: Duration, seed: u64, schedule: &Schedule, history: History) -> Result<WorldResult, Failure> {
        self.world_under(seed, schedule, history).finish(horizon, seed)
    }
}

impl World {
    /// Runs a seed's world to its end, wherever it is, and judges it.
    ///
    /// # Errors
    /// If the testbed failed.
    pub fn finish(mut self, horizon: Duration, seed: u64) -> Result<WorldResult, Failure> {
        let stop = self.run_within(horizon, Goal::End);
        self.judge(seed, &stop)
    }

    /// What a world that has stopped came to.
    ///
    /// # Errors
    /// If it stopped because the testbed failed.
    pub fn judge(self, seed: u64, stop: &Stop) -> Result<WorldResult, Failure> {
        self.unless_failed(stop)?;
        Ok(WorldResult::new(self, seed, stop))
    }

    /// The failure of the testbed that stopped the world, if one did.
    pub(crate) fn unless_failed(&self, stop: &Stop) -> Result<(), Failure> {
        match stop {
            Stop::Unmodelled(what) => Err(Failure::Unmodelled(what.clone())),
            Stop::Horizon => Err(Failure::Horizon(self.look(Sim::now))),
            Stop::Rest | Stop::Until | Stop::Livelock { .. } => Ok(()),
        }
    }
}

fn unsettled(world: &World) -> Failure {
    Failure::Unsettled(world.look(|sim| oracles::unconverged(&sim.sight()).unwrap_or_else(|| "it never rests".to_owned())))
}
