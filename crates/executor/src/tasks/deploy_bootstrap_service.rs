//! deploy-bootstrap-service: the name under which the bootstrap pod's sidecar is reached.

use super::{Call, Executed, Progress, TaskError};
use api::Node;
use api::kinds::Service;
use api::task::BootstrapService;
use planner::objects;
use ports::{ApiError, Ports};

/// A Service that exists will do, whatever it looks like.
pub(super) async fn execute<P: Ports>(call: &Call<'_, P>, node: &Node) -> Result<Executed, TaskError> {
    match call.ports.create(objects::bootstrap_service(node)).await {
        Ok(_) | Err(ApiError::AlreadyExists(_)) => Ok(Executed::Done),
        Err(error) => Err(TaskError::transient(error)),
    }
}

/// Complete also if the Service is there without having been created just now.
pub(super) async fn status<P: Ports>(call: &Call<'_, P>, params: &BootstrapService) -> Progress {
    if call.read::<Service>(&params.namespace, &params.service_name).await.is_ok() { Progress::Complete } else { Progress::Running }
}
