//! Blocks come slowly or not at all, and upgrades otherwise than the plan assumes.

use super::Blow;
use crate::world::sim::Sim;
use api::Height;
use faults::ChainFault;
use simchain::Interference;
use std::time::Duration;

impl Sim {
    pub(super) fn strike_chain(&mut self, fault: &ChainFault) -> Blow {
        match fault {
            ChainFault::SlowBlocks { blocks, block_millis } | ChainFault::UpgradeEarly { blocks, block_millis } => {
                self.change_pace(*blocks, *block_millis)
            }
            ChainFault::UpgradeLate { block_millis } => match self.next_upgrade() {
                Some(upgrade) => self.change_pace(upgrade.above(self.chain.network_height(self.now)).saturating_sub(1), *block_millis),
                None => Blow::at_once(false, Vec::new()),
            },
            ChainFault::Stalls { lasts } => {
                let next = self.chain.network_height(self.now).plus(1);
                self.interfere(Interference::Stall { lasts: lasts.0 });
                self.until(next)
            }
            ChainFault::ValidatorsLate { resume_after: wait } | ChainFault::HaltsAtUpgrade { lasts: wait } => {
                let Some(upgrade) = self.next_upgrade() else { return Blow::at_once(false, Vec::new()) };
                self.interfere(Interference::ResumeAfter { wait: wait.0 });
                self.until(upgrade.plus(1))
            }
            ChainFault::UpgradeCancelled => Blow::at_once(self.interfere(Interference::MoveUpgrade { to: None }), Vec::new()),
            ChainFault::UpgradeMoved { by } => {
                let to = self.next_upgrade().map(|upgrade| Height(upgrade.0.saturating_add_signed(*by)));
                let befell = to.is_some() && self.interfere(Interference::MoveUpgrade { to });
                Blow::at_once(befell, Vec::new())
            }
        }
    }

    /// The height of the next upgrade to come.
    pub(super) fn next_upgrade(&self) -> Option<Height> {
        let now = self.chain.network_height(self.now);
        let upgrades = self.chain.profile().upgrades.iter().filter_map(simchain::profile::Upgrade::applies_at);
        upgrades.filter(|at| *at > now).min()
    }

    fn change_pace(&mut self, blocks: u64, block_millis: u64) -> Blow {
        if blocks == 0 || block_millis == 0 {
            return Blow::at_once(false, Vec::new());
        }
        let last = self.chain.network_height(self.now).plus(blocks + 1);
        self.interfere(Interference::Slow { blocks, block_time: Duration::from_millis(block_millis) });
        self.until(last)
    }

    /// Something that is over when a block is made; at once, for one that never is.
    fn until(&self, block: Height) -> Blow {
        match self.chain.time_of(block) {
            Some(at) => Blow::lasting(true, Vec::new(), at.since(self.now)),
            None => Blow::at_once(true, Vec::new()),
        }
    }
}
