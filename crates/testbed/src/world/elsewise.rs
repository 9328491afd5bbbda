//! The same world up to a moment, and from there on another luck and no further fault: what might still have become of it.
//!
//! A reconcile in progress cannot be copied, so a world is run again up to the event and goes on from there. Faults that have struck take
//! their course until they heal, and a person does what the scenario says; nothing else befalls the world.
//!
//! A shortcut: the moments of the network's blocks stay, since those that lie behind hang on the same draws.

use super::rest::{Goal, HORIZON};
use super::{Stop, World};
use oracles::EventNumber;
use simcore::{Luck, Seed};

impl World {
    /// Runs until an entry of the history has been told, and with it all that is told in the same breath; or to the world's end.
    pub fn run_past(&mut self, event: EventNumber) -> Stop {
        self.run_within(HORIZON, Goal::Past(event))
    }

    /// From now on luck is another, and no fault strikes that has not struck.
    pub fn go_on_elsewise(&mut self, seed: Seed) {
        self.act(|sim| {
            sim.luck = Luck::new(seed);
            sim.faults.call_off();
            sim.all_look_again();
        });
    }
}
