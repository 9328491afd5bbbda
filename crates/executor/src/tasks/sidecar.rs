//! All tasks that a sidecar carries out: submitted under the task's own id at every look, then asked for by that id.
//!
//! mark-ready is complete once it is accepted, unless the design marks sidecars ready again (decision `sidecar-restart`): then it is waited for until the
//! sidecar is ready, and the last of a plan until the pod is, so that a sidecar that fails it, or forgets it, is given another attempt.

use super::{Call, Executed, Progress, TaskError};
use crate::cut_short;
use crate::owner::Owner;
use crate::read;
use crate::ready::is_ready;
use api::kinds::Job;
use api::names::{self, label};
use api::task::{AwaitCondition, SidecarTask};
use api::{Labels, Node, Object, SeiNode};
use planner::{FailedTask, Running, SidecarRestart};
use ports::{ApiError, Ports, SidecarAddress, SidecarError, SidecarState, TaskRequest, TaskState};
use std::sync::Arc;
use uuid::Uuid;

/// How often a bootstrap's sidecar is marked ready again before the bootstrap counts as failed: half an hour and more.
const MARKS: i64 = 100;

/// Submits; a sidecar that knows the id already answers the same. Two tasks are complete once they are accepted.
pub(super) async fn execute<P: Ports>(call: &Call<'_, P>, owner: &Owner<'_>, task: &SidecarTask) -> Result<Executed, TaskError> {
    let address = address(call, owner).await.ok_or_else(|| TaskError::transient("no node to send the task to"))?;
    let awaits_readiness = matches!(task, SidecarTask::MarkReady) && call.design.sidecar_restart == SidecarRestart::MarkedReady;
    // One that does not answer is not asked a second thing: each time out of a lost machine holds up all other nodes.
    if awaits_readiness && call.ports.state(&address).await.map_err(TaskError::transient)? == SidecarState::Ready {
        return Ok(Executed::Begun);
    }
    let accepted_is_done = matches!(task, SidecarTask::ConfigValidate | SidecarTask::MarkReady) && !awaits_readiness;
    let awaits = matches!(task, SidecarTask::AwaitCondition(_));
    if call.design.failed_task == FailedTask::Retried && !accepted_is_done && !awaits {
        return attempt(call, &address, task).await;
    }
    let request = TaskRequest { id: Some(call.id), task: task.clone() };
    let submitted = call.ports.submit(&address, request).await.map_err(TaskError::transient);
    if let SidecarTask::AwaitCondition(awaited) = task {
        watch_for_overshoot(call, &address, awaited).await;
        return Ok(Executed::Begun); // It may have been submitted in time: its status tells.
    }
    submitted?;
    Ok(if accepted_is_done { Executed::Done } else { Executed::Begun })
}

/// Beside its target a bootstrap's sidecar waits for the block after it, which no bootstrap is to execute. An error is left for the next look.
async fn watch_for_overshoot<P: Ports>(call: &Call<'_, P>, address: &SidecarAddress, target: &AwaitCondition) {
    let beyond = AwaitCondition { target_height: target.target_height.plus(1), ..target.clone() };
    let request = TaskRequest { id: Some(cut_short::beyond(call.id)), task: SidecarTask::AwaitCondition(Arc::new(beyond)) };
    let _left_for_the_next_look = call.ports.submit(address, request).await;
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

/// As [`status`], for mark-ready: the sidecar itself says whether it is. The last task of a node's plan goes on until the pod is ready: until then
/// the sidecar may forget it.
pub(super) async fn status_of_readiness<P: Ports>(call: &Call<'_, P>, owner: &Owner<'_>) -> Progress {
    let Owner::Node(node) = owner else { return status(call, owner).await };
    let address = SidecarAddress::of(node);
    match call.ports.state(&address).await {
        Ok(SidecarState::Ready) => {}
        Ok(SidecarState::Initializing) => {
            let progress = asked(call, &address, attempt_id(call)).await;
            return if progress == Progress::Complete { Progress::Failed("the sidecar has restarted since".into()) } else { progress };
        }
        Err(_) => return Progress::Running,
    }
    let is_last = node.status.plan.as_ref().and_then(|plan| plan.tasks.last()).is_some_and(|last| last.id == call.id);
    if !is_last || call.design.running == Running::PlanComplete || is_ready(call.ports, call.design.reads, node).await == Ok(true) {
        return Progress::Complete;
    }
    Progress::Running
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
        Ok(job) if progress != Progress::Complete && !has_ended(&job) => marked_ready_again(call, node).await,
        Ok(_) | Err(ApiError::NotFound(_)) => Progress::Complete,
        Err(_) => progress,
    }
}

/// Whether a Job is over, in one way or the other.
pub(crate) fn has_ended(job: &Object<Job>) -> bool {
    let ends = |kind: &str| kind == "Complete" || kind == "Failed";
    job.status.conditions.iter().flatten().any(|condition| ends(&condition.type_) && condition.status == "True")
}

/// A bootstrap's seid waits for a sidecar that was marked ready; one that has restarted since has forgotten it and is marked again, as an attempt of
/// the task that waits.
pub(super) async fn marked_ready_again<P: Ports>(call: &Call<'_, P>, node: &Node) -> Progress {
    let (address, id) = (SidecarAddress::of(node), Uuid::new_v5(&attempt_id(call), b"mark-ready"));
    if call.design.sidecar_restart == SidecarRestart::Ignored || call.ports.state(&address).await != Ok(SidecarState::Initializing) {
        return Progress::Running;
    }
    match call.ports.task(&address, id).await {
        Ok(report) if report.state == TaskState::Running => Progress::Running,
        Ok(_) if call.attempt < MARKS => Progress::Failed("the sidecar is not ready, though it was marked so".into()),
        Ok(_) => Progress::BootstrapFailed("the sidecar does not become ready".into()),
        Err(SidecarError::NotFound) => {
            let request = TaskRequest { id: Some(id), task: SidecarTask::MarkReady };
            let _left_for_the_next_look = call.ports.submit(&address, request).await;
            Progress::Running
        }
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
