//! Rows of the excuse table that follow from what faults have done and how the world is now, with nothing noted along the way.

use crate::world::sim::Sim;
use api::kinds::{Job, Pod};
use api::node::NodePhase;
use api::{AnyObject, Height, Kind, Node, ObjectKey, SeiNodeSpec, names};
use faults::{BinaryFault, BootstrapFault, ChainFault, ClusterFault, HaltSlip, PersonFault, PrematureHaltFault, SwitchRacesFault, What};
use oracles::{EventNumber, Excuse, Fired, ObjectRef, Scope};
use simchain::Rule;
use simcore::SimTime;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use super::Struck;

/// How many blocks a node may be behind for its probe to succeed.
const PROBE_ALLOWS: u64 = 300;

/// How long a node that has its peers back, and is within what a probe allows, may be behind without being seen to be; and for how long one has to be
/// called ready to have shown all that readiness can.
const CATCHES_UP: Duration = Duration::from_secs(120);

/// Within what time one that has its peers back is seen to be further behind: it learns of their heights, and three probes fail.
pub(super) const PROBED: Duration = Duration::from_secs(45);

impl Sim {
    /// Those that have fired.
    pub(super) fn impossible(&self) -> Vec<Fired> {
        let mut fired: Vec<Fired> = self.without_peers().chain(self.while_peers_upgrade()).collect();
        fired.extend(self.unreached());
        fired.extend(self.overtaken());
        fired.extend(self.behind_unseen());
        fired.extend(self.catching_up());
        fired.extend(self.nothing_past_the_fork());
        fired.extend(self.image_behind_the_fork());
        fired.extend(self.irreplaceable());
        fired.extend(self.unmade());
        fired.extend(self.made_incumbents());
        fired.extend(self.target_never_reached());
        fired.extend(self.target_pruned());
        fired.extend(self.halt_height_off());
        fired.extend(self.halted_before_commit());
        fired.extend(self.diverged());
        fired.extend(self.stuck_unseen());
        fired.extend(self.pruned_unseen());
        fired.extend(self.panics_later());
        fired
    }

    pub(super) fn nothing_past_the_fork(&self) -> Option<Fired> {
        let (name, passed) = self.last_fork()?;
        let sight = self.sight();
        let wanted = &sight.group_spec()?.template.spec.image;
        let goes_on = |image: &str| sight.handles(image, &name) && self.defect(image).is_none();
        if sight.nodes().iter().any(|node| node.spec.image != *wanted && goes_on(&node.spec.image)) {
            return None;
        }
        let never = |what: &What| matches!(what, What::Bootstrap(BootstrapFault::SidecarTaskFails { times: None, .. }));
        let edited = |what: &What| matches!(what, What::SwitchRaces(SwitchRacesFault::ImageEdited { .. }));
        let lacks = || self.first_struck(edited).filter(|_| !sight.handles(wanted, &name)).map(|struck| struck.at);
        let failed = self.defect(wanted).map(|(at, _)| at).or_else(|| self.first_struck(never).map(|struck| struck.at)).or_else(lacks);
        let failed = failed.or_else(|| self.asks_for_too_many())?;
        Some(self.fired_row(&oracles::NOTHING_PAST_FORK, failed.max(passed), EventNumber::default(), self.scope(true, |_| false)))
    }

    fn image_behind_the_fork(&self) -> Option<Fired> {
        let (name, passed) = self.last_fork()?;
        let sight = self.sight();
        let wanted = &sight.group_spec()?.template.spec.image;
        let edited =
            self.first_struck(|what| matches!(what, What::SwitchRaces(SwitchRacesFault::ImageEdited { image }) if **image == **wanted))?;
        if sight.handles(wanted, &name) {
            return None;
        }
        let incumbents_serve = oracles::others_serve(&sight, wanted);
        let scope = Scope::NodesAndGroup { nodes: BTreeSet::new(), group: Some(sight.group_ref()), incumbents_serve };
        Some(self.fired_row(&oracles::BEHIND_FORK, edited.at.max(passed), EventNumber::default(), scope))
    }

