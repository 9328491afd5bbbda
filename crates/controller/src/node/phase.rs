//! Moving a node from phase to phase, and events about nodes.

use crate::write;
use api::node::NodePhase;
use api::{Kind, Node, SeiNode};
use ports::{ApiError, EventKind, Ports};
use std::fmt;

/// Enters a phase: one status patch of everything in which `node` differs from `base`, with its version as precondition.
pub async fn enter<P: Ports>(ports: &P, base: &Node, node: &mut Node, phase: NodePhase) -> Result<(), ApiError> {
    node.status_mut().phase = Some(phase);
    write::patch_status(ports, base, node).await?;
    let before = base.status.phase.unwrap_or(NodePhase::Pending);
    if before != phase {
        event(ports, node, EventKind::Normal, "PhaseTransition", format_args!("{before:?} -> {phase:?}"));
    }
    Ok(())
}

/// Records an event about the node.
pub fn event<P: Ports>(ports: &P, node: &Node, severity: EventKind, reason: &'static str, message: fmt::Arguments<'_>) {
    ports.event(SeiNode::INFO.kind, &node.meta.key, severity, reason, message);
}
