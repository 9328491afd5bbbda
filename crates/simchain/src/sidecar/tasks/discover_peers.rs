//! discover-peers: asks every endpoint of every source in sequence for its node id, over RPC.
//!
//! Tags stand for the external peers. A static list carries the ids already and is not asked. A node that has found any peer soon knows the
//! whole network (peer exchange), so only whether one was found is kept.

use super::{Begun, Effect};
use crate::seid::Env;
use api::task::{DiscoverPeers, DiscoverySource};
use std::sync::Arc;
use std::time::Duration;

pub(super) fn begin(params: &DiscoverPeers, node: &str, rpc_nodes: &[Arc<str>], env: &mut Env<'_, '_>) -> Begun {
    let (mut found, mut takes) = (0, Duration::ZERO);
    for source in &params.sources {
        let (answering, silent) = endpoints(source, rpc_nodes, env);
        found += answering;
        takes += env.profile.sidecar.peer_answers * u32::try_from(answering).unwrap_or(u32::MAX);
        for _ in 0..silent {
            takes += env.cx.luck.duration("peer unreachable", node, env.profile.sidecar.peer_unreachable);
        }
    }
    let then = if found > 0 { Effect::WritesPeers } else { Effect::Fails("no reachable peers found".into()) };
    let takes = takes.max(env.profile.sidecar.peer_answers);
    Begun::Works { takes, then }
}

/// How many endpoints of a source answer, and how many do not.
fn endpoints(source: &DiscoverySource, rpc_nodes: &[Arc<str>], env: &Env<'_, '_>) -> (usize, usize) {
    match source {
        DiscoverySource::Ec2Tags { .. } => {
            let up = env.network.peers_up(env.cx.now);
            (up, env.network.peer_count() - up)
        }
        DiscoverySource::Static { addresses } => (addresses.len(), 0),
        DiscoverySource::DnsEndpoints { endpoints } => {
            let up = endpoints.iter().filter(|endpoint| rpc_nodes.iter().any(|node| Some(&**node) == node_of(endpoint))).count();
            (up, endpoints.len() - up)
        }
    }
}

/// The node in `{node}-0.{node}.{namespace}.svc.cluster.local`.
fn node_of(endpoint: &str) -> Option<&str> {
    endpoint.split('.').nth(1)
}
