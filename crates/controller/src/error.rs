//! Why a reconcile failed.

use planner::PlanError;
use ports::ApiError;
use thiserror::Error;

/// Why a reconcile failed. The work queue retries it with a growing delay, whatever the reason.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ReconcileError {
    /// A call to the API server failed, or the executor found no plan to carry out.
    #[error(transparent)]
    Api(#[from] ApiError),
    /// The spec is not valid, or allows no plan.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// A group without replicas is not scaled down.
    #[error("refusing to scale down to {0} replicas")]
    ScaleToNothing(i32),
}
