//! A seid stops before its halt height, beyond it, or is told to at the wrong time.

use super::Blow;
use crate::world::sim::Sim;
use faults::PrematureHaltFault;

impl Sim {
    pub(super) fn strike_halt(&mut self, _fault: &PrematureHaltFault) -> Blow {
        Blow::at_once(false, Vec::new())
    }

    pub(super) fn heal_halt(&mut self, _fault: &PrematureHaltFault) {}
}
