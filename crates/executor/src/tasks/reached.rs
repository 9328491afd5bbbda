//! Whether nodes have reached a height, as their sidecars see it.

use super::{Call, TaskError};
use api::task::{AwaitCondition, Awaited, SubTaskPurpose, sub_task_id};
use api::{Height, Node, SidecarTask};
use ports::{Ports, SidecarAddress, TaskRequest, TaskState};
use std::sync::Arc;
use uuid::Uuid;

/// Asks each node's sidecar to tell when the node is there. The first that is not yet, or cannot be asked, is a transient error.
pub(super) async fn all<P: Ports>(call: &Call<'_, P>, namespace: &Arc<str>, names: &[Arc<str>], height: Height) -> Result<(), TaskError> {
    for name in names {
        one(call, namespace, name, height).await?;
    }
    Ok(())
}

/// As [`all`], for one node.
pub(super) async fn one<P: Ports>(call: &Call<'_, P>, namespace: &Arc<str>, name: &Arc<str>, height: Height) -> Result<(), TaskError> {
    let node = call.node(namespace, name).await.map_err(TaskError::transient)?;
    by(call.ports, &node, height, call.id).await
}

/// As [`one`], for a node as it was read, on behalf of a task.
pub(super) async fn by<P: Ports>(ports: &P, node: &Node, height: Height, asker: Uuid) -> Result<(), TaskError> {
    let name = &node.meta.key.name;
    let wait = Arc::new(AwaitCondition { condition: Awaited::Height, target_height: height, action: None });
    let (address, id) = (SidecarAddress::of(node), sub_task_id(name, SubTaskPurpose::AwaitHeight, asker));
    let request = TaskRequest { id: Some(id), task: SidecarTask::AwaitCondition(wait) };
    ports.submit(&address, request).await.map_err(TaskError::transient)?;
    let report = ports.task(&address, id).await.map_err(TaskError::transient)?;
    if report.state != TaskState::Completed {
        return Err(TaskError::transient(format_args!("node {name} is not at height {height} yet")));
    }
    Ok(())
}
