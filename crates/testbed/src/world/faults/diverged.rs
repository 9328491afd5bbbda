//! Rows of the excuse table on an old binary that does not stop at the upgrade: nodes that have diverged look like those that go on rightly.

use super::api_server::slows;
use super::impossible::{bootstrap_image, target};
use super::unreached::{is_nodes_own, lag};
use crate::world::sim::Sim;
use api::kinds::Pod;
use api::node::NodePhase;
use api::{AnyObject, Height, Node, SeiNodeSpec, names};
use faults::{BinaryFault, ClusterFault, ControllerFault, SidecarFault, What};
use oracles::{EventNumber, Fired, Scope};
use simcore::SimTime;
use std::sync::Arc;
use std::time::Duration;

/// Within what time an operator may have noticed that a node has gone on beyond the upgrade, and moved clients: that of the answers that make its pod
/// ready, of a look, and of the data plane.
const NOTICED: Duration = Duration::from_secs(45);

/// How many calls to the API server lie between an entrant's readiness and the Service that selects it, each after the one before: its mark-ready is Complete, its plan, its
/// phase is Running; the group's await-nodes-running is Complete, its switch-traffic, and the Service is applied.
const CALLS_OF_A_SWITCH: u32 = 6;

/// How many of another node the one worker may make before: it is no longer Running, its mark-ready is Complete, its plan, its phase is Running.
const CALLS_OF_ANOTHER: u32 = 4;

/// How many timers have to fire between the two: the node's, the group's before the switch, and the group's after it.
const TIMERS_OF_A_SWITCH: u32 = 3;

impl Sim {
    /// Those that have fired.
    pub(super) fn diverged(&self) -> Vec<Fired> {
        let Some(past) = self.runs_past_upgrade() else { return Vec::new() };
        let mut fired: Vec<Fired> = self.runs_on_unknown(&past).into_iter().collect();
        fired.extend(self.only_diverged());
        fired.extend(self.diverged_alone(&past));
        fired.extend(self.bootstrapped_beyond(&past));
        fired.push(past);
        fired
    }

    pub(super) fn runs_past_upgrade(&self) -> Option<Fired> {
        let struck = self.first_struck(|what| matches!(what, What::Binary(BinaryFault::RunsPastUpgrade)));
        let has_always = || self.ignores_upgrades(&self.setup.first_image);
        let struck = struck.or_else(|| self.first_befallen().filter(|_| has_always()))?;
        let sight = self.sight();
        let comes_by_it = |node: &Node| bootstrap_image(&node.spec).is_some_and(|image| self.ignores_upgrades(image));
        let coming = sight.nodes().into_iter().filter(comes_by_it).map(|node| node.meta.key.name.clone());
        // By its pods: they run on for a while when the node itself has been deleted.
        let runs_it = |pod: &&AnyObject| {
            let containers = pod.spec_as::<Pod>().into_iter().flat_map(|pod| &pod.containers);
            containers.filter_map(|container| container.image.as_deref()).any(|image| self.ignores_upgrades(image))
        };
        let running =
            sight.pods().filter(runs_it).filter_map(|pod| pod.meta.labels.get(names::label::NODE).map(|node| node.as_str().into()));
        let nodes = running.chain(coming).collect();
        let scope = Scope::NodesAndGroup { nodes, group: None, incumbents_serve: true };
        Some(self.fired_row(&oracles::RUNS_PAST_UPGRADE, struck.at, struck.event, scope))
    }

    fn ignores_upgrades(&self, image: &str) -> bool {
        let profile = self.chain.profile();
        profile.binary(image).is_some_and(|binary| profile.binaries[binary].ignores_upgrades)
    }

    fn runs_on_unknown(&self, past: &Fired) -> Option<Fired> {
        let sight = self.sight();
        let group = sight.group_spec()?;
        let fork = sight.profile.upgrades.iter().filter_map(|upgrade| upgrade.applies_at()).max()?;
        let asked = group.update_strategy.as_ref().and_then(|strategy| strategy.hard_fork.as_ref()).map(|fork| fork.halt_height.minus(1));
        let by_old = |spec: &SeiNodeSpec| bootstrap_image(spec).is_some_and(|image| self.ignores_upgrades(image));
        let comes = |node: &&Node| node.spec.image == group.template.spec.image && node.status.phase != Some(NodePhase::Failed);
        // One that state syncs has the spec's target.
        let target = |spec: &SeiNodeSpec| match bootstrap_image(spec) {
            Some(_) => target(spec).filter(|_| by_old(spec)),
            None => asked.filter(|_| spec.snapshot().is_some_and(|snapshot| snapshot.state_sync.is_some())),
        };
        let nodes = sight.nodes();
        let targets: Vec<Height> = nodes.iter().filter(comes).filter_map(|node| target(&node.spec)).collect();
        // Where the halt height was moved when one was across already, the others are made for what the spec now says; where the upgrade was, for what it said.
        let coming = targets.iter().filter(|target| **target == fork.minus(1) || Some(**target) == asked).count();
        let all_come =
            usize::try_from(group.replicas).is_ok_and(|wanted| coming >= wanted) && targets.iter().any(|target| *target >= fork.minus(1));
        let (excuses, crossed) = (&self.faults.excuses, self.faults.excuses.crossed);
        let told = excuses.told_since(crossed).is_some_and(|since| since + NOTICED + self.late(since) < self.now);
        let is_told = told && self.is_heard_across(fork);
        let down = || excuses.down_since().map(|down| past.at.max(down));
        let at = if all_come { Some(past.at) } else { down() };
        at.filter(|_| !is_told).map(|at| Fired { row: &oracles::RUNS_ON_UNKNOWN, at, ..past.clone() })
    }

