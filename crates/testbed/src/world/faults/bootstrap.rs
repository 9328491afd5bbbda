//! An entrant's bootstrap goes wrong.

use super::Blow;
use crate::world::sim::Sim;
use faults::BootstrapFault;
use oracles::ObjectRef;

impl Sim {
    pub(super) fn strike_bootstrap(&mut self, _fault: &BootstrapFault) -> Blow {
        Blow::at_once(false, Vec::new())
    }

    pub(super) fn heal_bootstrap(&mut self, _fault: &BootstrapFault, _objects: &[ObjectRef]) {}
}
