//! Worlds that part late. Until a fault strikes its world is the one without it, so that the way there is run once for all faults that are placed along it.

use crate::history::History;
use crate::outcome::WorldResult;
use crate::rehearse::{Failure, Settled};
use crate::world::{Goal, HORIZON, Recorder, Sim, Stop, World};
use faults::{Fault, Schedule};
use simcore::SimTime;
use std::sync::Arc;

/// The world of a seed with the faults of a schedule, from which those part that meet one fault more.
pub struct Trunk {
    world: World,
    parting: Arc<Parting>,
}

/// A moment of a trunk without a reconcile in progress.
pub struct Parting {
    sim: Sim,
    /// The calls until then.
    calls: Recorder,
    seed: u64,
}

impl Settled {
    /// The world of a seed at its start, to part from. `watch` may have it watched: those that part are, too.
    pub fn trunk(&self, seed: u64, schedule: &Schedule, watch: impl FnOnce(&mut Sim)) -> Trunk {
        let mut world = self.world_under(seed, schedule, History::default());
        world.act(|sim| {
            sim.record_opportunities();
            watch(sim);
        });
        let parting = Arc::new(Parting::of(&world, seed));
        Trunk { world, parting }
    }
}

impl Trunk {
    /// Grows to a moment; gives where worlds part whose further fault strikes then. Moments must come in their order.
    ///
    /// # Errors
    /// If the testbed failed.
    pub fn grow(&mut self, moment: SimTime) -> Result<Arc<Parting>, Failure> {
        let stop = self.world.run_until(Some(moment));
        self.world.unless_failed(&stop)?;
        if self.world.is_idle() {
            self.parting = Arc::new(Parting::of(&self.world, self.parting.seed));
        }
        Ok(self.parting.clone())
    }
}

impl Parting {
    fn of(world: &World, seed: u64) -> Self {
        let mut sim = world.look(Sim::clone);
        let calls = sim.end_recording().expect("a trunk writes down its calls");
        Self { sim, calls, seed }
    }

    /// Runs to its end the world that meets one fault more, which must wait for something that happens: a call, a task, a phase. The same as if it had met that
    /// fault from the beginning.
    ///
    /// # Errors
    /// If the testbed failed.
    pub fn run_with(&self, fault: &Fault) -> Result<WorldResult, Failure> {
        self.world_with(fault).finish(HORIZON, self.seed)
    }

    /// After how many events the trigger of one fault more has come; `None` if it never does. Where that is the same the same fault befalls the same world, unless it
    /// [decides its call](faults::What::decides_its_call).
    ///
    /// # Errors
    /// If the testbed failed.
    pub fn struck_after(&self, fault: &Fault) -> Result<Option<u64>, Failure> {
        let mut world = self.world_with(fault);
        let stop = world.run_within(HORIZON, Goal::LastFault);
        world.unless_failed(&stop)?;
        Ok((stop == Stop::Until).then(|| world.look(Sim::events_handled)))
    }

    fn world_with(&self, fault: &Fault) -> World {
        let mut sim = self.sim.clone();
        sim.meet_one_more(fault, &self.calls);
        World::new(sim)
    }
}
