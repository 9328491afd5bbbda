//! All tasks that a sidecar carries out: submitted under the task's own id at every look, then asked for by that id.

use super::{Call, Executed, Progress, TaskError};
use crate::owner::Owner;
use crate::read;
use api::names::label;
use api::task::SidecarTask;
use api::{Labels, SeiNode};
use ports::{Ports, SidecarAddress, TaskRequest, TaskState};

/// Submits; a sidecar that knows the id already answers the same. Two tasks are complete once they are accepted.
pub(super) async fn execute<P: Ports>(call: &Call<'_, P>, owner: &Owner<'_>, task: &SidecarTask) -> Result<Executed, TaskError> {
    let address = address(call, owner).await.ok_or_else(|| TaskError::transient("no node to send the task to"))?;
    let request = TaskRequest { id: Some(call.id), task: task.clone() };
    call.ports.submit(&address, request).await.map_err(TaskError::transient)?;
    let accepted_is_done = matches!(task, SidecarTask::ConfigValidate | SidecarTask::MarkReady);
    Ok(if accepted_is_done { Executed::Done } else { Executed::Begun })
}

/// A sidecar that cannot be reached or has forgotten the task means "not yet": the next `execute` submits it again.
pub(super) async fn status<P: Ports>(call: &Call<'_, P>, owner: &Owner<'_>) -> Progress {
    let Some(address) = address(call, owner).await else { return Progress::Running };
    match call.ports.task(&address, call.id).await {
        Ok(report) => match report.state {
            TaskState::Running => Progress::Running,
            TaskState::Completed => Progress::Complete,
            TaskState::Failed => Progress::Failed(report.error.unwrap_or_default()),
        },
        Err(_) => Progress::Running,
    }
}

/// A node's task goes to its own sidecar, a group's to the first node by name with the group's label, owned or not.
async fn address<P: Ports>(call: &Call<'_, P>, owner: &Owner<'_>) -> Option<SidecarAddress> {
    let group = match owner {
        Owner::Node(node) => return Some(SidecarAddress::of(node)),
        Owner::Group(group) => group,
    };
    let of_group = Labels::from([(label::GROUP.into(), group.name().into())]);
    let nodes = read::many::<P, SeiNode>(call.ports, call.design.reads, group.namespace(), &of_group).await.ok()?;
    nodes.iter().min_by_key(|node| node.name()).map(SidecarAddress::of)
}
