//! Whether a node's bootstrap was cut short or went too far, seen from the task that its plan is at.
//!
//! While a bootstrap is at work, its Job must be there and not have ended: decision `failed-bootstrap` of a design. When it is over, it must have
//! reached its target and not a block more, which an old binary that does not stop at an upgrade executes in its own way: decision `bootstrap-end`.
//! The bootstrap's sidecar waits for both heights, and what it saw stands in its table of tasks on the volume, where the sidecar of the StatefulSet's
//! pod finds it; it is asked before that pod's seid may start.

use crate::tasks::{Call, TaskError, has_ended};
use api::kinds::Job;
use api::plan::{PlannedTask, TaskPlan, TaskStatus};
use api::task::{ControllerTask, SidecarTask};
use api::{Node, Task, names};
use planner::FailedBootstrap;
use ports::{ApiError, Ports, SidecarAddress, SidecarError, TaskState};
use std::sync::Arc;
use uuid::Uuid;

/// Why the bootstrap has to be taken for failed, if it has.
pub(crate) async fn reason<P: Ports>(
    call: &Call<'_, P>,
    node: &Node,
    plan: &TaskPlan,
    index: usize,
) -> Result<Option<Arc<str>>, TaskError> {
    if is_at_work(plan, index) && call.design.failed_bootstrap == FailedBootstrap::StartsOver {
        let runs = match call.read::<Job>(&node.meta.key.namespace, &names::bootstrap_job(node.name()).into()).await {
            Ok(job) => !has_ended(&job),
            Err(ApiError::NotFound(_)) => false,
            Err(error) => return Err(TaskError::Transient(error.to_string())),
        };
        return Ok((!runs).then(|| "the bootstrap ended before it was set to work".into()));
    }
    let Some(target) = plan.tasks[..=index].iter().find_map(awaits) else { return Ok(None) };
    let wrong = match &*plan.tasks[index].task {
        Task::Sidecar(SidecarTask::AwaitCondition(_)) | Task::Controller(ControllerTask::AwaitBootstrapComplete(_)) => {
            was_seen(call, node, beyond(target)).await.unwrap_or(false).then_some(OVERSHOT)
        }
        // The last task before mark-ready lets seid go on from there.
        Task::Sidecar(SidecarTask::ConfigValidate) if !was_seen(call, node, target).await? => {
            Some("the bootstrap ended before its target height")
        }
        Task::Sidecar(SidecarTask::ConfigValidate) => was_seen(call, node, beyond(target)).await?.then_some(OVERSHOT),
        _ => None,
    };
    Ok(wrong.map(Into::into))
}

const OVERSHOT: &str = "the bootstrap went beyond its target height";

/// The id under which a bootstrap's sidecar waits for the block after the target, beside the target under its own.
pub(crate) fn beyond(target: Uuid) -> Uuid {
    Uuid::new_v5(&target, b"beyond")
}

/// Whether the task at this place is one that the bootstrap's sidecar is given so that seid starts.
fn is_at_work(plan: &TaskPlan, index: usize) -> bool {
    let deploys = |planned: &PlannedTask| matches!(&*planned.task, Task::Controller(ControllerTask::DeployBootstrapJob(_)));
    let deployed = plan.tasks[..index].iter().any(|planned| deploys(planned) && planned.status == TaskStatus::Complete);
    let awaited_later = plan.tasks[index..].iter().any(is_end) && !is_end(&plan.tasks[index]);
    deployed && awaited_later && awaits(&plan.tasks[index]).is_none()
}

fn is_end(planned: &PlannedTask) -> bool {
    matches!(&*planned.task, Task::Controller(ControllerTask::AwaitBootstrapComplete(_)))
}

fn awaits(planned: &PlannedTask) -> Option<Uuid> {
    matches!(&*planned.task, Task::Sidecar(SidecarTask::AwaitCondition(_))).then_some(planned.id)
}

/// Whether the sidecar saw the height that it waited for under this id. One that does not answer is asked again.
async fn was_seen<P: Ports>(call: &Call<'_, P>, node: &Node, id: Uuid) -> Result<bool, TaskError> {
    match call.ports.task(&SidecarAddress::of(node), id).await {
        Ok(report) => Ok(report.state == TaskState::Completed),
        Err(SidecarError::NotFound) => Ok(false),
        Err(error) => Err(TaskError::Transient(error.to_string())),
    }
}
