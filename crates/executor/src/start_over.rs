//! A bootstrap that has failed starts over on a new volume.
//!
//! What a failed bootstrap leaves on the volume cannot be built upon: a seid that is started at its halt height goes one block further before it
//! halts. So the claim is deleted. The node's reconciler clears away what holds it and, when it is gone, makes another, and a new plan
//! for it.

use crate::owner::PlanOwner;
use crate::read;
use crate::tasks::Call;
use api::kinds::PersistentVolumeClaim;
use api::{Object, ObjectKey, names};
use ports::{ApiError, DeleteOptions, Ports};

/// Deletes the claim, if it is there, the node's own, and not going already.
pub(crate) async fn run<P: Ports, K: PlanOwner>(call: &Call<'_, P>, owner: &mut Object<K>) -> Result<(), ApiError> {
    let node = K::owner(owner).node().map_err(|error| ApiError::Internal(error.to_string().into()))?.clone();
    let key = ObjectKey { namespace: node.meta.key.namespace.clone(), name: names::data_claim(node.name()).into() };
    let claim = match read::one::<P, PersistentVolumeClaim>(call.ports, call.design.reads, &key).await {
        Ok(claim) if claim.meta.is_controlled_by(node.meta.uid) && claim.meta.deleting.is_none() => claim,
        Ok(_) | Err(ApiError::NotFound(_)) => return Ok(()),
        Err(error) => return Err(error),
    };
    let options = DeleteOptions { uid: claim.meta.uid, ..DeleteOptions::default() };
    match call.ports.delete::<PersistentVolumeClaim>(&key, options).await {
        Ok(()) | Err(ApiError::NotFound(_)) => Ok(()),
        Err(error) => Err(error),
    }
}
