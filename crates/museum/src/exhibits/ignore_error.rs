//! Errors that are taken for successes, and successes for errors.

use super::{BLUE_GREEN, SCALE_DOWN, SCALE_UP};
use crate::kit::{creates, deletes};
use crate::{Bend, Exhibit, Mutation, Shown};
use api::{Kind, SeiNode, SidecarTask};
use controller::{Controller, ReconcileError, Requeue};
use ports::ApiError;
use simkube::Request;

pub(super) const HALL: &[Exhibit] = &[
    Exhibit {
        name: "conflict-is-success",
        mutation: Mutation::IgnoreError,
        defect: "A conflict ends the reconcile as if all had been done, and nothing asks for another one.",
        base: SCALE_UP,
        oracle: "not-converged",
        shown: Shown::FaultFree(1),
        bends: &[Bend::End(|_, outcome| match outcome {
            Err(ReconcileError::Api(ApiError::Conflict(_))) => Ok(Requeue::Done),
            outcome => outcome,
        })],
    },
    Exhibit {
        name: "create-error-is-success",
        mutation: Mutation::IgnoreError,
        defect: "create-entrant-nodes logs an error of a create and completes: an entrant that was refused once is never made.",
        base: BLUE_GREEN,
        oracle: "replica-count",
        shown: Shown::NotYet,
        bends: &[Bend::Reply(|scene, request, answer| match (request, answer) {
            (Request::Create(node), Err(_)) if scene.is_at("create-entrant-nodes") && creates::<SeiNode>(request) => Ok(vec![node.clone()]),
            (_, answer) => answer,
        })],
    },
    Exhibit {
        name: "delete-error-is-success",
        mutation: Mutation::IgnoreError,
        defect: "teardown-nodes logs an error of a delete and completes: an incumbent whose delete was refused once stays for ever.",
        base: BLUE_GREEN,
        oracle: "replica-count",
        shown: Shown::NotYet,
        bends: &[Bend::Reply(|scene, request, answer| match answer {
            Err(_) if scene.is_at("teardown-nodes") && deletes::<SeiNode>(request) => Ok(Vec::new()),
            answer => answer,
        })],
    },
    Exhibit {
        name: "unreachable-is-marked-ready",
        mutation: Mutation::IgnoreError,
        defect: "mark-ready is fire-and-forget to the letter: it completes also when the sidecar could not be reached.",
        base: SCALE_UP,
        oracle: "running-lies",
        shown: Shown::NotYet,
        bends: &[Bend::Accepted(|_, request, answer| match request.task {
            SidecarTask::MarkReady => Ok(answer.unwrap_or(request.id.unwrap_or_default())),
            _ => answer,
        })],
    },
    Exhibit {
        name: "gone-is-an-error",
        mutation: Mutation::IgnoreError,
        defect: "NotFound is not told from other errors: the reconcile of a node that is gone fails, and is tried again for ever.",
        base: SCALE_DOWN,
        oracle: "not-quiet",
        shown: Shown::FaultFree(1),
        bends: &[Bend::Read(|scene, wanted, read| match read {
            Err(ApiError::NotFound(what)) if is_own(scene.controller, wanted.info.kind) && wanted.key == scene.key => {
                Err(ApiError::Internal(what))
            }
            read => read,
        })],
    },
];

/// Whether a controller reconciles a kind.
fn is_own(controller: Controller, kind: &str) -> bool {
    controller == Controller::Node && kind == SeiNode::INFO.kind
}
