//! The `SeiNode` reconciler, in its order of steps (controller.md, section 6).

mod claim;
mod deletion;
mod initializing;
mod namesake;
mod peers;
mod pending;
mod phase;
mod progress;
mod running;
#[cfg(test)]
mod tests;

use crate::{Operator, ReconcileError, Requeue, finalizer, write};
use api::names::NODE_FINALIZER;
use api::node::NodePhase;
use api::{ObjectKey, SeiNode};
use executor::read;
use ports::{ApiError, EventKind, Ports};

/// One reconcile of one node.
pub async fn reconcile<P: Ports>(ports: &P, operator: &Operator, key: &ObjectKey) -> Result<Requeue, ReconcileError> {
    let mut node = match read::one::<P, SeiNode>(ports, operator.design.reads, key).await {
        Err(ApiError::NotFound(_)) => return Ok(Requeue::Done),
        read => read?,
    };
    if node.meta.deleting.is_some() {
        return deletion::run(ports, operator, node).await;
    }
    if !node.meta.has_finalizer(NODE_FINALIZER) {
        finalizer::add(node.meta_mut(), NODE_FINALIZER);
        write::update(ports, &mut node).await?;
    }
    if namesake::is_in_the_way(ports, operator, &node).await? {
        return Ok(Requeue::After(executor::POLL));
    }
    planner::node::validate(&node)?;
    peers::resolve(ports, operator, &mut node).await?;
    if !claim::ensure(ports, operator, &mut node).await? {
        return Ok(Requeue::After(executor::POLL));
    }
    match node.status.phase {
        None | Some(NodePhase::Pending) => pending::reconcile(ports, operator, &mut node).await,
        Some(NodePhase::Initializing) => initializing::reconcile(ports, operator, &mut node).await,
        Some(NodePhase::Running) => running::reconcile(ports, operator, &mut node).await,
        Some(NodePhase::Failed) => {
            phase::event(ports, &node, EventKind::Warning, "NodeFailed", format_args!("the node is in phase Failed"));
            Ok(Requeue::Done)
        }
        Some(NodePhase::Terminating) => Ok(Requeue::Done),
    }
}
