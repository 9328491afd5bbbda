//! A node that is being deleted: its data goes first, then the finalizer. StatefulSet and Service are left to garbage collection.

use super::{claim, phase};
use crate::{ReconcileError, Requeue, finalizer, write};
use api::Node;
use api::kinds::PersistentVolumeClaim;
use api::names::NODE_FINALIZER;
use api::node::NodePhase;
use ports::{ApiError, DeleteOptions, Ports};

/// Takes leave of the node.
pub async fn run<P: Ports>(ports: &P, mut node: Node) -> Result<Requeue, ReconcileError> {
    if !node.meta.has_finalizer(NODE_FINALIZER) {
        return Ok(Requeue::Done);
    }
    let before = node.clone();
    phase::enter(ports, &before, &mut node, NodePhase::Terminating).await?;
    delete_claim(ports, &node).await?;
    finalizer::remove(node.meta_mut(), NODE_FINALIZER);
    write::update(ports, &mut node).await?;
    Ok(Requeue::Done)
}

/// Deletes the claim if the cache has it. NotFound from the server is an error.
async fn delete_claim<P: Ports>(ports: &P, node: &Node) -> Result<(), ApiError> {
    match ports.cached::<PersistentVolumeClaim>(&claim::key(node)) {
        Err(ApiError::NotFound(_)) => Ok(()),
        Err(error) => Err(error),
        Ok(claim) => ports.delete::<PersistentVolumeClaim>(&claim.meta.key, DeleteOptions::default()).await,
    }
}
