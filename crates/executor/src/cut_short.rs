//! Whether a node's bootstrap was cut short, seen from the task that its plan is at.
//!
//! While a bootstrap is at work, its Job must be there and not have ended: decision `failed-bootstrap` of a design. When it is over, it must have
//! reached its target: decision `bootstrap-end`. The bootstrap's sidecar waits for the target height, and what it saw stands in its table of
//! tasks on the volume, where the sidecar of the StatefulSet's pod finds it; it is asked before that pod's seid may start.

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
    match awaited_target(plan, index) {
        Some(target) if !was_seen(call, node, target).await? => Ok(Some("the bootstrap ended before its target height".into())),
        _ => Ok(None),
    }
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

/// The id under which the bootstrap's sidecar waited for the target, if the task at this place lets seid go on from there.
fn awaited_target(plan: &TaskPlan, index: usize) -> Option<Uuid> {
    let starts_seid = matches!(&*plan.tasks[index].task, Task::Sidecar(SidecarTask::MarkReady));
    plan.tasks[..index].iter().find_map(awaits).filter(|_| starts_seid)
}

/// Whether the sidecar saw the target. One that does not answer is asked again.
async fn was_seen<P: Ports>(call: &Call<'_, P>, node: &Node, target: Uuid) -> Result<bool, TaskError> {
    match call.ports.task(&SidecarAddress::of(node), target).await {
        Ok(report) => Ok(report.state == TaskState::Completed),
        Err(SidecarError::NotFound) => Ok(false),
        Err(error) => Err(TaskError::Transient(error.to_string())),
    }
}
