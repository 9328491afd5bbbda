//! The plans of a group: rollouts here, ceremonies in [`genesis`]. Source: controller.md, section 2.

mod genesis;
mod template_hash;

pub use template_hash::template_hash;

use crate::draft::Draft;
use crate::{Design, HardForkPlan, PlanError};
use api::group::{StrategyType, UpdateStrategy};
use api::names::entrant;
use api::task::{
    AwaitNodesAtHeight, AwaitNodesRunning, ControllerTask, CreateEntrantNodes, HardForkInjection, NodeNames, SubmitHaltSignal,
    SwitchTraffic,
};
use api::{Group, Height, TaskPlan};
use std::sync::Arc;
use uuid::Uuid;

/// The plan that the group needs now, if any. A stored plan, ended or not, means none.
pub fn plan_for(group: &Group, design: &Design, new_id: impl FnOnce() -> Uuid) -> Result<Option<TaskPlan>, PlanError> {
    if group.status.plan.is_some() {
        return Ok(None);
    }
    let draft = if let Some(ceremony) = genesis::needed(group) {
        genesis::tasks(group, ceremony)
    } else if group.status.deployment.is_some() {
        rollout(group, design)?
    } else {
        return Ok(None);
    };
    Ok(Some(draft.plan(new_id())))
}

/// The revision that a rollout of the current spec brings: the group's generation as text.
pub fn entrant_revision(group: &Group) -> Arc<str> {
    group.meta.generation.unwrap_or_default().to_string().into()
}

/// The revision that serves: as recorded by the rollout in progress, else the last generation that was carried out.
pub fn incumbent_revision(group: &Group) -> Arc<str> {
    match &group.status.deployment {
        Some(deployment) if !deployment.incumbent_revision.is_empty() => deployment.incumbent_revision.clone(),
        _ => group.status.observed_generation.unwrap_or_default().to_string().into(),
    }
}

/// The names of the entrants of the current spec, by ordinal.
pub fn entrant_names(group: &Group) -> Vec<Arc<str>> {
    let generation = group.meta.generation.unwrap_or_default();
    (0..group.spec.replicas).map(|ordinal| entrant(group.name(), generation, ordinal).into()).collect()
}

fn rollout(group: &Group, design: &Design) -> Result<Draft, PlanError> {
    let strategy = group.spec.update_strategy.as_ref().ok_or(PlanError::Choosing("a rollout without an update strategy"))?;
    match (strategy.kind, design.hard_fork) {
        (StrategyType::BlueGreen, _) => Ok(blue_green(group)),
        (StrategyType::HardFork, HardForkPlan::HaltSignal) => Ok(halt_signal(group, halt_height(strategy)?)),
        (StrategyType::HardFork, HardForkPlan::Bootstrap) => Ok(bootstrap(group, halt_height(strategy)?)),
    }
}

fn halt_height(strategy: &UpdateStrategy) -> Result<Height, PlanError> {
    let height = strategy.hard_fork.as_ref().map(|fork| fork.halt_height).unwrap_or_default();
    if height == Height(0) { Err(PlanError::Building("hardFork strategy requires haltHeight > 0")) } else { Ok(height) }
}

/// Today's hard fork: incumbents are told to stop at the halt height, entrants are waited for there.
fn halt_signal(group: &Group, halt_height: Height) -> Draft {
    let incumbents = incumbents(group);
    let mut draft = Draft::default();
    draft
        .task(create_entrants(group, None))
        .task(await_running(group, entrant_names(group)))
        .task(ControllerTask::SubmitHaltSignal(Arc::new(SubmitHaltSignal {
            namespace: incumbents.namespace,
            node_names: incumbents.node_names,
            halt_height,
        })))
        .task(ControllerTask::AwaitNodesAtHeight(Arc::new(AwaitNodesAtHeight {
            namespace: namespace(group),
            node_names: entrant_names(group),
            target_height: halt_height,
        })));
    switch_and_tear_down(draft, group)
}

/// The proposed hard fork: entrants bootstrap themselves with the incumbents' image.
fn bootstrap(group: &Group, halt_height: Height) -> Draft {
    let recorded = group.status.deployment.as_ref().and_then(|deployment| deployment.incumbent_image.clone());
    let injection = HardForkInjection { incumbent_image: recorded.unwrap_or_default(), halt_height };
    let mut draft = Draft::default();
    draft.task(create_entrants(group, Some(injection))).task(await_running(group, entrant_names(group)));
    switch_and_tear_down(draft, group)
}

fn blue_green(group: &Group) -> Draft {
    let entrants = NodeNames { namespace: namespace(group), node_names: entrant_names(group) };
    let mut draft = Draft::default();
    draft
        .task(create_entrants(group, None))
        .task(await_running(group, entrant_names(group)))
        .task(ControllerTask::AwaitNodesCaughtUp(Arc::new(entrants)));
    switch_and_tear_down(draft, group)
}

/// The end of every rollout.
fn switch_and_tear_down(mut draft: Draft, group: &Group) -> Draft {
    let switch = SwitchTraffic { group_name: name(group), namespace: namespace(group), entrant_revision: entrant_revision(group) };
    draft.task(ControllerTask::SwitchTraffic(Arc::new(switch))).task(ControllerTask::TeardownNodes(Arc::new(incumbents(group))));
    draft
}

fn create_entrants(group: &Group, hard_fork: Option<HardForkInjection>) -> ControllerTask {
    ControllerTask::CreateEntrantNodes(Arc::new(CreateEntrantNodes {
        group_name: name(group),
        namespace: namespace(group),
        entrant_revision: entrant_revision(group),
        node_names: entrant_names(group),
        hard_fork,
    }))
}

fn await_running(group: &Group, node_names: Vec<Arc<str>>) -> ControllerTask {
    ControllerTask::AwaitNodesRunning(Arc::new(AwaitNodesRunning {
        group_name: name(group),
        namespace: namespace(group),
        expected: group.spec.replicas,
        node_names,
    }))
}

/// The nodes that serve when the plan is built.
fn incumbents(group: &Group) -> NodeNames {
    NodeNames { namespace: namespace(group), node_names: group.status.incumbent_nodes.clone() }
}

fn name(group: &Group) -> Arc<str> {
    group.meta.key.name.clone()
}

fn namespace(group: &Group) -> Arc<str> {
    group.meta.key.namespace.clone()
}