    pub(super) fn halt_height_off(&self) -> Option<Fired> {
        let moves = |what: &What| {
            matches!(
                what,
                What::Chain(ChainFault::UpgradeMoved { .. } | ChainFault::UpgradeCancelled)
                    | What::SwitchRaces(SwitchRacesFault::HaltHeightEdited { .. })
            )
        };
        let moved = self.first_struck(moves);
        let struck = moved.or_else(|| self.first_befallen())?;
        let runs_on = || self.first_struck(|what| matches!(what, What::Binary(BinaryFault::RunsPastUpgrade))).is_some();
        let sight = self.sight();
        let upgrades: BTreeSet<Height> = sight.profile.upgrades.iter().filter_map(|upgrade| upgrade.applies_at()).collect();
        let asked = sight.group_spec()?.update_strategy.as_ref().and_then(|strategy| strategy.hard_fork.as_ref());
        let group = asked.is_some_and(|fork| !upgrades.contains(&fork.halt_height)) && (moved.is_some() || runs_on());
        let made_for_it =
            |spec: &SeiNodeSpec| bootstrap_image(spec).is_some() && target(spec).is_some_and(|target| !upgrades.contains(&target.plus(1)));
        Some(self.fired_row(&oracles::HALT_HEIGHT_OFF, struck.at, struck.event, self.scope(group, made_for_it)))
    }

    fn made_incumbents(&self) -> Option<Fired> {
        let edits = |what: &What| matches!(what, What::SwitchRaces(SwitchRacesFault::ImageEdited { .. } | SwitchRacesFault::SecondRollout));
        let struck = self.first_struck(edits)?;
        let on_its_way = |node: &Node| {
            bootstrap_image(&node.spec).is_some() && node.status.phase == Some(NodePhase::Initializing) && !self.has_been_ready(node)
        };
        let nodes = self.sight().nodes().into_iter().filter(on_its_way).map(|node| node.meta.key.name.clone()).collect();
        let scope = Scope::NodesAndGroup { nodes, group: None, incumbents_serve: true };
        Some(self.fired_row(&oracles::MADE_INCUMBENT, struck.at, struck.event, scope))
    }

    fn target_never_reached(&self) -> Option<Fired> {
        let past = self.runs_past_upgrade()?;
        let moved = self.halt_height_off()?;
        let sight = self.sight();
        let asked = sight.group_spec()?.update_strategy.as_ref()?.hard_fork.as_ref()?.halt_height;
        let fork = sight.profile.upgrades.iter().filter_map(|upgrade| upgrade.applies_at()).max().filter(|fork| *fork < asked)?;
        let forked = self.chain.time_of(fork).filter(|at| *at <= self.now)?;
        let wanted = &sight.group_spec()?.template.spec.image;
        let waits = |node: &Node| {
            let job = ObjectKey::new(node.namespace(), names::bootstrap_job(node.name()));
            node.spec.image == *wanted && target(&node.spec) == Some(asked.minus(1)) && self.cluster.object(&Job::INFO, &job).is_some()
        };
        let at = past.at.max(moved.at).max(forked);
        sight.nodes().iter().any(waits).then(|| self.fired_row(&oracles::NEVER_REACHED, at, EventNumber::default(), Scope::All))
    }

    /// A bootstrap whose next block no peer keeps any more, where something has befallen the world.
    fn target_pruned(&self) -> Option<Fired> {
        let struck = self.first_befallen()?;
        let nodes = self.sight().nodes();
        let is_bootstrap = |pod: &&AnyObject| {
            let node = pod.meta.labels.get(names::label::NODE).filter(|node| names::pod(node) != *pod.meta.key.name);
            node.is_some_and(|name| nodes.iter().any(|node| *node.meta.key.name == **name))
        };
        let waits = |pod: &AnyObject| {
            let view = self.sight().view(pod);
            view.is_some_and(|view| view.rule == Rule::PeersPruned)
        };
        let fired = || self.fired_row(&oracles::NEVER_REACHED, struck.at, struck.event, Scope::All);
        self.cluster.objects(&const { Pod::INFO }).filter(is_bootstrap).any(waits).then(fired)
    }

    fn halted_before_commit(&self) -> Option<Fired> {
        let slips = |what: &What| matches!(what, What::PrematureHalt(PrematureHaltFault::HaltSlips { slip: HaltSlip::BeforeCommit, .. }));
        let struck = self.first_struck(slips)?;
        let scope = self.scope(false, |spec| bootstrap_image(spec).is_some());
        Some(self.fired_row(&oracles::HALT_BEFORE_COMMIT, struck.at, struck.event, scope))
    }

