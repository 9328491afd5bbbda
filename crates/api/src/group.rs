//! `SeiNodeDeployment`: N identical nodes behind one Service.

use crate::condition::Condition;
use crate::height::Height;
use crate::node::{NodePhase, SeiNodeSpec};
use crate::plan::TaskPlan;
use k8s_openapi::api::core::v1::LoadBalancerIngress;
use kube::{CustomResource, KubeSchema};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Desired state of a group.
#[derive(CustomResource, Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[kube(
    group = "sei.io",
    version = "v1alpha1",
    kind = "SeiNodeDeployment",
    namespaced,
    status = "SeiNodeDeploymentStatus",
    shortname = "snd",
    printcolumn = r#"{"name":"Ready","type":"integer","jsonPath":".status.readyReplicas"}"#,
    printcolumn = r#"{"name":"Replicas","type":"integer","jsonPath":".status.replicas"}"#,
    printcolumn = r#"{"name":"Phase","type":"string","jsonPath":".status.phase"}"#,
    printcolumn = r#"{"name":"Revision","type":"string","jsonPath":".status.deployment.entrantRevision","priority":1}"#,
    printcolumn = r#"{"name":"Host","type":"string","jsonPath":".spec.networking.gateway.hostnames[0]","priority":1}"#,
    printcolumn = r#"{"name":"Age","type":"date","jsonPath":".metadata.creationTimestamp"}"#
)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SeiNodeDeploymentSpec {
    /// How many nodes.
    #[schemars(range(min = 1, max = 100), extend("default" = 1))]
    pub replicas: i32,
    /// What each node is like.
    pub template: NodeTemplate,
    /// What becomes of the nodes when the group is deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "Delete"))]
    pub deletion_policy: Option<DeletionPolicy>,
    /// Starts a new chain by a ceremony.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub genesis: Option<Genesis>,
    /// How the group is reached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub networking: Option<Networking>,
    /// How the group is watched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub monitoring: Option<Monitoring>,
    /// How a new template is rolled out; in place when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub update_strategy: Option<UpdateStrategy>,
}

/// A node in outline.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NodeTemplate {
    /// Labels and annotations of the children.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<TemplateMeta>,
    /// The children's spec.
    pub spec: SeiNodeSpec,
}

/// Labels and annotations of the children.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TemplateMeta {
    /// Labels.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// Annotations.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
}

/// What becomes of the nodes when the group is deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum DeletionPolicy {
    /// They go too.
    Delete,
    /// They lose their owner and stay.
    Retain,
}

/// A genesis ceremony.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Genesis {
    /// The new chain.
    #[schemars(length(min = 1, max = 64), regex(pattern = r"^[a-z0-9][a-z0-9-]*[a-z0-9]$"))]
    pub chain_id: String,
    /// Staked by each validator.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "10000000usei"))]
    pub staking_amount: Option<String>,
    /// Funds of each validator.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "1000000000000000000000usei,1000000000000000000000uusdc,1000000000000000000000uatom"))]
    pub account_balance: Option<String>,
    /// Further accounts; stored, not used.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accounts: Vec<GenesisAccount>,
    /// Genesis parameter overrides.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub overrides: BTreeMap<String, String>,
    /// Stored, not used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_ceremony_duration: Option<String>,
    /// Starts from another chain's state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fork: Option<GenesisFork>,
}

/// A funded account.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GenesisAccount {
    /// Its address.
    #[schemars(length(min = 1))]
    pub address: String,
    /// Its funds.
    #[schemars(length(min = 1))]
    pub balance: String,
}

/// Another chain's state to start from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GenesisFork {
    /// The other chain.
    #[schemars(length(min = 1))]
    pub source_chain_id: String,
    /// Its binary.
    #[schemars(length(min = 1))]
    pub source_image: String,
    /// The height of the export.
    #[schemars(range(min = 1))]
    pub export_height: Height,
}

/// How the group is reached.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(deny_unknown_fields)]
#[x_kube(validation = Rule::new("!has(self.gateway) || has(self.service)").message("gateway requires service to be configured"))]
pub struct Networking {
    /// The shared external Service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<ExternalService>,
    /// HTTPRoutes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gateway: Option<Gateway>,
    /// An AuthorizationPolicy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub isolation: Option<Isolation>,
}

/// The shared external Service.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExternalService {
    /// Its type.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "ClusterIP"))]
    pub kind: Option<ServiceType>,
    /// Its annotations.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
}

/// The type of a Service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[allow(missing_docs, reason = "Kubernetes' own names")]
pub enum ServiceType {
    ClusterIP,
    LoadBalancer,
    NodePort,
}

/// HTTPRoutes of the group.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[x_kube(validation = Rule::new("(has(self.hostnames) && size(self.hostnames) > 0) || (has(self.baseDomain) && size(self.baseDomain) > 0)").message("at least one of hostnames or baseDomain must be set"))]
pub struct Gateway {
    /// Hosts of the one route.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hostnames: Vec<String>,
    /// Domain under which five routes are made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_domain: Option<String>,
    /// Their annotations.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
}

