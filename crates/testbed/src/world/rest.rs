//! How a world ends: at rest, in a livelock, at a horizon.
//!
//! *Rest*: only parked polls, background resyncs and chain pieces are to come, and handing every key to its reconciler once more changes
//! nothing. The last part is tried on a copy of the world, so that it leaves no trace.

use super::livelock::Livelock;
use super::sim::Sim;
use super::{Stop, World};
use controller::queue::Priority;
use simcore::SimTime;
use std::time::Duration;

/// How long a world may go on after the last thing that disturbed it. Only a guard: reaching it is a failure of the testbed.
const HORIZON: Duration = Duration::from_secs(12 * 3600);

impl World {
    /// Runs until the world ends.
    pub fn run(&mut self) -> Stop {
        self.run_until(None)
    }

    /// Runs until the world ends or a moment is reached; events of that very moment are still to come then.
    pub fn run_until(&mut self, until: Option<SimTime>) -> Stop {
        let mut livelock = Livelock::default();
        let mut calm_since = self.look(Sim::last_disturbance);
        let mut faults_over = self.look(|sim| sim.faults.calm_from());
        loop {
            if let Some(what) = self.look(|sim| sim.unmodelled.clone()) {
                return Stop::Unmodelled(what);
            }
            if self.look(Sim::rests) && self.resync_changes_nothing() {
                return Stop::Rest;
            }
            let next = self.look(|sim| sim.queue.next_at()).unwrap_or(SimTime::MAX);
            if let Some(until) = until.filter(|until| next >= *until) {
                self.act(|sim| sim.now = until);
                return Stop::Until;
            }
            if next > calm_since + HORIZON {
                return Stop::Horizon;
            }
            let step = crate::trace::step();
            assert!(self.step(), "a world without events rests");
            drop(step);
            if self.look(|sim| sim.faults.calm_from()) != faults_over {
                faults_over = self.look(|sim| sim.faults.calm_from());
                calm_since = self.look(Sim::last_disturbance);
                livelock = Livelock::default();
            }
            if self.look(|sim| sim.now) > calm_since
                && let Some(stop) = self.look(|sim| livelock.look(sim))
            {
                return stop;
            }
        }
    }

    /// Whether handing every key over once more leads to no effective call.
    fn resync_changes_nothing(&self) -> bool {
        if !self.reconciles.is_empty() {
            return false;
        }
        let mut copy = World::new(self.look(Sim::clone));
        let calls = copy.look(|sim| sim.next_call);
        copy.act(|sim| {
            for who in sim.workers() {
                for key in sim.worker(who).parked_keys() {
                    sim.enqueue(who, &key, Priority::Low);
                }
            }
        });
        let end = copy.look(|sim| sim.now);
        while copy.look(|sim| sim.queue.next_at()) == Some(end) {
            copy.step();
        }
        copy.look(|sim| sim.next_call == calls && sim.unmodelled.is_none())
    }
}

impl Sim {
    /// The last moment at which something disturbs the world from outside: an action, a fault, or the chain passing an upgrade.
    fn last_disturbance(&self) -> SimTime {
        let acted = self.setup.timeline.iter().map(crate::scenario::Action::at).max().unwrap_or(SimTime::ZERO);
        let upgraded = self.setup.chain.upgrades.iter().filter_map(|upgrade| self.chain.time_of(upgrade.applies_at()?.plus(1))).max();
        acted.max(upgraded.unwrap_or(SimTime::ZERO)).max(self.faults.calm_from())
    }
}
