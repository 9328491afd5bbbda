//! One step of a plan. Source: controller.md, section 4; the numbers below are its.

use crate::cut_short;
use crate::decode;
use crate::owner::{Owner, PlanOwner};
use crate::start_over;
use crate::tasks::{self, Call, Executed, Progress, TaskError};
use api::Object;
use api::plan::{FailedTaskDetail, PlanPhase, PlannedTask, TaskPlan, TaskStatus};
use planner::{Design, FailedBootstrap, Settings};
use ports::{ApiError, Ports, Precondition};
use std::sync::Arc;
use std::time::Duration;

/// How long until a task that is not done is looked at again.
pub const POLL: Duration = Duration::from_secs(5);
/// "Requeue now".
pub const NOW: Duration = Duration::from_millis(1);

/// The longest wait between two attempts of a retried task.
const LONGEST_BACKOFF: Duration = Duration::from_secs(30);

/// Advances the first task that is not Complete and says when to come back; `None` when there is nothing to come back for.
///
/// `owner` is the caller's in-memory object. Replies to the executor's own patches are decoded into it; a failed patch is returned, and
/// the change that it carried stays in memory. An object without a plan is an error.
pub async fn advance<P: Ports, K: PlanOwner>(
    ports: &P,
    settings: &Settings,
    design: &Design,
    owner: &mut Object<K>,
) -> Result<Option<Duration>, ApiError> {
    let plan = K::plan(&owner.status).ok_or_else(|| ApiError::Internal(format!("{} has no plan", owner.meta.key).into()))?;
    if plan.phase != PlanPhase::Active {
        return Ok(None); // 1
    }
    let Some(index) = plan.tasks.iter().position(|task| task.status != TaskStatus::Complete) else {
        change_plan(ports, owner, |plan| plan.phase = PlanPhase::Complete).await?; // 2
        return Ok(Some(NOW));
    };
    let planned = plan.tasks[index].clone();
    let call = Call { ports, settings, design, id: planned.id, attempt: planned.retry_count, submitted_at: planned.submitted_at };
    let progress = match run(&call, owner, index, &planned).await {
        Ok(progress) => progress,
        Err(TaskError::Transient(_)) => return Ok(Some(POLL)),
        Err(TaskError::Terminal(error)) => return fail(ports, owner, index, error).await,
    };
    match progress {
        Progress::Running => Ok(Some(POLL)),
        Progress::Complete => {
            change_task(ports, owner, index, |task| task.status = TaskStatus::Complete).await?;
            Ok(Some(NOW))
        }
        Progress::BootstrapFailed(_)
            if design.failed_bootstrap == FailedBootstrap::StartsOver && planned.max_retries > planned.retry_count =>
        {
            start_over::run(&call, owner).await?;
            Ok(Some(POLL))
        }
        Progress::Failed(_) if planned.max_retries > planned.retry_count => {
            change_task(ports, owner, index, begin_again).await?;
            Ok(Some(backoff(planned.retry_count)))
        }
        Progress::Failed(error) | Progress::BootstrapFailed(error) => fail(ports, owner, index, error).await,
    }
}

/// Why the bootstrap of a node's plan has to be taken for failed, seen from the task at this place.
async fn cut_short<P: Ports, K: PlanOwner>(call: &Call<'_, P>, owner: &mut Object<K>, index: usize) -> Result<Option<Arc<str>>, TaskError> {
    match K::owner(owner) {
        Owner::Node(node) => match &node.status.plan {
            Some(plan) => cut_short::reason(call, node, plan, index).await,
            None => Ok(None),
        },
        Owner::Group(_) => Ok(None),
    }
}

/// 3 and 4, and the question of 5. A task that is not Pending is asked for only.
async fn run<P: Ports, K: PlanOwner>(
    call: &Call<'_, P>,
    owner: &mut Object<K>,
    index: usize,
    planned: &PlannedTask,
) -> Result<Progress, TaskError> {
    if planned.status == TaskStatus::Pending {
        if let Some(reason) = cut_short(call, owner, index).await? {
            return Ok(Progress::BootstrapFailed(reason));
        }
        let executed = tasks::execute(call, K::owner(owner), &planned.task).await?;
        if planned.submitted_at.is_none() {
            note_submission(call.ports, owner, index);
        }
        if executed == Executed::Done {
            return Ok(Progress::Complete);
        }
    }
    tasks::status(call, K::owner(owner), &planned.task).await
}

/// In memory only: it reaches the server when something else writes the tasks.
fn note_submission<P: Ports, K: PlanOwner>(ports: &P, owner: &mut Object<K>, index: usize) {
    let now = ports.now();
    if let Some(task) = K::plan_mut(owner.status_mut()).and_then(|plan| plan.tasks.get_mut(index)) {
        task.submitted_at = Some(now);
    }
}

/// A retried task starts as if it had never been submitted.
fn begin_again(task: &mut PlannedTask) {
    task.retry_count += 1;
    task.status = TaskStatus::Pending;
    task.error = None;
    task.submitted_at = None;
}

/// How long after the failure of an attempt the next one follows; the first attempt has number 0.
fn backoff(attempt: i64) -> Duration {
    let doublings = u32::try_from(attempt.clamp(0, 5)).expect("a number from 0 to 5");
    (POLL * 2_u32.pow(doublings)).min(LONGEST_BACKOFF)
}

/// 6: the plan ends with its task, and nobody comes back for it.
async fn fail<P: Ports, K: PlanOwner>(
    ports: &P,
    owner: &mut Object<K>,
    index: usize,
    error: Arc<str>,
) -> Result<Option<Duration>, ApiError> {
    change_plan(ports, owner, |plan| {
        plan.phase = PlanPhase::Failed;
        plan.failed_task_index = i64::try_from(index).ok();
        if let Some(task) = plan.tasks.get_mut(index) {
            task.status = TaskStatus::Failed;
            task.error = Some(error.clone());
            plan.failed_task_detail = Some(FailedTaskDetail {
                kind: task.task.type_name().into(),
                id: task.id,
                error,
                retry_count: task.retry_count,
                max_retries: task.max_retries,
            });
        }
    })
    .await?;
    Ok(None)
}

async fn change_task<P: Ports, K: PlanOwner>(
    ports: &P,
    owner: &mut Object<K>,
    index: usize,
    change: impl FnOnce(&mut PlannedTask),
) -> Result<(), ApiError> {
    // Another process may have replaced the plan by a shorter one; then there is no such task to change any more.
    change_plan(ports, owner, |plan| {
        if let Some(task) = plan.tasks.get_mut(index) {
            change(task);
        }
    })
    .await
}

/// Changes the plan in memory and patches the owner's status by that difference alone, if the owner is still the one in memory.
async fn change_plan<P: Ports, K: PlanOwner>(ports: &P, owner: &mut Object<K>, change: impl FnOnce(&mut TaskPlan)) -> Result<(), ApiError> {
    let base = owner.clone();
    if let Some(plan) = K::plan_mut(owner.status_mut()) {
        change(plan);
    }
    let version = owner.meta.resource_version.expect("an object with a plan has been stored");
    let reply = ports.patch_status(&base, owner, Precondition::Version(version)).await?;
    decode::into(owner, reply);
    Ok(())
}