    fn stuck_unseen(&self) -> Option<Fired> {
        let panics = |what: &BinaryFault| matches!(what, BinaryFault::PanicsAtUpgrade | BinaryFault::PanicsAfterUpgrade { .. });
        let sight = self.sight();
        let wanted = &sight.group_spec()?.template.spec.image;
        let profile = self.chain.profile();
        let has_always = || profile.binary(wanted).is_some_and(|binary| profile.binaries[binary].panics_at.is_some());
        let struck = self.first_struck(|what| matches!(what, What::Binary(fault) if panics(fault)));
        let struck = struck.or_else(|| self.first_befallen().filter(|_| has_always()))?;
        let stuck = |node: &Node| {
            let Some(pod) = sight.pod_of(&node.meta.key) else { return false };
            let view = sight.view(pod);
            view.is_some_and(|view| view.wedged) && self.is_near(node, pod)
        };
        let nodes = sight.nodes();
        let is_ready = |node: &&Node| sight.pod_of(&node.meta.key).is_some_and(oracles::is_ready);
        let entrants: Vec<&Node> = nodes.iter().filter(|node| node.spec.image == *wanted).filter(is_ready).collect();
        self.all_behind(&entrants, stuck).then(|| self.fired_row(&oracles::STUCK_UNSEEN, struck.at, struck.event, Scope::All))
    }

    /// Whether a node is past the fork that it was made for, as a design can ask, and no further behind than its probe has shown yet.
    fn is_near(&self, node: &Node, pod: &AnyObject) -> bool {
        let Some(view) = self.sight().view(pod) else { return false };
        let seen = self.chain.network_height(self.now - PROBED);
        let is_past = bootstrap_image(&node.spec).is_none() || target(&node.spec).is_none_or(|last| view.store > last.plus(1));
        is_past && seen.above(view.store) <= PROBE_ALLOWS
    }

    fn pruned_unseen(&self) -> Option<Fired> {
        let struck = self.first_struck(|what| matches!(what, What::Bootstrap(BootstrapFault::PeersPruned { .. })))?;
        let sight = self.sight();
        let seen = self.chain.network_height(self.now - PROBED);
        let unseen = |node: &&Node| {
            let Some(pod) = sight.pod_of(&node.meta.key) else { return false };
            let Some(view) = sight.view(pod) else { return false };
            let told = if oracles::is_ready(pod) { CATCHES_UP } else { self.clients_lag() };
            let is_news = || self.ready_since(pod).is_some_and(|since| self.now <= since + told);
            view.rule == Rule::PeersPruned && (seen.above(view.store) <= PROBE_ALLOWS || is_news())
        };
        let nodes = sight.nodes().iter().filter(unseen).map(|node| node.meta.key.name.clone()).collect();
        let scope = Scope::NodesAndGroup { nodes, group: None, incumbents_serve: true };
        Some(self.fired_row(&oracles::PRUNED_UNSEEN, struck.at, struck.event, scope))
    }

    fn panics_later(&self) -> Option<Fired> {
        let sight = self.sight();
        let wanted = &sight.group_spec()?.template.spec.image;
        let profile = self.chain.profile();
        let stops = profile.binaries[profile.binary(wanted)?].panics_at?;
        let reached = self.chain.time_of(stops).filter(|at| *at <= self.now)?;
        let (struck, _) = self.defect(wanted)?;
        let scope = self.scope(true, |_| false);
        Some(self.fired_row(&oracles::PANICS_LATER, struck.max(reached), EventNumber::default(), scope))
    }

    fn without_peers(&self) -> impl Iterator<Item = Fired> {
        self.befallen_by(|what| match what {
            What::Bootstrap(BootstrapFault::Stalls { node, .. }) => Some(Some(node.clone())),
            what => cut_off(what),
        })
        .map(|(struck, node)| {
            let scope = match node {
                Some(node) => {
                    let group = Some(self.sight().group_ref());
                    Scope::NodesAndGroup { nodes: BTreeSet::from([node]), group, incumbents_serve: true }
                }
                None => Scope::All,
            };
            let until = struck.healed.map(|healed| healed + PROBED);
            Fired { until, ..self.fired_row(&oracles::NO_PEERS, struck.at, struck.event, scope) }
        })
    }

