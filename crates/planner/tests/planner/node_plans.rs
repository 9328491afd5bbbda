//! The plans of nodes: controller.md, section 3.

use crate::faithful;
use crate::parameters::{PLAN, check_plan, types};
use crate::specs::node;
use api::node::{Ec2Tags, FullNode, LabelPeers, PeerSource, S3Snapshot, SnapshotGeneration, SnapshotSource, StaticPeers};
use api::task::{ConfigApply, DiscoverySource, SidecarTask};
use api::{Height, Meta, Node, ObjectKey, SeiNodeSpec, Task, TaskPlan};
use proptest::prelude::*;

fn plan(node: &Node) -> TaskPlan {
    planner::node::plan_for(node, &faithful(), || PLAN).expect("a valid node has a plan")
}

/// The tables of section 3, with the bracketed task only where there are peers.
fn expected(spec: &SeiNodeSpec) -> Vec<String> {
    let snapshot = spec.full_node.iter().filter_map(|m| m.snapshot.as_ref()).chain(spec.replayer.iter().map(|m| &m.snapshot));
    let snapshot = snapshot.chain(spec.validator.iter().filter_map(|m| m.snapshot.as_ref())).next();
    let from_bucket = snapshot.is_some_and(|s| s.s3.is_some());
    let bootstraps = from_bucket && snapshot.and_then(|s| s.bootstrap_image.as_deref()).is_some_and(|image| !image.is_empty());
    let configuration = "configure-genesis config-apply [discover-peers] ";
    let base = if from_bucket {
        format!("snapshot-restore {configuration}config-validate mark-ready ")
    } else if snapshot.is_some() || spec.archive.is_some() {
        format!("{configuration}configure-state-sync config-validate mark-ready ")
    } else {
        format!("{configuration}config-validate mark-ready ")
    };
    let whole = if spec.validator.as_ref().is_some_and(|m| m.genesis_ceremony.is_some()) {
        "generate-identity generate-gentx upload-genesis-artifacts configure-genesis config-apply set-genesis-peers config-validate \
         mark-ready"
            .to_owned()
    } else if bootstraps {
        format!(
            "deploy-bootstrap-service deploy-bootstrap-job {base}await-bootstrap-complete teardown-bootstrap \
             {configuration}config-validate mark-ready"
        )
    } else {
        base
    };
    let wanted = whole.split_whitespace().filter(|t| !t.starts_with('[') || !spec.peers.is_empty());
    wanted.map(|t| t.trim_matches(['[', ']']).to_owned()).collect()
}

proptest! {
    #![proptest_config(crate::fixed())]

    #[test]
    fn a_nodes_plan_has_exactly_the_tasks_of_its_table(node in node()) {
        let plan = plan(&node);
        check_plan(&plan);
        prop_assert_eq!(types(&plan), expected(&node.spec));
    }

    #[test]
    fn a_plan_bootstraps_if_and_only_if_the_spec_needs_it(node in node()) {
        let ceremony = node.spec.validator.as_ref().is_some_and(|m| m.genesis_ceremony.is_some());
        let bootstraps = types(&plan(&node)).contains(&"deploy-bootstrap-job");
        prop_assert_eq!(bootstraps, planner::node::needs_bootstrap(&node.spec) && !ceremony);
    }

    #[test]
    fn only_a_ceremonys_genesis_is_retried(node in node()) {
        for task in &plan(&node).tasks {
            let ceremony = node.spec.validator.as_ref().is_some_and(|m| m.genesis_ceremony.is_some());
            let retried = ceremony && task.task.type_name() == "configure-genesis";
            prop_assert_eq!(task.max_retries, if retried { 180 } else { 0 });
        }
    }

    #[test]
    fn the_users_overrides_win(node in node()) {
        let applied = config(&plan(&node));
        for (key, value) in &node.spec.overrides {
            prop_assert_eq!(applied.overrides.get(key), Some(value));
        }
        prop_assert_eq!((applied.incremental, applied.target_version), (false, 0));
    }

    #[test]
    fn every_peer_source_becomes_one_discovery_source_in_order(node in node()) {
        let sources = sources(&plan(&node));
        let ceremony = node.spec.validator.as_ref().is_some_and(|m| m.genesis_ceremony.is_some());
        prop_assert_eq!(sources.len(), if ceremony { 0 } else { node.spec.peers.len() });
        for (source, peers) in sources.iter().zip(&node.spec.peers) {
            let same = match source {
                DiscoverySource::Ec2Tags { region, tags } => peers.ec2_tags == Some(Ec2Tags { region: region.clone(), tags: tags.clone() }),
                DiscoverySource::Static { addresses } => peers.fixed == Some(StaticPeers { addresses: addresses.clone() }),
                DiscoverySource::DnsEndpoints { endpoints } => peers.label.is_some() && *endpoints == node.status.resolved_peers,
            };
            prop_assert!(same, "{:?} from {:?}", source, peers);
        }
    }
}

