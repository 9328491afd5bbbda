//! await-bootstrap-complete: the end of the bootstrap Job.

use super::{Call, Progress};
use api::kinds::Job;
use api::task::BootstrapJob;
use api::{Node, SidecarTask};
use planner::SidecarRestart;
use ports::{ApiError, Ports, SidecarAddress, SidecarState, TaskRequest};
use std::sync::Arc;

/// A Job that is gone (its time to live is an hour after its end) is a failure, as its failure is.
pub(super) async fn status<P: Ports>(call: &Call<'_, P>, node: &Node, params: &BootstrapJob) -> Progress {
    let job = match call.read::<Job>(&params.namespace, &params.job_name).await {
        Ok(job) => job,
        Err(ApiError::NotFound(_)) => return Progress::Failed(format!("bootstrap job {} not found", params.job_name).into()),
        Err(_) => return Progress::Running,
    };
    for condition in job.status.conditions.iter().flatten().filter(|condition| condition.status == "True") {
        match condition.type_.as_str() {
            "Complete" => return Progress::Complete,
            "Failed" => return Progress::Failed(Arc::from(condition.message.as_deref().unwrap_or_default())),
            _ => {}
        }
    }
    if call.design.sidecar_restart == SidecarRestart::MarkedReady {
        mark_ready_again(call, node).await;
    }
    Progress::Running
}

/// The Job's seid waits for a sidecar that was marked ready; one that has restarted since has forgotten it. An error is left for the next look.
async fn mark_ready_again<P: Ports>(call: &Call<'_, P>, node: &Node) {
    let address = SidecarAddress::of(node);
    if call.ports.state(&address).await == Ok(SidecarState::Initializing) {
        let _left_for_the_next_look = call.ports.submit(&address, TaskRequest { id: None, task: SidecarTask::MarkReady }).await;
    }
}
