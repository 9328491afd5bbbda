//! `SeiNode`: one node, in one of four modes.

mod status;

pub use status::*;

use crate::height::Height;
use k8s_openapi::api::core::v1::ResourceRequirements;
use kube::{CustomResource, KubeSchema};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Desired state of one Sei node.
#[derive(CustomResource, Clone, Debug, Default, PartialEq, Serialize, Deserialize, KubeSchema)]
#[kube(
    group = "sei.io",
    version = "v1alpha1",
    kind = "SeiNode",
    namespaced,
    status = "SeiNodeStatus",
    shortname = "snode",
    printcolumn = r#"{"name":"Phase","type":"string","jsonPath":".status.phase"}"#,
    printcolumn = r#"{"name":"Age","type":"date","jsonPath":".metadata.creationTimestamp"}"#
)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[x_kube(validation = Rule::new("(has(self.fullNode) ? 1 : 0) + (has(self.archive) ? 1 : 0) + (has(self.replayer) ? 1 : 0) + (has(self.validator) ? 1 : 0) == 1").message("exactly one of fullNode, archive, replayer, or validator must be set"))]
#[x_kube(validation = Rule::new("!has(self.replayer) || (has(self.peers) && size(self.peers) > 0)").message("peers is required when replayer mode is set"))]
pub struct SeiNodeSpec {
    /// The chain the node belongs to.
    #[schemars(length(min = 1))]
    pub chain_id: String,
    /// The seid image.
    #[schemars(length(min = 1, max = 512))]
    pub image: String,
    /// How it finds peers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub peers: Vec<PeerSource>,
    /// Overrides the image's command for the running node.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entrypoint: Option<Entrypoint>,
    /// Dotted configuration keys to values, applied on top of the mode's defaults.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub overrides: BTreeMap<String, String>,
    /// The sidecar container.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sidecar: Option<SidecarConfig>,
    /// Labels merged into the pod template.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub pod_labels: BTreeMap<String, String>,
    /// A chain-following full node.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub full_node: Option<FullNode>,
    /// An archive node.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archive: Option<Archive>,
    /// A replayer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replayer: Option<Replayer>,
    /// A validator.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub validator: Option<Validator>,
}

/// The mode of a node, from the sub-spec that is set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Mode<'a> {
    /// `fullNode`.
    Full(&'a FullNode),
    /// `archive`.
    Archive(&'a Archive),
    /// `replayer`.
    Replayer(&'a Replayer),
    /// `validator`.
    Validator(&'a Validator),
}

impl SeiNodeSpec {
    /// The populated mode, looked for in the order full node, archive, replayer, validator.
    pub fn mode(&self) -> Option<Mode<'_>> {
        (self.full_node.as_ref().map(Mode::Full))
            .or(self.archive.as_ref().map(Mode::Archive))
            .or(self.replayer.as_ref().map(Mode::Replayer))
            .or(self.validator.as_ref().map(Mode::Validator))
    }

    /// The snapshot source of the mode. An archive has none of its own.
    pub fn snapshot(&self) -> Option<&SnapshotSource> {
        match self.mode()? {
            Mode::Full(full) => full.snapshot.as_ref(),
            Mode::Archive(_) => None,
            Mode::Replayer(replayer) => Some(&replayer.snapshot),
            Mode::Validator(validator) => validator.snapshot.as_ref(),
        }
    }

    /// The snapshot source of the mode, to change.
    pub fn snapshot_mut(&mut self) -> Option<&mut SnapshotSource> {
        if let Some(full) = &mut self.full_node {
            full.snapshot.as_mut()
        } else if self.archive.is_some() {
            None
        } else if let Some(replayer) = &mut self.replayer {
            Some(&mut replayer.snapshot)
        } else {
            self.validator.as_mut()?.snapshot.as_mut()
        }
    }

    /// The sidecar's port.
    pub fn sidecar_port(&self) -> i32 {
        self.sidecar.as_ref().and_then(|s| s.port).unwrap_or(crate::names::port::SIDECAR)
    }
}

/// A union: exactly one field is set.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[x_kube(validation = Rule::new("(has(self.ec2Tags) ? 1 : 0) + (has(self.static) ? 1 : 0) + (has(self.label) ? 1 : 0) == 1").message("exactly one of ec2Tags, static, or label must be set"))]
pub struct PeerSource {
    /// Running EC2 instances with given tags.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ec2_tags: Option<Ec2Tags>,
    /// A fixed list.
    #[serde(default, rename = "static", skip_serializing_if = "Option::is_none")]
    pub fixed: Option<StaticPeers>,
    /// SeiNodes with given labels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<LabelPeers>,
}

/// EC2 instances by tag.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ec2Tags {
    /// The AWS region.
    #[schemars(length(min = 1))]
    pub region: String,
    /// The tags to match.
    #[schemars(extend("minProperties" = 1))]
    pub tags: BTreeMap<String, String>,
}

/// Fixed peers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StaticPeers {
    /// `nodeId@host:port`, each.
    #[schemars(length(min = 1))]
    pub addresses: Vec<String>,
}

