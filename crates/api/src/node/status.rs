//! What is observed of a node.

use crate::condition::Condition;
use crate::plan::{TaskPlan, TaskStatus};
use crate::time::Time;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Where a node is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[allow(missing_docs, reason = "the resource's own names")]
pub enum NodePhase {
    Pending,
    Initializing,
    Running,
    Failed,
    Terminating,
}

/// Observed state of a node.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SeiNodeStatus {
    /// Where it is in its life; absent before the first reconcile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phase: Option<NodePhase>,
    /// Conditions, unique by type.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["type"]))]
    pub conditions: Vec<Condition>,
    /// The node's plan; never cleared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<TaskPlan>,
    /// Long-running sidecar tasks, by type.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub monitor_tasks: BTreeMap<String, MonitorTask>,
    /// DNS names found through label peers, sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resolved_peers: Vec<Arc<str>>,
    /// Routable P2P address, written by the group controller.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_address: Option<String>,
    /// What the sidecar last reported of the configuration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config_status: Option<ConfigStatus>,
}

/// A long-running sidecar task that the node controller polls.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MonitorTask {
    /// The sidecar's id of the task.
    pub id: String,
    /// How far it is.
    pub status: TaskStatus,
    /// When it was submitted.
    pub submitted_at: Time,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<Time>,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Arc<str>>,
}

/// The configuration on the node's disk, as the sidecar saw it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConfigStatus {
    /// Schema version on disk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "crate::schema::int")]
    pub version: Option<i64>,
    /// Mode that was applied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<String>,
    /// Last config-apply.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_applied_at: Option<Time>,
    /// Last config-validate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_validated_at: Option<Time>,
    /// Whether disk and spec differ.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drift_detected: Option<bool>,
    /// Findings of the last validation.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub diagnostics: Vec<ConfigDiagnostic>,
}

/// One finding of a configuration check.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConfigDiagnostic {
    /// The key it is about.
    pub field: String,
    /// What is wrong.
    pub message: String,
    /// ERROR, WARNING or INFO.
    pub severity: String,
}
