//! Whether incumbents go on beyond the fork of their rollout, as the network does: the upgrade was moved, or cancelled, and they are not to be left.

use super::switch_traffic::switch;
use super::{entrants, reached};
use crate::ready;
use api::{Height, Node, TaskPlan};
use ports::Ports;
use uuid::Uuid;

/// Whether one that runs is at a height that no binary reaches without executing the fork's block, and the next one, as the network does: one that
/// lacks the upgrade stops at the first, and one that does not stop finds at the second that it has diverged.
pub(super) async fn are_beyond<P: Ports>(ports: &P, incumbents: &[Node], past: Height, asker: Uuid) -> bool {
    for node in incumbents.iter().filter(|node| ready::runs(node)) {
        if reached::by(ports, node, past.plus(1), asker).await.is_ok() {
            return true;
        }
    }
    false
}

/// Whether, of a group's nodes, those go on that are no entrants of the plan's rollout across a fork. Their sidecars are asked, as switch-traffic asked them.
pub async fn go_on<P: Ports>(ports: &P, plan: &TaskPlan, nodes: Vec<Node>) -> bool {
    let (Some(creation), Some(switch)) = (entrants::creation(plan), switch(plan)) else { return false };
    let Some(past) = entrants::past_fork(creation) else { return false };
    let live = nodes.into_iter().filter(|node| node.meta.deleting.is_none());
    let (entrants, incumbents): (Vec<Node>, Vec<Node>) = live.partition(|node| entrants::is_entrant(node, &creation.entrant_revision));
    let past = entrants.iter().filter_map(entrants::past_own_fork).fold(past, Height::max);
    are_beyond(ports, &incumbents, past, switch.id).await
}
