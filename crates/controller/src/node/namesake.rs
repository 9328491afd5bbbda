//! What is left of an earlier node of the same name: decision `namesake` of a design.
//!
//! A node's objects bear its name, and outlive it by as long as garbage collection takes. A new node of that name that took them for its own
//! would lose them a moment later, and with them its data or its address.

use super::claim;
use crate::Operator;
use api::kinds::{Job, PersistentVolumeClaim, Service, StatefulSet};
use api::{Kind, Node, ObjectKey, names};
use executor::read;
use planner::Namesake;
use ports::{ApiError, Ports};

/// Whether an object that the node will need by name is there and belongs to somebody else.
pub async fn is_in_the_way<P: Ports>(ports: &P, operator: &Operator, node: &Node) -> Result<bool, ApiError> {
    if operator.design.namesake == Namesake::TakenOver {
        return Ok(false);
    }
    let job = ObjectKey { namespace: node.meta.key.namespace.clone(), name: names::bootstrap_job(node.name()).into() };
    Ok(is_anothers::<P, PersistentVolumeClaim>(ports, operator, node, &claim::key(node)).await?
        || is_anothers::<P, StatefulSet>(ports, operator, node, &node.meta.key).await?
        || is_anothers::<P, Service>(ports, operator, node, &node.meta.key).await?
        || is_anothers::<P, Job>(ports, operator, node, &job).await?)
}

/// An error if the object of this kind that bears the node's name belongs to somebody else. Asked right before it is written: since the reconcile began its
/// process may have stood still for so long that another has put a new node in this one's place.
pub async fn refuse<P: Ports, K: Kind>(ports: &P, operator: &Operator, node: &Node) -> Result<(), ApiError> {
    let waits = operator.design.namesake == Namesake::WaitedFor;
    if waits && is_anothers::<P, K>(ports, operator, node, &node.meta.key).await? {
        return Err(ApiError::Conflict(node.meta.key.name.clone()));
    }
    Ok(())
}

async fn is_anothers<P: Ports, K: Kind>(ports: &P, operator: &Operator, node: &Node, key: &ObjectKey) -> Result<bool, ApiError> {
    match read::one::<P, K>(ports, operator.design.reads, key).await {
        Ok(object) => Ok(!object.meta.is_controlled_by(node.meta.uid)),
        Err(ApiError::NotFound(_)) => Ok(false),
        Err(error) => Err(error),
    }
}
