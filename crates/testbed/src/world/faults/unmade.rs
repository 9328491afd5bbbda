//! Rows of the excuse table on rollouts and nodes that nothing can be made of: no machine is free, nothing is left to make a node like, or the
//! binary refuses what it was wanted for.

use super::impossible::{bootstrap_image, target};
use super::irreplaceable::asks_for;
use crate::world::sim::Sim;
use api::SeiNodeSpec;
use faults::{BinaryFault, What};
use oracles::{EventNumber, Fired, Scope};
use simcore::SimTime;

impl Sim {
    /// Those that have fired.
    pub(super) fn unmade(&self) -> Vec<Fired> {
        let mut fired: Vec<Fired> = self.nothing_to_go_by().into_iter().collect();
        fired.extend(self.no_machine_free());
        fired.extend(self.refuses_before_the_upgrade());
        fired
    }

    /// Since when the group has asked for more nodes than there are machines for beside those that they are to replace, if it does.
    pub(super) fn asks_for_too_many(&self) -> Option<SimTime> {
        let wanted = self.sight().group_spec()?.replicas;
        let too_many = 2 * wanted > i32::from(self.setup.cluster.machines);
        self.first_struck(|what| too_many && asks_for(what) == Some(wanted)).map(|struck| struck.at)
    }

    fn no_machine_free(&self) -> Option<Fired> {
        let sight = self.sight();
        let since = self.asks_for_too_many()?;
        let incumbents_serve = oracles::others_serve(&sight, &sight.group_spec()?.template.spec.image);
        let scope = Scope::NodesAndGroup { nodes: [].into(), group: Some(sight.group_ref()), incumbents_serve };
        Some(self.fired_row(&oracles::NO_MACHINE_FREE, since, EventNumber::default(), scope))
    }

    /// When a person last deleted the last of the group's nodes, in a world that something has befallen.
    pub(super) fn emptied(&self) -> Option<SimTime> {
        self.first_befallen().and(self.faults.excuses.emptied)
    }

    /// A person has deleted the last nodes, and those that take their place start before a fork that the network has passed, with the wanted binary.
    fn nothing_to_go_by(&self) -> Option<Fired> {
        let emptied = self.emptied()?;
        let sight = self.sight();
        let passed = |fork: &api::Height| self.chain.network_height(self.now) >= *fork;
        let fork = sight.profile.upgrades.iter().filter_map(|upgrade| upgrade.applies_at()).filter(passed).max()?;
        let starts_before = |spec: &SeiNodeSpec| bootstrap_image(spec).is_none() && target(spec).is_some_and(|target| target < fork);
        let all = sight.nodes().iter().all(|node| starts_before(&node.spec));
        Some(self.fired_row(&oracles::NOTHING_TO_GO_BY, emptied, EventNumber::default(), self.scope(all, starts_before)))
    }

    fn refuses_before_the_upgrade(&self) -> Option<Fired> {
        let struck = self.first_struck(|what| matches!(what, What::Binary(BinaryFault::RefusesBelowUpgrade)))?;
        let sight = self.sight();
        let wanted = &sight.group_spec()?.template.spec.image;
        let nodes = sight.nodes().into_iter().filter(|node| node.spec.image == *wanted);
        let (alone, others): (Vec<_>, Vec<_>) = nodes.partition(|node| bootstrap_image(&node.spec).is_none());
        let group = others.is_empty().then(|| sight.group_ref());
        let nodes = alone.iter().map(|node| node.meta.key.name.clone()).collect();
        let scope = Scope::NodesAndGroup { nodes, group, incumbents_serve: !self.has_deleted_early() };
        Some(self.fired_row(&oracles::REFUSES, struck.at, struck.event, scope))
    }
}
