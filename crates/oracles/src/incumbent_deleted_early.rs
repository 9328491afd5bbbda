//! `incumbent-deleted-early`: the old nodes go only after the new ones have taken over.
//!
//! The law speaks of a DELETE's *effect*, by whichever reconciler sent it: of an incumbent itself, and of its StatefulSet and its volume
//! claim, which is where the data is. Incumbents are the nodes that the group owned when its rollout began. Deleting the group and
//! scaling it down are exempt.

use crate::docket::{Class, Docket, Finding, LawInfo, ObjectRef};
use crate::sight::{Fact, Sight, id_of};
use api::kinds::{PersistentVolumeClaim, StatefulSet};
use api::{AnyObject, Kind, ObjectKey, SeiNode, SeiNodeDeployment, names};
use simkube::{Actor, StoreChange};
use std::collections::BTreeSet;
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
    incumbents: BTreeSet<Arc<str>>,
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
        let Some(incumbent) = self.incumbent_behind(change.object()) else { return };
        let Some(group) = sight.group().filter(|group| group.meta.deleting.is_none()) else { return };
        let wanted = usize::try_from(group.spec.replicas).unwrap_or(0);
        if is_beyond_scale(change.object(), group.spec.replicas) {
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
        if entrants != self.entrants {
            let owned = sight.nodes().into_iter().map(|node| node.meta.key.name.clone());
            self.incumbents = owned.filter(|name| !entrants.contains(name)).collect();
            self.entrants = entrants;
        }
    }

    fn incumbent_behind(&self, object: &AnyObject) -> Option<&Arc<str>> {
        let name = object.meta.name();
        let kind = object.info.kind;
        if kind == SeiNode::INFO.kind || kind == StatefulSet::INFO.kind {
            self.incumbents.get(name)
        } else if kind == PersistentVolumeClaim::INFO.kind {
            self.incumbents.iter().find(|node| names::data_claim(node) == name)
        } else {
            None
        }
    }

    fn is_pod_of_incumbent(&self, pod: &str) -> bool {
        self.incumbents.iter().any(|node| names::pod(node) == pod)
    }
}

/// Whether the change is the moment at which a DELETE took effect.
fn deletion_begins(change: &StoreChange) -> bool {
    let was_deleting = change.old.as_ref().is_some_and(|old| old.meta.deleting.is_some());
    let is_deleting = change.new.as_ref().is_none_or(|new| new.meta.deleting.is_some());
    change.old.is_some() && !was_deleting && is_deleting
}

fn is_beyond_scale(object: &AnyObject, replicas: i32) -> bool {
    let ordinal = object.meta.labels.get(names::label::ORDINAL).and_then(|ordinal| ordinal.parse::<i32>().ok());
    ordinal.is_some_and(|ordinal| ordinal >= replicas)
}

fn is_at_tip(sight: &Sight<'_>, node: &Arc<str>) -> bool {
    let key = ObjectKey::new(sight.group.namespace.clone(), node.clone());
    sight.pod_of(&key).is_some_and(|pod| sight.at_tip(id_of(pod)))
}
