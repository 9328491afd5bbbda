//! Random groups and nodes that their CustomResourceDefinitions allow.

use api::group::{Deployment, HardFork, SeiNodeDeploymentSpec, StrategyType, UpdateStrategy};
use api::node::{
    Archive, Ec2Tags, Entrypoint, FullNode, GenesisCeremony, LabelPeers, PeerSource, Replayer, S3Snapshot, SeiNodeSpec, SidecarConfig,
    SnapshotGeneration, SnapshotSource, StateSync, StaticPeers, Validator,
};
use api::{Group, Height, Meta, Node, ObjectKey};
use proptest::collection::{btree_map, vec};
use proptest::option::of;
use proptest::prelude::*;
use std::collections::BTreeMap;
use uuid::Uuid;

fn word() -> impl Strategy<Value = String> {
    "[a-z]{1,8}"
}

fn map(max: usize) -> impl Strategy<Value = BTreeMap<String, String>> {
    btree_map(word(), word(), 0..=max)
}

fn height() -> impl Strategy<Value = Height> {
    (1..1_000_000_000_u64).prop_map(Height)
}

fn peer_source() -> impl Strategy<Value = PeerSource> {
    prop_oneof![
        (word(), btree_map(word(), word(), 1..3))
            .prop_map(|(region, tags)| PeerSource { ec2_tags: Some(Ec2Tags { region, tags }), ..PeerSource::default() }),
        vec(word(), 1..3).prop_map(|addresses| PeerSource { fixed: Some(StaticPeers { addresses }), ..PeerSource::default() }),
        (btree_map(word(), word(), 1..3), of(word()))
            .prop_map(|(selector, namespace)| PeerSource { label: Some(LabelPeers { selector, namespace }), ..PeerSource::default() }),
    ]
}

/// An s3 or a state-sync source, with a bootstrap image, an empty one or none.
fn snapshot() -> impl Strategy<Value = SnapshotSource> {
    (any::<bool>(), height(), of(word()), of(0..1000_i64), of("[a-z]{0,3}")).prop_map(
        |(from_bucket, target_height, trust_period, backfill_blocks, bootstrap_image)| SnapshotSource {
            s3: from_bucket.then_some(S3Snapshot { target_height }),
            state_sync: (!from_bucket).then_some(StateSync {}),
            trust_period,
            backfill_blocks,
            bootstrap_image,
        },
    )
}

fn generation() -> impl Strategy<Value = Option<SnapshotGeneration>> {
    of((2..9).prop_map(|keep_recent| SnapshotGeneration { keep_recent }))
}

fn ceremony() -> impl Strategy<Value = GenesisCeremony> {
    (word(), word(), word(), of(word()), 0..9).prop_map(|(chain_id, staking_amount, account_balance, genesis_params, index)| {
        GenesisCeremony { chain_id, staking_amount, account_balance, genesis_params, index }
    })
}

/// Exactly one mode; a replayer may lack peers here, as only its planner insists on them.
fn with_mode() -> impl Strategy<Value = SeiNodeSpec> {
    prop_oneof![
        (of(snapshot()), generation()).prop_map(|(snapshot, snapshot_generation)| SeiNodeSpec {
            full_node: Some(FullNode { snapshot, snapshot_generation }),
            ..SeiNodeSpec::default()
        }),
        generation()
            .prop_map(|snapshot_generation| SeiNodeSpec { archive: Some(Archive { snapshot_generation }), ..SeiNodeSpec::default() }),
        snapshot()
            .prop_map(|snapshot| SeiNodeSpec { replayer: Some(Replayer { snapshot, result_export: None }), ..SeiNodeSpec::default() }),
        (of(snapshot()), of(ceremony())).prop_map(|(snapshot, genesis_ceremony)| SeiNodeSpec {
            validator: Some(Validator { snapshot, genesis_ceremony }),
            ..SeiNodeSpec::default()
        }),
    ]
}

fn entrypoint() -> impl Strategy<Value = Option<Entrypoint>> {
    of((vec(word(), 1..3), vec(word(), 0..3)).prop_map(|(command, args)| Entrypoint { command, args }))
}

fn sidecar() -> impl Strategy<Value = Option<SidecarConfig>> {
    of((of(word()), of(1..65_536)).prop_map(|(image, port)| SidecarConfig { image, port, resources: None }))
}

prop_compose! {
    pub fn node_spec()(
        spec in with_mode(), chain_id in word(), image in word(), peers in vec(peer_source(), 0..4), entrypoint in entrypoint(),
        overrides in map(3), sidecar in sidecar(), pod_labels in map(2),
    ) -> SeiNodeSpec {
        SeiNodeSpec { chain_id, image, peers, entrypoint, overrides, sidecar, pod_labels, ..spec }
    }
}

prop_compose! {
    /// A node that is stored but may fail its planner's validation.
    pub fn any_node()(spec in node_spec(), resolved_peers in vec(word(), 0..4), external_address in of("[a-z]{0,5}")) -> Node {
        let mut node = Node::new(Meta { uid: Some(Uuid::from_u128(1)), ..Meta::new(ObjectKey::new("sei", "rpc-0")) }, spec);
        node.status_mut().resolved_peers = resolved_peers.into_iter().map(Into::into).collect();
        node.status_mut().external_address = external_address;
        node
    }
}

/// A node that passes its planner's validation.
pub fn node() -> impl Strategy<Value = Node> {
    any_node().prop_filter("valid", |node| planner::node::validate(node).is_ok())
}

prop_compose! {
    /// A group in a rollout whose plan has not been built, and its halt height.
    pub fn rolling_out(kind: StrategyType)(
        spec in node_spec(), replicas in 1..20_i32, generation in 1..1000_i64, halt_height in height(),
        incumbents in vec(word(), 0..4), incumbent_image in of(word()),
    ) -> Group {
        let mut spec = SeiNodeDeploymentSpec { replicas, template: api::group::NodeTemplate { metadata: None, spec }, ..Default::default() };
        let hard_fork = (kind == StrategyType::HardFork).then_some(HardFork { halt_height });
        spec.update_strategy = Some(UpdateStrategy { kind, hard_fork });
        let mut group = Group::new(Meta { generation: Some(generation), ..Meta::new(ObjectKey::new("sei", "rpc")) }, spec);
        let status = group.status_mut();
        status.incumbent_nodes = incumbents.into_iter().map(Into::into).collect();
        status.deployment = Some(Deployment { incumbent_image: incumbent_image.map(Into::into), ..Deployment::default() });
        group
    }
}
