//! `not-converged`: in the end the group is what its spec asks for.
//!
//! Judged at rest, or throughout a livelock's cycle: the group is in phase Ready with `replicas` of its nodes serving the wanted image.

use crate::docket::{Class, LawInfo};
use crate::sight::{Sight, id_of, is_ready};
use api::group::GroupPhase;
use api::kinds::Pod;
use api::{AnyObject, Kind, SeiNodeDeployment};

/// The law.
pub const LAW: LawInfo = LawInfo {
    id: "not-converged",
    class: Class::Liveness,
    law: "at rest, or throughout a livelock's cycle, the group is Ready with `replicas` serving nodes on the wanted image, or in the failure state its faults allow with the incumbents serving",
};

/// Whether nothing is missing. The phase is asked first: it mostly decides.
pub fn has_converged(sight: &Sight<'_>) -> bool {
    let stored = sight.cluster.object(&SeiNodeDeployment::INFO, sight.group);
    let status = stored.and_then(AnyObject::status_as::<SeiNodeDeployment>);
    status.is_some_and(|status| status.phase == Some(GroupPhase::Ready)) && missing(sight).is_none()
}

/// Whether as many nodes as the group asks for serve with another image than this one.
pub fn others_serve(sight: &Sight<'_>, image: &str) -> bool {
    let wanted = sight.group().and_then(|group| usize::try_from(group.spec.replicas).ok());
    wanted.is_some_and(|wanted| serving(sight, |pod| !runs(pod, image)) >= wanted)
}

/// What is missing for convergence; `None` if nothing is.
pub fn missing(sight: &Sight<'_>) -> Option<String> {
    let Some(group) = sight.group() else { return Some("the group is gone".to_owned()) };
    let wanted = usize::try_from(group.spec.replicas).unwrap_or(0);
    let image = &group.spec.template.spec.image;
    let serving = serving(sight, |pod| runs(pod, image));
    let phase = group.status.phase;
    if phase == Some(GroupPhase::Ready) && serving >= wanted {
        return None;
    }
    let phase = phase.map_or("without a phase".to_owned(), |phase| format!("in phase {phase:?}"));
    Some(format!("the group is {phase} with {serving} of {wanted} nodes serving {image}"))
}

/// How many of the group's nodes serve with such a pod.
fn serving(sight: &Sight<'_>, is_meant: impl Fn(&AnyObject) -> bool) -> usize {
    (sight.nodes().iter())
        .filter_map(|node| sight.pod_of(&node.meta.key))
        .filter(|pod| is_ready(pod) && sight.serves(id_of(pod)) && is_meant(pod))
        .count()
}

fn runs(pod: &AnyObject, image: &str) -> bool {
    let seid = pod.spec_as::<Pod>().and_then(|spec| spec.containers.iter().find(|container| container.name == "seid"));
    seid.and_then(|container| container.image.as_deref()) == Some(image)
}
