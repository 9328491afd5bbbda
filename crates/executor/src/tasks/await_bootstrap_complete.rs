//! await-bootstrap-complete: the end of the bootstrap Job.

use super::{Call, Progress, sidecar};
use api::Node;
use api::kinds::Job;
use api::task::BootstrapJob;
use planner::BootstrapEnd;
use ports::{ApiError, Ports};
use std::sync::Arc;

/// A Job that is gone (its time to live is an hour after its end) is a failure, as its failure is, unless the height is what counts: a seid that
/// halts late ends badly, and has done all that is wanted of it.
pub(super) async fn status<P: Ports>(call: &Call<'_, P>, node: &Node, params: &BootstrapJob) -> Progress {
    let job = match call.read::<Job>(&params.namespace, &params.job_name).await {
        Ok(job) => job,
        Err(ApiError::NotFound(_)) => return Progress::BootstrapFailed(format!("bootstrap job {} not found", params.job_name).into()),
        Err(_) => return Progress::Running,
    };
    for condition in job.status.conditions.iter().flatten().filter(|condition| condition.status == "True") {
        match condition.type_.as_str() {
            "Complete" => return Progress::Complete,
            "Failed" if call.design.bootstrap_end == BootstrapEnd::Height => return Progress::Complete,
            "Failed" => return Progress::BootstrapFailed(Arc::from(condition.message.as_deref().unwrap_or_default())),
            _ => {}
        }
    }
    sidecar::marked_ready_again(call, node).await
}
