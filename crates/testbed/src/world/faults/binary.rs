//! A binary is defective.

use super::Blow;
use crate::world::sim::Sim;
use faults::BinaryFault;

impl Sim {
    pub(super) fn strike_binary(&mut self, _fault: &BinaryFault) -> Blow {
        Blow::at_once(false, Vec::new())
    }
}