    /// Times in which no peer is up, in a world that something has befallen.
    fn while_peers_upgrade(&self) -> impl Iterator<Item = Fired> {
        let befallen = self.first_befallen().map(|struck| struck.at);
        // The group by itself, too, if all that is wrong with its nodes is that they are behind.
        let view = |node: &Node| self.chain.view(self.now, simchain::PodId(oracles::id_of(self.sight().pod_of(&node.meta.key)?).0));
        let is_well = |node: &Node| view(node).is_some_and(|view| view.rpc && !view.wedged && !view.diverged);
        let group = self.sight().nodes().iter().all(is_well);
        // Pods run on for a while when their nodes have been deleted.
        let nodes =
            self.sight().pods().filter_map(|pod| pod.meta.labels.get(names::label::NODE)).map(|node| node.as_str().into()).collect();
        let scope = Scope::NodesAndGroup { nodes, group: group.then(|| self.sight().group_ref()), incumbents_serve: true };
        let silences = befallen.into_iter().flat_map(|at| self.chain.silences().map(move |(from, until)| (from.max(at), until)));
        silences.filter(|(from, _)| *from <= self.now).map(move |(from, until)| {
            let fired = self.fired_row(&oracles::PEERS_UPGRADE, from, EventNumber::default(), scope.clone());
            Fired { until: Some(until + PROBED), ..fired }
        })
    }

    /// What has struck while the call that takes effect was on its way.
    fn overtaken(&self) -> impl Iterator<Item = Fired> {
        let sent = self.in_effect.as_ref().map(|call| call.sent);
        let struck = self.befallen_by(|what| changes_what_is_called_for(what).then_some(())).map(|(struck, ())| (struck.at, struck.event));
        struck
            .chain(self.faults.excuses.scaled_back)
            .filter(move |(_, event)| sent.is_some_and(|sent| *event >= sent))
            .map(|(at, event)| self.fired_row(&oracles::CALL_ON_ITS_WAY, at, event, Scope::All))
    }

    /// A deletion that all that can be known of the entrants allows.
    fn behind_unseen(&self) -> Option<Fired> {
        let first = self.first_befallen()?;
        let sight = self.sight();
        let entrants = sight.group()?.status.deployment.as_ref()?.entrant_nodes.clone();
        let unseen = |node: &Node| {
            let Some(pod) = sight.pod_of(&node.meta.key) else { return false };
            let has_shown = || self.ready_since(pod).is_some_and(|since| since + CATCHES_UP <= self.now);
            oracles::is_ready(pod) && (self.is_cut_off(pod) || (has_shown() && self.is_near(node, pod)))
        };
        let pods: BTreeSet<String> = entrants.iter().map(|entrant| names::pod(entrant)).collect();
        let have_left = sight.reached().iter().all(|(pod, _)| pods.contains(&*pod.name));
        let nodes = sight.nodes();
        let made: Vec<&Node> = nodes.iter().filter(|node| entrants.contains(&node.meta.key.name)).collect();
        let only = have_left && made.len() == entrants.len() && self.all_behind(&made, unseen);
        only.then(|| self.fired_row(&oracles::BEHIND_UNSEEN, first.at, first.event, Scope::All))
    }

    /// Whether some of the nodes are not at the tip, and it is so of each of these.
    fn all_behind(&self, nodes: &[&Node], is_so: impl Fn(&Node) -> bool) -> bool {
        let sight = self.sight();
        let at_tip = |node: &Node| sight.pod_of(&node.meta.key).is_some_and(|pod| sight.at_tip(oracles::id_of(pod)));
        let mut behind = nodes.iter().filter(|node| !at_tip(node)).peekable();
        behind.peek().is_some() && behind.all(|node| is_so(node))
    }

