//! When a node that is on its way has arrived, and when one that had arrived is on its way again.

use super::phase;
use crate::conditions::Saying;
use crate::{Operator, ReconcileError, Requeue};
use api::node::NodePhase;
use api::{Node, condition};
use executor::overdue;
use executor::ready::{READY, STARTED_OVER, has_run, is_ready};
use planner::node::needs_bootstrap;
use planner::{Arrival, ProgressDeadline, Running};
use ports::{ApiError, Ports};

/// Whether a node with a complete plan runs.
pub async fn has_arrived<P: Ports>(ports: &P, operator: &Operator, node: &Node) -> Result<bool, ApiError> {
    Ok(operator.design.running == Running::PlanComplete || is_ready(ports, operator.design.reads, node).await?)
}

/// A node whose pod is no longer ready is on its way again, with no more to do than to mark its sidecar ready. That has time: others may have been lost with
/// its machine, which have to be written down before a sidecar is asked that may not answer.
pub async fn set_out_again<P: Ports>(ports: &P, operator: &Operator, node: &mut Node) -> Result<Requeue, ReconcileError> {
    let before = node.clone();
    node.status_mut().plan = Some(planner::node::resume(&operator.design, || ports.uuid()));
    note_readiness(ports, operator, node, false);
    phase::enter(ports, &before, node, NodePhase::Initializing).await?;
    Ok(Requeue::After(executor::POLL))
}

/// A node that starts over has not been ready yet. That it did so for being late is remembered, since it does so once; and when, where no bootstrap may
/// take as long as the chain does.
pub fn forget_readiness<P: Ports>(ports: &P, operator: &Operator, node: &mut Node) {
    let has_deadline = operator.design.progress_deadline == ProgressDeadline::Hours;
    let is_late = !has_run(node) && has_deadline && overdue::starts_over(ports, node);
    if has_run(node) {
        condition::remove(&mut node.status_mut().conditions, READY);
    }
    if is_late || (has_deadline && !needs_bootstrap(&node.spec)) {
        let message = "the node has started over";
        let saying = Saying { kind: READY, holds: false, reason: STARTED_OVER, message };
        saying.set_of(node.meta.generation, ports, &mut node.status_mut().conditions);
    }
}

/// Says in the condition Ready since when the node, as its spec now has it, is ready, or not, for designs that ask.
pub fn note_readiness<P: Ports>(ports: &P, operator: &Operator, node: &mut Node, ready: bool) {
    if operator.design.arrival == Arrival::Settled {
        let (reason, message) = if ready { ("PodReady", "the pod is ready") } else { ("PodNotReady", "the pod is not ready") };
        let generation = node.meta.generation;
        Saying { kind: READY, holds: ready, reason, message }.set_of(generation, ports, &mut node.status_mut().conditions);
    }
}
