//! teardown-exporter: the exporter is deleted and waited for.

use super::{Call, Executed, Progress, TaskError};
use api::task::ExporterName;
use api::{ObjectKey, SeiNode};
use ports::{ApiError, DeleteOptions, Ports, Propagation};

/// Runs at every look until the exporter is gone, so one that is gone already is no error.
pub(super) async fn execute<P: Ports>(call: &Call<'_, P>, params: &ExporterName) -> Result<Executed, TaskError> {
    let key = ObjectKey { namespace: params.namespace.clone(), name: params.exporter_name.clone() };
    match call.ports.delete::<SeiNode>(&key, DeleteOptions { propagation: Propagation::Background, ..DeleteOptions::default() }).await {
        Ok(()) | Err(ApiError::NotFound(_)) => Ok(Executed::Begun),
        Err(error) => Err(TaskError::transient(error)),
    }
}

/// Complete once the cache no longer has it.
pub(super) async fn status<P: Ports>(call: &Call<'_, P>, params: &ExporterName) -> Progress {
    match call.node(&params.namespace, &params.exporter_name).await {
        Err(ApiError::NotFound(_)) => Progress::Complete,
        Ok(_) | Err(_) => Progress::Running,
    }
}
