//! The row on nodes that are missing and cannot be made again: which were taken, by people or by what stops them, while no new node can run.
//!
//! A node that has run since nothing new can, and neither was deleted nor changed by the operator, was taken by something else if it does not serve.

use super::excuses::is_defect;
use crate::world::sim::Sim;
use api::kinds::{Pod, StatefulSet};
use api::{AnyObject, Kind, Node, ObjectKey, SeiNode, names};
use faults::{BootstrapFault, PersonFault, SwitchRacesFault, What};
use oracles::{EventNumber, Fired};
use simcore::SimTime;
use simkube::{Actor, StoreChange};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// Within what time a node that is made may not be ready: it has a snapshot to restore, which takes up to half an hour.
const BRINGS_UP: Duration = Duration::from_secs(1800);

/// Within what time an operator that runs marks a sidecar ready, and a seid that starts then answers.
const MARKED: Duration = Duration::from_secs(60);

/// What is remembered of nodes.
#[derive(Clone, Debug, Default)]
pub(in crate::world) struct Irreplaceable {
    /// Whether a node of an image without a defect was left, to make others like it, when something last took nodes away, asked for them again, or broke a binary.
    model_left: bool,
    /// Nodes that have been ready, and were not deleted by the operator.
    ran: BTreeMap<Arc<str>, Uuid>,
    /// Whether something has happened since which no new node can run; then those that it found up and not ready are not among them.
    broken: bool,
}

impl Sim {
    /// Those that have fired.
    pub(super) fn irreplaceable(&self) -> Vec<Fired> {
        self.no_new_node().into_iter().chain(self.not_this_node()).collect()
    }

    /// Nodes that a person has deleted, and of which each that is made again fails the same task.
    fn not_this_node(&self) -> Option<Fired> {
        let fails = |what: &What| match what {
            What::Bootstrap(BootstrapFault::SidecarTaskFails { node: Some(node), times: None, .. }) => Some(node.clone()),
            _ => None,
        };
        let entrant = |what: &What| match what {
            What::Person(PersonFault::DeletesEntrant { node }) => Some(node.clone()),
            what => deletes_node(what),
        };
        let deleted: BTreeSet<Arc<str>> = self.befallen_by(entrant).map(|(_, node)| node).collect();
        let failing = || self.befallen_by(fails).filter(|(_, node)| deleted.contains(node));
        let since = failing().map(|(struck, _)| struck.at).min()?;
        let wanted = usize::try_from(self.sight().group_spec()?.replicas).ok()?;
        let missing = wanted.saturating_sub(oracles::all_serving(&self.sight()));
        let taken = failing().map(|(_, node)| node).collect::<BTreeSet<_>>().len();
        (missing <= taken).then(|| self.fired_row(&oracles::IRREPLACEABLE, since, EventNumber::default(), self.scope(true, |_| false)))
    }

    /// Nodes that were taken while no new one can run.
    fn no_new_node(&self) -> Option<Fired> {
        let sight = self.sight();
        let group = sight.group_spec()?;
        let defect = self.defect(&group.template.spec.image).filter(|_| !self.faults.excuses.irreplaceable.model_left);
        let fails = || self.first_struck(|what| fails_everywhere(what).is_some()).map(|struck| struck.at);
        let in_vain = || self.setup.restores_in_vain.then_some(SimTime::MIN);
        let since = defect.map(|(at, _)| at).or_else(fails).or_else(in_vain)?;
        let wanted = usize::try_from(group.replicas).ok()?;
        let missing = wanted.saturating_sub(oracles::all_serving(&sight));
        let deleted = self.befallen_by(deletes_node).map(|(_, node)| node);
        let gone: BTreeSet<_> = deleted.chain(self.stopped(defect.is_some())).collect();
        let asked_late = self.befallen_by(asks_for).any(|(struck, _)| struck.at + BRINGS_UP > since);
        let numbers = self.befallen_by(asks_for).map(|(_, to)| to).chain(asked_late.then_some(self.setup.first_replicas));
        let fewest = numbers.filter_map(|to| usize::try_from(to).ok()).min();
        let taken = gone.len() + fewest.map_or(0, |fewest| wanted.saturating_sub(fewest));
        let scope = self.scope(true, |_| false);
        (taken > 0 && missing <= taken).then(|| self.fired_row(&oracles::IRREPLACEABLE, since, EventNumber::default(), scope))
    }

