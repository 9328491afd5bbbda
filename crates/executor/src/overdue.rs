//! Whether a node takes too long to become ready: decision `progress-deadline` of a design.
//!
//! While its bootstrap lasts a node may take as long as the chain does. From its end on, a node that is not ready for hours has a state that leads
//! nowhere, or a program that does not run. The first is mended by a new volume, which is tried once; the second by nobody but a person, so a
//! rollout is given up then.

use crate::ready::READY;
use api::condition::{self, ConditionStatus};
use api::node::NodePhase;
use api::task::SidecarTask;
use api::{Node, Task, TaskPlan, Time};
use planner::node::needs_bootstrap;
use ports::Ports;

/// The task after which the bootstrap no longer holds the volume.
pub const LAST_BOOTSTRAP_TASK: &str = "teardown-bootstrap";

/// After how many seconds a node is late: longer than any disturbance that passes.
const LATE: i64 = 4 * 3600;

/// Whether a node is to start over on a new volume.
pub fn starts_over<P: Ports>(ports: &P, node: &Node) -> bool {
    let never_ran = condition::find(&node.status.conditions, READY).is_none();
    never_ran && needs_bootstrap(&node.spec) && !has_started_over(node) && is_late(ports, node, LATE)
}

/// Whether nothing is to be expected of a node any more.
pub fn is_hopeless<P: Ports>(ports: &P, node: &Node) -> bool {
    is_late(ports, node, if has_started_over(node) { LATE } else { 2 * LATE })
}

/// Whether an entrant has had its time to follow the first one across the fork since traffic was switched. One that was made since then has had
/// its second chance already, and one that has failed says so.
pub fn is_left_behind<P: Ports>(ports: &P, node: &Node, switched: Time) -> bool {
    let is_first = node.meta.created.is_some_and(|created| created <= switched);
    is_first && node.status.phase != Some(NodePhase::Failed) && ports.passed(switched.plus_seconds(LATE))
}

fn is_late<P: Ports>(ports: &P, node: &Node, seconds: i64) -> bool {
    waits_since(node).is_some_and(|since| ports.passed(since.plus_seconds(seconds)))
}

/// Since when a node is past its bootstrap and not ready.
fn waits_since(node: &Node) -> Option<Time> {
    if node.status.phase == Some(NodePhase::Running) {
        return None;
    }
    if let Some(ready) = condition::find(&node.status.conditions, READY).filter(|ready| ready.status == ConditionStatus::False) {
        return Some(ready.last_transition_time);
    }
    let plan = node.status.plan.as_ref().filter(|plan| !is_resumption(plan))?;
    match plan.tasks.iter().find(|planned| planned.task.type_name() == LAST_BOOTSTRAP_TASK) {
        Some(over) => over.submitted_at,
        None if has_started_over(node) => plan.tasks.first().and_then(|first| first.submitted_at),
        None => node.meta.created,
    }
}

/// A new plan on a new volume counts as a retry of its tasks.
fn has_started_over(node: &Node) -> bool {
    node.status.plan.as_ref().is_some_and(|plan| plan.tasks.iter().all(|task| task.retry_count > 0))
}

/// Whether a plan only marks a node ready again.
fn is_resumption(plan: &TaskPlan) -> bool {
    matches!(&*plan.tasks, [only] if matches!(&*only.task, Task::Sidecar(SidecarTask::MarkReady)))
}
