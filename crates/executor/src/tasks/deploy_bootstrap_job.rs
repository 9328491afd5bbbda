//! deploy-bootstrap-job: the Job that fills the node's volume.

use super::{Call, Executed, Progress, TaskError};
use api::Node;
use api::kinds::Job;
use api::task::BootstrapJob;
use planner::objects;
use ports::{ApiError, Ports};

/// A Job that exists will do, whatever it looks like.
pub(super) async fn execute<P: Ports>(call: &Call<'_, P>, node: &Node) -> Result<Executed, TaskError> {
    let job =
        objects::bootstrap_job(node, call.settings, call.design).ok_or_else(|| TaskError::transient("the node has no s3 snapshot"))?;
    match call.ports.create(job).await {
        Ok(_) | Err(ApiError::AlreadyExists(_)) => Ok(Executed::Done),
        Err(error) => Err(TaskError::transient(error)),
    }
}

/// Complete also if the Job is there without having been created just now.
pub(super) async fn status<P: Ports>(call: &Call<'_, P>, params: &BootstrapJob) -> Progress {
    if call.read::<Job>(&params.namespace, &params.job_name).await.is_ok() { Progress::Complete } else { Progress::Running }
}
