//! Steps that are left out.

use super::{BLUE_GREEN_REFRESHED, BOOTSTRAP, SCALE_DOWN, SCALE_UP, UPGRADE_IGNORED};
use crate::kit::{creates, is, is_beyond, place, planning_group, planning_node, statuses, writing};
use crate::{Bend, Exhibit, Mutation, Sent, Shown};
use api::{Group, Node, SeiNode, SeiNodeDeployment};
use controller::Controller;

pub(super) const HALL: &[Exhibit] = &[
    Exhibit {
        name: "no-gates",
        mutation: Mutation::DeleteStep,
        defect: "The plan switches as soon as the entrants are created: nothing waits until they run or have caught up.",
        base: BLUE_GREEN_REFRESHED,
        oracle: "ready-lies",
        shown: Shown::FaultFree(1),
        bends: &[Bend::Send(|_, request| {
            Sent::only(planning_group(request, |plan| plan.tasks.retain(|task| !task.task.type_name().starts_with("await-"))))
        })],
    },
    Exhibit {
        name: "no-teardown-bootstrap",
        mutation: Mutation::DeleteStep,
        defect: "The node's plan has no step that removes the bootstrap, so the guard that waits for that step never holds anything back.",
        base: BOOTSTRAP,
        oracle: "replica-count",
        shown: Shown::FaultFree(1),
        bends: &[Bend::Send(|_, request| {
            let teardown = "teardown-bootstrap";
            Sent::only(planning_node(request, teardown, |plan| plan.tasks.retain(|task| !is(task, teardown))))
        })],
    },
    Exhibit {
        name: "bootstrap-is-enough",
        mutation: Mutation::DeleteStep,
        defect: "The node's plan ends when the bootstrap is removed: the StatefulSet's pod is never configured nor told to start.",
        base: BOOTSTRAP,
        oracle: "running-lies",
        shown: Shown::FaultFree(1),
        bends: &[Bend::Send(|_, request| {
            let last = "teardown-bootstrap";
            Sent::only(planning_node(request, last, |plan| {
                let end = place(plan, last).map_or(plan.tasks.len(), |last| last + 1);
                plan.tasks.truncate(end);
            }))
        })],
    },
    Exhibit {
        name: "no-teardown",
        mutation: Mutation::DeleteStep,
        defect: "The plan ends with the switch: the incumbents live on without clients, into an upgrade that they do not know.",
        base: UPGRADE_IGNORED,
        oracle: "old-binary-past-halt",
        shown: Shown::FaultFree(1),
        bends: &[Bend::Send(|_, request| {
            Sent::only(planning_group(request, |plan| plan.tasks.retain(|task| !is(task, "teardown-nodes"))))
        })],
    },
    Exhibit {
        name: "plan-never-cleared",
        mutation: Mutation::DeleteStep,
        defect: "The group's status keeps a plan that is complete, so that no other ever follows it.",
        base: BLUE_GREEN_REFRESHED,
        oracle: "leftover",
        shown: Shown::FaultFree(1),
        bends: &[Bend::Send(|_, request| {
            let (before, after) = statuses::<SeiNodeDeployment>(&request);
            let plan = before.and_then(|before| before.status.plan.clone());
            let clears = after.is_some_and(|after| after.status.plan.is_none());
            Sent::only(match plan.filter(|_| clears) {
                Some(plan) => writing(request, |group: &mut Group| group.status_mut().plan = Some(plan)),
                None => request,
            })
        })],
    },
    Exhibit {
        name: "never-scales-down",
        mutation: Mutation::DeleteStep,
        defect: "Nodes beyond the wanted number are passed over, and never deleted.",
        base: SCALE_DOWN,
        oracle: "replica-count",
        shown: Shown::FaultFree(1),
        bends: &[Bend::List(|scene, mut found| {
            let replicas = scene.group().map(|group| group.spec.replicas);
            found.retain(|object| replicas.is_none_or(|replicas| !is_beyond(object, replicas)));
            found
        })],
    },
    Exhibit {
        name: "children-lose-a-field",
        mutation: Mutation::DeleteStep,
        defect: "A child's spec is put together field by field, and the trust period, which came later, was forgotten.",
        base: SCALE_UP,
        oracle: "lost-update",
        shown: Shown::FaultFree(1),
        bends: &[Bend::Send(|scene, request| {
            let made = scene.controller == Controller::Group && creates::<SeiNode>(&request);
            Sent::only(writing(request, |node: &mut Node| {
                let snapshot = node.spec_mut().snapshot_mut().filter(|_| made);
                snapshot.into_iter().for_each(|snapshot| snapshot.trust_period = None);
            }))
        })],
    },
];
