//! A new node gets its plan.

use super::phase;
use crate::{Operator, ReconcileError, Requeue};
use api::Node;
use api::node::NodePhase;
use ports::Ports;

/// Stores plan and phase Initializing in one patch.
pub async fn reconcile<P: Ports>(ports: &P, operator: &Operator, node: &mut Node) -> Result<Requeue, ReconcileError> {
    let before = node.clone();
    let plan = planner::node::plan_for(node, &operator.design, || ports.uuid())?;
    node.status_mut().plan = Some(plan);
    phase::enter(ports, &before, node, NodePhase::Initializing).await?;
    Ok(Requeue::NOW)
}
