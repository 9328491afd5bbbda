//! Labels, finalizers, object names and ports: the strings by which the operator's parts find each other.
//!
//! Names are asked for all the time, so they are put together as pieces of text where all pieces are: formatting takes several times as long.

use crate::Height;

/// API group and version of both resources.
pub const API_VERSION: &str = "sei.io/v1alpha1";
/// Finalizer of a group.
pub const GROUP_FINALIZER: &str = "sei.io/seinodedeployment-finalizer";
/// Finalizer of a node.
pub const NODE_FINALIZER: &str = "sei.io/seinode-finalizer";
/// Server-side-apply field manager of the node controller.
pub const NODE_MANAGER: &str = "seinode-controller";
/// Server-side-apply field manager of the group controller.
pub const GROUP_MANAGER: &str = "seinodedeployment-controller";
/// Default sidecar image.
pub const DEFAULT_SIDECAR_IMAGE: &str =
    "ghcr.io/sei-protocol/seictl@sha256:2cb320dd583000765520293d4e28ecc79fed4432c76760923d3aaa47803a4dbf";

/// Label and annotation keys.
pub mod label {
    /// The group a node belongs to.
    pub const GROUP: &str = "sei.io/nodedeployment";
    /// The node's position in its group.
    pub const ORDINAL: &str = "sei.io/nodedeployment-ordinal";
    /// The group's revision a node was made for.
    pub const REVISION: &str = "sei.io/revision";
    /// The node a pod belongs to.
    pub const NODE: &str = "sei.io/node";
    /// What a node is for; `exporter` on genesis-fork exporters.
    pub const ROLE: &str = "sei.io/role";
    /// What part of a node a pod is; `bootstrap` on the Job's pod.
    pub const COMPONENT: &str = "sei.io/component";
    /// Value of [`COMPONENT`] on a bootstrap pod.
    pub const BOOTSTRAP: &str = "bootstrap";
    /// Value of [`ROLE`] on an exporter.
    pub const EXPORTER: &str = "exporter";
    /// Annotation on applied networking objects.
    pub const MANAGED_BY: &str = "sei.io/managed-by";
    /// Value of [`MANAGED_BY`].
    pub const MANAGED_BY_GROUP: &str = "seinodedeployment";
}

/// Ports of a node.
pub mod port {
    /// EVM JSON-RPC.
    pub const EVM_RPC: i32 = 8545;
    /// EVM websocket.
    pub const EVM_WS: i32 = 8546;
    /// gRPC.
    pub const GRPC: i32 = 9090;
    /// Cosmos REST.
    pub const REST: i32 = 1317;
    /// CometBFT peer-to-peer.
    pub const P2P: i32 = 26656;
    /// CometBFT RPC.
    pub const RPC: i32 = 26657;
    /// Prometheus metrics.
    pub const METRICS: i32 = 26660;
    /// The sidecar's default.
    pub const SIDECAR: i32 = 7777;
    /// The seven ports of a node's Service, named, in order.
    pub const ALL: [(&str, i32); 7] =
        [("evm-rpc", EVM_RPC), ("evm-ws", EVM_WS), ("grpc", GRPC), ("rest", REST), ("p2p", P2P), ("rpc", RPC), ("metrics", METRICS)];
}

/// `{group}-{ordinal}`.
pub fn child(group: &str, ordinal: i32) -> String {
    format!("{group}-{ordinal}")
}

/// `{group}-g{revision}-{ordinal}`; a revision is a generation as text.
pub fn entrant(group: &str, revision: &str, ordinal: i32) -> String {
    format!("{group}-g{revision}-{ordinal}")
}

/// `{group}-external`.
pub fn external_service(group: &str) -> String {
    [group, "-external"].concat()
}

/// `{group}-exporter`.
pub fn exporter(group: &str) -> String {
    [group, "-exporter"].concat()
}

/// `data-{node}`.
pub fn data_claim(node: &str) -> String {
    ["data-", node].concat()
}

/// `{node}-bootstrap`.
pub fn bootstrap_job(node: &str) -> String {
    [node, "-bootstrap"].concat()
}

/// `{node}-0`, the pod of the node's StatefulSet and the hostname of its bootstrap pod.
pub fn pod(node: &str) -> String {
    [node, "-0"].concat()
}

/// `{node}-0.{node}.{namespace}.svc.cluster.local`.
pub fn pod_dns(node: &str, namespace: &str) -> String {
    [node, "-0.", node, ".", namespace, ".svc.cluster.local"].concat()
}

/// The halt height's predecessor: the last block of the old binary.
pub fn last_old_block(halt: Height) -> Height {
    halt.minus(1)
}
