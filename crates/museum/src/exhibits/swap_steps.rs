//! Steps that have changed places.

use super::{BLUE_GREEN, BLUE_GREEN_REFRESHED, BOOTSTRAP, HALT_SIGNAL, SCALE_DOWN, VALIDATOR};
use crate::kit::{creates, deletes, move_to, planning_group, written};
use crate::{Bend, Exhibit, Mutation, Sent, Shown};
use api::group::GroupPhase;
use api::kinds::{Job, PersistentVolumeClaim};
use api::names::{self, label};
use api::{Kind, Meta, Node, ObjectKey, SeiNode, SeiNodeDeployment};
use controller::Controller;
use planner::objects::stateful_set;
use ports::{DeleteOptions, Precondition};
use simkube::Request;

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
            let first = scene.is_at("create-entrant-nodes")
                && written::<SeiNode>(&request)
                    .is_some_and(|node| node.meta.labels.get(label::ORDINAL).is_some_and(|ordinal| ordinal == "0"));
            let group = scene.group().filter(|_| first && creates::<SeiNode>(&request));
            let incumbent = group.and_then(|group| group.status.incumbent_nodes.first().cloned());
            let room = incumbent.map(|name| Request::Delete {
                info: &const { SeiNode::INFO },
                key: ObjectKey::new(scene.key.namespace.clone(), name),
                options: DeleteOptions::default(),
            });
            Sent::following(room, request)
        })],
    },
    Exhibit {
        name: "standby-before-the-old-is-gone",
        mutation: Mutation::SwapSteps,
        defect: "A validator's update begins with a standby that nobody owns, which runs with its key before the old node has ended.",
        base: VALIDATOR,
        oracle: "double-sign",
        shown: Shown::FaultFree(1),
        bends: &[Bend::Finally(|scene| {
            let group = scene.group().filter(|group| group.spec.template.spec.validator.is_some() && group.meta.generation > Some(1))?;
            let name = names::entrant(group.name(), &group.meta.generation?.to_string(), 0);
            Some(Request::Create(
                Node::new(Meta::new(ObjectKey::new(group.namespace(), name)), group.spec.template.spec.clone()).into_any(),
            ))
        })],
    },
    Exhibit {
        name: "status-before-the-nodes",
        mutation: Mutation::SwapSteps,
        defect: "At its start a process writes a group's status before it has looked at the nodes: for a moment the group has none.",
        base: SCALE_DOWN,
        oracle: "not-stable",
        shown: Shown::Swarm(17),
        bends: &[Bend::Send(|scene, request| {
            let Request::PatchStatus { base, desired, precondition } = request else { return Sent::only(request) };
            let (Some(group), Some(wanted)) = (base.typed::<SeiNodeDeployment>(), desired.typed::<SeiNodeDeployment>()) else {
                return Sent::only(Request::PatchStatus { base, desired, precondition });
            };
            if wanted.status.phase != Some(GroupPhase::Ready) || scene.recall("looked", &scene.key.name).is_some() {
                return Sent::only(Request::PatchStatus { base, desired, precondition });
            }
            scene.keep("looked", &scene.key.name, desired.clone());
            let mut without_nodes = group;
            without_nodes.status_mut().phase = Some(GroupPhase::Pending);
            let without_nodes = without_nodes.into_any();
            let first = Request::PatchStatus { base, desired: without_nodes.clone(), precondition: Precondition::None };
            let then = Request::PatchStatus { base: without_nodes, desired, precondition: Precondition::None };
            Sent::following(Some(first), then)
        })],
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
            let set = node.map(|node| stateful_set(&node, &scene.operator.settings).into_any());
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
            let claim = request.key().filter(|_| of_group).map(|node| Request::Delete {
                info: &const { PersistentVolumeClaim::INFO },
                key: ObjectKey::new(node.namespace.clone(), names::data_claim(&node.name)),
                options: DeleteOptions::default(),
            });
            Sent::following(claim, request)
        })],
    },
];
