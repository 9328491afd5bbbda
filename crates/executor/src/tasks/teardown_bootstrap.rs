//! teardown-bootstrap: Job and Service make way for the StatefulSet and its Service.

use super::{Call, Executed, TaskError};
use api::kinds::{Job, Service};
use api::task::TeardownBootstrap;
use api::{Kind, Object};
use planner::Namesake;
use ports::{ApiError, DeleteOptions, Ports, Propagation};
use std::sync::Arc;

/// Does not wait for them, nor for the Job's pod, to go. What the cache does not have yet is not deleted.
///
/// A design that waits for namesakes looks at both first, and deletes what it saw: an operator that stalls between the two calls finds the node's own
/// Service under the name of the second.
pub(super) async fn execute<P: Ports>(call: &Call<'_, P>, params: &TeardownBootstrap) -> Result<Executed, TaskError> {
    let namespace = &params.namespace;
    let seen = match call.design.namesake {
        Namesake::TakenOver => None,
        Namesake::WaitedFor => Some(find::<P, Service>(call, namespace, &params.service_name).await?),
    };
    if let Some(job) = find::<P, Job>(call, namespace, &params.job_name).await? {
        delete(call, &job, Propagation::Foreground).await?;
    }
    let service = match seen {
        Some(seen) => seen,
        None => find::<P, Service>(call, namespace, &params.service_name).await?,
    };
    if let Some(service) = service {
        delete(call, &service, Propagation::Default).await?;
    }
    Ok(Executed::Done)
}

async fn find<P: Ports, K: Kind>(call: &Call<'_, P>, namespace: &Arc<str>, name: &Arc<str>) -> Result<Option<Object<K>>, TaskError> {
    match call.read::<K>(namespace, name).await {
        Ok(found) => Ok(Some(found)),
        Err(ApiError::NotFound(_)) => Ok(None),
        Err(error) => Err(TaskError::transient(error)),
    }
}

async fn delete<P: Ports, K: Kind>(call: &Call<'_, P>, object: &Object<K>, propagation: Propagation) -> Result<(), TaskError> {
    let options = match call.design.namesake {
        Namesake::TakenOver => DeleteOptions::default(),
        Namesake::WaitedFor => DeleteOptions::of_incarnation(object.meta.uid),
    };
    match call.ports.delete::<K>(&object.meta.key, DeleteOptions { propagation, ..options }).await {
        Ok(()) | Err(ApiError::NotFound(_)) => Ok(()),
        Err(error) => Err(TaskError::transient(error)),
    }
}
