//! What was once seen, and is not looked at again.

use super::{BLUE_GREEN_REFRESHED, SCALE_DOWN, SCALE_UP, SCALE_UP_UNDER_FAULTS};
use crate::kit::{changed, writing};
use crate::{Bend, Exhibit, Mutation, Sent, Shown, Submitted};
use api::group::GroupPhase;
use api::names::label;
use api::{Group, SeiNodeDeployment, SidecarTask};
use controller::Controller;

pub(super) const HALL: &[Exhibit] = &[
    Exhibit {
        name: "replicas-of-the-start",
        mutation: Mutation::RememberInsteadOfReading,
        defect: "The operator takes a group's number of replicas from the first look at it, for as long as its process lives.",
        base: SCALE_UP,
        oracle: "replica-count",
        shown: Shown::FaultFree(1),
        bends: &[Bend::Read(|scene, _, read| match scene.controller {
            Controller::Group => read.map(|object| {
                changed(object, |group: &mut Group| {
                    let kept = scene.recall("replicas", &group.meta.key.name);
                    match kept.as_ref().and_then(|kept| kept.spec_as::<SeiNodeDeployment>()) {
                        Some(kept) if kept.replicas != group.spec.replicas => group.spec_mut().replicas = kept.replicas,
                        Some(_) => {}
                        None => scene.keep("replicas", &group.meta.key.name, group.clone().into_any()),
                    }
                })
            }),
            Controller::Node => read,
        })],
    },
    Exhibit {
        name: "phase-of-the-old-number",
        mutation: Mutation::RememberInsteadOfReading,
        defect: "A group's phase is computed with the number of replicas that the process saw first: after scaling down it is never Ready again.",
        base: SCALE_DOWN,
        oracle: "not-converged",
        shown: Shown::FaultFree(1),
        bends: &[Bend::Send(|scene, request| {
            Sent::only(writing(request, |group: &mut Group| {
                let name = group.meta.key.name.clone();
                let Some(first) = scene.recall("first seen", &name) else {
                    return scene.keep("first seen", &name, group.clone().into_any());
                };
                let first = first.spec_as::<SeiNodeDeployment>().map(|spec| spec.replicas);
                if first > Some(group.spec.replicas) && group.status.phase == Some(GroupPhase::Ready) {
                    group.status_mut().phase = Some(GroupPhase::Initializing);
                }
            }))
        })],
    },
    Exhibit {
        name: "once-ready-always-ready",
        mutation: Mutation::RememberInsteadOfReading,
        defect: "A group that has been Ready stays so in its status, whatever becomes of its nodes.",
        base: SCALE_UP,
        oracle: "ready-lies",
        shown: Shown::Swarm(5),
        bends: &[Bend::Send(|scene, request| {
            Sent::only(writing(request, |group: &mut Group| {
                let name = group.meta.key.name.clone();
                if group.status.phase == Some(GroupPhase::Ready) && scene.recall("ready", &name).is_none() {
                    scene.keep("ready", &name, group.clone().into_any());
                }
                if group.meta.deleting.is_none() && scene.recall("ready", &name).is_some() {
                    group.status_mut().phase = Some(GroupPhase::Ready);
                }
            }))
        })],
    },
    Exhibit {
        name: "marked-ready-by-ordinal",
        mutation: Mutation::RememberInsteadOfReading,
        defect: "The operator remembers which nodes it has told to start by their ordinals, and an entrant has the ordinal of an incumbent.",
        base: BLUE_GREEN_REFRESHED,
        oracle: "running-lies",
        shown: Shown::FaultFree(1),
        bends: &[Bend::Submit(|scene, request| {
            let node = scene.node().filter(|_| matches!(request.task, SidecarTask::MarkReady));
            let ordinal = node.as_ref().and_then(|node| node.meta.labels.get(label::ORDINAL)).map(|ordinal| ordinal.as_str().into());
            let (Some(node), Some(ordinal)) = (node, ordinal) else { return Submitted::Task(request) };
            match scene.recall("marked ready", &ordinal) {
                Some(told) if told.meta.key.name != node.meta.key.name => Submitted::Nothing,
                Some(_) => Submitted::Task(request),
                None => {
                    scene.keep("marked ready", &ordinal, node.into_any());
                    Submitted::Task(request)
                }
            }
        })],
    },
    Exhibit {
        name: "task-ids-in-memory",
        mutation: Mutation::RememberInsteadOfReading,
        defect: "The ids of sidecar tasks are made up when a process first submits them and kept in its memory: after a restart the task is submitted anew.",
        base: SCALE_UP_UNDER_FAULTS,
        oracle: "plan-regression",
        shown: Shown::FaultFree(1),
        bends: &[
            Bend::Submit(|scene, request| match request.id {
                Some(id) => Submitted::Task(ports::TaskRequest { id: Some(scene.id_in_memory(id)), ..request }),
                None => Submitted::Task(request),
            }),
            Bend::Accepted(|_, request, answer| answer.map(|given| request.id.unwrap_or(given))),
            Bend::Ask(|scene, id| scene.id_in_memory(id)),
        ],
    },
];
