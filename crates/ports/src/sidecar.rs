//! The sidecar's HTTP interface as a controller uses it.

use api::SidecarTask;
use std::fmt;
use std::sync::Arc;
use thiserror::Error;
use uuid::Uuid;

/// Where a node's sidecar listens: `http://{node}-0.{node}.{namespace}.svc.cluster.local:{port}`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SidecarAddress {
    /// The node.
    pub node: Arc<str>,
    /// Its namespace.
    pub namespace: Arc<str>,
    /// The port.
    pub port: i32,
}

impl SidecarAddress {
    /// The address of a node's sidecar.
    pub fn of(node: &api::Node) -> Self {
        Self { node: node.meta.key.name.clone(), namespace: node.meta.key.namespace.clone(), port: node.spec.sidecar_port() }
    }
}

impl fmt::Display for SidecarAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "http://{}:{}", api::names::pod_dns(&self.node, &self.namespace), self.port)
    }
}

/// Why a request to a sidecar failed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SidecarError {
    /// No answer: the name does not resolve, the connection is refused, or 10 s passed.
    #[error("sidecar is unreachable: {0}")]
    Unreachable(&'static str),
    /// 400.
    #[error("sidecar refused the task: {0}")]
    Rejected(Arc<str>),
    /// 404.
    #[error("sidecar does not know the task")]
    NotFound,
}

/// A task to submit.
#[derive(Clone, Debug, PartialEq)]
pub struct TaskRequest {
    /// The id; the sidecar makes one up when absent.
    pub id: Option<Uuid>,
    /// What to do.
    pub task: SidecarTask,
}

/// How far a submitted task is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TaskState {
    /// At work.
    Running,
    /// Done.
    Completed,
    /// Failed.
    Failed,
}

/// What `GET /v0/tasks/{id}` tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskReport {
    /// How far it is.
    pub state: TaskState,
    /// Why it failed.
    pub error: Option<Arc<str>>,
}

/// What `GET /v0/status` tells: whether mark-ready ran in this process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SidecarState {
    /// It did not.
    Initializing,
    /// It did.
    Ready,
}

/// The sidecars of all nodes. Every request gives up after 10 s.
#[allow(async_fn_in_trait, reason = "one thread drives all reconciles")]
pub trait Sidecar {
    /// `POST /v0/tasks`: the task's id.
    async fn submit(&self, address: &SidecarAddress, request: TaskRequest) -> Result<Uuid, SidecarError>;

    /// `GET /v0/tasks/{id}`.
    async fn task(&self, address: &SidecarAddress, id: Uuid) -> Result<TaskReport, SidecarError>;

    /// `GET /v0/status`.
    async fn state(&self, address: &SidecarAddress) -> Result<SidecarState, SidecarError>;

    /// `GET /v0/node-id`.
    async fn node_id(&self, address: &SidecarAddress) -> Result<Arc<str>, SidecarError>;
}
