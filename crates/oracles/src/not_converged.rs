//! `not-converged`: in the end the group is what its spec asks for, or has failed safely.
//!
//! Judged at rest, or throughout a livelock's cycle: the group is in phase Ready with `replicas` of its nodes serving the wanted image. What
//! is being deleted serves no longer, whatever it still answers. A group that is gone is as wanted: only a person deletes one. *Failed safely*, where what is wrong with the world from outside allows it:
//! the failure is visible in the group's status, and clients reach `replicas` serving nodes that run another image than the wanted one, or the same
//! otherwise started or configured, which are the incumbents.

use crate::at_end::Wrong;
use crate::docket::{Class, LawInfo};
use crate::failure;
use crate::sight::{Sight, id_of, is_ready};
use api::group::GroupPhase;
use api::kinds::Pod;
use api::{AnyObject, Group, Kind, ObjectKey, SeiNodeDeployment, SeiNodeSpec, names};

/// The law.
pub const LAW: LawInfo = LawInfo {
    id: "not-converged",
    class: Class::Liveness,
    law: "at rest, or throughout a livelock's cycle, the group is Ready with `replicas` serving nodes on the wanted image, or in the failure state its faults allow with the incumbents serving",
};

/// Whether the group is what its spec asks for. The phase is asked first: it mostly decides.
pub fn has_converged(sight: &Sight<'_>) -> bool {
    let Some(stored) = sight.stored_group() else { return true };
    let ready = stored.status_as::<SeiNodeDeployment>().is_some_and(|status| status.phase == Some(GroupPhase::Ready));
    ready && missing(sight).is_none()
}

/// Whether as many nodes as the group asks for serve with another image than this one.
pub fn others_serve(sight: &Sight<'_>, image: &str) -> bool {
    let wanted = sight.group().and_then(|group| usize::try_from(group.spec.replicas).ok());
    wanted.is_some_and(|wanted| serving(sight, |pod| !runs(pod, image)) >= wanted)
}

/// How many of the group's nodes serve, with whatever image.
pub fn all_serving(sight: &Sight<'_>) -> usize {
    serving(sight, |_| true)
}

/// What is missing for convergence; `None` if nothing is.
pub fn missing(sight: &Sight<'_>) -> Option<String> {
    let group = sight.group()?;
    let wanted = wanted(&group);
    let image = &group.spec.template.spec.image;
    let serving = serving(sight, |pod| runs(pod, image));
    let phase = group.status.phase;
    if phase == Some(GroupPhase::Ready) && serving >= wanted {
        return None;
    }
    let phase = phase.map_or("without a phase".to_owned(), |phase| format!("in phase {phase:?}"));
    Some(format!("the group is {phase} with {serving} of {wanted} nodes serving {image}"))
}

/// Whether the group is in a failure state that is allowed, with the incumbents serving.
pub fn has_failed_safely(sight: &Sight<'_>) -> bool {
    if !sight.failure_allowed {
        return false;
    }
    let Some(group) = sight.group().filter(|group| failure::is_told_by(&group.status)) else { return false };
    let template = &group.spec.template.spec;
    let nodes = sight.nodes();
    let is_otherwise = |spec: &SeiNodeSpec| spec.entrypoint != template.entrypoint || spec.overrides != template.overrides;
    let made_otherwise = |name: &str| nodes.iter().any(|node| names::pod(node.name()) == name && is_otherwise(&node.spec));
    let is_incumbent = |key: &ObjectKey| {
        let pod = sight.cluster.object(&Pod::INFO, key);
        pod.is_some_and(|pod| !runs(pod, &template.image) || made_otherwise(&key.name))
    };
    let incumbents = sight.reached().iter().filter(|(key, pod)| sight.serves(*pod) && is_incumbent(key)).count();
    incumbents >= wanted(&group)
}

/// What is wrong at a moment of the end.
pub fn wrongs(sight: &Sight<'_>) -> Vec<Wrong> {
    let missing = missing(sight).filter(|_| !has_failed_safely(sight));
    missing.map(|missing| Wrong::about(sight.group_ref(), missing)).into_iter().collect()
}

fn wanted(group: &Group) -> usize {
    usize::try_from(group.spec.replicas).unwrap_or(0)
}

/// How many of the group's nodes serve with such a pod.
fn serving(sight: &Sight<'_>, is_meant: impl Fn(&AnyObject) -> bool) -> usize {
    (sight.stored_nodes())
        .filter(|node| node.meta.deleting.is_none())
        .filter_map(|node| sight.pod_of(&node.meta.key))
        .filter(|pod| pod.meta.deleting.is_none() && is_ready(pod) && sight.serves(id_of(pod)) && is_meant(pod))
        .count()
}

pub(crate) fn runs(pod: &AnyObject, image: &str) -> bool {
    let seid = pod.spec_as::<Pod>().and_then(|spec| spec.containers.iter().find(|container| container.name == "seid"));
    seid.and_then(|container| container.image.as_deref()) == Some(image)
}
