//! await-bootstrap-complete: the end of the bootstrap Job.

use super::{Call, Progress};
use api::ObjectKey;
use api::kinds::Job;
use api::task::BootstrapJob;
use ports::{ApiError, Ports};
use std::sync::Arc;

/// A Job that is gone (its time to live is an hour after its end) is a failure, as its failure is.
pub(super) fn status<P: Ports>(call: &Call<'_, P>, params: &BootstrapJob) -> Progress {
    let key = ObjectKey { namespace: params.namespace.clone(), name: params.job_name.clone() };
    let job = match call.ports.cached::<Job>(&key) {
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
    Progress::Running
}
