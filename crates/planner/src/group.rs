//! The plans of a group: rollouts here, ceremonies in [`genesis`]. Source: controller.md, section 2.

mod carries;
mod genesis;
mod template_hash;

pub use carries::carries;
pub use template_hash::template_hash;

use crate::draft::{Draft, SIDECAR_RETRIES};
use crate::{CaughtUp, Design, Entrants, HardForkPlan, PlanError, SpecEdit, Strategies, Teardown, Traffic};
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
    names_of_revision(group, &entrant_revision(group))
}

/// The names of as many entrants of a revision as the current spec wants, by ordinal.
pub fn names_of_revision(group: &Group, revision: &str) -> Vec<Arc<str>> {
    (0..group.spec.replicas).map(|ordinal| entrant(group.name(), revision, ordinal).into()).collect()
}

fn rollout(group: &Group, design: &Design) -> Result<Draft, PlanError> {
    let strategy = group.spec.update_strategy.as_ref().ok_or(PlanError::Choosing("a rollout without an update strategy"))?;
    let coming = &Coming::of(group, design);
    if design.strategies == Strategies::One {
        return Ok(one(group, coming, design, strategy.hard_fork.as_ref().map(|_| halt_height(strategy)).transpose()?));
    }
    match (strategy.kind, design.hard_fork) {
        (StrategyType::BlueGreen, _) => Ok(blue_green(group, coming, design)),
        (StrategyType::HardFork, HardForkPlan::HaltSignal) => Ok(halt_signal(group, coming, design, halt_height(strategy)?)),
        (StrategyType::HardFork, HardForkPlan::Bootstrap) => Ok(bootstrap(group, coming, design, halt_height(strategy)?)),
    }
}

fn halt_height(strategy: &UpdateStrategy) -> Result<Height, PlanError> {
    let height = strategy.hard_fork.as_ref().map(|fork| fork.halt_height).unwrap_or_default();
    if height == Height(0) { Err(PlanError::Building("hardFork strategy requires haltHeight > 0")) } else { Ok(height) }
}

/// What is coming: the entrants by name, and their revision.
struct Coming {
    revision: Arc<str>,
    names: Vec<Arc<str>>,
}

impl Coming {
    /// By the group's present generation; a design that replaces plans keeps the revision that the rollout began with.
    fn of(group: &Group, design: &Design) -> Self {
        match (&group.status.deployment, design.spec_edit) {
            (Some(deployment), SpecEdit::Replanned) => {
                Self { revision: deployment.entrant_revision.clone(), names: deployment.entrant_nodes.clone() }
            }
            _ => Self { revision: entrant_revision(group), names: entrant_names(group) },
        }
    }
}

/// Today's hard fork: incumbents are told to stop at the halt height, entrants are waited for there.
fn halt_signal(group: &Group, coming: &Coming, design: &Design, halt_height: Height) -> Draft {
    let incumbents = incumbents(group);
    let mut draft = Draft::default();
    draft
        .task(create_entrants(group, coming, None))
        .task(await_running(group, coming.names.clone(), group.spec.replicas))
        .task(ControllerTask::SubmitHaltSignal(Arc::new(SubmitHaltSignal {
            namespace: incumbents.namespace,
            node_names: incumbents.node_names,
            halt_height,
        })))
        .task(ControllerTask::AwaitNodesAtHeight(Arc::new(AwaitNodesAtHeight {
            namespace: namespace(group),
            node_names: coming.names.clone(),
            target_height: halt_height,
        })));
    switch_and_tear_down(draft, group, coming, design)
}

/// The proposed hard fork: entrants bootstrap themselves with the incumbents' image.
fn bootstrap(group: &Group, coming: &Coming, design: &Design, halt_height: Height) -> Draft {
    let expected = if switches_behind_fork(design) { 1 } else { group.spec.replicas };
    let mut draft = Draft::default();
    draft.retried(create_entrants(group, coming, Some(injection(group, halt_height))), remakes(design)).task(await_running(
        group,
        coming.names.clone(),
        expected,
    ));
    switch_and_tear_down(draft, group, coming, design)
}

/// Whether a hard fork switches traffic as soon as one entrant is past the fork: the incumbents cannot be, and the others come behind it.
fn switches_behind_fork(design: &Design) -> bool {
    design.traffic == Traffic::EveryReadyNode
}

/// How often an entrant may have to be made again that is lost while others are still being made.
fn remakes(design: &Design) -> i64 {
    if design.entrants == Entrants::Ensured { SIDECAR_RETRIES } else { 0 }
}

/// What entrants need to bootstrap themselves.
fn injection(group: &Group, halt_height: Height) -> HardForkInjection {
    let recorded = group.status.deployment.as_ref().and_then(|deployment| deployment.incumbent_image.clone());
    HardForkInjection { incumbent_image: recorded.unwrap_or_default(), halt_height }
}

fn blue_green(group: &Group, coming: &Coming, design: &Design) -> Draft {
    one(group, coming, design, None)
}

/// One plan for both strategies: a halt height, where there is one, has the entrants bootstrap themselves; all are waited for until they have
/// caught up.
fn one(group: &Group, coming: &Coming, design: &Design, halt_height: Option<Height>) -> Draft {
    let entrants = NodeNames { namespace: namespace(group), node_names: coming.names.clone() };
    let injection = halt_height.map(|height| injection(group, height));
    let mut draft = Draft::default();
    draft
        .retried(create_entrants(group, coming, injection), remakes(design))
        .task(await_running(group, coming.names.clone(), group.spec.replicas))
        .retried(
            ControllerTask::AwaitNodesCaughtUp(Arc::new(entrants)),
            if design.caught_up == CaughtUp::Height { SIDECAR_RETRIES } else { 0 },
        );
    switch_and_tear_down(draft, group, coming, design)
}

/// The end of every rollout.
fn switch_and_tear_down(mut draft: Draft, group: &Group, coming: &Coming, design: &Design) -> Draft {
    let switch = SwitchTraffic { group_name: name(group), namespace: namespace(group), entrant_revision: coming.revision.clone() };
    // A drained teardown asks the entrants' sidecars about the fork, and again those of entrants that were made anew.
    let asks = if design.teardown == Teardown::Drained { SIDECAR_RETRIES } else { 0 };
    let teardown = ControllerTask::TeardownNodes(Arc::new(incumbents(group)));
    let switch_asks = if switches_behind_fork(design) { SIDECAR_RETRIES } else { 0 };
    draft.retried(ControllerTask::SwitchTraffic(Arc::new(switch)), switch_asks).retried(teardown, asks);
    draft
}

fn create_entrants(group: &Group, coming: &Coming, hard_fork: Option<HardForkInjection>) -> ControllerTask {
    ControllerTask::CreateEntrantNodes(Arc::new(CreateEntrantNodes {
        group_name: name(group),
        namespace: namespace(group),
        entrant_revision: coming.revision.clone(),
        node_names: coming.names.clone(),
        hard_fork,
    }))
}

fn await_running(group: &Group, node_names: Vec<Arc<str>>, expected: i32) -> ControllerTask {
    ControllerTask::AwaitNodesRunning(Arc::new(AwaitNodesRunning {
        group_name: name(group),
        namespace: namespace(group),
        expected,
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
