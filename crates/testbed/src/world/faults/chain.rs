//! Blocks and upgrades come otherwise than planned.

use super::Blow;
use crate::world::sim::Sim;
use faults::ChainFault;

impl Sim {
    pub(super) fn strike_chain(&mut self, _fault: &ChainFault) -> Blow {
        Blow::at_once(false, Vec::new())
    }
}
