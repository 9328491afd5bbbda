//! Step 5: the node's data volume.

use crate::Operator;
use api::kinds::PersistentVolumeClaim;
use api::{Node, ObjectKey, names};
use executor::read;
use planner::objects::data_claim;
use ports::{ApiError, Ports};

/// Where the claim is.
pub fn key(node: &Node) -> ObjectKey {
    ObjectKey { namespace: node.meta.key.namespace.clone(), name: names::data_claim(node.name()).into() }
}

/// Creates the claim unless the cache has it; one that is terminating will do. AlreadyExists is an error.
pub async fn ensure<P: Ports>(ports: &P, operator: &Operator, node: &Node) -> Result<(), ApiError> {
    match read::one::<P, PersistentVolumeClaim>(ports, operator.design.reads, &key(node)).await {
        Err(ApiError::NotFound(_)) => ports.create(data_claim(node, &operator.settings)).await.map(drop),
        read => read.map(drop),
    }
}
