//! submit-export-state: the exporter's sidecar uploads the state of its chain.

use super::{Call, Executed, Progress, TaskError};
use api::SidecarTask;
use api::task::{ExportState, SubmitExportState, export_id};
use ports::{Ports, SidecarAddress, TaskRequest, TaskState};
use std::sync::Arc;

/// An exporter that is older has failed, in seconds.
const DEADLINE: i64 = 6 * 3600;

/// The export's id depends on the exporter's name alone, so that it is the same export in every plan.
pub(super) async fn execute<P: Ports>(call: &Call<'_, P>, params: &SubmitExportState) -> Result<Executed, TaskError> {
    let exporter = call.node(&params.namespace, &params.exporter_name).await.map_err(TaskError::transient)?;
    let export = SidecarTask::ExportState(Arc::new(ExportState {
        height: params.export_height,
        chain_id: params.source_chain_id.clone(),
        s3_bucket: call.settings.genesis.name.clone(),
        s3_key: format!("{}/exported-state.json", params.source_chain_id),
        s3_region: call.settings.genesis.region.clone(),
    }));
    let request = TaskRequest { id: Some(export_id(&params.exporter_name)), task: export };
    call.ports.submit(&SidecarAddress::of(&exporter), request).await.map_err(TaskError::transient)?;
    Ok(Executed::Begun)
}

/// The deadline counts from the exporter's creation and only for an export that has not ended.
pub(super) async fn status<P: Ports>(call: &Call<'_, P>, params: &SubmitExportState) -> Progress {
    let Ok(exporter) = call.node(&params.namespace, &params.exporter_name).await else { return Progress::Running };
    if let Ok(report) = call.ports.task(&SidecarAddress::of(&exporter), export_id(&params.exporter_name)).await {
        match report.state {
            TaskState::Completed => return Progress::Complete,
            TaskState::Failed => return Progress::Failed(report.error.unwrap_or_default()),
            TaskState::Running => {}
        }
    }
    let late = exporter.meta.created.is_some_and(|created| call.ports.passed(created.plus_seconds(DEADLINE)));
    if late { Progress::Failed("export not complete 6 h after the exporter's creation".into()) } else { Progress::Running }
}
