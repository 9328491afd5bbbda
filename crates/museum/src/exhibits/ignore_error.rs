//! Errors that are taken for successes, and successes for errors.

use super::{SCALE_DOWN, SCALE_UP, SCALE_UP_UNDER_FAULTS};
use crate::{Bend, Exhibit, Mutation, Shown};
use api::{Kind, SeiNode, SidecarTask};
use controller::{Controller, ReconcileError, Requeue};
use ports::ApiError;

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
        name: "unreachable-is-marked-ready",
        mutation: Mutation::IgnoreError,
        defect: "mark-ready is fire-and-forget to the letter: it completes also when the sidecar could not be reached.",
        base: SCALE_UP_UNDER_FAULTS,
        oracle: "running-lies",
        shown: Shown::FaultFree(1),
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
