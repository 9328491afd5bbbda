//! `incumbent-deleted-early`: the old nodes go only after the new ones have taken over.
//!
//! The law speaks of a DELETE's *effect*, by whichever reconciler sent it: of an incumbent itself, and of its StatefulSet and its volume
//! claim, which is where the data is. Incumbents are the nodes that the group owned when its rollout began. Deleting the group and
//! scaling it down are exempt.

use crate::docket::{Class, Docket, Finding, LawInfo, ObjectRef};
use crate::sight::{Fact, Sight, id_of};
use api::kinds::{PersistentVolumeClaim, StatefulSet};
use api::{AnyObject, Kind, Node, ObjectKey, SeiNode, SeiNodeDeployment, names};
use simkube::{Actor, StoreChange};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The law.
pub const LAW: LawInfo = LawInfo {
    id: "incumbent-deleted-early",
    class: Class::Safety,
    law: "a controller's DELETE of an incumbent (or of its StatefulSet or PVC) takes effect only while the data plane reaches no incumbent and at least `replicas` entrants are at tip (group deletion and scale-down exempt)",
};

/// The rollout in progress, if one is.
#[derive(Clone, Debug, Default)]
pub struct IncumbentDeletedEarly {
    /// The revision that it brings. One that is scaled on its way stays the same, though its entrants are others.
    revision: Option<Arc<str>>,
    /// Each with its ordinal.
    incumbents: BTreeMap<Arc<str>, Option<i32>>,
    entrants: BTreeSet<Arc<str>>,
}

impl IncumbentDeletedEarly {
    /// Looks at a fact.
    pub fn observe(&mut self, sight: &Sight<'_>, fact: &Fact<'_>, docket: &mut Docket) {
        let Fact::Stored(change) = fact else { return };
        self.follow_rollout(sight, change);
        if !matches!(change.actor, Actor::Operator(_)) || !deletion_begins(change) {
            return;
        }
        let Some((incumbent, ordinal)) = self.incumbent_behind(change.object()) else { return };
        let Some(group) = sight.group().filter(|group| group.meta.deleting.is_none()) else { return };
        let wanted = usize::try_from(group.spec.replicas).unwrap_or(0);
        if ordinal.is_some_and(|ordinal| ordinal >= group.spec.replicas) {
            return;
        }
        let reached = sight.reached().iter().filter(|(pod, _)| self.is_pod_of_incumbent(&pod.name)).count();
        let at_tip = self.entrants.iter().filter(|entrant| is_at_tip(sight, entrant)).count();
        if reached > 0 || at_tip < wanted {
            let object = change.object();
            docket.violated(
                &LAW,
                sight.now,
                Finding {
                    since: sight.now,
                    objects: vec![ObjectRef::new(object.info.kind, object.meta.key.name.clone()), ObjectRef::node(incumbent.clone())],
                    events: vec![sight.event],
                    message: format!(
                        "{} {} of incumbent {incumbent} is deleted while clients reach {reached} incumbents and {at_tip} of {wanted} entrants are at the tip",
                        object.info.kind,
                        object.meta.name(),
                    ),
                },
            );
        }
    }

    fn follow_rollout(&mut self, sight: &Sight<'_>, change: &StoreChange) {
        let Some(status) = change.new.as_ref().and_then(|new| new.status_as::<SeiNodeDeployment>()) else { return };
        let Some(deployment) = &status.deployment else { return };
        let entrants: BTreeSet<_> = deployment.entrant_nodes.iter().cloned().collect();
        if entrants == self.entrants {
            return;
        }
        if self.revision.as_ref() != Some(&deployment.entrant_revision) {
            let owned = sight.nodes().into_iter().map(|node| (node.meta.key.name.clone(), ordinal_of(&node)));
            self.incumbents = owned.filter(|(name, _)| !entrants.contains(name)).collect();
            self.revision = Some(deployment.entrant_revision.clone());
        }
        self.entrants = entrants;
    }

    fn incumbent_behind(&self, object: &AnyObject) -> Option<(&Arc<str>, Option<i32>)> {
        let name = object.meta.name();
        let kind = object.info.kind;
        let found = if kind == SeiNode::INFO.kind || kind == StatefulSet::INFO.kind {
            self.incumbents.get_key_value(name)
        } else if kind == PersistentVolumeClaim::INFO.kind {
            self.incumbents.iter().find(|(node, _)| names::data_claim(node) == name)
        } else {
            None
        };
        found.map(|(node, ordinal)| (node, *ordinal))
    }

    fn is_pod_of_incumbent(&self, pod: &str) -> bool {
        self.incumbents.keys().any(|node| names::pod(node) == pod)
    }
}

/// Whether the change is the moment at which a DELETE took effect.
pub fn deletion_begins(change: &StoreChange) -> bool {
    let was_deleting = change.old.as_ref().is_some_and(|old| old.meta.deleting.is_some());
    let is_deleting = change.new.as_ref().is_none_or(|new| new.meta.deleting.is_some());
    change.old.is_some() && !was_deleting && is_deleting
}

/// A node's place in its group, by which scaling down chooses; its StatefulSet and its claim go with it.
pub fn ordinal_of(node: &Node) -> Option<i32> {
    node.meta.labels.get(names::label::ORDINAL)?.parse().ok()
}

fn is_at_tip(sight: &Sight<'_>, node: &Arc<str>) -> bool {
    let key = ObjectKey::new(sight.group.namespace.clone(), node.clone());
    sight.pod_of(&key).is_some_and(|pod| sight.at_tip(id_of(pod)))
}
