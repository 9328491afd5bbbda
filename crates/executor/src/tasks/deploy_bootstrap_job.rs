//! deploy-bootstrap-job: the Job that fills the node's volume.

use super::{Call, Executed, Progress, TaskError};
use api::kinds::Job;
use api::task::BootstrapJob;
use api::{Node, ObjectKey};
use planner::objects;
use ports::{ApiError, Ports};

/// A Job that exists will do, whatever it looks like.
pub(super) async fn execute<P: Ports>(call: &Call<'_, P>, node: &Node) -> Result<Executed, TaskError> {
    let job = objects::bootstrap_job(node, call.settings).ok_or_else(|| TaskError::transient("the node has no s3 snapshot"))?;
    match call.ports.create(job).await {
        Ok(_) | Err(ApiError::AlreadyExists(_)) => Ok(Executed::Done),
        Err(error) => Err(TaskError::transient(error)),
    }
}

/// Complete also if the Job is there without having been created just now.
pub(super) fn status<P: Ports>(call: &Call<'_, P>, params: &BootstrapJob) -> Progress {
    let key = ObjectKey { namespace: params.namespace.clone(), name: params.job_name.clone() };
    if call.ports.cached::<Job>(&key).is_ok() { Progress::Complete } else { Progress::Running }
}
