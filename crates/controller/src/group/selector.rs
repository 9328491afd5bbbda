//! Which nodes of a group serve: the selector of its external Service, policy and monitor.

use crate::Operator;
use api::group::{Deployment, NodeStatus, StrategyType};
use api::names::label;
use api::node::NodePhase;
use api::{Group, Labels};
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

/// The revision that is selected: with a rollout the active one, in some designs only once traffic was switched, and while one of it runs; without,
/// none. Across a fork incumbents that run may have another state: clients wait for the entrants then.
pub fn selected_revision(operator: &Operator, group: &Group) -> Option<Arc<str>> {
    let rollout = group.status.deployment.as_ref()?;
    let selects = match operator.design.traffic {
        Traffic::ActiveRevision => true,
        Traffic::EveryReadyNode => {
            is_switched(rollout) && (runs_any(group, rollout, true) || (is_across_fork(group) && runs_any(group, rollout, false)))
        }
    };
    selects.then(|| active_revision(group))
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
