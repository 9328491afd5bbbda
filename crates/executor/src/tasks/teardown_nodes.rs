//! teardown-nodes: the incumbents are deleted.

use super::{Call, Executed, TaskError};
use api::task::NodeNames;
use api::{ObjectKey, SeiNode};
use ports::{ApiError, DeleteOptions, Ports, Propagation};

/// Does not wait for the nodes to go. What the cache no longer has is passed over; what only the server no longer has is an error.
pub(super) async fn execute<P: Ports>(call: &Call<'_, P>, params: &NodeNames) -> Result<Executed, TaskError> {
    for name in &params.node_names {
        match call.node(&params.namespace, name) {
            Ok(_) => {}
            Err(ApiError::NotFound(_)) => continue,
            Err(error) => return Err(TaskError::transient(error)),
        }
        let key = ObjectKey { namespace: params.namespace.clone(), name: name.clone() };
        let options = DeleteOptions { propagation: Propagation::Background, ..DeleteOptions::default() };
        call.ports.delete::<SeiNode>(&key, options).await.map_err(TaskError::transient)?;
    }
    Ok(Executed::Done)
}
