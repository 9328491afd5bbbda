//! await-exporter-running: the exporter has reached its height and runs.

use super::{Call, Progress};
use api::node::NodePhase;
use api::task::ExporterName;
use ports::{ApiError, Ports};

/// An exporter that is gone or failed will not run.
pub(super) async fn status<P: Ports>(call: &Call<'_, P>, params: &ExporterName) -> Progress {
    let name = &params.exporter_name;
    match call.node(&params.namespace, name).await.map(|exporter| exporter.status.phase) {
        Ok(Some(NodePhase::Running)) => Progress::Complete,
        Ok(Some(NodePhase::Failed)) => Progress::Failed(format!("exporter {name} is in Failed phase").into()),
        Err(ApiError::NotFound(_)) => Progress::Failed(format!("exporter {name} not found").into()),
        Ok(_) | Err(_) => Progress::Running,
    }
}
