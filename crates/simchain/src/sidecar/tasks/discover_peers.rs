//! discover-peers: asks every endpoint of every source in sequence for its node id, over RPC.
//!
//! Tags stand for the external peers. A static list carries the ids already and is not asked. A node that has found any peer soon knows the
//! whole network (peer exchange), so only the first that was found is kept.

use super::{Begun, Effect, OtherNode};
use crate::seid::Env;
use crate::volume::FirstPeer;
use api::task::{DiscoverPeers, DiscoverySource};
use std::time::Duration;

/// What asking a source comes to.
struct Asked {
    answering: usize,
    silent: usize,
    first: Option<FirstPeer>,
}

pub(super) fn begin(params: &DiscoverPeers, node: &str, others: &[OtherNode], env: &mut Env<'_, '_>) -> Begun {
    let (mut first, mut takes) = (None, Duration::ZERO);
    for source in &params.sources {
        let asked = ask(source, others, env);
        takes += env.profile.sidecar.peer_answers * u32::try_from(asked.answering).unwrap_or(u32::MAX);
        for _ in 0..asked.silent {
            takes += env.cx.luck.duration("peer unreachable", node, env.profile.sidecar.peer_unreachable);
        }
        first = first.or(asked.first);
    }
    let then = first.map_or_else(|| Effect::Fails("no reachable peers found".into()), Effect::WritesPeers);
    let takes = takes.max(env.profile.sidecar.peer_answers);
    Begun::Works { takes, then }
}

fn ask(source: &DiscoverySource, others: &[OtherNode], env: &Env<'_, '_>) -> Asked {
    match source {
        DiscoverySource::Ec2Tags { .. } => {
            let answering = env.peers_up();
            let first = env.network.first_peer_up(env.cx.now).filter(|_| answering > 0).map(FirstPeer::External);
            Asked { answering, silent: env.network.peer_count() - answering, first }
        }
        DiscoverySource::Static { addresses } => {
            Asked { answering: addresses.len(), silent: 0, first: (!addresses.is_empty()).then_some(FirstPeer::External(0)) }
        }
        DiscoverySource::DnsEndpoints { endpoints } => {
            let reached = endpoints.iter().filter(|_| !env.cut_off);
            let mut up = reached.filter_map(|endpoint| others.iter().find(|other| Some(&*other.name) == node_of(endpoint)));
            let first = up.next();
            let answering = usize::from(first.is_some()) + up.count();
            Asked { answering, silent: endpoints.len() - answering, first: first.map(|other| FirstPeer::Own(other.name.clone())) }
        }
    }
}

/// The node in `{node}-0.{node}.{namespace}.svc.cluster.local`.
fn node_of(endpoint: &str) -> Option<&str> {
    endpoint.split('.').nth(1)
}
