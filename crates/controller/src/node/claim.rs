//! Step 5: the node's data volume. Decision `lost-volume` of a design says what becomes of a node whose claim is gone.

use super::{namesake, phase, progress};
use crate::Operator;
use api::kinds::{Job, PersistentVolumeClaim, Service, StatefulSet};
use api::node::NodePhase;
use api::{Kind, Node, ObjectKey, names};
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
///
/// A node that starts over on a lost volume waits: a bootstrap is first cleared away, so that nothing opens the new volume before its time.
pub async fn ensure<P: Ports>(ports: &P, operator: &Operator, node: &mut Node) -> Result<bool, ApiError> {
    let starts_over = operator.design.lost_volume == LostVolume::StartsOver;
    match read::one::<P, PersistentVolumeClaim>(ports, operator.design.reads, &key(node)).await {
        Ok(claim) => {
            let is_lost = starts_over && claim.meta.deleting.is_some() && needs_bootstrap(&node.spec);
            if is_lost && node.status.phase == Some(NodePhase::Initializing) {
                clear(ports, operator, node).await?;
                return Ok(false);
            }
            return Ok(true);
        }
        Err(ApiError::NotFound(_)) => {}
        Err(error) => return Err(error),
    }
    let begun = node.status.plan.is_some() && node.status.phase != Some(NodePhase::Failed);
    if starts_over && begun {
        if needs_bootstrap(&node.spec) && !clear(ports, operator, node).await? {
            return Ok(false);
        }
        begin_anew(ports, operator, node).await?;
    }
    if !begun && namesake::has_left_a_pod(ports, operator, node).await? {
        return Ok(false);
    }
    ports.create(data_claim(node, &operator.settings)).await.map(|_| true)
}

/// Deletes the node's claim, with which it starts over.
pub async fn give_up<P: Ports>(ports: &P, operator: &Operator, node: &Node) -> Result<(), ApiError> {
    is_gone::<P, PersistentVolumeClaim>(ports, operator, node, &key(node)).await.map(drop)
}

/// Replaces the plan by a new one, which counts as a retry of all its tasks.
async fn begin_anew<P: Ports>(ports: &P, operator: &Operator, node: &mut Node) -> Result<(), ApiError> {
    let before = node.clone();
    let mut plan = plan_for(node, &operator.design, || ports.uuid()).map_err(|error| ApiError::Internal(error.to_string().into()))?;
    let retries = before.status.plan.iter().flat_map(|plan| &plan.tasks).map(|task| task.retry_count).max().unwrap_or_default();
    for task in &mut plan.tasks {
        task.retry_count = retries + 1;
    }
    progress::forget_readiness(ports, operator, node);
    node.status_mut().plan = Some(plan);
    phase::enter(ports, &before, node, NodePhase::Initializing).await
}

/// Deletes what a bootstrap has made: its Job and the StatefulSet after it, and the Service, which is another for each of the two. Returns whether
/// all are gone.
async fn clear<P: Ports>(ports: &P, operator: &Operator, node: &Node) -> Result<bool, ApiError> {
    let job = ObjectKey { namespace: node.meta.key.namespace.clone(), name: names::bootstrap_job(node.name()).into() };
    let job_is_gone = is_gone::<P, Job>(ports, operator, node, &job).await?;
    let service_is_gone = is_gone::<P, Service>(ports, operator, node, &node.meta.key).await?;
    Ok(is_gone::<P, StatefulSet>(ports, operator, node, &node.meta.key).await? && job_is_gone && service_is_gone)
}

/// Whether an object of the node is gone. One that is not going is told to.
async fn is_gone<P: Ports, K: Kind>(ports: &P, operator: &Operator, node: &Node, key: &ObjectKey) -> Result<bool, ApiError> {
    let object = match read::one::<P, K>(ports, operator.design.reads, key).await {
        Ok(object) => object,
        Err(ApiError::NotFound(_)) => return Ok(true),
        Err(error) => return Err(error),
    };
    if object.meta.deleting.is_none() && object.meta.is_controlled_by(node.meta.uid) {
        let options = DeleteOptions { propagation: Propagation::Foreground, uid: object.meta.uid, ..DeleteOptions::default() };
        ports.delete::<K>(key, options).await?;
    }
    Ok(false)
}
