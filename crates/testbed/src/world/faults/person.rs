//! A person interferes with what the operator owns.

use super::Blow;
use crate::world::sim::Sim;
use faults::PersonFault;

impl Sim {
    pub(super) fn strike_person(&mut self, _fault: &PersonFault) -> Blow {
        Blow::at_once(false, Vec::new())
    }

    pub(super) fn heal_person(&mut self, _fault: &PersonFault) {}
}
