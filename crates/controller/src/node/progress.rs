//! When a node that is on its way has arrived, and when one that had arrived is on its way again.

use crate::Operator;
use crate::conditions::Saying;
use api::Node;
use api::task::SidecarTask;
use executor::ready::{READY, is_ready};
use planner::{Arrival, Running, SidecarRestart};
use ports::{ApiError, Ports, SidecarAddress, SidecarState, TaskRequest};

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