    /// Nodes that have their peers back, while no more are missing than were cut off.
    fn catching_up(&self) -> impl Iterator<Item = Fired> {
        let sight = self.sight();
        let wanted = sight.group_spec().and_then(|group| usize::try_from(group.replicas).ok()).unwrap_or_default();
        let missing = wanted.saturating_sub(oracles::all_serving(&sight));
        self.befallen_by(cut_off).filter_map(move |(struck, of)| {
            let healed = struck.healed.filter(|_| of.is_none() || missing <= 1)?;
            let fired = self.fired_row(&oracles::CATCHING_UP, healed, EventNumber::default(), self.scope(true, |_| false));
            Some(Fired { until: Some(healed + CATCHES_UP), ..fired })
        })
    }

    /// The last upgrade that the network has passed: its name, and when its block was made.
    pub(super) fn last_fork(&self) -> Option<(Arc<str>, SimTime)> {
        let upgrades = self.chain.profile().upgrades.iter();
        let passed = upgrades.filter_map(|upgrade| Some((upgrade.name.clone(), self.chain.time_of(upgrade.applies_at()?)?)));
        passed.filter(|(_, at)| *at <= self.now).max_by_key(|(_, at)| *at)
    }

    /// The faults of a sort that befell something, with what is said of each.
    pub(super) fn befallen_by<T>(&self, sort: impl Fn(&What) -> Option<T>) -> impl Iterator<Item = (&Struck, T)> {
        self.faults.records.iter().filter_map(move |record| {
            let struck = record.struck.as_ref().filter(|struck| struck.befell)?;
            Some((struck, sort(&record.fault.what)?))
        })
    }

    /// The fault that befell something first, whatever it is.
    pub(super) fn first_befallen(&self) -> Option<&Struck> {
        self.first_struck(|_| true)
    }

    pub(super) fn first_struck(&self, sort: impl Fn(&What) -> bool) -> Option<&Struck> {
        self.struck(sort).min_by_key(|struck| struck.at)
    }

    /// The faults of a sort that befell something.
    pub(super) fn struck(&self, sort: impl Fn(&What) -> bool) -> impl Iterator<Item = &Struck> {
        self.befallen_by(move |what| sort(what).then_some(())).map(|(struck, ())| struck)
    }

    /// The nodes with such a spec, and the group or not.
    pub(super) fn scope(&self, group: bool, is_meant: impl Fn(&SeiNodeSpec) -> bool) -> Scope {
        let sight = self.sight();
        let nodes = sight.nodes().into_iter().filter(|node| is_meant(&node.spec)).map(|node| node.meta.key.name.clone()).collect();
        let group: Option<ObjectRef> = group.then(|| sight.group_ref());
        Scope::NodesAndGroup { nodes, group, incumbents_serve: true }
    }

    pub(super) fn fired_row(&self, row: &'static Excuse, at: SimTime, event: EventNumber, scope: Scope) -> Fired {
        Fired { row, at, event, scope, until: None }
    }
}

/// Whose peers a fault takes: one node's, or everybody's.
pub(super) fn cut_off(what: &What) -> Option<Option<Arc<str>>> {
    match what {
        What::Cluster(ClusterFault::PeersCut { node, .. }) => Some(Some(node.clone())),
        What::Bootstrap(BootstrapFault::PeersNotFound { .. }) => Some(None),
        _ => None,
    }
}

/// Whether a fault changes what a node is created or deleted for: the spec, or that an entrant's seid runs.
fn changes_what_is_called_for(what: &What) -> bool {
    use ClusterFault as C;
    use SwitchRacesFault as S;
    match what {
        What::SwitchRaces(S::ImageEdited { .. } | S::HaltHeightEdited { .. } | S::ReplicasEdited { .. } | S::SecondRollout) => true,
        What::SwitchRaces(S::EntrantCrashes { .. }) | What::PrematureHalt(PrematureHaltFault::Interrupted { .. }) => true,
        What::Cluster(C::MachineLost { .. } | C::ZoneLost { .. } | C::ContainerKilled { .. }) => true,
        What::Person(person) => matches!(person, PersonFault::Scales { .. } | PersonFault::DeletesEntrant { .. }),
        _ => false,
    }
}

pub(super) fn bootstrap_image(spec: &SeiNodeSpec) -> Option<&str> {
    spec.snapshot()?.bootstrap_image.as_deref().filter(|image| !image.is_empty())
}

pub(super) fn target(spec: &SeiNodeSpec) -> Option<Height> {
    Some(spec.snapshot()?.s3.as_ref()?.target_height)
}