    /// Nodes that have run since no new one can and do not serve any more, by no doing of the operator's: they are gone, or cannot start again, for
    /// their own binary or because no sidecar is marked ready again.
    fn stopped(&self, by_defect: bool) -> Vec<Arc<str>> {
        if self.has_deleted_early() {
            return Vec::new();
        }
        let sight = self.sight();
        let unmarked = self.first_struck(|what| fails_everywhere(what) == Some("mark-ready")).is_some();
        let nodes = sight.nodes();
        let serves = |node: &Node| {
            let pod = sight.pod_of(&node.meta.key);
            pod.is_some_and(|pod| pod.meta.deleting.is_none() && oracles::is_ready(pod) && sight.serves(oracles::id_of(pod)))
        };
        let cannot_start = |node: &Node| {
            let breaks = unmarked || (by_defect && self.defect(&self.image_of(node)).is_some());
            breaks && !self.is_set_updated(&node.meta.key)
        };
        let is_stopped = |(name, uid): (&Arc<str>, &Uuid)| {
            let node = nodes.iter().find(|node| node.meta.key.name == *name && node.meta.deleting.is_none());
            let gone = node.is_none_or(|node| !serves(node) && (node.meta.uid != Some(*uid) || cannot_start(node)));
            gone.then(|| name.clone())
        };
        self.faults.excuses.irreplaceable.ran.iter().filter_map(is_stopped).collect()
    }

    /// Something has befallen the world: new nodes may be needed, or what they would run has changed.
    pub(super) fn note_taking(&mut self, what: &What) {
        if takes_nodes(what) {
            self.note_models();
        }
        if (is_defect(what) || fails_everywhere(what).is_some()) && !self.faults.excuses.irreplaceable.broken {
            let mut ran = std::mem::take(&mut self.faults.excuses.irreplaceable.ran);
            ran.retain(|node, _| !self.could_have_been_made_ready(node));
            (self.faults.excuses.irreplaceable.ran, self.faults.excuses.irreplaceable.broken) = (ran, true);
        }
    }

    /// Whether a node, this incarnation of it, has ever been ready.
    pub(super) fn has_been_ready(&self, node: &Node) -> bool {
        self.faults.excuses.irreplaceable.ran.get(&node.meta.key.name).is_some_and(|uid| node.meta.uid == Some(*uid))
    }

    /// Whether a node is up and not ready, and the operator has run since it is not.
    fn could_have_been_made_ready(&self, node: &Arc<str>) -> bool {
        let runs = |pod: &AnyObject| self.has_run_for(pod, MARKED);
        let sight = self.sight();
        let pod = sight.pod_of(&ObjectKey::new(self.setup.group.namespace.clone(), node.clone()));
        let unheard =
            |pod: &AnyObject| self.faults.excuses.down_since().is_some_and(|down| self.ready_since(pod).is_some_and(|at| at > down));
        pod.is_some_and(|pod| runs(pod) && !oracles::is_ready(pod) && !self.is_lost_with_its_machine(pod) && !unheard(pod))
    }

    /// Whether a pod's sidecar has run for so long.
    fn has_run_for(&self, pod: &AnyObject, time: Duration) -> bool {
        let Some(status) = pod.status_as::<Pod>() else { return false };
        let mut containers = status.init_container_statuses.iter().chain(&status.container_statuses).flatten();
        let sidecar = containers.find(|container| container.name == "sei-sidecar");
        let started = sidecar.and_then(|container| container.state.as_ref()?.running.as_ref()?.started_at.as_ref());
        started.is_some_and(|started| self.moment(started.0.as_second()) + time <= self.now)
    }

