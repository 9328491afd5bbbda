//! What each task does, one file each. Source: controller.md, section 5.
//!
//! `execute` runs at every look at a Pending task, so it is idempotent; `status` is a query. "Cached" reads are what the process knows.

mod await_bootstrap_complete;
mod await_exporter_running;
mod await_nodes_at_height;
mod await_nodes_caught_up;
mod await_nodes_running;
mod collect_and_set_peers;
mod create_entrant_nodes;
mod create_exporter;
mod deploy_bootstrap_job;
mod deploy_bootstrap_service;
mod entrants;
mod incumbents;
mod reached;
mod sidecar;
mod submit_export_state;
mod submit_halt_signal;
mod switch_traffic;
mod teardown_bootstrap;
mod teardown_exporter;
mod teardown_nodes;

use crate::owner::Owner;
use crate::read;
use api::task::ControllerTask;
use api::{Kind, Node, Object, ObjectKey, SidecarTask, Task, Time};
pub use incumbents::go_on as incumbents_go_on;
use planner::{Design, Entrants, ProgressDeadline, Settings};
use ports::{ApiError, Ports};
pub(crate) use sidecar::has_ended;
use std::fmt::Display;
use std::sync::Arc;
use thiserror::Error;
use uuid::Uuid;

/// Why a task could not be carried out.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TaskError {
    /// It is tried again after 5 s.
    #[error("{0}")]
    Transient(String),
    /// It fails the plan, whatever retries are left.
    #[error("{0}")]
    Terminal(Arc<str>),
}

impl TaskError {
    fn transient(error: impl Display) -> Self {
        Self::Transient(error.to_string())
    }
}

/// What a successful `execute` means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Executed {
    /// The task is complete.
    Done,
    /// `status` will tell.
    Begun,
}

/// What `status` tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    Running,
    Complete,
    Failed(Arc<str>),
    /// The node's bootstrap has failed, which a retry of one task does not mend.
    BootstrapFailed(Arc<str>),
}

/// What every task is given.
pub(crate) struct Call<'a, P> {
    pub(crate) ports: &'a P,
    pub(crate) settings: &'a Settings,
    pub(crate) design: &'a Design,
    /// The task's id.
    pub(crate) id: Uuid,
    /// How often it has been retried.
    pub(crate) attempt: i64,
    /// When it was first executed, as far as that has been written down.
    pub(crate) submitted_at: Option<Time>,
}

impl<P: Ports> Call<'_, P> {
    /// A node as the process knows it.
    async fn node(&self, namespace: &Arc<str>, name: &Arc<str>) -> Result<Node, ApiError> {
        self.read(namespace, name).await
    }

    /// An object as the process knows it.
    pub(crate) async fn read<K: Kind>(&self, namespace: &Arc<str>, name: &Arc<str>) -> Result<Object<K>, ApiError> {
        read::one(self.ports, self.design.reads, &ObjectKey { namespace: namespace.clone(), name: name.clone() }).await
    }
}

/// Carries the task out, again if need be.
pub(crate) async fn execute<P: Ports>(call: &Call<'_, P>, mut owner: Owner<'_>, task: &Task) -> Result<Executed, TaskError> {
    use ControllerTask as T;
    let task = match task {
        Task::Controller(task) => task,
        Task::Sidecar(task) => return sidecar::execute(call, &owner, task).await,
        Task::Unreadable { kind, .. } => return Err(unreadable(kind)),
    };
    if call.design.progress_deadline == ProgressDeadline::Hours
        && let T::AwaitNodesRunning(_) | T::AwaitNodesCaughtUp(_) | T::SwitchTraffic(_) | T::TeardownNodes(_) = task
    {
        entrants::give_up_if_hopeless(call, owner.group()?).await?;
    }
    match task {
        T::CreateEntrantNodes(params) => create_entrant_nodes::execute(call, owner.group()?, params).await,
        T::SubmitHaltSignal(params) => submit_halt_signal::execute(call, params).await,
        T::AwaitNodesAtHeight(params) => await_nodes_at_height::execute(call, params).await,
        T::SwitchTraffic(params) => switch_traffic::execute(call, owner.group()?, params).await,
        T::TeardownNodes(params) => teardown_nodes::execute(call, owner.group()?, params).await,
        T::DeployBootstrapService(_) => deploy_bootstrap_service::execute(call, owner.node()?).await,
        T::DeployBootstrapJob(_) => deploy_bootstrap_job::execute(call, owner.node()?).await,
        T::TeardownBootstrap(params) => teardown_bootstrap::execute(call, params).await,
        T::CollectAndSetPeers(params) => collect_and_set_peers::execute(call, params).await,
        T::CreateExporter(params) => create_exporter::execute(call, owner.group()?, params).await,
        T::SubmitExportState(params) => submit_export_state::execute(call, params).await,
        T::TeardownExporter(params) => teardown_exporter::execute(call, params).await,
        T::AwaitNodesRunning(_) if call.design.entrants == Entrants::Ensured => {
            entrants::ensure(call, owner.group()?).await?;
            Ok(Executed::Begun)
        }
        T::AwaitNodesCaughtUp(params) => await_nodes_caught_up::execute(call, owner.group()?, params).await,
        T::AwaitNodesRunning(_) | T::AwaitBootstrapComplete(_) | T::AwaitExporterRunning(_) => Ok(Executed::Begun),
    }
}

/// How far the task is, for those that are not complete once they are executed.
pub(crate) async fn status<P: Ports>(call: &Call<'_, P>, mut owner: Owner<'_>, task: &Task) -> Result<Progress, TaskError> {
    use ControllerTask as T;
    let task = match task {
        Task::Controller(task) => task,
        Task::Sidecar(SidecarTask::AwaitCondition(_)) => return Ok(sidecar::status_of_target(call, &owner).await),
        Task::Sidecar(SidecarTask::MarkReady) => return Ok(sidecar::status_of_readiness(call, &owner).await),
        Task::Sidecar(_) => return Ok(sidecar::status(call, &owner).await),
        Task::Unreadable { kind, .. } => return Err(unreadable(kind)),
    };
    Ok(match task {
        T::AwaitNodesRunning(params) => await_nodes_running::status(call, owner.group()?, params).await,
        T::AwaitNodesAtHeight(params) => await_nodes_at_height::status(call, params).await,
        T::AwaitNodesCaughtUp(params) => await_nodes_caught_up::status(call, params).await?,
        T::DeployBootstrapService(params) => deploy_bootstrap_service::status(call, params).await,
        T::DeployBootstrapJob(params) => deploy_bootstrap_job::status(call, params).await,
        T::AwaitBootstrapComplete(params) => await_bootstrap_complete::status(call, owner.node()?, params).await,
        T::AwaitExporterRunning(params) => await_exporter_running::status(call, params).await,
        T::TeardownNodes(_) => teardown_nodes::status(call, owner.group()?).await?,
        T::SubmitExportState(params) => submit_export_state::status(call, params).await,
        T::TeardownExporter(params) => teardown_exporter::status(call, params).await,
        T::CreateEntrantNodes(_)
        | T::SubmitHaltSignal(_)
        | T::SwitchTraffic(_)
        | T::TeardownBootstrap(_)
        | T::CollectAndSetPeers(_)
        | T::CreateExporter(_) => Progress::Running,
    })
}

/// A stored task that cannot be built fails its plan.
fn unreadable(kind: &str) -> TaskError {
    TaskError::Terminal(format!("task {kind:?} is unknown or its parameters do not fit it").into())
}
