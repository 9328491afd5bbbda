//! A node on its way: its StatefulSet and Service are applied, and its plan is carried out, task by task.

use super::{claim, namesake, phase, progress};
use crate::{Operator, ReconcileError, Requeue};
use api::kinds::{Service, StatefulSet};
use api::memo::{Grounds, Memo};
use api::node::NodePhase;
use api::object::shared_eq;
use api::plan::PlanPhase;
use api::{Node, Object, ObjectKey, SeiNodeSpec, TaskPlan};
use executor::overdue::{self, LAST_BOOTSTRAP_TASK};
use planner::objects::{headless_service, stateful_set};
use planner::{Design, ProgressDeadline, Settings, SidecarRestart};
use ports::{ApiError, Ports};
use std::sync::Arc;
use uuid::Uuid;

/// What a node's objects follow from.
#[derive(Clone)]
struct Wanted {
    spec: Arc<SeiNodeSpec>,
    key: ObjectKey,
    uid: Option<Uuid>,
    settings: Arc<Settings>,
    design: Arc<Design>,
}

impl Grounds for Wanted {
    fn same(&self, other: &Self) -> bool {
        let same_node = self.uid == other.uid && self.key == other.key;
        same_node
            && shared_eq(&self.spec, &other.spec)
            && shared_eq(&self.settings, &other.settings)
            && shared_eq(&self.design, &other.design)
    }
}

thread_local! {
    static DESIRED: Memo<Wanted, (Object<StatefulSet>, Object<Service>)> = const { Memo::new() };
}

/// Applies, advances the plan (without one that is an error), and moves on when that is over.
pub async fn reconcile<P: Ports>(ports: &P, operator: &Operator, node: &mut Node) -> Result<Requeue, ReconcileError> {
    if !planner::node::needs_bootstrap(&node.spec) || is_bootstrapped(node) {
        apply(ports, operator, node).await?;
    }
    let delay = executor::advance(ports, &operator.settings, &operator.design, node).await?;
    let over = match node.status.plan.as_ref().map(|plan| plan.phase) {
        Some(PlanPhase::Failed) => NodePhase::Failed,
        Some(PlanPhase::Complete) if progress::has_arrived(ports, operator, node).await? => NodePhase::Running,
        _ if operator.design.progress_deadline == ProgressDeadline::Hours && overdue::starts_over(ports, node) => {
            claim::give_up(ports, operator, node).await?;
            return Ok(Requeue::After(executor::POLL));
        }
        Some(PlanPhase::Complete) if operator.design.sidecar_restart == SidecarRestart::MarkedReady => {
            return progress::set_out_again(ports, operator, node).await;
        }
        Some(PlanPhase::Complete) => return Ok(Requeue::After(executor::POLL)),
        Some(PlanPhase::Active) | None => return Ok(delay.map_or(Requeue::Done, Requeue::After)),
    };
    let before = node.clone();
    progress::note_readiness(ports, operator, node, over == NodePhase::Running);
    phase::enter(ports, &before, node, over).await?;
    Ok(Requeue::NOW)
}

/// Whether the bootstrap is done: its last task is Complete, or the plan has no such task.
fn is_bootstrapped(node: &Node) -> bool {
    let has_bootstrap = |plan: &TaskPlan| plan.tasks.iter().any(|planned| planned.task.type_name() == LAST_BOOTSTRAP_TASK);
    node.status.plan.as_ref().is_some_and(|plan| !has_bootstrap(plan) || plan.has_completed(LAST_BOOTSTRAP_TASK))
}

pub async fn apply<P: Ports>(ports: &P, operator: &Operator, node: &Node) -> Result<(), ApiError> {
    let grounds = Wanted {
        spec: node.spec.clone(),
        key: node.meta.key.clone(),
        uid: node.meta.uid,
        settings: operator.settings.clone(),
        design: operator.design.clone(),
    };
    let build = || (stateful_set(node, &operator.settings, &operator.design), headless_service(node));
    let (set, service) = DESIRED.with(|memo| memo.of(&grounds, build));
    namesake::apply(ports, operator, node, set).await?;
    namesake::apply(ports, operator, node, service).await
}