    /// The image that a node runs, or is to run.
    fn image_of(&self, node: &Node) -> String {
        let set = self.cluster.object(&const { StatefulSet::INFO }, &node.meta.key).and_then(AnyObject::spec_as::<StatefulSet>);
        let pod = set.and_then(|set| set.template.spec.as_ref());
        let seid = pod.and_then(|pod| pod.containers.iter().find(|container| container.name == "seid"));
        seid.and_then(|seid| seid.image.clone()).unwrap_or_else(|| node.spec.image.clone())
    }

    /// The world begins: its nodes have run.
    pub(super) fn note_first_nodes(&mut self) {
        let sight = self.sight();
        let is_ready = |node: &Node| sight.pod_of(&node.meta.key).is_some_and(oracles::is_ready);
        let ready = sight.nodes().into_iter().filter(is_ready);
        let ran = ready.filter_map(|node| Some((node.meta.key.name.clone(), node.meta.uid?))).collect();
        self.faults.excuses.irreplaceable.ran = ran;
    }

    /// Whether there are others to make nodes like.
    pub(super) fn note_models(&mut self) {
        let is_model = |node: &Node| node.meta.deleting.is_none() && self.defect(&self.image_of(node)).is_none();
        self.faults.excuses.irreplaceable.model_left = self.sight().nodes().iter().any(is_model);
    }

    /// A pod may have become ready, or ceased to be; a node may have been deleted by the operator.
    pub(super) fn note_run(&mut self, change: &StoreChange) {
        let object = change.object();
        if object.info.kind == SeiNode::INFO.kind && oracles::deletion_begins(change) {
            self.note_deletion(change);
        }
        if object.info.kind != Pod::INFO.kind {
            return;
        }
        let is_ready = |pod: &Option<AnyObject>| pod.as_ref().is_some_and(oracles::is_ready);
        let (was, is) = (is_ready(&change.old), is_ready(&change.new));
        let node = object.meta.labels.get(names::label::NODE).filter(|node| was != is && names::pod(node) == *object.meta.key.name);
        let Some(node) = node else { return };
        let key = ObjectKey::new(object.meta.key.namespace.clone(), node.as_str());
        match self.cluster.object(&const { SeiNode::INFO }, &key).and_then(|node| node.meta.uid) {
            Some(uid) if is => drop(self.faults.excuses.irreplaceable.ran.insert(key.name, uid)),
            _ if !is && self.faults.excuses.irreplaceable.ran.contains_key(&key.name) => self.note_models(),
            _ => {}
        }
    }

    /// A node is being deleted: by the operator, or by a person, and then it may be the last.
    fn note_deletion(&mut self, change: &StoreChange) {
        match change.actor {
            Actor::Operator(_) => drop(self.faults.excuses.irreplaceable.ran.remove(&change.object().meta.key.name)),
            Actor::Person if self.sight().nodes().iter().all(|node| node.meta.deleting.is_some()) => {
                self.faults.excuses.emptied = Some(self.now);
            }
            _ => {}
        }
    }
}

/// The task that every sidecar fails from now on.
fn fails_everywhere(what: &What) -> Option<&str> {
    match what {
        What::Bootstrap(BootstrapFault::SidecarTaskFails { node: None, times: None, task }) => Some(task),
        _ => None,
    }
}

/// Whether a fault takes nodes away, or what new ones would run.
pub(super) fn takes_nodes(what: &What) -> bool {
    is_defect(what) || deletes_node(what).is_some() || asks_for(what).is_some()
}

/// The node that a person takes away.
fn deletes_node(what: &What) -> Option<Arc<str>> {
    match what {
        What::Person(PersonFault::DeletesIncumbent { node } | PersonFault::DeletesPvc { node }) => Some(node.clone()),
        _ => None,
    }
}

/// How many replicas somebody asks for.
pub(super) fn asks_for(what: &What) -> Option<i32> {
    match what {
        What::Person(PersonFault::Scales { to, .. }) | What::SwitchRaces(SwitchRacesFault::ReplicasEdited { to }) => Some(*to),
        _ => None,
    }
}
