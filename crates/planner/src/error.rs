//! Why there is no plan.

use thiserror::Error;

/// Why there is no plan. The group controller treats the two kinds differently (controller.md, section 7, step 7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum PlanError {
    /// No plan could be chosen. A group's reconcile goes on as if none were needed.
    #[error("no plan to choose: {0}")]
    Choosing(&'static str),
    /// The spec does not allow the plan that was chosen. Ends the reconcile.
    #[error("{0}")]
    Building(&'static str),
}
