//! A bootstrap that has failed starts over: on a new volume, by a new plan.
//!
//! What a failed bootstrap leaves on the volume cannot be built upon: a seid that is started at its halt height goes one block further before it
//! halts. The claim is deleted first, while the Job's pod still holds it; then the Job; when both are gone, the node's reconciler makes a
//! new claim, and the plan gives way to one with other ids, so that no task counts as done. It is level-triggered: each look does what is next.

use crate::owner::PlanOwner;
use crate::plan::{NOW, POLL, change_plan};
use crate::read;
use crate::tasks::Call;
use api::kinds::{Job, PersistentVolumeClaim};
use api::{Kind, Node, Object, ObjectKey, names};
use planner::node::plan_for;
use ports::{ApiError, DeleteOptions, Ports, Propagation};
use std::time::Duration;

/// Does what is next, and says when to come back.
pub(crate) async fn run<P: Ports, K: PlanOwner>(call: &Call<'_, P>, owner: &mut Object<K>) -> Result<Duration, ApiError> {
    let node = K::owner(owner).node().map_err(|error| ApiError::Internal(error.to_string().into()))?.clone();
    let claim = own::<P, PersistentVolumeClaim>(call, &node, &names::data_claim(node.name())).await?;
    let job = own::<P, Job>(call, &node, &names::bootstrap_job(node.name())).await?;
    match (claim, job) {
        (Some(claim), Some(_)) if claim.meta.deleting.is_none() => delete(call, &claim, Propagation::Background).await?,
        (_, Some(job)) if job.meta.deleting.is_none() => delete(call, &job, Propagation::Foreground).await?,
        (_, Some(_)) => {}
        (Some(claim), None) if claim.meta.deleting.is_some() => {}
        (_, None) => {
            let new = plan_for(&node, call.design, || call.ports.uuid()).map_err(|error| ApiError::Internal(error.to_string().into()))?;
            change_plan(call.ports, owner, |plan| *plan = new).await?;
            return Ok(NOW);
        }
    }
    Ok(POLL)
}

/// The object of that name, if it is there and the node's own.
async fn own<P: Ports, K: Kind>(call: &Call<'_, P>, node: &Node, name: &str) -> Result<Option<Object<K>>, ApiError> {
    let key = ObjectKey { namespace: node.meta.key.namespace.clone(), name: name.into() };
    match read::one::<P, K>(call.ports, call.design.reads, &key).await {
        Ok(object) => Ok(Some(object).filter(|object| object.meta.is_controlled_by(node.meta.uid))),
        Err(ApiError::NotFound(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

async fn delete<P: Ports, K: Kind>(call: &Call<'_, P>, object: &Object<K>, propagation: Propagation) -> Result<(), ApiError> {
    let options = DeleteOptions { propagation, uid: object.meta.uid, ..DeleteOptions::default() };
    match call.ports.delete::<K>(&object.meta.key, options).await {
        Ok(()) | Err(ApiError::NotFound(_)) => Ok(()),
        Err(error) => Err(error),
    }
}
