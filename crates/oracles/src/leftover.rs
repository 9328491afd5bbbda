//! `leftover`: in the end nothing remains that nobody will remove.
//!
//! Judged at rest, or throughout a livelock's cycle; in a cycle, what remains is what is there at every moment of it. Left over are:
//! objects whose controlling owner is gone, data volumes' claims among them; objects whose deletion began and is held by a finalizer or a
//! claim in use; what the bootstrap made for a node that is past it; and of the group's status a plan that is Complete, a rollout without a
//! plan at work on it, and a condition PlanInProgress that is True without one.
//!
//! Not left over are: a node's own plan, which is never cleared (`controller.md`, section 1); nodes that the group owns, of which
//! `replica-count` speaks; a plan that failed and what belongs to a node that failed, since both have to stay visible until someone acts on
//! them; what Retain has released. Whether an object that has its owner is still wanted is not judged.

use crate::at_end::Wrong;
use crate::docket::{Class, LawInfo, ObjectRef};
use crate::sight::Sight;
use api::group::condition_type::PLAN_IN_PROGRESS;
use api::kinds::{Job, Service};
use api::names::{self, label};
use api::node::NodePhase;
use api::plan::PlanPhase;
use api::{AnyObject, Group, Kind, Node, OwnerRef, condition};

/// The law.
pub const LAW: LawInfo = LawInfo {
    id: "leftover",
    class: Class::Liveness,
    law: "at rest, or throughout a livelock's cycle, no object, volume, finalizer or condition remains that nobody will remove",
};

/// What is wrong at a moment of the end: one for each object.
pub fn wrongs(sight: &Sight<'_>) -> Vec<Wrong> {
    let all: Vec<&AnyObject> = everything(sight).collect();
    let mut wrongs: Vec<Wrong> = without_owner(&all).map(|object| wrong(object, "remains though its owner is gone")).collect();
    wrongs.extend(all.iter().filter(|object| object.meta.deleting.is_some()).map(|object| undeletable(object)));
    wrongs.extend(sight.nodes().iter().flat_map(|node| of_bootstrap(sight, node)));
    wrongs.extend(sight.group().and_then(|group| of_status(sight, &group)));
    wrongs
}

/// Objects with a controlling owner that does not exist, by kind and name.
pub fn ownerless<'a>(sight: &Sight<'a>) -> Vec<&'a AnyObject> {
    let all: Vec<&AnyObject> = everything(sight).collect();
    without_owner(&all).collect()
}

/// Which of all objects have a controlling owner that is not among them.
fn without_owner<'a>(all: &[&'a AnyObject]) -> impl Iterator<Item = &'a AnyObject> {
    let exists = |owner: &OwnerRef| all.iter().any(|object| object.meta.uid == Some(owner.uid));
    all.iter().copied().filter(move |object| object.meta.controller().is_some_and(|owner| !exists(owner)))
}

fn everything<'a>(sight: &Sight<'a>) -> impl Iterator<Item = &'a AnyObject> + use<'a> {
    let cluster = sight.cluster;
    api::kinds::ALL.into_iter().flat_map(|info| cluster.objects(info))
}

fn wrong(object: &AnyObject, what: &str) -> Wrong {
    let object = ObjectRef::new(object.info.kind, object.meta.key.name.clone());
    let message = format!("{object} {what}");
    Wrong::about(object, message)
}

fn undeletable(object: &AnyObject) -> Wrong {
    match object.meta.finalizers.join(", ") {
        none if none.is_empty() => wrong(object, "is being deleted and does not go"),
        finalizers => wrong(object, &format!("is being deleted and keeps its finalizers {finalizers}")),
    }
}

/// Job and Service of a bootstrap that its node has behind it.
fn of_bootstrap(sight: &Sight<'_>, node: &Node) -> Vec<Wrong> {
    let torn_down = node.status.plan.as_ref().is_some_and(|plan| plan.has_completed("teardown-bootstrap"));
    if !torn_down && node.status.phase != Some(NodePhase::Running) {
        return Vec::new();
    }
    let own = |info, name: &str| {
        let key = api::ObjectKey::new(node.meta.key.namespace.clone(), name);
        sight.cluster.object(info, &key).filter(|object| object.meta.is_controlled_by(node.meta.uid) && object.meta.deleting.is_none())
    };
    let job = own(&const { Job::INFO }, &names::bootstrap_job(node.name()));
    let service = own(&const { Service::INFO }, node.name()).filter(|service| selects_bootstrap(service));
    [job, service].into_iter().flatten().map(|object| wrong(object, "remains of a bootstrap that is over")).collect()
}

fn selects_bootstrap(service: &AnyObject) -> bool {
    let selector = service.spec_as::<Service>().and_then(|spec| spec.selector.as_ref());
    selector.is_some_and(|selector| selector.get(label::COMPONENT).is_some_and(|component| component == label::BOOTSTRAP))
}

/// What the group's status says of a plan that is not in progress.
fn of_status(sight: &Sight<'_>, group: &Group) -> Option<Wrong> {
    let phase = group.status.plan.as_ref().map(|plan| plan.phase);
    if phase == Some(PlanPhase::Active) {
        return None;
    }
    let condition = condition::is_true(&group.status.conditions, PLAN_IN_PROGRESS);
    let left = [
        (phase == Some(PlanPhase::Complete), "a plan that is Complete"),
        (group.status.deployment.is_some(), "a rollout"),
        (condition, "condition PlanInProgress"),
    ];
    let left: Vec<&str> = left.into_iter().filter(|(is_left, _)| *is_left).map(|(_, what)| what).collect();
    let message = || format!("the group's status keeps {} though no plan is in progress", left.join(" and "));
    (!left.is_empty()).then(|| Wrong::about(sight.group_ref(), message()))
}
