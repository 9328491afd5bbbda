//! Steps that are over before what they do has happened.

use super::{BLUE_GREEN, BOOTSTRAP_REFRESHED, CODE_FORK, SCALE_UP};
use crate::kit::{changed, deletes, is, writing};
use crate::{Bend, Exhibit, Mutation, Sent, Shown};
use api::kinds::Job;
use api::node::NodePhase;
use api::plan::TaskStatus;
use api::{Node, Object, SeiNode};
use controller::Controller;
use k8s_openapi::api::batch::v1::JobCondition;
use ports::Precondition;
use simkube::Request;
use std::sync::Arc;

pub(super) const HALL: &[Exhibit] = &[
    Exhibit {
        name: "switch-is-only-noted",
        mutation: Mutation::CompleteBeforeEffect,
        defect: "switch-traffic completes when the new revision is in the operator's memory; the write is left to a later one that never comes.",
        base: BLUE_GREEN,
        oracle: "selector-matches-nothing",
        shown: Shown::FaultFree(1),
        bends: &[Bend::Send(|scene, request| match &request {
            Request::PatchStatus { precondition: Precondition::None, .. } if scene.is_at("switch-traffic") => Sent::nothing(),
            _ => Sent::only(request),
        })],
    },
    Exhibit {
        name: "teardown-is-only-noted",
        mutation: Mutation::CompleteBeforeEffect,
        defect: "teardown-nodes completes when it has decided what to delete; the deletes are left to a queue that nobody works on.",
        base: BLUE_GREEN,
        oracle: "replica-count",
        shown: Shown::FaultFree(1),
        bends: &[Bend::Send(|scene, request| {
            if scene.is_at("teardown-nodes") && deletes::<SeiNode>(&request) { Sent::nothing() } else { Sent::only(request) }
        })],
    },
    Exhibit {
        name: "incumbents-are-only-released",
        mutation: Mutation::CompleteBeforeEffect,
        defect: "teardown-nodes releases the incumbents from their group and leaves them to a collector that there is not: they live on into the fork.",
        base: CODE_FORK,
        oracle: "lineage-diverged",
        shown: Shown::FaultFree(1),
        bends: &[Bend::Send(|scene, request| {
            let node = request.key().filter(|_| scene.is_at("teardown-nodes") && deletes::<SeiNode>(&request));
            let Some(base) = node.and_then(|key| scene.cached::<SeiNode>(&key.name)) else { return Sent::only(request) };
            let mut desired = base.clone();
            desired.meta_mut().owners = Arc::from([]);
            let (base, desired) = (base.into_any(), desired.into_any());
            Sent::only(Request::Patch { base, desired, precondition: Precondition::None })
        })],
    },
    Exhibit {
        name: "job-is-done-when-it-is-there",
        mutation: Mutation::CompleteBeforeEffect,
        defect: "await-bootstrap-complete is satisfied by a Job that exists: the bootstrap is removed at work, and the new binary starts far below the halt height.",
        base: BOOTSTRAP_REFRESHED,
        oracle: "stale-serving",
        shown: Shown::FaultFree(1),
        bends: &[Bend::Read(|scene, _, read| match scene.is_at("await-bootstrap-complete") {
            true => read.map(|object| changed(object, is_done)),
            false => read,
        })],
    },
    Exhibit {
        name: "validation-ticked-off",
        mutation: Mutation::CompleteBeforeEffect,
        defect: "config-validate, whose result nobody reads, is ticked off with the node's first task, before the configuration is there.",
        base: SCALE_UP,
        oracle: "plan-regression",
        shown: Shown::FaultFree(1),
        bends: &[Bend::Send(|_, request| {
            Sent::only(writing(request, |node: &mut Node| {
                let tasks = node.status_mut().plan.iter_mut().flat_map(|plan| &mut plan.tasks);
                let mut has_begun = false;
                for task in tasks {
                    has_begun |= task.status == TaskStatus::Complete;
                    if has_begun && is(task, "config-validate") {
                        task.status = TaskStatus::Complete;
                    }
                }
            }))
        })],
    },
    Exhibit {
        name: "running-when-made",
        mutation: Mutation::CompleteBeforeEffect,
        defect: "The group counts a node as running when its StatefulSet could be created, hours before it serves.",
        base: SCALE_UP,
        oracle: "ready-lies",
        shown: Shown::Swarm(5),
        bends: &[Bend::List(|scene, found| {
            let is_running = |node: &mut Node| {
                if node.status.phase == Some(NodePhase::Initializing) {
                    node.status_mut().phase = Some(NodePhase::Running);
                }
            };
            match scene.controller {
                Controller::Group => found.into_iter().map(|object| changed(object, is_running)).collect(),
                Controller::Node => found,
            }
        })],
    },
];

/// The Job as it would be at its end.
fn is_done(job: &mut Object<Job>) {
    let complete = JobCondition { type_: "Complete".into(), status: "True".into(), ..JobCondition::default() };
    job.status_mut().conditions = Some(vec![complete]);
}
