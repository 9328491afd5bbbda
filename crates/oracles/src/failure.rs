//! Where a status says that something has failed.
//!
//! A plan that failed is told by the stored plan itself, by the reason of the condition PlanInProgress, or by the phases Degraded and Failed;
//! a node that failed by its phase.

use api::condition;
use api::group::GroupPhase;
use api::group::condition_type::PLAN_IN_PROGRESS;
use api::node::NodePhase;
use api::plan::PlanPhase;
use api::{Node, SeiNodeDeploymentStatus, TaskPlan};

/// Whether a plan has failed.
pub fn has_failed(plan: Option<&TaskPlan>) -> bool {
    plan.is_some_and(|plan| plan.phase == PlanPhase::Failed)
}

/// Whether a group's status says that a plan has failed.
pub fn is_told_by(status: &SeiNodeDeploymentStatus) -> bool {
    has_failed(status.plan.as_ref())
        || matches!(status.phase, Some(GroupPhase::Degraded | GroupPhase::Failed))
        || condition::find(&status.conditions, PLAN_IN_PROGRESS).is_some_and(|condition| &*condition.reason == "PlanFailed")
}

/// Whether a node is in phase Failed.
pub fn is_failed(node: &Node) -> bool {
    node.status.phase == Some(NodePhase::Failed)
}
