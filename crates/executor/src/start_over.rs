//! A bootstrap that has failed starts over on a new volume.
//!
//! What a failed bootstrap leaves on the volume cannot be built upon: a seid that is started at its halt height goes one block further before it
//! halts. The claim is deleted first, while the Job's pod still holds it; then the Job. When the claim is gone, the node's reconciler makes
//! another, and a new plan for it. It is level-triggered: each look does what is next.

use crate::owner::PlanOwner;
use crate::read;
use crate::tasks::Call;
use api::kinds::{Job, PersistentVolumeClaim};
use api::{Kind, Node, Object, ObjectKey, names};
use ports::{ApiError, DeleteOptions, Ports, Propagation};

/// Does what is next.
pub(crate) async fn run<P: Ports, K: PlanOwner>(call: &Call<'_, P>, owner: &mut Object<K>) -> Result<(), ApiError> {
    let node = K::owner(owner).node().map_err(|error| ApiError::Internal(error.to_string().into()))?.clone();
    delete::<P, PersistentVolumeClaim>(call, &node, &names::data_claim(node.name()), Propagation::Background).await?;
    delete::<P, Job>(call, &node, &names::bootstrap_job(node.name()), Propagation::Foreground).await
}

/// Deletes the object of that name, if it is there, the node's own, and not going already.
async fn delete<P: Ports, K: Kind>(call: &Call<'_, P>, node: &Node, name: &str, propagation: Propagation) -> Result<(), ApiError> {
    let key = ObjectKey { namespace: node.meta.key.namespace.clone(), name: name.into() };
    let object = match read::one::<P, K>(call.ports, call.design.reads, &key).await {
        Ok(object) if object.meta.is_controlled_by(node.meta.uid) && object.meta.deleting.is_none() => object,
        Ok(_) | Err(ApiError::NotFound(_)) => return Ok(()),
        Err(error) => return Err(error),
    };
    let options = DeleteOptions { propagation, uid: object.meta.uid, ..DeleteOptions::default() };
    match call.ports.delete::<K>(&key, options).await {
        Ok(()) | Err(ApiError::NotFound(_)) => Ok(()),
        Err(error) => Err(error),
    }
}
