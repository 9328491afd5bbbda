//! collect-and-set-peers: each validator of a new chain gets the list of all as its static peers.

use super::{Call, Executed, TaskError};
use api::names::{pod_dns, port};
use api::node::{PeerSource, StaticPeers};
use api::task::CollectAndSetPeers;
use ports::{Ports, Precondition, SidecarAddress};

/// No node is patched before all have told their id. Patches carry no precondition.
pub(super) async fn execute<P: Ports>(call: &Call<'_, P>, params: &CollectAndSetPeers) -> Result<Executed, TaskError> {
    let mut nodes = Vec::new();
    let mut addresses = Vec::new();
    for name in &params.node_names {
        let node = call.node(&params.namespace, name).await.map_err(TaskError::transient)?;
        let id = call.ports.node_id(&SidecarAddress::of(&node)).await.map_err(TaskError::transient)?;
        addresses.push(format!("{id}@{}:{}", pod_dns(name, &params.namespace), port::P2P));
        nodes.push(node);
    }
    let peers = vec![PeerSource { fixed: Some(StaticPeers { addresses }), ..PeerSource::default() }];
    for node in &nodes {
        let mut desired = node.clone();
        desired.spec_mut().peers.clone_from(&peers);
        call.ports.patch(node, &desired, Precondition::None).await.map_err(TaskError::transient)?;
    }
    Ok(Executed::Done)
}
