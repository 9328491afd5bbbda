//! teardown-bootstrap: Job and Service make way for the StatefulSet and its Service.

use super::{Call, Executed, TaskError};
use api::kinds::{Job, Service};
use api::task::TeardownBootstrap;
use api::{Kind, ObjectKey};
use ports::{ApiError, DeleteOptions, Ports, Propagation};
use std::sync::Arc;

/// Does not wait for them, nor for the Job's pod, to go. What the cache does not have yet is not deleted.
pub(super) async fn execute<P: Ports>(call: &Call<'_, P>, params: &TeardownBootstrap) -> Result<Executed, TaskError> {
    delete::<P, Job>(call, &params.namespace, &params.job_name, Propagation::Foreground).await?;
    delete::<P, Service>(call, &params.namespace, &params.service_name, Propagation::Default).await?;
    Ok(Executed::Done)
}

async fn delete<P: Ports, K: Kind>(
    call: &Call<'_, P>,
    namespace: &Arc<str>,
    name: &Arc<str>,
    propagation: Propagation,
) -> Result<(), TaskError> {
    let key = ObjectKey { namespace: namespace.clone(), name: name.clone() };
    match call.read::<K>(namespace, name).await {
        Ok(_) => {}
        Err(ApiError::NotFound(_)) => return Ok(()),
        Err(error) => return Err(TaskError::transient(error)),
    }
    match call.ports.delete::<K>(&key, DeleteOptions { propagation, ..DeleteOptions::default() }).await {
        Ok(()) | Err(ApiError::NotFound(_)) => Ok(()),
        Err(error) => Err(TaskError::transient(error)),
    }
}
