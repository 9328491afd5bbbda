//! await-nodes-at-height: the entrants' sidecars are asked to tell when their node is at the halt height.

use super::{Call, Executed, Progress, TaskError};
use api::SidecarTask;
use api::task::{AwaitCondition, AwaitNodesAtHeight, Awaited, SubTaskPurpose, sub_task_id};
use ports::{Ports, SidecarAddress, TaskRequest, TaskState};
use std::sync::Arc;
use uuid::Uuid;

/// Submits to every node; the first that is not there or cannot be reached ends the attempt.
pub(super) async fn execute<P: Ports>(call: &Call<'_, P>, params: &AwaitNodesAtHeight) -> Result<Executed, TaskError> {
    let wait = Arc::new(AwaitCondition { condition: Awaited::Height, target_height: params.target_height, action: None });
    for name in &params.node_names {
        let node = call.node(&params.namespace, name).await.map_err(TaskError::transient)?;
        let request = TaskRequest { id: Some(wait_id(call, name)), task: SidecarTask::AwaitCondition(wait.clone()) };
        call.ports.submit(&SidecarAddress::of(&node), request).await.map_err(TaskError::transient)?;
    }
    Ok(Executed::Begun)
}

/// Asks every node; one failure fails the task, anything but completion of all means "not yet".
pub(super) async fn status<P: Ports>(call: &Call<'_, P>, params: &AwaitNodesAtHeight) -> Progress {
    let mut all = Progress::Complete;
    for name in &params.node_names {
        let Ok(node) = call.node(&params.namespace, name).await else {
            all = Progress::Running;
            continue;
        };
        match call.ports.task(&SidecarAddress::of(&node), wait_id(call, name)).await {
            Ok(report) if report.state == TaskState::Completed => {}
            Ok(report) if report.state == TaskState::Failed => {
                let error = report.error.as_deref().unwrap_or("no reason given");
                return Progress::Failed(format!("node {name}: {error}").into());
            }
            Ok(_) | Err(_) => all = Progress::Running,
        }
    }
    all
}

fn wait_id<P>(call: &Call<'_, P>, node: &str) -> Uuid {
    sub_task_id(node, SubTaskPurpose::AwaitHeight, call.id)
}
