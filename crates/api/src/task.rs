//! Every task type with its parameters: opaque JSON in the stored object, typed here.
//!
//! A stored task of unknown type, or with parameters of another shape, still reads: it becomes [`Task::Unreadable`], which the plan
//! executor fails as the operator does.

use crate::height::Height;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use uuid::Uuid;

macro_rules! tasks {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $type_name:literal $(($params:ty))?,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq)]
        pub enum $name { $($(#[$vdoc])* $variant $((Arc<$params>))?,)* }

        impl $name {
            /// The type as written in a plan.
            pub fn type_name(&self) -> &'static str {
                match self { $(Self::$variant $((tasks!(@ignore $params)))? => $type_name,)* }
            }

            /// The parameters as written in a plan; absent for tasks that take none.
            pub fn params(&self) -> Option<Value> {
                match self { $(tasks!(@bind $variant params $($params)?) => tasks!(@json params $($params)?),)* }
            }

            /// Reads a task; `None` if the type is not one of these or the parameters do not fit it.
            pub fn from_wire(type_name: &str, params: Option<&Value>) -> Option<Self> {
                let _ = &params;
                match type_name { $($type_name => tasks!(@read $variant params $($params)?),)* _ => None }
            }
        }
    };
    (@ignore $params:ty) => { _ };
    (@bind $variant:ident $bound:ident) => { Self::$variant };
    (@bind $variant:ident $bound:ident $params:ty) => { Self::$variant($bound) };
    (@json $bound:ident) => { None };
    (@json $bound:ident $params:ty) => { Some(serde_json::to_value($bound).expect("parameters have a wire form")) };
    (@read $variant:ident $bound:ident) => { Some(Self::$variant) };
    (@read $variant:ident $bound:ident $params:ty) => {
        <$params>::deserialize($bound?).ok().map(|params| Self::$variant(Arc::new(params)))
    };
}

tasks! {
    /// Tasks that the operator carries out itself, through the cluster.
    ControllerTask {
        /// Creates the entrants.
        CreateEntrantNodes = "create-entrant-nodes" (CreateEntrantNodes),
        /// Waits for nodes in phase Running.
        AwaitNodesRunning = "await-nodes-running" (AwaitNodesRunning),
        /// Tells the incumbents to stop at the halt height.
        SubmitHaltSignal = "submit-halt-signal" (SubmitHaltSignal),
        /// Waits until the entrants have reached the halt height.
        AwaitNodesAtHeight = "await-nodes-at-height" (AwaitNodesAtHeight),
        /// Waits until the entrants' sidecars are ready.
        AwaitNodesCaughtUp = "await-nodes-caught-up" (NodeNames),
        /// Makes the entrants' revision the active one.
        SwitchTraffic = "switch-traffic" (SwitchTraffic),
        /// Deletes the incumbents.
        TeardownNodes = "teardown-nodes" (NodeNames),
        /// Creates the bootstrap's headless Service.
        DeployBootstrapService = "deploy-bootstrap-service" (BootstrapService),
        /// Creates the bootstrap Job.
        DeployBootstrapJob = "deploy-bootstrap-job" (BootstrapJob),
        /// Waits for the Job's end.
        AwaitBootstrapComplete = "await-bootstrap-complete" (BootstrapJob),
        /// Deletes Job and Service.
        TeardownBootstrap = "teardown-bootstrap" (TeardownBootstrap),
        /// Makes each validator know the others.
        CollectAndSetPeers = "collect-and-set-peers" (CollectAndSetPeers),
        /// Creates the exporter of a genesis fork.
        CreateExporter = "create-exporter" (CreateExporter),
        /// Waits for it.
        AwaitExporterRunning = "await-exporter-running" (ExporterName),
        /// Has it export its state.
        SubmitExportState = "submit-export-state" (SubmitExportState),
        /// Deletes it.
        TeardownExporter = "teardown-exporter" (ExporterName),
    }
}

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

/// A task of a plan.
#[derive(Clone, Debug, PartialEq)]
pub enum Task {
    /// The operator's own.
    Controller(ControllerTask),
    /// Its sidecar's.
    Sidecar(SidecarTask),
    /// Of unknown type, or with parameters that do not fit it.
    Unreadable {
        /// The type as stored.
        kind: String,
        /// The parameters as stored.
        params: Option<Value>,
    },
}

impl Task {
    /// Reads a task as stored.
    pub fn from_wire(kind: String, params: Option<Value>) -> Self {
        (ControllerTask::from_wire(&kind, params.as_ref()).map(Self::Controller))
            .or_else(|| SidecarTask::from_wire(&kind, params.as_ref()).map(Self::Sidecar))
            .unwrap_or(Self::Unreadable { kind, params })
    }

    /// The type as stored.
    pub fn type_name(&self) -> &str {
        match self {
            Self::Controller(task) => task.type_name(),
            Self::Sidecar(task) => task.type_name(),
            Self::Unreadable { kind, .. } => kind,
        }
    }

    /// The parameters as stored.
    pub fn params(&self) -> Option<Value> {
        match self {
            Self::Controller(task) => task.params(),
            Self::Sidecar(task) => task.params(),
            Self::Unreadable { params, .. } => params.clone(),
        }
    }
}

impl From<ControllerTask> for Task {
    fn from(task: ControllerTask) -> Self {
        Self::Controller(task)
    }
}

impl From<SidecarTask> for Task {
    fn from(task: SidecarTask) -> Self {
        Self::Sidecar(task)
    }
}

