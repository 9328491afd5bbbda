//! Steps that have changed places.

use super::{BLUE_GREEN, BLUE_GREEN_REFRESHED, BOOTSTRAP, HALT_SIGNAL, LATE, REHEARSED, SCALE_DOWN, VALIDATOR};
use crate::kit::{creates, deletes, move_to, planning_group, written};
use crate::{Bend, Exhibit, Mutation, Scene, Sent, Shown};
use api::group::GroupPhase;
use api::kinds::{Job, PersistentVolumeClaim};
use api::names::{self, label};
use api::node::NodePhase;
use api::{Kind, Meta, Node, Object, ObjectKey, SeiNode};
use controller::Controller;
use planner::objects::stateful_set;
use ports::{DeleteOptions, Precondition};
use simkube::Request;
use std::sync::Arc;

pub(super) const HALL: &[Exhibit] = &[
    Exhibit {
        name: "switch-before-gates",
        mutation: Mutation::SwapSteps,
        defect: "Traffic is switched to the entrants before anything has waited for them.",
        base: BLUE_GREEN_REFRESHED,
        oracle: "no-endpoint",
        shown: Shown::FaultFree(1),
        bends: &[Bend::Send(|_, request| {
            Sent::only(planning_group(request, |plan| move_to(plan, "switch-traffic", "await-nodes-running")))
        })],
    },
    Exhibit {
        name: "switch-before-bootstrap",
        mutation: Mutation::SwapSteps,
        defect: "Traffic is switched when the entrants exist, an hour before their bootstraps have ended and any pod of theirs has the label.",
        base: BOOTSTRAP,
        oracle: "selector-matches-nothing",
        shown: Shown::FaultFree(1),
        bends: &[Bend::Send(|_, request| {
            Sent::only(planning_group(request, |plan| move_to(plan, "switch-traffic", "await-nodes-running")))
        })],
    },
    Exhibit {
        name: "teardown-before-gates",
        mutation: Mutation::SwapSteps,
        defect: "The incumbents are deleted first, to make room for the entrants.",
        base: HALT_SIGNAL,
        oracle: "incumbent-deleted-early",
        shown: Shown::FaultFree(1),
        bends: &[Bend::Send(|_, request| {
            Sent::only(planning_group(request, |plan| move_to(plan, "teardown-nodes", "create-entrant-nodes")))
        })],
    },
    Exhibit {
        name: "makes-room-first",
        mutation: Mutation::SwapSteps,
        defect: "An incumbent is deleted before the first entrant is made, so that this one finds a machine.",
        base: HALT_SIGNAL,
        oracle: "incumbent-deleted-early",
        shown: Shown::FaultFree(1),
        bends: &[Bend::Send(|scene, request| {
            let room = first_incumbent(scene, &request);
            Sent::following(room, request)
        })],
    },
    Exhibit {
        name: "switch-before-bootstrap-when-late",
        mutation: Mutation::SwapSteps,
        defect: "Traffic is switched when the entrants exist, since the incumbents are dead anyhow: the selector matches no pod until the bootstraps have ended.",
        base: LATE,
        oracle: "selector-matches-nothing",
        shown: Shown::FaultFree(1),
        bends: &[Bend::Send(|_, request| {
            Sent::only(planning_group(request, |plan| move_to(plan, "switch-traffic", "await-nodes-running")))
        })],
    },
    Exhibit {
        name: "makes-room-in-a-drained-rollout",
        mutation: Mutation::SwapSteps,
        defect: "The design with every remedy deletes an incumbent when it makes the first entrant, and drains only the other ones.",
        base: REHEARSED,
        oracle: "incumbent-deleted-early",
        shown: Shown::FaultFree(1),
        bends: &[Bend::Send(|scene, request| {
            let room = first_incumbent(scene, &request);
            Sent::following(room, request)
        })],
    },
    Exhibit {
        name: "standby-before-the-old-is-gone",
        mutation: Mutation::SwapSteps,
        defect: "A validator's update is tried first on a standby: it runs with the key of the node that it stands by, and is deleted then.",
        base: VALIDATOR,
        oracle: "double-sign",
        shown: Shown::FaultFree(1),
        bends: &[Bend::Finally(standby)],
    },
    Exhibit {
        name: "status-reset-after-the-change",
        mutation: Mutation::SwapSteps,
        defect: "When a change has been carried out the phase is reset after it was computed, not before: a group that is ready is not, until the next look.",
        base: SCALE_DOWN,
        oracle: "not-stable",
        shown: Shown::FaultFree(1),
        bends: &[Bend::Finally(reset_status)],
    },
    Exhibit {
        name: "stateful-set-with-the-job",
        mutation: Mutation::SwapSteps,
        defect: "The node's StatefulSet is applied together with its bootstrap Job, not after it, to save the time of starting a pod.",
        base: BOOTSTRAP,
        oracle: "replica-count",
        shown: Shown::Swarm(2),
        bends: &[Bend::Send(|scene, request| {
            let node = scene.node().filter(|_| creates::<Job>(&request));
            let set = node.map(|node| stateful_set(&node, &scene.operator.settings, &scene.operator.design).into_any());
            Sent::followed_by(request, set.map(|object| Request::Apply { manager: names::NODE_MANAGER, object }))
        })],
    },
    Exhibit {
        name: "claims-before-nodes",
        mutation: Mutation::SwapSteps,
        defect: "The group deletes the incumbents' volume claims itself, before the nodes, so that their storage is free sooner.",
        base: BLUE_GREEN,
        oracle: "foreign-object",
        shown: Shown::FaultFree(1),
        bends: &[Bend::Send(|scene, request| {
            let of_group = scene.controller == Controller::Group && deletes::<SeiNode>(&request);
            let node = request.key().filter(|_| of_group);
            let claim = node.map(|node| delete::<PersistentVolumeClaim>(scene, names::data_claim(&node.name)));
            Sent::following(claim, request)
        })],
    },
];

