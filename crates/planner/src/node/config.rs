//! The parameters of config-apply and discover-peers: what a node's mode, address and peers mean to its sidecar.

use api::Node;
use api::node::{Mode, PeerSource, SnapshotGeneration};
use api::task::{ConfigApply, DiscoverPeers, DiscoverySource, SidecarTask};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The node's whole configuration.
pub(super) fn apply(node: &Node, mode: Mode<'_>) -> SidecarTask {
    let name = match mode {
        Mode::Full(_) | Mode::Replayer(_) => "full",
        Mode::Archive(_) => "archive",
        Mode::Validator(_) => "validator",
    };
    SidecarTask::ConfigApply(Arc::new(ConfigApply {
        mode: name.into(),
        overrides: overrides(node, mode),
        incremental: false,
        target_version: 0,
    }))
}

/// External address, then the mode's values, then the user's; later ones win.
fn overrides(node: &Node, mode: Mode<'_>) -> BTreeMap<String, String> {
    let address = node.status.external_address.iter().filter(|address| !address.is_empty());
    let mut merged: BTreeMap<_, _> = address.map(|address| ("network.p2p.external_address".to_owned(), address.clone())).collect();
    merged.extend(mode_overrides(mode).into_iter().map(|(key, value)| (key.to_owned(), value)));
    merged.extend(node.spec.overrides.clone());
    merged
}

fn mode_overrides(mode: Mode<'_>) -> Vec<(&'static str, String)> {
    match mode {
        Mode::Archive(archive) => archive.snapshot_generation.as_ref().map(snapshots).unwrap_or_default(),
        Mode::Full(full) => full.snapshot_generation.as_ref().map(snapshotter).unwrap_or_default(),
        Mode::Replayer(_) => vec![
            ("storage.state_commit.async_commit_buffer", "100".into()),
            ("storage.state_commit.memiavl.snapshot_keep_recent", "2".into()),
            ("storage.state_commit.memiavl.snapshot_min_time_interval", "3600".into()),
        ],
        Mode::Validator(_) => Vec::new(),
    }
}

/// Any node that makes snapshots.
fn snapshots(generation: &SnapshotGeneration) -> Vec<(&'static str, String)> {
    vec![("storage.snapshot_interval", "2000".into()), ("storage.snapshot_keep_recent", generation.keep_recent.to_string())]
}

/// A full node that makes snapshots keeps few blocks and serves many peers.
fn snapshotter(generation: &SnapshotGeneration) -> Vec<(&'static str, String)> {
    let mut values = snapshots(generation);
    values.extend([
        ("storage.pruning_keep_recent", "50000".into()),
        ("storage.pruning_keep_every", "0".into()),
        ("chain.min_retain_blocks", "50000".into()),
        ("network.p2p.max_connections", "500".into()),
        ("network.p2p.send_rate", "20971520".into()),
        ("network.p2p.recv_rate", "20971520".into()),
    ]);
    values
}

/// Where to look for peers, one source per source of the spec; `None` if the spec has none.
pub(super) fn discover_peers(node: &Node) -> Option<SidecarTask> {
    let sources: Vec<_> = node.spec.peers.iter().map(|source| discovery_source(source, node)).collect();
    (!sources.is_empty()).then(|| SidecarTask::DiscoverPeers(Arc::new(DiscoverPeers { sources })))
}

/// A label source stands for all names that were resolved, also those of other label sources: status does not tell them apart.
fn discovery_source(source: &PeerSource, node: &Node) -> DiscoverySource {
    if let Some(ec2) = &source.ec2_tags {
        DiscoverySource::Ec2Tags { region: ec2.region.clone(), tags: ec2.tags.clone() }
    } else if let Some(fixed) = &source.fixed {
        DiscoverySource::Static { addresses: fixed.addresses.clone() }
    } else {
        DiscoverySource::DnsEndpoints { endpoints: node.status.resolved_peers.clone() }
    }
}