macro_rules! params {
    ($($(#[$doc:meta])* $name:ident { $($(#[$fdoc:meta])* $field:ident: $type:ty,)* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[serde(rename_all = "camelCase")]
        pub struct $name { $($(#[$fdoc])* pub $field: $type,)* }
    )*};
}

params! {
    /// Parameters of create-entrant-nodes.
    CreateEntrantNodes {
        /// The group.
        group_name: Arc<str>,
        /// Its namespace.
        namespace: Arc<str>,
        /// The entrants' revision.
        entrant_revision: Arc<str>,
        /// Their names, by ordinal.
        node_names: Vec<Arc<str>>,
        /// What the proposed hard fork injects.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        hard_fork: Option<HardForkInjection>,
    }
    /// What the proposed hard fork injects into its entrants.
    HardForkInjection {
        /// The image the incumbents run; empty if it could not be read.
        incumbent_image: Arc<str>,
        /// The first block of the new binary.
        halt_height: Height,
    }
    /// Parameters of await-nodes-running.
    AwaitNodesRunning {
        /// The group.
        group_name: Arc<str>,
        /// Its namespace.
        namespace: Arc<str>,
        /// How many must run.
        expected: i32,
        /// Which; all of the group when empty.
        node_names: Vec<Arc<str>>,
    }
    /// Parameters of submit-halt-signal.
    SubmitHaltSignal {
        /// The nodes' namespace.
        namespace: Arc<str>,
        /// The incumbents.
        node_names: Vec<Arc<str>>,
        /// Where to stop.
        halt_height: Height,
    }
    /// Parameters of await-nodes-at-height.
    AwaitNodesAtHeight {
        /// The nodes' namespace.
        namespace: Arc<str>,
        /// The entrants.
        node_names: Vec<Arc<str>>,
        /// The height to reach.
        target_height: Height,
    }
    /// Parameters of tasks that name nodes only.
    NodeNames {
        /// The nodes' namespace.
        namespace: Arc<str>,
        /// Their names.
        node_names: Vec<Arc<str>>,
    }
    /// Parameters of switch-traffic.
    SwitchTraffic {
        /// The group.
        group_name: Arc<str>,
        /// Its namespace.
        namespace: Arc<str>,
        /// The revision that takes over.
        entrant_revision: Arc<str>,
    }
    /// Parameters of deploy-bootstrap-service.
    BootstrapService {
        /// The Service, named like the node.
        service_name: Arc<str>,
        /// Its namespace.
        namespace: Arc<str>,
    }
    /// Parameters of deploy-bootstrap-job and await-bootstrap-complete.
    BootstrapJob {
        /// The Job.
        job_name: Arc<str>,
        /// Its namespace.
        namespace: Arc<str>,
    }
    /// Parameters of teardown-bootstrap.
    TeardownBootstrap {
        /// The Job.
        job_name: Arc<str>,
        /// The Service.
        service_name: Arc<str>,
        /// Their namespace.
        namespace: Arc<str>,
    }
    /// Parameters of collect-and-set-peers.
    CollectAndSetPeers {
        /// The group.
        group_name: Arc<str>,
        /// Its namespace.
        namespace: Arc<str>,
        /// The validators.
        node_names: Vec<Arc<str>>,
    }
    /// Parameters of create-exporter.
    CreateExporter {
        /// The group.
        group_name: Arc<str>,
        /// The exporter.
        exporter_name: Arc<str>,
        /// Their namespace.
        namespace: Arc<str>,
        /// The chain to export.
        source_chain_id: String,
        /// Its binary.
        source_image: String,
        /// The height of the export.
        export_height: Height,
    }
    /// Parameters of tasks on the exporter.
    ExporterName {
        /// The exporter.
        exporter_name: Arc<str>,
        /// Its namespace.
        namespace: Arc<str>,
    }
    /// Parameters of submit-export-state.
    SubmitExportState {
        /// The exporter.
        exporter_name: Arc<str>,
        /// Its namespace.
        namespace: Arc<str>,
        /// The height of the export.
        export_height: Height,
        /// The chain to export.
        source_chain_id: String,
    }
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
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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
        endpoints: Vec<String>,
    },
}

/// Parameters of await-condition.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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

/// Task id: UUID v5 of `"{planId}/{taskType}/{planIndex}"` in the operator's first namespace.
pub fn task_id(plan: Uuid, task_type: &str, index: usize) -> Uuid {
    const NAMESPACE: Uuid = Uuid::from_u128(0xb7e8_9c3a_4f12_4d8b_9a6e_1c2d_3e4f_5a6b);
    Uuid::new_v5(&NAMESPACE, format!("{plan}/{task_type}/{index}").as_bytes())
}

/// Id of the export of a genesis fork, in the same namespace: there is one an exporter, whatever the plan.
pub fn export_id(exporter: &str) -> Uuid {
    const NAMESPACE: Uuid = Uuid::from_u128(0xb7e8_9c3a_4f12_4d8b_9a6e_1c2d_3e4f_5a6b);
    Uuid::new_v5(&NAMESPACE, format!("{exporter}/export-state/0").as_bytes())
}

/// Id of a task that a group's task sends to a node: UUID v5 of `"{nodeName}/{purpose}/{parentTaskId}"` in the second namespace.
pub fn sub_task_id(node: &str, purpose: SubTaskPurpose, parent: Uuid) -> Uuid {
    const NAMESPACE: Uuid = Uuid::from_u128(0xd4a7_e1f3_8b29_4c6d_a5e0_2f1d_3c4b_5a6e);
    let purpose = match purpose {
        SubTaskPurpose::AwaitHeight => "await-height",
        SubTaskPurpose::HaltSignal => "halt-signal",
    };
    Uuid::new_v5(&NAMESPACE, format!("{node}/{purpose}/{parent}").as_bytes())
}

/// What a group's task wants of a node's sidecar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubTaskPurpose {
    /// Tell when the node is at a height.
    AwaitHeight,
    /// Stop it there.
    HaltSignal,
}
