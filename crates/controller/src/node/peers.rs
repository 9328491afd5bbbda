//! Step 4: label peers become DNS names in the status, where the planner finds them.

use crate::{Operator, write};
use api::node::LabelPeers;
use api::{Node, SeiNode, names};
use executor::read;
use ports::{ApiError, Ports};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Looks label peers up in the cache, and writes their names if they are others than before. No change of a peer wakes the node.
pub async fn resolve<P: Ports>(ports: &P, operator: &Operator, node: &mut Node) -> Result<(), ApiError> {
    let mut found = BTreeSet::new();
    for source in node.spec.peers.iter().filter_map(|peer| peer.label.as_ref()) {
        found.append(&mut labelled(ports, operator, node, source).await?);
    }
    if node.status.resolved_peers.iter().eq(&found) {
        return Ok(());
    }
    let before = node.clone();
    node.status_mut().resolved_peers = found.into_iter().collect();
    write::patch_status(ports, &before, node).await
}

/// The DNS names of nodes with the source's labels, whatever their phase, but for the node itself.
async fn labelled<P: Ports>(ports: &P, operator: &Operator, node: &Node, source: &LabelPeers) -> Result<BTreeSet<Arc<str>>, ApiError> {
    let namespace = source.namespace.as_deref().filter(|name| !name.is_empty()).unwrap_or(node.namespace());
    let peers = read::many::<P, SeiNode>(ports, operator.design.reads, namespace, &source.selector).await?;
    let others = peers.iter().filter(|peer| peer.meta.key != node.meta.key);
    Ok(others.map(|peer| names::pod_dns(peer.name(), peer.namespace()).into()).collect())
}