fn config(plan: &TaskPlan) -> ConfigApply {
    let found = plan.tasks.iter().find_map(|task| match &*task.task {
        Task::Sidecar(SidecarTask::ConfigApply(params)) => Some(params),
        _ => None,
    });
    (**found.expect("every plan configures")).clone()
}

fn sources(plan: &TaskPlan) -> Vec<DiscoverySource> {
    let found = plan.tasks.iter().find_map(|task| match &*task.task {
        Task::Sidecar(SidecarTask::DiscoverPeers(params)) => Some(params.sources.clone()),
        _ => None,
    });
    found.unwrap_or_default()
}

fn full_node() -> Node {
    let spec = SeiNodeSpec { full_node: Some(FullNode::default()), ..SeiNodeSpec::default() };
    Node::new(Meta::new(ObjectKey::new("sei", "rpc-0")), spec)
}

#[test]
fn the_full_bootstrap_plan_reads_as_in_the_document() {
    let mut node = full_node();
    node.spec_mut().full_node.as_mut().expect("a full node").snapshot = Some(SnapshotSource {
        s3: Some(S3Snapshot { target_height: Height(99) }),
        bootstrap_image: Some("sei:v6.3.0".into()),
        ..SnapshotSource::default()
    });
    node.spec_mut().peers = vec![PeerSource { label: Some(LabelPeers::default()), ..PeerSource::default() }];
    let plan = plan(&node);
    assert_eq!(
        types(&plan),
        [
            "deploy-bootstrap-service",
            "deploy-bootstrap-job",
            "snapshot-restore",
            "configure-genesis",
            "config-apply",
            "discover-peers",
            "config-validate",
            "mark-ready",
            "await-bootstrap-complete",
            "teardown-bootstrap",
            "configure-genesis",
            "config-apply",
            "discover-peers",
            "config-validate",
            "mark-ready",
        ]
    );
    assert_eq!(plan.tasks[2].task.params(), Some(serde_json::json!({ "targetHeight": 99 })));
    assert_eq!(
        plan.tasks[9].task.params(),
        Some(serde_json::json!({ "jobName": "rpc-0-bootstrap", "serviceName": "rpc-0", "namespace": "sei" }))
    );
}

#[test]
fn overrides_are_merged_in_the_order_address_mode_user() {
    let mut node = full_node();
    node.spec_mut().full_node.as_mut().expect("a full node").snapshot_generation = Some(SnapshotGeneration { keep_recent: 5 });
    node.spec_mut().overrides = [("storage.snapshot_interval".to_owned(), "1".to_owned())].into();
    node.status_mut().external_address = Some("lb:26656".into());
    let applied = config(&plan(&node));
    let expected = [
        ("chain.min_retain_blocks", "50000"),
        ("network.p2p.external_address", "lb:26656"),
        ("network.p2p.max_connections", "500"),
        ("network.p2p.recv_rate", "20971520"),
        ("network.p2p.send_rate", "20971520"),
        ("storage.pruning_keep_every", "0"),
        ("storage.pruning_keep_recent", "50000"),
        ("storage.snapshot_interval", "1"),
        ("storage.snapshot_keep_recent", "5"),
    ];
    assert_eq!(applied.overrides.iter().map(|(k, v)| (&**k, &**v)).collect::<Vec<_>>(), expected);
    assert_eq!(applied.mode, "full");
}

#[test]
fn each_mode_has_its_configuration() {
    let configured = |spec: serde_json::Value| {
        let mut node = full_node();
        *node.spec_mut() = serde_json::from_value(spec).expect("a spec");
        let applied = config(&plan(&node));
        (applied.mode, applied.overrides.keys().cloned().collect::<Vec<_>>().join(" "))
    };
    let common = |mode: &str, of_mode: serde_json::Value| serde_json::json!({ "chainId": "c", "image": "i", "peers": [{ "static": { "addresses": ["a"] } }], mode: of_mode });
    let archive = common("archive", serde_json::json!({ "snapshotGeneration": { "keepRecent": 2 } }));
    assert_eq!(configured(archive), ("archive".into(), "storage.snapshot_interval storage.snapshot_keep_recent".into()));
    let replayer = common("replayer", serde_json::json!({ "snapshot": { "s3": { "targetHeight": 5 } } }));
    let of_replayer = "storage.state_commit.async_commit_buffer storage.state_commit.memiavl.snapshot_keep_recent \
                       storage.state_commit.memiavl.snapshot_min_time_interval";
    assert_eq!(configured(replayer), ("full".into(), of_replayer.into()));
    assert_eq!(configured(common("validator", serde_json::json!({}))), ("validator".into(), String::new()));
}
