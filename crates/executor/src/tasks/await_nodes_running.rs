//! await-nodes-running: enough nodes in phase Running, none in phase Failed.

use super::{Call, Progress, entrants};
use crate::read;
use crate::ready::is_settled;
use api::names::label;
use api::node::NodePhase;
use api::task::AwaitNodesRunning;
use api::{Group, Labels, Node, SeiNode};
use planner::{Arrival, Traffic};
use ports::{ApiError, Ports};

/// All nodes are read before any is judged; one that cannot be read means "not yet".
///
/// Across a fork nobody has to settle, and an entrant beyond the wanted number will do: the switch that follows waits for more, that one is past the fork.
pub(super) async fn status<P: Ports>(call: &Call<'_, P>, group: &Group, params: &AwaitNodesRunning) -> Progress {
    let creation = group.status.plan.as_ref().and_then(entrants::creation);
    let across_fork = creation.filter(|plan| entrants::past_fork(plan).is_some() && call.design.traffic == Traffic::EveryReadyNode);
    let Ok(mut nodes) = nodes(call, params).await else { return Progress::Running };
    if let Some(failed) = nodes.iter().find(|node| node.status.phase == Some(NodePhase::Failed)) {
        return Progress::Failed(format!("node {} is in Failed phase", failed.name()).into());
    }
    if let Some(creation) = across_fork {
        let Ok((entrants, _)) = entrants::and_others(call, group, creation).await else { return Progress::Running };
        nodes = entrants;
    }
    let settles = call.design.arrival == Arrival::Settled && across_fork.is_none();
    let arrived = |node: &&Node| node.status.phase == Some(NodePhase::Running) && (!settles || is_settled(call.ports, node));
    let running = nodes.iter().filter(arrived).count();
    if i32::try_from(running).is_ok_and(|running| running >= params.expected) { Progress::Complete } else { Progress::Running }
}

/// The named nodes, or all of the group if none is named.
async fn nodes<P: Ports>(call: &Call<'_, P>, params: &AwaitNodesRunning) -> Result<Vec<Node>, ApiError> {
    if params.node_names.is_empty() {
        let of_group = Labels::from([(label::GROUP.into(), params.group_name.to_string())]);
        return read::many::<P, SeiNode>(call.ports, call.design.reads, &params.namespace, &of_group).await;
    }
    let mut nodes = Vec::new();
    for name in &params.node_names {
        nodes.push(call.node(&params.namespace, name).await?);
    }
    Ok(nodes)
}
