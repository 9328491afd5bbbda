//! submit-halt-signal: the incumbents' sidecars are told to stop seid at the halt height, as far as they can be reached.

use super::{Call, Executed, TaskError};
use api::SidecarTask;
use api::task::{AwaitAction, AwaitCondition, Awaited, SubTaskPurpose, SubmitHaltSignal, sub_task_id};
use ports::{Ports, SidecarAddress, TaskRequest};
use std::sync::Arc;

/// Completes whatever happens: an incumbent that is gone, unreachable or refuses is skipped.
pub(super) async fn execute<P: Ports>(call: &Call<'_, P>, params: &SubmitHaltSignal) -> Result<Executed, TaskError> {
    let halt =
        Arc::new(AwaitCondition { condition: Awaited::Height, target_height: params.halt_height, action: Some(AwaitAction::SigtermSeid) });
    for name in &params.node_names {
        let Ok(node) = call.node(&params.namespace, name).await else { continue };
        let id = sub_task_id(name, SubTaskPurpose::HaltSignal, call.id);
        let request = TaskRequest { id: Some(id), task: SidecarTask::AwaitCondition(halt.clone()) };
        let _skipped_if_it_fails = call.ports.submit(&SidecarAddress::of(&node), request).await;
    }
    Ok(Executed::Done)
}
