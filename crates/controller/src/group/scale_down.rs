//! Step 6a, second half: children beyond the wanted number go.

use super::plan::has_failed;
use super::{conditions, selector};
use crate::{Operator, ReconcileError};
use api::names::label;
use api::node::NodePhase;
use api::{Group, Node, SeiNode};
use executor::read;
use planner::Children;
use ports::{DeleteOptions, EventKind, Ports};

/// Deletes controller-owned nodes of the group, of any revision, whose ordinal is at or above the replicas. A design that knows nodes by ordinal leaves those that
/// have failed with the group's plan, to be seen.
pub async fn reconcile<P: Ports>(ports: &P, operator: &Operator, group: &Group) -> Result<(), ReconcileError> {
    let replicas = group.spec.replicas;
    if replicas <= 0 {
        return Err(ReconcileError::ScaleToNothing(replicas));
    }
    let stays =
        |node: &Node| operator.design.children == Children::ByOrdinal && has_failed(group) && node.status.phase == Some(NodePhase::Failed);
    for node in read::many::<P, SeiNode>(ports, operator.design.reads, group.namespace(), &selector::of_group(group)).await? {
        let is_beyond = ordinal(&node).is_some_and(|ordinal| ordinal >= i64::from(replicas));
        if node.meta.is_controlled_by(group.meta.uid) && is_beyond && !stays(&node) {
            ports.delete::<SeiNode>(&node.meta.key, DeleteOptions::default()).await?;
            conditions::event(ports, group, EventKind::Normal, "SeiNodeDeleted", format_args!("deleted SeiNode {}", node.name()));
        }
    }
    Ok(())
}

/// The ordinal label, if it is there and a number.
fn ordinal(node: &Node) -> Option<i64> {
    node.meta.labels.get(label::ORDINAL)?.parse().ok()
}
