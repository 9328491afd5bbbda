//! Step 5: the node's data volume. Decision `lost-volume` of a design says what becomes of a node whose claim is gone.

use super::phase;
use crate::Operator;
use api::kinds::{PersistentVolumeClaim, StatefulSet};
use api::node::NodePhase;
use api::{Node, ObjectKey, names};
use executor::read;
use planner::LostVolume;
use planner::node::{needs_bootstrap, plan_for};
use planner::objects::data_claim;
use ports::{ApiError, DeleteOptions, Ports, Propagation};

/// Where the claim is.
pub fn key(node: &Node) -> ObjectKey {
    ObjectKey { namespace: node.meta.key.namespace.clone(), name: names::data_claim(node.name()).into() }
}

/// Creates the claim unless the cache has it; one that is terminating will do. AlreadyExists is an error. Returns whether the node may go on.
pub async fn ensure<P: Ports>(ports: &P, operator: &Operator, node: &mut Node) -> Result<bool, ApiError> {
    match read::one::<P, PersistentVolumeClaim>(ports, operator.design.reads, &key(node)).await {
        Err(ApiError::NotFound(_)) => {}
        read => return read.map(|_| true),
    }
    let begun = node.status.plan.is_some() && node.status.phase != Some(NodePhase::Failed);
    if begun && operator.design.lost_volume == LostVolume::StartsOver && !start_over(ports, operator, node).await? {
        return Ok(false);
    }
    ports.create(data_claim(node, &operator.settings)).await.map(|_| true)
}

/// The node begins anew, by a new plan. A node with a bootstrap has no StatefulSet until it is over, so one that is there goes first. Returns
/// whether all that is done.
async fn start_over<P: Ports>(ports: &P, operator: &Operator, node: &mut Node) -> Result<bool, ApiError> {
    if needs_bootstrap(&node.spec) {
        match read::one::<P, StatefulSet>(ports, operator.design.reads, &node.meta.key).await {
            Err(ApiError::NotFound(_)) => {}
            Err(error) => return Err(error),
            Ok(set) => {
                if set.meta.deleting.is_none() && set.meta.is_controlled_by(node.meta.uid) {
                    let options = DeleteOptions { propagation: Propagation::Foreground, uid: set.meta.uid, ..DeleteOptions::default() };
                    ports.delete::<StatefulSet>(&set.meta.key, options).await?;
                }
                return Ok(false);
            }
        }
    }
    let before = node.clone();
    let plan = plan_for(node, &operator.design, || ports.uuid()).map_err(|error| ApiError::Internal(error.to_string().into()))?;
    node.status_mut().plan = Some(plan);
    phase::enter(ports, &before, node, NodePhase::Initializing).await?;
    Ok(true)
}
