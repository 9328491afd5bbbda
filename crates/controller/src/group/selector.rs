//! Which nodes of a group serve: the selector of its external Service, policy and monitor.

use crate::Operator;
use api::group::{Deployment, NodeStatus, StrategyType};
use api::names::label;
use api::node::NodePhase;
use api::{Group, Labels, condition};
use planner::Traffic;
use planner::group::entrant_revision;
use std::sync::Arc;

/// The revision that serves: the rollout's incumbent revision, which switch-traffic changes; without a rollout the generation.
pub fn active_revision(group: &Group) -> Arc<str> {
    match &group.status.deployment {
        Some(deployment) if !deployment.incumbent_revision.is_empty() => deployment.incumbent_revision.clone(),
        _ => entrant_revision(group),
    }
}

/// The current selector: the group's nodes, of the selected revision if one is.
pub fn current(operator: &Operator, group: &Group) -> Labels {
    let mut selector = of_group(group);
    if let Some(revision) = selected_revision(operator, group) {
        selector.insert(label::REVISION.into(), revision.as_ref().into());
    }
    selector
}

/// The condition that says that incumbents go on beyond the fork that the rollout is across: the upgrade was moved, or cancelled.
pub const INCUMBENTS_GO_ON: &str = "IncumbentsGoOn";

/// The revision that is selected: with a rollout the active one, in some designs only once traffic was switched, and while one of it runs; without,
/// none. Across a fork incumbents that run may have another state: clients wait for the entrants then.
pub fn selected_revision(operator: &Operator, group: &Group) -> Option<Arc<str>> {
    let rollout = group.status.deployment.as_ref()?;
    let selects = match operator.design.traffic {
        Traffic::ActiveRevision => true,
        Traffic::EveryReadyNode => is_switched(rollout) && (runs_any(group, rollout, true) || waits_for_entrants(group)),
    };
    selects.then(|| active_revision(group))
}

/// Whether no entrant of a rollout across a fork runs, and clients are not sent to the incumbents that do, since it is not known that these go on beyond the fork.
pub fn waits_for_entrants(group: &Group) -> bool {
    let Some(rollout) = &group.status.deployment else { return false };
    let only_incumbents_run = !runs_any(group, rollout, true) && runs_any(group, rollout, false);
    is_across_fork(group) && only_incumbents_run && !condition::is_true(&group.status.conditions, INCUMBENTS_GO_ON)
}

/// Whether the rollout is across a fork.
fn is_across_fork(group: &Group) -> bool {
    group.spec.update_strategy.as_ref().is_some_and(|strategy| strategy.kind == StrategyType::HardFork)
}

/// Whether an entrant runs, or another node, by what the status says of them.
fn runs_any(group: &Group, rollout: &Deployment, entrants: bool) -> bool {
    let is_meant = |node: &&NodeStatus| rollout.entrant_nodes.contains(&node.name) == entrants;
    group.status.nodes.iter().filter(is_meant).any(|node| node.phase == Some(NodePhase::Running))
}

/// Whether the rollout has switched traffic to its entrants.
pub fn is_switched(rollout: &Deployment) -> bool {
    rollout.incumbent_revision == rollout.entrant_revision
}

/// All nodes of the group, whatever their revision.
pub fn of_group(group: &Group) -> Labels {
    Labels::from([(label::GROUP.into(), group.name().into())])
}
