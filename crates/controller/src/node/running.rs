//! A node that runs: only its monitor tasks, sidecar tasks without an end, are started once and polled. Nothing else is touched.

use super::{initializing, phase, progress};
use crate::conditions::Saying;
use crate::{Operator, ReconcileError, Requeue, write};
use api::Node;
use api::node::{Archive, FullNode, Mode, MonitorTask, Replayer};
use api::plan::TaskStatus;
use api::task::ResultExportParams;
use api::{SeiNodeSpec, SidecarTask};
use executor::ready::{has_observed, is_ready};
use planner::{Running, Settings, SidecarRestart};
use ports::{ApiError, EventKind, Ports, SidecarAddress, SidecarError, SidecarState, TaskRequest, TaskState};
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// How often monitor tasks are polled.
const MONITOR_POLL: Duration = Duration::from_secs(30);
/// Set when a monitor task ended. Its name and reasons come from result-export; it is set for every type.
const RESULT_EXPORT_COMPLETE: &str = "ResultExportComplete";

/// Submits what is not in the status yet, and polls what is not over.
pub async fn reconcile<P: Ports>(ports: &P, operator: &Operator, node: &mut Node) -> Result<Requeue, ReconcileError> {
    match operator.design.running {
        Running::PlanComplete => mark_ready_again(ports, operator, node).await,
        Running::PodReady => {
            initializing::apply(ports, operator, node).await?;
            if !is_ready(ports, operator.design.reads, node).await? {
                return progress::set_out_again(ports, operator, node).await;
            }
            if !has_observed(node) {
                let before = node.clone();
                progress::note_readiness(ports, operator, node, true);
                write::patch_status(ports, &before, node).await?;
            }
        }
    }
    let address = SidecarAddress::of(node);
    if let Some(task) = wanted(&node.spec, &operator.settings)
        && !node.status.monitor_tasks.contains_key(task.type_name())
        && submit(ports, node, &address, task).await? == Written::Conflicted
    {
        return Ok(Requeue::NOW);
    }
    let ended = poll(ports, node, &address).await;
    if ended.is_empty() {
        return Ok(Requeue::After(MONITOR_POLL));
    }
    record(ports, node, ended).await?;
    Ok(Requeue::NOW)
}

/// Marks a sidecar ready that has restarted since it was. An error is left for the next look.
async fn mark_ready_again<P: Ports>(ports: &P, operator: &Operator, node: &Node) {
    let address = SidecarAddress::of(node);
    if operator.design.sidecar_restart == SidecarRestart::MarkedReady && ports.state(&address).await == Ok(SidecarState::Initializing) {
        let _left_for_the_next_look = ports.submit(&address, TaskRequest { id: None, task: SidecarTask::MarkReady }).await;
    }
}

/// The monitor task of a mode: each has at most one.
fn wanted(spec: &SeiNodeSpec, settings: &Settings) -> Option<SidecarTask> {
    match spec.mode()? {
        Mode::Full(FullNode { snapshot_generation: Some(_), .. }) | Mode::Archive(Archive { snapshot_generation: Some(_) }) => {
            Some(SidecarTask::SnapshotUpload)
        }
        Mode::Replayer(Replayer { result_export: Some(export), .. }) => {
            let bucket = &settings.result_export;
            Some(SidecarTask::ResultExport(Arc::new(ResultExportParams {
                bucket: bucket.name.clone(),
                region: bucket.region.clone(),
                prefix: format!("{}{}/", bucket.prefix, spec.chain_id),
                canonical_rpc: export.canonical_rpc.clone(),
            })))
        }
        _ => None,
    }
}

/// What became of a write.
#[derive(PartialEq)]
enum Written {
    Done,
    Conflicted,
}

/// Writes the status; a conflict is no error here.
async fn write_status<P: Ports>(ports: &P, before: &Node, node: &mut Node) -> Result<Written, ApiError> {
    match write::patch_status(ports, before, node).await {
        Err(ApiError::Conflict(_)) => Ok(Written::Conflicted),
        outcome => outcome.map(|()| Written::Done),
    }
}

/// Submits a task without an id and notes the sidecar's. A sidecar that does not take it is asked again the next time.
async fn submit<P: Ports>(ports: &P, node: &mut Node, address: &SidecarAddress, task: SidecarTask) -> Result<Written, ApiError> {
    let kind = task.type_name();
    let Ok(id) = ports.submit(address, TaskRequest { id: None, task }).await else { return Ok(Written::Done) };
    let before = node.clone();
    let noted = MonitorTask { id: id.to_string(), status: TaskStatus::Pending, submitted_at: ports.now(), completed_at: None, error: None };
    node.status_mut().monitor_tasks.insert(kind.to_owned(), noted);
    write_status(ports, &before, node).await
}

/// How a monitor task ended.
struct Ended {
    kind: String,
    /// The condition's reason, and why it failed; none if it did not.
    failure: Option<(&'static str, Arc<str>)>,
}

/// Asks for every task that is not over. Errors but 404 are left for the next time.
async fn poll<P: Ports>(ports: &P, node: &Node, address: &SidecarAddress) -> Vec<Ended> {
    let mut ended = Vec::new();
    for (kind, task) in node.status.monitor_tasks.iter().filter(|(_, task)| task.status == TaskStatus::Pending) {
        let report = match Uuid::parse_str(&task.id) {
            Ok(id) => ports.task(address, id).await,
            Err(_) => Err(SidecarError::NotFound),
        };
        let failure = match report {
            Ok(report) if report.state == TaskState::Completed => None,
            Ok(report) if report.state == TaskState::Failed => Some(("TaskFailed", report.error.unwrap_or_default())),
            Err(error @ SidecarError::NotFound) => Some(("TaskLost", error.to_string().into())),
            Ok(_) | Err(_) => continue,
        };
        ended.push(Ended { kind: kind.clone(), failure });
    }
    ended
}

/// Writes down what ended. After a conflict it is found out anew.
async fn record<P: Ports>(ports: &P, node: &mut Node, ended: Vec<Ended>) -> Result<(), ApiError> {
    let before = node.clone();
    let now = ports.now();
    let status = node.status_mut();
    for end in &ended {
        let (holds, reason) = end.failure.as_ref().map_or((true, "DivergenceDetected"), |(reason, _)| (false, reason));
        let message = format!("monitor task {} ended", end.kind);
        Saying { kind: RESULT_EXPORT_COMPLETE, holds, reason, message: &message }.set(ports, &mut status.conditions);
        if let Some(task) = status.monitor_tasks.get_mut(&end.kind) {
            task.status = if holds { TaskStatus::Complete } else { TaskStatus::Failed };
            task.completed_at = Some(now);
            task.error = end.failure.as_ref().map(|(_, error)| error.clone());
        }
    }
    if write_status(ports, &before, node).await? == Written::Done {
        announce(ports, node, &ended);
    }
    Ok(())
}

fn announce<P: Ports>(ports: &P, node: &Node, ended: &[Ended]) {
    for Ended { kind, failure } in ended {
        match failure {
            None => phase::event(ports, node, EventKind::Normal, "MonitorTaskCompleted", format_args!("{kind} completed")),
            Some((_, error)) => phase::event(ports, node, EventKind::Warning, "MonitorTaskFailed", format_args!("{kind}: {error}")),
        }
    }
}
