//! When a node that is on its way has arrived, when it is too late, and when one that had arrived is on its way again.

use super::initializing::LAST_BOOTSTRAP_TASK;
use crate::Operator;
use crate::conditions::Saying;
use api::task::SidecarTask;
use api::{Node, Task, TaskPlan};
use executor::ready::{READY, is_ready};
use planner::{Arrival, ProgressDeadline, Running, SidecarRestart};
use ports::{ApiError, Ports, SidecarAddress, SidecarState, TaskRequest};

/// How long a node whose bootstrap is over may take until its pod is ready, in seconds: longer than any disturbance that passes.
const DEADLINE: i64 = 8 * 3600;

/// Whether a node with a complete plan runs. If it does not, its sidecar may have forgotten that it was marked ready.
pub async fn has_arrived<P: Ports>(ports: &P, operator: &Operator, node: &Node) -> Result<bool, ApiError> {
    if operator.design.running == Running::PlanComplete || is_ready(ports, operator.design.reads, node).await? {
        return Ok(true);
    }
    mark_ready_again(ports, operator, node).await;
    Ok(false)
}

/// Marks a sidecar ready that has restarted since it was. An error is left for the next look.
pub async fn mark_ready_again<P: Ports>(ports: &P, operator: &Operator, node: &Node) {
    let address = SidecarAddress::of(node);
    if operator.design.sidecar_restart == SidecarRestart::MarkedReady && ports.state(&address).await == Ok(SidecarState::Initializing) {
        let _left_for_the_next_look = ports.submit(&address, TaskRequest { id: None, task: SidecarTask::MarkReady }).await;
    }
}

/// Says in the condition Ready since when the node is ready, or not, for designs that ask.
pub fn note_readiness<P: Ports>(ports: &P, operator: &Operator, node: &mut Node, ready: bool) {
    if operator.design.arrival == Arrival::Settled {
        let (reason, message) = if ready { ("PodReady", "the pod is ready") } else { ("PodNotReady", "the pod is not ready") };
        Saying { kind: READY, holds: ready, reason, message }.set(ports, &mut node.status_mut().conditions);
    }
}

/// Whether a node that has never run should have by now. While its bootstrap lasts it may take as long as the chain does, and one that has run
/// before is waited for.
pub fn is_late<P: Ports>(ports: &P, operator: &Operator, node: &Node) -> bool {
    let Some(plan) = node.status.plan.as_ref().filter(|plan| !is_resumption(plan)) else { return false };
    let bootstrap = plan.tasks.iter().find(|planned| planned.task.type_name() == LAST_BOOTSTRAP_TASK);
    let since = match bootstrap {
        Some(over) => over.submitted_at,
        None if plan.tasks.iter().any(|task| task.retry_count > 0) => plan.tasks.first().and_then(|first| first.submitted_at),
        None => node.meta.created,
    };
    operator.design.progress_deadline == ProgressDeadline::Hours && since.is_some_and(|since| ports.passed(since.plus_seconds(DEADLINE)))
}

/// Whether a plan only marks a node ready again.
fn is_resumption(plan: &TaskPlan) -> bool {
    matches!(&*plan.tasks, [only] if matches!(&*only.task, Task::Sidecar(SidecarTask::MarkReady)))
}
