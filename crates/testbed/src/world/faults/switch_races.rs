//! The spec changes while a plan is at work, or traffic follows late.

use super::Blow;
use crate::world::sim::Sim;
use faults::SwitchRacesFault;

impl Sim {
    pub(super) fn strike_switch(&mut self, _fault: &SwitchRacesFault) -> Blow {
        Blow::at_once(false, Vec::new())
    }

    pub(super) fn heal_switch(&mut self, _fault: &SwitchRacesFault) {}
}
