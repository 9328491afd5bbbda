//! All tasks that a sidecar carries out: submitted under the task's own id at every look, then asked for by that id.

use super::{Call, Executed, Progress, TaskError};
use crate::owner::Owner;
use crate::read;
use api::kinds::Job;
use api::names::{self, label};
use api::task::SidecarTask;
use api::{Labels, Node, Object, SeiNode};
use planner::{FailedTask, SidecarRestart};
use ports::{ApiError, Ports, SidecarAddress, SidecarError, SidecarState, TaskRequest, TaskState};
use uuid::Uuid;

/// Submits; a sidecar that knows the id already answers the same. Two tasks are complete once they are accepted.
pub(super) async fn execute<P: Ports>(call: &Call<'_, P>, owner: &Owner<'_>, task: &SidecarTask) -> Result<Executed, TaskError> {
    let address = address(call, owner).await.ok_or_else(|| TaskError::transient("no node to send the task to"))?;
    let accepted_is_done = matches!(task, SidecarTask::ConfigValidate | SidecarTask::MarkReady);
    let awaits = matches!(task, SidecarTask::AwaitCondition(_));
    if call.design.failed_task == FailedTask::Retried && !accepted_is_done && !awaits {
        return attempt(call, &address, task).await;
    }
    let request = TaskRequest { id: Some(call.id), task: task.clone() };
    let submitted = call.ports.submit(&address, request).await.map_err(TaskError::transient);
    if awaits {
        return Ok(Executed::Begun); // It may have been submitted in time: its status tells.
    }
    submitted?;
    Ok(if accepted_is_done { Executed::Done } else { Executed::Begun })
}

/// Each attempt is a task of its own to the sidecar, so that a failure is seen, counted, and followed by another attempt when its time has come:
/// submitting a failed task again at every look would run it again before anybody has read that it failed.
async fn attempt<P: Ports>(call: &Call<'_, P>, address: &SidecarAddress, task: &SidecarTask) -> Result<Executed, TaskError> {
    match call.ports.task(address, attempt_id(call)).await {
        Ok(_) => {}
        Err(SidecarError::NotFound) => {
            let request = TaskRequest { id: Some(attempt_id(call)), task: task.clone() };
            call.ports.submit(address, request).await.map_err(TaskError::transient)?;
        }
        Err(error) => return Err(TaskError::transient(error)),
    }
    Ok(Executed::Begun)
}

/// The first attempt has the task's own id.
fn attempt_id<P>(call: &Call<'_, P>) -> Uuid {
    match call.attempt {
        0 => call.id,
        attempt => Uuid::new_v5(&call.id, attempt.to_string().as_bytes()),
    }
}

/// A sidecar that cannot be reached or has forgotten the task means "not yet": the next `execute` submits it again.
pub(super) async fn status<P: Ports>(call: &Call<'_, P>, owner: &Owner<'_>) -> Progress {
    let Some(address) = address(call, owner).await else { return Progress::Running };
    asked(call, &address, if call.design.failed_task == FailedTask::Retried { attempt_id(call) } else { call.id }).await
}

async fn asked<P: Ports>(call: &Call<'_, P>, address: &SidecarAddress, id: Uuid) -> Progress {
    match call.ports.task(address, id).await {
        Ok(report) => match report.state {
            TaskState::Running => Progress::Running,
            TaskState::Completed => Progress::Complete,
            TaskState::Failed => Progress::Failed(report.error.unwrap_or_default()),
        },
        Err(_) => Progress::Running,
    }
}

/// As [`status`], for what a bootstrap's sidecar waits for. When the bootstrap is over its sidecar is no longer there to be asked: what it saw is
/// looked up later.
pub(super) async fn status_of_target<P: Ports>(call: &Call<'_, P>, owner: &Owner<'_>) -> Progress {
    let Owner::Node(node) = owner else { return status(call, owner).await };
    let progress = asked(call, &SidecarAddress::of(node), call.id).await;
    match call.read::<Job>(&node.meta.key.namespace, &names::bootstrap_job(node.name()).into()).await {
        Ok(job) if progress != Progress::Complete && !has_ended(&job) => {
            if call.design.sidecar_restart == SidecarRestart::MarkedReady {
                mark_ready_again(call, node).await;
            }
            Progress::Running
        }
        Ok(_) | Err(ApiError::NotFound(_)) => Progress::Complete,
        Err(_) => progress,
    }
}

/// Whether a Job is over, in one way or the other.
pub(crate) fn has_ended(job: &Object<Job>) -> bool {
    let ends = |kind: &str| kind == "Complete" || kind == "Failed";
    job.status.conditions.iter().flatten().any(|condition| ends(&condition.type_) && condition.status == "True")
}

/// A bootstrap's seid waits for a sidecar that was marked ready; one that has restarted since has forgotten it. An error is left for the next look.
pub(super) async fn mark_ready_again<P: Ports>(call: &Call<'_, P>, node: &Node) {
    let address = SidecarAddress::of(node);
    if call.ports.state(&address).await == Ok(SidecarState::Initializing) {
        let _left_for_the_next_look = call.ports.submit(&address, TaskRequest { id: None, task: SidecarTask::MarkReady }).await;
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
