//! The tasks that the operator carries out itself, with their parameters.

use crate::height::Height;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;

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
}
