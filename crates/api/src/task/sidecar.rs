//! The tasks that a node's sidecar carries out, with their parameters.

use crate::height::Height;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

tasks! {
    /// Tasks that a node's sidecar carries out.
    SidecarTask {
        /// Restores a snapshot from the bucket.
        SnapshotRestore = "snapshot-restore" (SnapshotRestore),
        /// Fetches the chain's genesis.
        ConfigureGenesis = "configure-genesis",
        /// Writes the node's configuration.
        ConfigApply = "config-apply" (ConfigApply),
        /// Checks it.
        ConfigValidate = "config-validate",
        /// Finds peers.
        DiscoverPeers = "discover-peers" (DiscoverPeers),
        /// Finds a trusted height for state sync.
        ConfigureStateSync = "configure-state-sync" (ConfigureStateSync),
        /// Lets seid start.
        MarkReady = "mark-ready",
        /// Waits for a height, and may then stop seid.
        AwaitCondition = "await-condition" (AwaitCondition),
        /// Uploads snapshots, for ever.
        SnapshotUpload = "snapshot-upload",
        /// Compares results with a canonical chain, for ever.
        ResultExport = "result-export" (ResultExportParams),
        /// Makes node and validator keys.
        GenerateIdentity = "generate-identity" (GenerateIdentity),
        /// Makes the genesis transaction.
        GenerateGentx = "generate-gentx" (GenerateGentx),
        /// Uploads a validator's artifacts.
        UploadGenesisArtifacts = "upload-genesis-artifacts" (UploadGenesisArtifacts),
        /// Takes peers from the ceremony's list.
        SetGenesisPeers = "set-genesis-peers",
        /// Assembles and uploads the genesis.
        AssembleAndUploadGenesis = "assemble-and-upload-genesis" (AssembleGenesis),
        /// The same from another chain's state.
        AssembleGenesisFork = "assemble-genesis-fork" (AssembleGenesisFork),
        /// Exports the state at a height.
        ExportState = "export-state" (ExportState),
    }
}

params! {
    /// Parameters of snapshot-restore.
    SnapshotRestore {
        /// The highest snapshot at or below it is taken.
        target_height: Height,
    }
    /// Parameters of config-apply.
    ConfigApply {
        /// `full`, `archive` or `validator`.
        mode: String,
        /// Dotted keys to values.
        overrides: BTreeMap<String, String>,
        /// Always false: the whole configuration is written.
        incremental: bool,
        /// Always 0: the sidecar's own schema version.
        target_version: i64,
    }
    /// Parameters of discover-peers.
    DiscoverPeers {
        /// Where to look, in order.
        sources: Vec<DiscoverySource>,
    }
    /// Parameters of configure-state-sync.
    ConfigureStateSync {
        /// Whether a snapshot on disk is used.
        use_local_snapshot: bool,
        /// How long its validators are trusted.
        trust_period: String,
        /// How many blocks to fetch afterwards.
        backfill_blocks: i64,
    }
    /// Parameters of result-export.
    ResultExportParams {
        /// Where results go.
        bucket: String,
        /// In which region.
        region: String,
        /// Under which prefix.
        prefix: String,
        /// What they are compared with.
        canonical_rpc: String,
    }
    /// Parameters of generate-identity.
    GenerateIdentity {
        /// The new chain.
        chain_id: String,
        /// The node's name.
        moniker: String,
    }
    /// Parameters of generate-gentx.
    GenerateGentx {
        /// The new chain.
        chain_id: String,
        /// Staked.
        staking_amount: String,
        /// Funds.
        account_balance: String,
        /// Genesis parameter overrides, as JSON text.
        genesis_params: String,
    }
    /// Parameters of upload-genesis-artifacts.
    UploadGenesisArtifacts {
        /// The validator.
        node_name: String,
    }
    /// Parameters of assemble-and-upload-genesis.
    AssembleGenesis {
        /// Funds of each validator.
        account_balance: String,
        /// The validators' namespace.
        namespace: String,
        /// The validators.
        nodes: Vec<NamedNode>,
    }
    /// Parameters of assemble-genesis-fork.
    AssembleGenesisFork {
        /// Funds of each validator.
        account_balance: String,
        /// The validators' namespace.
        namespace: String,
        /// The validators.
        nodes: Vec<NamedNode>,
        /// The chain that is forked.
        source_chain_id: String,
        /// The new chain.
        chain_id: String,
    }
    /// A validator by name.
    NamedNode {
        /// Its name.
        name: String,
    }
    /// Parameters of export-state.
    ExportState {
        /// The height of the export.
        height: Height,
        /// The chain.
        chain_id: String,
        /// Where it goes.
        s3_bucket: String,
        /// Under which key.
        s3_key: String,
        /// In which region.
        s3_region: String,
    }
}

/// Where discover-peers looks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase")]
pub enum DiscoverySource {
    /// Running EC2 instances with given tags.
    Ec2Tags {
        /// The AWS region.
        region: String,
        /// The tags to match.
        tags: BTreeMap<String, String>,
    },
    /// A fixed list.
    Static {
        /// `nodeId@host:port`, each.
        addresses: Vec<String>,
    },
    /// DNS names whose RPC is asked for the node id.
    DnsEndpoints {
        /// The names.
        endpoints: Vec<Arc<str>>,
    },
}

/// Parameters of await-condition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AwaitCondition {
    /// What is waited for.
    pub condition: Awaited,
    /// The height, for [`Awaited::Height`].
    pub target_height: Height,
    /// What is done then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<AwaitAction>,
}

/// What await-condition waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Awaited {
    /// The node's block-store height as its RPC tells it.
    Height,
}

/// What await-condition does then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AwaitAction {
    /// Finds the seid process and sends SIGTERM, then SIGKILL after 30 s.
    #[serde(rename = "SIGTERM_SEID")]
    SigtermSeid,
}
