//! Step 7: the group's plan, from its start through each task to its end.

use super::base::Base;
use super::{conditions, networking, status};
use crate::conditions::Saying;
use crate::{Operator, ReconcileError};
use api::Group;
use api::group::GroupPhase;
use api::group::condition_type::{GENESIS_CEREMONY_COMPLETE, PLAN_IN_PROGRESS};
use api::plan::PlanPhase;
use planner::PlanError;
use ports::{ApiError, EventKind, Ports};
use std::time::Duration;

/// Starts a plan, or carries the active one on. Returns when to go on with it, if that ends the reconcile.
pub async fn reconcile<P: Ports>(
    ports: &P,
    operator: &Operator,
    base: &Base,
    group: &mut Group,
) -> Result<Option<Duration>, ReconcileError> {
    if phase(group) != Some(PlanPhase::Active) {
        return start(ports, operator, base, group).await;
    }
    let delay = executor::advance(ports, &operator.settings, group).await?;
    match phase(group) {
        Some(PlanPhase::Complete) => {
            complete(ports, operator, base, group).await?;
            Ok(Some(executor::NOW))
        }
        Some(PlanPhase::Failed) => {
            fail(ports, operator, base, group).await?;
            Ok(None)
        }
        Some(PlanPhase::Active) | None => Ok(delay),
    }
}

fn phase(group: &Group) -> Option<PlanPhase> {
    group.status.plan.as_ref().map(|plan| plan.phase)
}

/// Asks the planner. A plan in a terminal phase is still stored, and no other follows it.
async fn start<P: Ports>(ports: &P, operator: &Operator, base: &Base, group: &mut Group) -> Result<Option<Duration>, ReconcileError> {
    let plan = match planner::group::plan_for(group, &operator.design, || ports.uuid()) {
        Err(PlanError::Choosing(_)) => None,
        plan => plan?,
    };
    let Some(plan) = plan else { return Ok(None) };
    let tasks = plan.tasks.len();
    group.status_mut().plan = Some(plan);
    conditions::set(ports, group, in_progress(true, "PlanStarted", "a plan is carried out"));
    base.patch(ports, operator.design.status_base, group).await?;
    conditions::event(ports, group, EventKind::Normal, "PlanStarted", format_args!("a plan of {tasks} tasks was started"));
    Ok(Some(executor::NOW))
}

/// What follows the executor's call that made the plan Complete.
async fn complete<P: Ports>(ports: &P, operator: &Operator, base: &Base, group: &mut Group) -> Result<(), ApiError> {
    if group.status.deployment.is_some() {
        let generation = group.meta.generation;
        group.status_mut().observed_generation = generation;
        networking::reconcile(ports, operator, group).await?;
        group.status_mut().deployment = None;
    } else if group.spec.genesis.is_some() {
        let message = "the new chain's genesis is in place";
        conditions::set(ports, group, Saying { kind: GENESIS_CEREMONY_COMPLETE, holds: true, reason: "CeremonyComplete", message });
    }
    group.status_mut().plan = None;
    conditions::set(ports, group, in_progress(false, "PlanComplete", "the plan is complete"));
    conditions::event(ports, group, EventKind::Normal, "PlanComplete", format_args!("the plan is complete"));
    status::update(ports, operator, base, group).await
}

/// What follows the executor's call that made the plan Failed. The phase set here does not outlive the status update.
async fn fail<P: Ports>(ports: &P, operator: &Operator, base: &Base, group: &mut Group) -> Result<(), ApiError> {
    let status = group.status_mut();
    status.phase = Some(GroupPhase::Degraded);
    status.plan = None;
    status.deployment = None;
    conditions::set(ports, group, in_progress(false, "PlanFailed", "the plan failed"));
    conditions::event(ports, group, EventKind::Warning, "PlanFailed", format_args!("the plan failed"));
    status::update(ports, operator, base, group).await
}

fn in_progress(holds: bool, reason: &'static str, message: &'static str) -> Saying<'static> {
    Saying { kind: PLAN_IN_PROGRESS, holds, reason, message }
}
