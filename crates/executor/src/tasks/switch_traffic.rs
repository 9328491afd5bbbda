//! switch-traffic: the entrants' revision becomes the active one. The external Service's selector is set to it by a later reconcile, or here: decision
//! `service-update` of a design.

use super::{Call, Executed, TaskError, entrants, incumbents, reached};
use crate::{decode, overdue, ready};
use api::kinds::Service;
use api::plan::PlannedTask;
use api::task::{ControllerTask, SwitchTraffic};
use api::{Group, Task, TaskPlan, names};
use planner::{Entrants, ProgressDeadline, ServiceUpdate, Traffic};
use ports::{ApiError, Ports, Precondition};

/// Patches without a precondition. After an error the change stays in memory, for the rest of the reconcile.
pub(super) async fn execute<P: Ports>(call: &Call<'_, P>, group: &mut Group, params: &SwitchTraffic) -> Result<Executed, TaskError> {
    if call.design.traffic == Traffic::EveryReadyNode {
        await_fork(call, group).await?;
    }
    let base = group.clone();
    let Some(deployment) = &mut group.status_mut().deployment else {
        return Err(TaskError::Terminal("no rollout is in progress: status.deployment is not set".into()));
    };
    deployment.incumbent_revision = params.entrant_revision.clone();
    let reply = call.ports.patch_status(&base, group, Precondition::None).await.map_err(TaskError::transient)?;
    decode::into(group, reply);
    if call.design.service_update == ServiceUpdate::InSwitchTraffic {
        move_selector(call, group, params).await.map_err(TaskError::transient)?;
    }
    Ok(Executed::Done)
}

/// Until an entrant is past the fork it is not known that the incumbents are not: the upgrade may have been moved. Incumbents that go on beyond it show
/// that it was, or was cancelled: then they serve, and all entrants are waited for. One beyond the wanted number tells as much as another.
async fn await_fork<P: Ports>(call: &Call<'_, P>, group: &Group) -> Result<(), TaskError> {
    let Some(creation) = group.status.plan.as_ref().and_then(entrants::creation) else { return Ok(()) };
    let Some(past) = entrants::past_fork(creation) else { return Ok(()) };
    if call.design.entrants == Entrants::Ensured {
        entrants::ensure(call, group).await?;
    }
    let (entrants, incumbents) = entrants::and_others(call, group, creation).await.map_err(TaskError::transient)?;
    let (mut nobody_is, mut in_vain, mut arrived) = (true, false, 0);
    for node in &entrants {
        let past = entrants::past_own_fork(node).unwrap_or(past);
        let is_past = reached::one(call, &creation.namespace, &node.meta.key.name, past).await.is_ok();
        if is_past && ready::runs(node) {
            arrived += usize::from(creation.node_names.contains(&node.meta.key.name));
            if arrived == creation.node_names.len() || !incumbents::are_beyond(call.ports, &incumbents, past, call.id).await {
                return Ok(());
            }
        }
        nobody_is &= !is_past;
        // One that has no target may have been ready for as long as the fork is ahead.
        in_vain |= entrants::past_own_fork(node).is_some() && overdue::is_ready_in_vain(call.ports, node);
    }
    if nobody_is && in_vain && call.design.progress_deadline == ProgressDeadline::Hours {
        return Err(TaskError::Terminal("no entrant has come across the fork for hours".into()));
    }
    Err(TaskError::transient("not enough entrants past the fork run yet"))
}

/// Points the external Service at the entrants, if there is one. A group without one has no clients of its own.
async fn move_selector<P: Ports>(call: &Call<'_, P>, group: &Group, params: &SwitchTraffic) -> Result<(), ApiError> {
    let service = match call.read::<Service>(&group.meta.key.namespace, &names::external_service(group.name()).into()).await {
        Ok(service) => service,
        Err(ApiError::NotFound(_)) => return Ok(()),
        Err(error) => return Err(error),
    };
    let mut moved = service.clone();
    let selector = moved.spec_mut().selector.get_or_insert_default();
    selector.insert(names::label::REVISION.to_owned(), params.entrant_revision.to_string());
    call.ports.patch(&service, &moved, Precondition::None).await.map(drop)
}

/// The task of a plan that switches traffic.
pub(super) fn switch(plan: &TaskPlan) -> Option<&PlannedTask> {
    plan.tasks.iter().find(|planned| matches!(&*planned.task, Task::Controller(ControllerTask::SwitchTraffic(_))))
}
