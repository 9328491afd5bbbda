//! Whether a node's pod is ready: what its StatefulSet says of the pod of the present spec.
//!
//! Readiness is the only thing that Kubernetes knows of seid itself: the kubelet asks `/lag_status`, which says whether the node keeps up with
//! its peers, and the sidecar whether it was marked ready.

use crate::read;
use api::condition::{self, ConditionStatus};
use api::kinds::{Pod, StatefulSet};
use api::node::NodePhase;
use api::{Node, Object, ObjectKey, names};
use planner::Reads;
use ports::{ApiError, Ports};

/// The condition that says since when a node is ready.
pub const READY: &str = "Ready";

/// The reason of a condition Ready that only says that the node has started over, for being late or with a volume that was lost.
pub const STARTED_OVER: &str = "StartedOver";

/// Whether the node has been ready since it was made, or since it last started over.
pub fn has_run(node: &Node) -> bool {
    condition::find(&node.status.conditions, READY).is_some_and(|ready| &*ready.reason != STARTED_OVER)
}

/// Whether the pod of the node's StatefulSet is of the latest revision, and ready. Without a StatefulSet it is not.
pub async fn is_ready<P: Ports>(ports: &P, reads: Reads, node: &Node) -> Result<bool, ApiError> {
    match read::one::<P, StatefulSet>(ports, reads, &node.meta.key).await {
        Ok(set) => Ok(set.meta.is_controlled_by(node.meta.uid) && has_ready_pod(&set)),
        Err(ApiError::NotFound(_)) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Whether the node's pod says itself that it is ready, as the server has it now: its StatefulSet follows the pod by a moment, in which a call that
/// is not to be taken back may be sent.
pub async fn is_ready_now<P: Ports>(ports: &P, node: &Node) -> Result<bool, ApiError> {
    match ports.get::<Pod>(&ObjectKey::new(node.namespace(), names::pod(node.name()))).await {
        Ok(pod) => Ok(pod.meta.deleting.is_none() && says_ready(&pod)),
        Err(ApiError::NotFound(_)) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Whether the node is in phase Running, and that was said of its present spec by nodes that say of which.
pub fn runs(node: &Node) -> bool {
    node.status.phase == Some(NodePhase::Running) && has_observed(node)
}

/// Whether what the condition Ready says, if it is there, it says of the present spec.
pub fn has_observed(node: &Node) -> bool {
    condition::find(&node.status.conditions, READY).is_none_or(|ready| ready.observed_generation == node.meta.generation)
}

/// How long a node must have been ready to count as settled, in seconds. A node whose seid does not know its peers yet is ready, and ceases to be
/// when it learns how far behind it is.
pub const SETTLED: i64 = 120;

/// Whether the node has been ready for some time, by its condition Ready.
pub fn is_settled<P: Ports>(ports: &P, node: &Node) -> bool {
    has_been_ready(ports, node, SETTLED)
}

/// How long a node must have been ready to be steady, in seconds: its probe then has had the time to see that it is behind, since it learns of its peers'
/// heights a while after it started.
const STEADY: i64 = 45;

/// Whether the node runs, and has been ready for a while, by its condition Ready, if it is there.
pub fn runs_steadily<P: Ports>(ports: &P, node: &Node) -> bool {
    let says_nothing = || condition::find(&node.status.conditions, READY).is_none();
    runs(node) && (says_nothing() || has_been_ready(ports, node, STEADY))
}

/// Whether the node has been ready for so many seconds, by its condition Ready.
pub fn has_been_ready<P: Ports>(ports: &P, node: &Node, seconds: i64) -> bool {
    let ready = condition::find(&node.status.conditions, READY).filter(|ready| ready.status == ConditionStatus::True);
    ready.is_some_and(|ready| ports.passed(ready.last_transition_time.plus_seconds(seconds)))
}

fn says_ready(pod: &Object<Pod>) -> bool {
    pod.status.conditions.iter().flatten().any(|condition| condition.type_ == READY && condition.status == "True")
}

fn has_ready_pod(set: &Object<StatefulSet>) -> bool {
    let status = &set.status;
    let observed = status.observed_generation == set.meta.generation;
    observed && status.updated_replicas == Some(1) && status.ready_replicas == Some(1)
}
