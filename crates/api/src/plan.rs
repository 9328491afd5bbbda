//! The plan stored in an object's status: ordered tasks, one plan per object at a time.

use crate::task::Task;
use crate::time::Time;
use crate::{AnyObject, SeiNode, SeiNodeDeployment};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;
use uuid::Uuid;

/// How far a plan is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[allow(missing_docs, reason = "the resource's own names")]
pub enum PlanPhase {
    Active,
    Complete,
    Failed,
}

/// How far a task is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[allow(missing_docs, reason = "the resource's own names")]
pub enum TaskStatus {
    Pending,
    Complete,
    Failed,
}

/// Ordered tasks with their progress.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TaskPlan {
    /// Unique.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub id: Option<Uuid>,
    /// How far it is.
    pub phase: PlanPhase,
    /// In order.
    pub tasks: Vec<PlannedTask>,
    /// Which task failed the plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "crate::schema::int")]
    pub failed_task_index: Option<i64>,
    /// And how.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed_task_detail: Option<FailedTaskDetail>,
}

impl TaskPlan {
    /// A new plan.
    pub fn new(id: Uuid, tasks: Vec<PlannedTask>) -> Self {
        Self { id: Some(id), phase: PlanPhase::Active, tasks, failed_task_index: None, failed_task_detail: None }
    }

    /// Whether the task of the given type is there and Complete.
    pub fn has_completed(&self, task_type: &str) -> bool {
        self.tasks.iter().any(|t| t.task.type_name() == task_type && t.status == TaskStatus::Complete)
    }

    /// The task that the plan is at: the first that is not Complete.
    pub fn current_task(&self) -> Option<&PlannedTask> {
        self.tasks.iter().find(|task| task.status != TaskStatus::Complete)
    }
}

/// The plan in a node's or a group's status.
pub fn plan_of(object: &AnyObject) -> Option<&TaskPlan> {
    match object.status_as::<SeiNode>() {
        Some(status) => status.plan.as_ref(),
        None => object.status_as::<SeiNodeDeployment>()?.plan.as_ref(),
    }
}

/// What failed a plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FailedTaskDetail {
    /// The task's type.
    #[serde(rename = "type")]
    pub kind: Arc<str>,
    /// The task's id.
    #[schemars(with = "String")]
    pub id: Uuid,
    /// What it said.
    pub error: Arc<str>,
    /// Retries used.
    #[schemars(schema_with = "crate::schema::int")]
    pub retry_count: i64,
    /// Retries allowed.
    #[schemars(schema_with = "crate::schema::int")]
    pub max_retries: i64,
}

/// One task of a plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(from = "WireTask", into = "WireTask")]
#[schemars(with = "WireTask")]
pub struct PlannedTask {
    /// What to do: type and parameters. Immutable, so shared.
    pub task: Arc<Task>,
    /// UUID v5 of plan, type and index: the same on every reading, and the key of the sidecar's task table.
    pub id: Uuid,
    /// How far it is.
    pub status: TaskStatus,
    /// When it was first executed.
    pub submitted_at: Option<Time>,
    /// Why it failed.
    pub error: Option<Arc<str>>,
    /// Retries allowed.
    pub max_retries: i64,
    /// Retries used.
    pub retry_count: i64,
}

impl PlannedTask {
    /// A task that has not begun.
    pub fn pending(task: Task, id: Uuid, max_retries: i64) -> Self {
        Self { task: Arc::new(task), id, status: TaskStatus::Pending, submitted_at: None, error: None, max_retries, retry_count: 0 }
    }
}

/// A task as it stands in the object: opaque parameters beside a type.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(rename = "PlannedTask")]
struct WireTask {
    /// The task's type.
    #[serde(rename = "type")]
    kind: String,
    /// The task's id.
    #[schemars(with = "String")]
    id: Uuid,
    /// How far it is.
    status: TaskStatus,
    /// Its parameters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "crate::schema::opaque")]
    params: Option<Value>,
    /// When it was first executed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    submitted_at: Option<Time>,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    error: Option<Arc<str>>,
    /// Retries allowed.
    #[serde(default, skip_serializing_if = "is_zero")]
    #[schemars(schema_with = "crate::schema::int")]
    max_retries: i64,
    /// Retries used.
    #[serde(default, skip_serializing_if = "is_zero")]
    #[schemars(schema_with = "crate::schema::int")]
    retry_count: i64,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_zero(n: &i64) -> bool {
    *n == 0
}

impl From<WireTask> for PlannedTask {
    fn from(wire: WireTask) -> Self {
        Self {
            task: Arc::new(Task::from_wire(wire.kind, wire.params)),
            id: wire.id,
            status: wire.status,
            submitted_at: wire.submitted_at,
            error: wire.error,
            max_retries: wire.max_retries,
            retry_count: wire.retry_count,
        }
    }
}

impl From<PlannedTask> for WireTask {
    fn from(task: PlannedTask) -> Self {
        Self {
            kind: task.task.type_name().to_owned(),
            id: task.id,
            status: task.status,
            params: task.task.params(),
            submitted_at: task.submitted_at,
            error: task.error,
            max_retries: task.max_retries,
            retry_count: task.retry_count,
        }
    }
}