/// The delete of the first incumbent, if a request makes the first entrant.
fn first_incumbent(scene: &Scene<'_>, request: &Request) -> Option<Request> {
    let entrant = written::<SeiNode>(request).filter(|_| scene.is_at("create-entrant-nodes") && creates::<SeiNode>(request))?;
    entrant.meta.labels.get(label::ORDINAL).filter(|ordinal| *ordinal == "0")?;
    let incumbent = scene.group()?.status.incumbent_nodes.first().cloned()?;
    Some(delete::<SeiNode>(scene, incumbent))
}

/// The reset of a group's phase, once for each change: at the second look at a group that is as it should be.
fn reset_status(scene: &Scene<'_>) -> Option<Request> {
    let group = scene.group().filter(|group| group.status.phase == Some(GroupPhase::Ready) && group.meta.generation > Some(1))?;
    let name = group.meta.key.name.clone();
    let is_carried_out = i32::try_from(group.status.nodes.len()) == Ok(group.spec.replicas);
    let is_known = |purpose| scene.recall(purpose, &name).is_some_and(|kept| kept.meta.generation == group.meta.generation);
    if !is_carried_out || is_known("reset") {
        return None;
    }
    if !is_known("carried out") {
        scene.keep("carried out", &name, group.into_any());
        return None;
    }
    scene.keep("reset", &name, group.clone().into_any());
    let mut desired = group.clone();
    desired.status_mut().phase = Some(GroupPhase::Initializing);
    Some(Request::PatchStatus { base: group.into_any(), desired: desired.into_any(), precondition: Precondition::None })
}

/// What a validator whose spec has changed does about its standby: it makes one, and deletes it at the second look at it running.
fn standby(scene: &Scene<'_>) -> Option<Request> {
    let has_changed = |node: &Node| node.spec.validator.is_some() && node.meta.generation > Some(1) && node.meta.deleting.is_none();
    let node = scene.node().filter(has_changed)?;
    let name: Arc<str> = names::entrant(node.meta.labels.get(label::GROUP)?, "2", 0).into();
    if scene.recall("tried", &name).is_some() {
        return None;
    }
    let Some(standby) = scene.cached::<SeiNode>(&name) else {
        let mut meta = Meta::new(ObjectKey::new(node.namespace(), name));
        meta.owners = Arc::from([node.owner_ref()]);
        return Some(Request::Create(Object::<SeiNode>::new(meta, (*node.spec).clone()).into_any()));
    };
    let runs = standby.status.phase == Some(NodePhase::Running);
    if !runs || scene.recall("seen running", &name).is_none() {
        runs.then(|| scene.keep("seen running", &name, standby.into_any()));
        return None;
    }
    scene.keep("tried", &name, standby.into_any());
    Some(delete::<SeiNode>(scene, name))
}

/// The delete of an object of kind `K`.
fn delete<K: Kind>(scene: &Scene<'_>, name: impl Into<Arc<str>>) -> Request {
    let key = ObjectKey::new(scene.key.namespace.clone(), name);
    Request::Delete { info: &const { K::INFO }, key, options: DeleteOptions::default() }
}
