//! Objects that tests start from.

use super::key;
use api::group::{HardFork, NodeTemplate, StrategyType, UpdateStrategy};
use api::names::{GROUP_FINALIZER, NODE_FINALIZER};
use api::node::{FullNode, S3Snapshot, SnapshotSource};
use api::{Group, Height, Meta, Node, Object, SeiNodeDeploymentSpec, SeiNodeSpec};
use std::sync::Arc;

/// A full node that block-syncs.
pub fn full_node_spec() -> SeiNodeSpec {
    SeiNodeSpec { chain_id: "pacific-1".into(), image: "sei:v1".into(), full_node: Some(FullNode::default()), ..Default::default() }
}

/// A full node that bootstraps to height 100 by a Job.
pub fn bootstrapping_spec() -> SeiNodeSpec {
    let snapshot = SnapshotSource {
        s3: Some(S3Snapshot { target_height: Height(100) }),
        bootstrap_image: Some("sei:v0".into()),
        ..Default::default()
    };
    SeiNodeSpec { full_node: Some(FullNode { snapshot: Some(snapshot), snapshot_generation: None }), ..full_node_spec() }
}

/// The group `rpc` of full nodes, as applied.
pub fn new_group(replicas: i32) -> Group {
    let template = NodeTemplate { metadata: None, spec: full_node_spec() };
    Object::new(Meta::new(key("rpc")), SeiNodeDeploymentSpec { replicas, template, ..Default::default() })
}

/// The same with its finalizer.
pub fn group(replicas: i32) -> Group {
    let mut group = new_group(replicas);
    group.meta_mut().finalizers = Arc::from([Arc::from(GROUP_FINALIZER)]);
    group
}

/// A hard fork at height 200.
pub fn hard_fork() -> Option<UpdateStrategy> {
    Some(UpdateStrategy { kind: StrategyType::HardFork, hard_fork: Some(HardFork { halt_height: Height(200) }) })
}

/// The node `solo`, as applied.
pub fn new_node(spec: SeiNodeSpec) -> Node {
    Object::new(Meta::new(key("solo")), spec)
}

/// The same with its finalizer.
pub fn node(spec: SeiNodeSpec) -> Node {
    let mut node = new_node(spec);
    node.meta_mut().finalizers = Arc::from([Arc::from(NODE_FINALIZER)]);
    node
}
