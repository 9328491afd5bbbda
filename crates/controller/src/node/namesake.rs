//! What is left of an earlier node of the same name: decision `namesake` of a design.
//!
//! A node's objects bear its name, and outlive it by as long as garbage collection takes. A new node of that name that took them for its own
//! would lose them a moment later, and with them its data or its address.

use super::claim;
use crate::Operator;
use api::kinds::{Job, PersistentVolumeClaim, Pod, Service, StatefulSet};
use api::names::NODE_MANAGER;
use api::{Kind, Node, Object, ObjectKey, names};
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

/// Whether a pod of an earlier node is still there, which would take the node's volume for its own, and have it made in the zone of a machine of its own. A
/// node that has no volume yet has no pod.
pub async fn has_left_a_pod<P: Ports>(ports: &P, operator: &Operator, node: &Node) -> Result<bool, ApiError> {
    if operator.design.namesake == Namesake::TakenOver {
        return Ok(false);
    }
    let pod = ObjectKey { namespace: node.meta.key.namespace.clone(), name: names::pod(node.name()).into() };
    match ports.get::<Pod>(&pod).await {
        Ok(_) => Ok(true),
        Err(ApiError::NotFound(_)) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Applies an object that bears the node's name, unless it belongs to somebody else. Asked right before it is written, and one that is not there is created,
/// which is refused where there is one by then: since the reconcile began its process may have stood still for so long that another has put a new node
/// in this one's place.
pub async fn apply<P: Ports, K: Kind>(ports: &P, operator: &Operator, node: &Node, object: Object<K>) -> Result<(), ApiError> {
    if operator.design.namesake == Namesake::WaitedFor {
        match read::one::<P, K>(ports, operator.design.reads, &object.meta.key).await {
            Ok(found) if found.meta.is_controlled_by(node.meta.uid) => {}
            Ok(found) => return Err(ApiError::Conflict(found.meta.key.name.clone())),
            Err(ApiError::NotFound(_)) => return ports.create(object).await.map(drop),
            Err(error) => return Err(error),
        }
    }
    ports.apply(NODE_MANAGER, object).await.map(drop)
}

async fn is_anothers<P: Ports, K: Kind>(ports: &P, operator: &Operator, node: &Node, key: &ObjectKey) -> Result<bool, ApiError> {
    match read::one::<P, K>(ports, operator.design.reads, key).await {
        Ok(object) => Ok(!object.meta.is_controlled_by(node.meta.uid)),
        Err(ApiError::NotFound(_)) => Ok(false),
        Err(error) => Err(error),
    }
}