    /// How much later than usual clients are sent to an entrant that was ready at a moment: the operator looks later, its calls take longer or are to sidecars on lost
    /// machines, clients follow later.
    fn late(&self, since: SimTime) -> Duration {
        let others = u32::try_from(self.sight().nodes().len().saturating_sub(1)).unwrap_or_default();
        let late = self.befallen_by(|what| match what {
            What::Controller(ControllerFault::DelayedRequeue { by, .. }) => Some(by.0 * TIMERS_OF_A_SWITCH),
            what => slows(what).map(|by| by * (CALLS_OF_A_SWITCH + others * CALLS_OF_ANOTHER)).or_else(|| lag(what)),
        });
        let late: Duration = late.filter(|(struck, by)| struck.healed.is_none_or(|healed| healed + *by > since)).map(|(_, by)| by).sum();
        late + self.waits_for_sidecars() * CALLS_OF_A_SWITCH
    }

    /// Whether a node that is across the fork has a sidecar that can be asked, and could be for a while, or none of those nodes has another.
    fn is_heard_across(&self, fork: Height) -> bool {
        let sight = self.sight();
        let is_across = |pod| sight.serves(pod) && sight.app_height(pod).is_some_and(|height| height > fork);
        let nodes = sight.nodes();
        let mut across = nodes.iter().filter(|node| sight.pod_of(&node.meta.key).map(oracles::id_of).is_some_and(is_across)).peekable();
        across.peek().is_none() || across.any(|node| !self.is_unheard(&node.meta.key.name))
    }

    /// Whether a node's sidecar cannot be asked, or could not be a moment ago.
    fn is_unheard(&self, node: &Arc<str>) -> bool {
        let silences = |what: &What| match what {
            What::Sidecar(SidecarFault::Unreachable { node: of, .. })
            | What::Cluster(ClusterFault::SidecarCut { node: of, .. } | ClusterFault::DnsFails { node: of, .. }) => of == node,
            _ => false,
        };
        self.struck(silences).any(|struck| struck.healed.is_none_or(|healed| self.now < healed + NOTICED))
    }

    pub(super) fn only_diverged(&self) -> Option<Fired> {
        let past = self.runs_past_upgrade()?;
        let (name, forked) = self.last_fork()?;
        let fork = self.chain.profile().upgrades.iter().find(|upgrade| upgrade.name == name)?.applies_at()?;
        let asks = |fired: &Fired| matches!(&fired.scope, Scope::NodesAndGroup { group: Some(_), .. });
        self.nothing_past_the_fork().or_else(|| self.halt_height_off().filter(asks))?;
        let sight = self.sight();
        let wanted = &sight.group_spec()?.template.spec.image;
        let is_across = |pod| sight.serves(pod) && sight.app_height(pod).is_some_and(|height| height >= fork);
        let right = |node: &Node| node.spec.image == *wanted && sight.pod_of(&node.meta.key).map(oracles::id_of).is_some_and(is_across);
        // Where the rollout was lost after they had diverged, the time that the laws give was not over then.
        let at = past.at.max(forked);
        let Scope::NodesAndGroup { nodes, .. } = past.scope else { return None };
        let scope = Scope::NodesAndGroup { nodes, group: Some(sight.group_ref()), incumbents_serve: true };
        (!sight.nodes().iter().any(right)).then(|| self.fired_row(&oracles::ONLY_DIVERGED, at, EventNumber::default(), scope))
    }

    /// No pod is left but those of nodes that have diverged.
    fn diverged_alone(&self, past: &Fired) -> Option<Fired> {
        let sight = self.sight();
        let (_, forked) = self.last_fork()?;
        let mut pods = sight.pods().filter(|pod| is_nodes_own(pod)).peekable();
        let alone = pods.peek().is_some() && pods.all(|pod| self.has_diverged(pod));
        alone.then(|| self.fired_row(&oracles::DIVERGED_ALONE, past.at.max(forked), EventNumber::default(), Scope::All))
    }

    /// Nodes whose bootstrap has executed the upgrade's block, since their halt height lies beyond it.
    fn bootstrapped_beyond(&self, past: &Fired) -> Option<Fired> {
        let moved = self.halt_height_off()?;
        let (name, forked) = self.last_fork()?;
        let fork = self.chain.profile().upgrades.iter().find(|upgrade| upgrade.name == name)?.applies_at()?;
        let by_old = |spec: &SeiNodeSpec| bootstrap_image(spec).is_some_and(|image| self.ignores_upgrades(image));
        let scope = self.scope(false, |spec| by_old(spec) && target(spec).is_some_and(|target| target >= fork));
        let at = past.at.max(moved.at).max(forked);
        Some(self.fired_row(&oracles::BOOTSTRAPPED_BEYOND, at, EventNumber::default(), scope))
    }
}