/// SeiNodes by label.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LabelPeers {
    /// The labels to match.
    #[schemars(extend("minProperties" = 1))]
    pub selector: BTreeMap<String, String>,
    /// Where to look; the node's own namespace when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
}

/// A command in place of the image's.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Entrypoint {
    /// The command.
    #[schemars(length(min = 1, max = 16))]
    pub command: Vec<String>,
    /// Its arguments.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64))]
    pub args: Vec<String>,
}

/// The sidecar container.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SidecarConfig {
    /// Its image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// Its port.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = 7777))]
    pub port: Option<i32>,
    /// Its resources.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "crate::schema::resource_requirements")]
    pub resources: Option<ResourceRequirements>,
}

/// How a node gets its first state. Exactly one of `s3` and `stateSync`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[x_kube(validation = Rule::new("(has(self.s3) ? 1 : 0) + (has(self.stateSync) ? 1 : 0) == 1").message("exactly one of s3 or stateSync must be set"))]
pub struct SnapshotSource {
    /// A snapshot archive in a bucket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub s3: Option<S3Snapshot>,
    /// State sync from peers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state_sync: Option<StateSync>,
    /// How long the snapshot's validators are trusted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trust_period: Option<String>,
    /// How many historical blocks to fetch afterwards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backfill_blocks: Option<i64>,
    /// The image of the bootstrap Job; with it and an s3 target, a Job fills the volume first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bootstrap_image: Option<String>,
}

/// A snapshot in a bucket.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct S3Snapshot {
    /// The height to reach after restoring.
    #[schemars(range(min = 1))]
    pub target_height: Height,
}

/// State sync has no settings of its own.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StateSync {}

/// Periodic snapshots.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SnapshotGeneration {
    /// How many to keep; the second-latest is the one uploaded.
    #[schemars(range(min = 2))]
    pub keep_recent: i32,
}

/// A chain-following full node.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FullNode {
    /// Where its first state comes from; block sync from genesis without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snapshot: Option<SnapshotSource>,
    /// Whether it makes snapshots.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snapshot_generation: Option<SnapshotGeneration>,
}

/// A node with full history.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Archive {
    /// Whether it makes snapshots.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snapshot_generation: Option<SnapshotGeneration>,
}

/// An ephemeral replay workload.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Replayer {
    /// What it replays from.
    pub snapshot: SnapshotSource,
    /// Comparison of its results with a canonical chain's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result_export: Option<ResultExport>,
}

/// Comparison with a canonical chain.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ResultExport {
    /// The canonical node's RPC.
    #[schemars(length(min = 1))]
    pub canonical_rpc: String,
}

/// A validator.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Validator {
    /// Where its first state comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snapshot: Option<SnapshotSource>,
    /// Its part in a genesis ceremony; set by the group controller.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub genesis_ceremony: Option<GenesisCeremony>,
}

/// A validator's part in a genesis ceremony.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GenesisCeremony {
    /// The new chain.
    #[schemars(length(min = 1))]
    pub chain_id: String,
    /// Staked in the gentx.
    #[schemars(length(min = 1))]
    pub staking_amount: String,
    /// Funds of the validator's account.
    #[schemars(length(min = 1))]
    pub account_balance: String,
    /// Genesis parameter overrides, as JSON text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub genesis_params: Option<String>,
    /// The validator's ordinal.
    #[schemars(range(min = 0))]
    pub index: i32,
}
