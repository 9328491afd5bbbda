//! Whether a node takes too long to become ready: decision `progress-deadline` of a design.
//!
//! While its bootstrap lasts a node may take as long as the chain does. From its end on, a node that is not ready for hours has a state that leads
//! nowhere, or a program that does not run. The first is mended by a new volume, which is tried once; the second by nobody but a person, so a
//! rollout is given up then.

use crate::ready::{READY, STARTED_OVER, has_been_ready};
use api::condition::{self, ConditionStatus};
use api::node::NodePhase;
use api::plan::TaskStatus;
use api::task::SidecarTask;
use api::{Node, Task, TaskPlan, Time};
use planner::node::needs_bootstrap;
use ports::Ports;

/// The task after which the bootstrap no longer holds the volume.
pub const LAST_BOOTSTRAP_TASK: &str = "teardown-bootstrap";

/// After how many seconds a node is late: longer than any disturbance that passes.
const LATE: i64 = 4 * 3600;

/// After how many seconds nothing is to be expected any more: longer, too, than the operator itself may be away.
const HOPELESS: i64 = 8 * 3600;

/// Whether a node is to start over on a new volume for being late. It does so once, as its condition Ready then says, however often its bootstrap has
/// failed.
pub fn starts_over<P: Ports>(ports: &P, node: &Node) -> bool {
    let never_ran = condition::find(&node.status.conditions, READY).is_none();
    never_ran && needs_bootstrap(&node.spec) && is_late(ports, node, LATE)
}

/// After how many seconds in which a node past its bootstrap neither came on nor was ready an edit of the spec may be what it needs.
const STUCK: i64 = 600;

/// Whether a node that is past its bootstrap is ready, or on its way to be.
pub fn comes_on<P: Ports>(ports: &P, node: &Node) -> bool {
    !is_late(ports, node, STUCK)
}

/// Whether nothing is to be expected of a node any more.
pub fn is_hopeless<P: Ports>(ports: &P, node: &Node) -> bool {
    is_late(ports, node, HOPELESS)
}

/// Whether an entrant has been ready for so long that nothing is to be expected of it any more but what it is: a seid whose state is another than the
/// network's has no peers, and is ready for ever.
pub fn is_ready_in_vain<P: Ports>(ports: &P, node: &Node) -> bool {
    has_been_ready(ports, node, HOPELESS)
}

/// Whether an entrant has had its time to follow the first one across the fork since traffic was switched, or since it last started over. One that was made
/// since the switch has had its second chance already, and one that has failed says so.
pub fn is_left_behind<P: Ports>(ports: &P, node: &Node, switched: Time) -> bool {
    let is_first = node.meta.created.is_some_and(|created| created <= switched);
    let since = begun(node).map_or(switched, |begun| begun.max(switched));
    is_first && node.status.phase != Some(NodePhase::Failed) && has_had(ports, since, LATE)
}

/// Whether nothing is to be expected of an entrant that was made since traffic was switched, and is not across the fork: the network is beyond whatever it
/// waits for, and peers may not keep the blocks that it needs any more.
pub fn is_lost_behind<P: Ports>(ports: &P, node: &Node, switched: Time) -> bool {
    node.meta.created.is_some_and(|created| created > switched && has_had(ports, created, HOPELESS))
}

/// Whether so much time has gone by in which the operator could do its part: not while another process led, or none.
fn has_had<P: Ports>(ports: &P, since: Time, seconds: i64) -> bool {
    ports.passed(since.max(ports.leads_since()).plus_seconds(seconds))
}

fn is_late<P: Ports>(ports: &P, node: &Node, seconds: i64) -> bool {
    waits_since(node).is_some_and(|since| has_had(ports, since, seconds))
}

/// Since when a node is past its bootstrap, not ready, and has not come on: the beginning of the latest task that it has completed. One that has started over
/// for being late is past it from then on: the chain is beyond its target. One that is being deleted goes, and is waited for no longer.
fn waits_since(node: &Node) -> Option<Time> {
    if node.status.phase == Some(NodePhase::Running) || node.meta.deleting.is_some() {
        return None;
    }
    let unready = condition::find(&node.status.conditions, READY).filter(|ready| ready.status == ConditionStatus::False);
    let since = unready.map(|ready| ready.last_transition_time);
    if unready.is_some_and(|ready| &*ready.reason != STARTED_OVER) {
        return since;
    }
    let plan = node.status.plan.as_ref().filter(|plan| !is_resumption(plan))?;
    let bootstraps = plan.tasks.iter().find(|planned| planned.task.type_name() == LAST_BOOTSTRAP_TASK);
    if since.is_none() && bootstraps.is_some_and(|over| over.submitted_at.is_none()) {
        return None;
    }
    let done = plan.tasks.iter().filter(|planned| planned.status == TaskStatus::Complete);
    let came_on = done.filter_map(|planned| planned.submitted_at).max();
    since.max(came_on).or_else(|| node.meta.created.filter(|_| !has_started_over(node)))
}

/// A new plan on a new volume counts as a retry of its tasks.
fn has_started_over(node: &Node) -> bool {
    node.status.plan.as_ref().is_some_and(|plan| plan.tasks.iter().all(|task| task.retry_count > 0))
}

/// When a node set out on its volume, as far as its plan tells.
fn begun(node: &Node) -> Option<Time> {
    node.status.plan.as_ref().filter(|plan| !is_resumption(plan))?.tasks.first()?.submitted_at
}

/// Whether a plan only marks a node ready again.
fn is_resumption(plan: &TaskPlan) -> bool {
    matches!(&*plan.tasks, [only] if matches!(&*only.task, Task::Sidecar(SidecarTask::MarkReady)))
}