/// Who may talk to the group.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Isolation {
    /// The policy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authorization_policy: Option<AuthorizationPolicySpec>,
}

/// The allowed sources.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AuthorizationPolicySpec {
    /// At least one.
    #[schemars(length(min = 1))]
    pub allowed_sources: Vec<AllowedSource>,
}

/// One allowed source.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(deny_unknown_fields)]
#[x_kube(validation = Rule::new("has(self.principals) || has(self.namespaces)").message("at least one of principals or namespaces must be set"))]
pub struct AllowedSource {
    /// Service-account principals.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub principals: Option<Vec<String>>,
    /// Namespaces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespaces: Option<Vec<String>>,
}

/// How the group is watched.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Monitoring {
    /// A ServiceMonitor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_monitor: Option<ServiceMonitorSpec>,
}

/// A ServiceMonitor.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ServiceMonitorSpec {
    /// The scrape interval.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^[0-9]+(ms|s|m|h)$"), extend("default" = "30s"))]
    pub interval: Option<String>,
    /// Its labels.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
}

/// How a new template is rolled out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[x_kube(validation = Rule::new("self.type != 'HardFork' || (has(self.hardFork) && self.hardFork.haltHeight > 0)").message("hardFork strategy requires haltHeight > 0"))]
pub struct UpdateStrategy {
    /// Which strategy.
    #[serde(rename = "type")]
    pub kind: StrategyType,
    /// Settings of a hard fork.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hard_fork: Option<HardFork>,
}

/// The strategies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum StrategyType {
    /// New nodes beside the old ones, then a switch.
    BlueGreen,
    /// The same across a halt height.
    HardFork,
}

/// Settings of a hard fork.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HardFork {
    /// The first block that needs the new binary.
    #[schemars(range(min = 1))]
    pub halt_height: Height,
}

/// Where a group is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[allow(missing_docs, reason = "the resource's own names")]
pub enum GroupPhase {
    Pending,
    Initializing,
    Ready,
    Upgrading,
    Degraded,
    Failed,
    Terminating,
}

/// Observed state of a group.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SeiNodeDeploymentStatus {
    /// The generation last carried out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,
    /// Hash of the template last carried out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template_hash: Option<Arc<str>>,
    /// Where it is in its life.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phase: Option<GroupPhase>,
    /// Wanted nodes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replicas: Option<i32>,
    /// Nodes in phase Running.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ready_replicas: Option<i32>,
    /// The nodes, by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["name"]))]
    pub nodes: Vec<NodeStatus>,
    /// The plan in progress.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<TaskPlan>,
    /// Hash of the assembled genesis.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub genesis_hash: Option<Arc<str>>,
    /// Where the assembled genesis is.
    #[serde(default, rename = "genesisS3URI", skip_serializing_if = "Option::is_none")]
    pub genesis_s3_uri: Option<Arc<str>>,
    /// Nodes that serve now.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub incumbent_nodes: Vec<Arc<str>>,
    /// The rollout in progress.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deployment: Option<Deployment>,
    /// What is known of the external Service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub networking_status: Option<NetworkingStatus>,
    /// Conditions, unique by type.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["type"]))]
    pub conditions: Vec<Condition>,
}

/// Name and phase of one node.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NodeStatus {
    /// Its name.
    pub name: Arc<str>,
    /// Its phase.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phase: Option<NodePhase>,
}

/// The rollout in progress.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Deployment {
    /// The revision that serves.
    pub incumbent_revision: Arc<str>,
    /// The revision that is coming.
    pub entrant_revision: Arc<str>,
    /// The coming nodes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub entrant_nodes: Vec<Arc<str>>,
    /// The image that the incumbents run: the proposed design's one addition to the schema.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incumbent_image: Option<Arc<str>>,
}

/// What is known of the external Service.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NetworkingStatus {
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_service_name: Option<Arc<str>>,
    /// Its addresses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(schema_with = "crate::schema::load_balancer_ingress")]
    pub load_balancer_ingress: Vec<LoadBalancerIngress>,
}

/// Condition types of a group.
pub mod condition_type {
    #![allow(missing_docs, reason = "the resource's own names")]
    pub const NODES_READY: &str = "NodesReady";
    pub const EXTERNAL_SERVICE_READY: &str = "ExternalServiceReady";
    pub const ROUTE_READY: &str = "RouteReady";
    pub const ISOLATION_READY: &str = "IsolationReady";
    pub const SERVICE_MONITOR_READY: &str = "ServiceMonitorReady";
    pub const GENESIS_CEREMONY_COMPLETE: &str = "GenesisCeremonyComplete";
    pub const PLAN_IN_PROGRESS: &str = "PlanInProgress";
    pub const GENESIS_CEREMONY_NEEDED: &str = "GenesisCeremonyNeeded";
    pub const FORK_GENESIS_CEREMONY_NEEDED: &str = "ForkGenesisCeremonyNeeded";
}
