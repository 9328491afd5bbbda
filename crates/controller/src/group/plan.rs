//! Step 7: the group's plan, from its start through each task to its end.

use super::base::Base;
use super::{conditions, networking, ordinals, status, superseding};
use crate::conditions::Saying;
use crate::{Operator, ReconcileError};
use api::group::GroupPhase;
use api::group::condition_type::{GENESIS_CEREMONY_COMPLETE, PLAN_IN_PROGRESS};
use api::plan::PlanPhase;
use api::{Group, condition};
use planner::{PlanEnd, PlanError, SpecEdit};
use ports::{ApiError, EventKind, Ports};
use std::time::Duration;

/// How a reconcile goes on after its plan was seen to.
pub enum Next {
    /// With the steps that follow.
    GoOn,
    /// The status is observed, and the reconcile comes back after so long.
    Requeue(Duration),
    /// The status has been written already: what is observed belongs to the next reconcile, which reads it.
    Written(Duration),
}

/// Starts a plan, or carries the active one on.
pub async fn reconcile<P: Ports>(ports: &P, operator: &Operator, base: &Base, group: &mut Group) -> Result<Next, ReconcileError> {
    match (phase(group), operator.design.plan_end) {
        (Some(PlanPhase::Active), PlanEnd::SameCall) => carry_on(ports, operator, base, group).await,
        (Some(PlanPhase::Active), PlanEnd::Found) => {
            if superseding::applies(operator, group)
                && let Some(next) = superseding::replace(ports, operator, base, group).await?
            {
                return Ok(next);
            }
            carry_on_alone(ports, operator, group).await
        }
        (Some(PlanPhase::Complete), PlanEnd::Found) => {
            complete(ports, operator, base, group).await?;
            Ok(Next::Written(executor::NOW))
        }
        (Some(PlanPhase::Failed), PlanEnd::Found) => {
            fail(ports, operator, base, group).await?;
            Ok(Next::Written(executor::NOW))
        }
        _ => start(ports, operator, base, group).await,
    }
}

/// One step of the plan; if this call ended it, what follows its end.
async fn carry_on<P: Ports>(ports: &P, operator: &Operator, base: &Base, group: &mut Group) -> Result<Next, ReconcileError> {
    let delay = executor::advance(ports, &operator.settings, &operator.design, group).await?;
    match phase(group) {
        Some(PlanPhase::Complete) => {
            complete(ports, operator, base, group).await?;
            Ok(Next::Requeue(executor::NOW))
        }
        Some(PlanPhase::Failed) => {
            fail(ports, operator, base, group).await?;
            Ok(Next::GoOn)
        }
        Some(PlanPhase::Active) | None => Ok(delay.map_or(Next::GoOn, Next::Requeue)),
    }
}

/// One step of the plan. If it wrote, it is the only write of its reconcile.
async fn carry_on_alone<P: Ports>(ports: &P, operator: &Operator, group: &mut Group) -> Result<Next, ReconcileError> {
    let read = group.meta.resource_version;
    let delay = executor::advance(ports, &operator.settings, &operator.design, group).await?;
    if group.meta.resource_version != read {
        return Ok(Next::Written(delay.unwrap_or(executor::NOW)));
    }
    Ok(delay.map_or(Next::GoOn, Next::Requeue))
}

fn phase(group: &Group) -> Option<PlanPhase> {
    group.status.plan.as_ref().map(|plan| plan.phase)
}

/// Asks the planner. A plan in a terminal phase is still stored, and no other follows it.
pub async fn start<P: Ports>(ports: &P, operator: &Operator, base: &Base, group: &mut Group) -> Result<Next, ReconcileError> {
    let plan = match planner::group::plan_for(group, &operator.design, || ports.uuid()) {
        Err(PlanError::Choosing(_)) => None,
        plan => plan?,
    };
    let Some(plan) = plan else { return Ok(Next::GoOn) };
    let tasks = plan.tasks.len();
    group.status_mut().plan = Some(plan);
    say(ports, operator, group, (true, "PlanStarted", "a plan is carried out"));
    if operator.design.plan_end == PlanEnd::Found {
        let phase = status::phase_under_plan(group);
        group.status_mut().phase = Some(phase);
    }
    base.patch(ports, operator.design.status_base, group).await?;
    conditions::event(ports, group, EventKind::Normal, "PlanStarted", format_args!("a plan of {tasks} tasks was started"));
    Ok(match operator.design.plan_end {
        PlanEnd::SameCall => Next::Requeue(executor::NOW),
        PlanEnd::Found => Next::Written(executor::NOW),
    })
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
    say(ports, operator, group, (false, "PlanComplete", "the plan is complete"));
    conditions::event(ports, group, EventKind::Normal, "PlanComplete", format_args!("the plan is complete"));
    status::update(ports, operator, base, group).await
}

/// What follows the executor's call that made the plan Failed. The phase set here does not outlive the status update. A design that replaces plans knows
/// of which generation the failure is, whatever the spec has become since, and begins no other rollout of that one.
async fn fail<P: Ports>(ports: &P, operator: &Operator, base: &Base, group: &mut Group) -> Result<(), ApiError> {
    if operator.design.spec_edit == SpecEdit::Replanned {
        ordinals::dismiss_entrants(ports, operator, group).await?;
    }
    let made_for = generation_said(group);
    let status = group.status_mut();
    status.phase = Some(GroupPhase::Degraded);
    status.plan = None;
    status.deployment = None;
    say_of(made_for, ports, operator, group, (false, "PlanFailed", "the plan failed"));
    conditions::event(ports, group, EventKind::Warning, "PlanFailed", format_args!("the plan failed"));
    status::update(ports, operator, base, group).await
}

/// What the condition PlanInProgress is to say: whether it holds, why, and a message.
type Said = (bool, &'static str, &'static str);

/// Sets the condition PlanInProgress. A design that replaces plans notes which generation it speaks of: the present one.
pub fn say<P: Ports>(ports: &P, operator: &Operator, group: &mut Group, said: Said) {
    say_of(group.meta.generation, ports, operator, group, said);
}

fn say_of<P: Ports>(generation: Option<i64>, ports: &P, operator: &Operator, group: &mut Group, (holds, reason, message): Said) {
    conditions::set(ports, group, Saying { kind: PLAN_IN_PROGRESS, holds, reason, message });
    if operator.design.spec_edit == SpecEdit::Replanned {
        let said = group.status_mut().conditions.iter_mut().find(|condition| &*condition.kind == PLAN_IN_PROGRESS);
        said.expect("it has just been set").observed_generation = generation;
    }
}

/// The generation that the condition PlanInProgress speaks of.
pub fn generation_said(group: &Group) -> Option<i64> {
    condition::find(&group.status.conditions, PLAN_IN_PROGRESS)?.observed_generation
}

/// Whether the present generation's plan has failed, and nobody has changed the spec since.
pub fn has_failed(group: &Group) -> bool {
    let failed = condition::find(&group.status.conditions, PLAN_IN_PROGRESS).is_some_and(|said| &*said.reason == "PlanFailed");
    failed && generation_said(group) == group.meta.generation
}
