//! The planted defect that no single fault shows.

use super::SCALE_DOWN;
use crate::kit::{deletes, is_beyond};
use crate::{Bend, Exhibit, Mutation, Sent, Shown};
use api::SeiNode;
use faults::{ApiServerFault, ControllerFault, What};

use ports::Precondition;
use simkube::Request;
use std::num::NonZeroU32;
use std::sync::Arc;

/// Where the group says to how many replicas it has been scaled down.
const SCALED_TO: &str = "sei.io/scaled-to";

/// A call that is refused once, and a crash.
const REFUSED_AND_CRASHED: &[What] =
    &[What::ApiServer(ApiServerFault::Unavailable { calls: NonZeroU32::MIN }), What::Controller(ControllerFault::Crash)];

/// A delete that was refused is tried again from memory, which a restart empties: it takes a refused call and a crash.
pub const RETRIES_FROM_MEMORY: Exhibit = Exhibit {
    name: "retries-from-memory",
    mutation: Mutation::RememberInsteadOfReading,
    defect: "That the group was scaled down is written down when the deletes have been tried; those that failed are kept in memory, to be tried again.",
    base: SCALE_DOWN,
    oracle: "replica-count",
    shown: Shown::TwoFaults(REFUSED_AND_CRASHED),
    bends: &[
        Bend::List(|scene, mut found| {
            let Some(group) = scene.group() else { return found };
            let replicas = group.spec.replicas;
            if group.meta.annotations.get(SCALED_TO) == Some(&replicas.to_string()) {
                found.retain(|object| !is_beyond(object, replicas) || scene.recall("to retry", &object.meta.key.name).is_some());
            }
            found
        }),
        Bend::Send(|scene, request| {
            let group = scene.group().filter(|_| deletes::<SeiNode>(&request));
            let noted = group.map(|group| {
                let mut desired = group.clone();
                let replicas = group.spec.replicas.to_string();
                Arc::make_mut(&mut desired.meta_mut().annotations).insert(SCALED_TO.into(), replicas);
                Request::Patch { base: group.into_any(), desired: desired.into_any(), precondition: Precondition::None }
            });
            Sent::followed_by(request, noted)
        }),
        Bend::Reply(|scene, request, answer| {
            let node = request.key().filter(|_| deletes::<SeiNode>(request) && answer.is_err());
            if let Some(node) = node.and_then(|key| scene.cached::<SeiNode>(&key.name)) {
                scene.keep("to retry", &node.meta.key.name.clone(), node.into_any());
            }
            answer
        }),
    ],
};

pub(super) const HALL: &[Exhibit] = &[RETRIES_FROM_MEMORY];
