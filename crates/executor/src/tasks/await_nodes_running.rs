//! await-nodes-running: enough nodes in phase Running, none in phase Failed.

use super::{Call, Progress};
use api::names::label;
use api::node::NodePhase;
use api::task::AwaitNodesRunning;
use api::{Labels, Node, SeiNode};
use ports::{ApiError, Ports};

/// All nodes are read before any is judged; one that cannot be read means "not yet".
pub(super) fn status<P: Ports>(call: &Call<'_, P>, params: &AwaitNodesRunning) -> Progress {
    let Ok(nodes) = read(call, params) else { return Progress::Running };
    if let Some(failed) = nodes.iter().find(|node| node.status.phase == Some(NodePhase::Failed)) {
        return Progress::Failed(format!("node {} is in Failed phase", failed.name()).into());
    }
    let running = nodes.iter().filter(|node| node.status.phase == Some(NodePhase::Running)).count();
    if i32::try_from(running).is_ok_and(|running| running >= params.expected) { Progress::Complete } else { Progress::Running }
}

/// The named nodes, or all of the group if none is named.
fn read<P: Ports>(call: &Call<'_, P>, params: &AwaitNodesRunning) -> Result<Vec<Node>, ApiError> {
    if params.node_names.is_empty() {
        let of_group = Labels::from([(label::GROUP.into(), params.group_name.to_string())]);
        return call.ports.cached_list::<SeiNode>(&params.namespace, &of_group);
    }
    params.node_names.iter().map(|name| call.node(&params.namespace, name)).collect()
}
