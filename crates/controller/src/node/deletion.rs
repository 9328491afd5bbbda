//! A node that is being deleted: its data goes first, then the finalizer. StatefulSet and Service are left to garbage collection.

use super::{claim, phase};
use crate::{Operator, ReconcileError, Requeue, finalizer, write};
use api::Node;
use api::kinds::PersistentVolumeClaim;
use api::names::NODE_FINALIZER;
use api::node::NodePhase;
use executor::read;
use planner::ClaimRemoval;
use ports::{ApiError, DeleteOptions, Ports};

/// Takes leave of the node.
pub async fn run<P: Ports>(ports: &P, operator: &Operator, mut node: Node) -> Result<Requeue, ReconcileError> {
    if !node.meta.has_finalizer(NODE_FINALIZER) {
        return Ok(Requeue::Done);
    }
    let before = node.clone();
    phase::enter(ports, &before, &mut node, NodePhase::Terminating).await?;
    if operator.design.claim == ClaimRemoval::DeletedFirst {
        delete_claim(ports, operator, &node).await?;
    }
    finalizer::remove(node.meta_mut(), NODE_FINALIZER);
    write::update(ports, &mut node).await?;
    Ok(Requeue::Done)
}

/// Deletes the claim if the cache has it. NotFound from the server is an error.
async fn delete_claim<P: Ports>(ports: &P, operator: &Operator, node: &Node) -> Result<(), ApiError> {
    match read::one::<P, PersistentVolumeClaim>(ports, operator.design.reads, &claim::key(node)).await {
        Err(ApiError::NotFound(_)) => Ok(()),
        Err(error) => Err(error),
        Ok(claim) => ports.delete::<PersistentVolumeClaim>(&claim.meta.key, DeleteOptions::default()).await,
    }
}
