//! Which nodes of a group serve: the selector of its external Service, policy and monitor.

use crate::Operator;
use api::group::Deployment;
use api::names::label;
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

/// The current selector: with a rollout, the group's nodes of the active revision, in some designs only once that is the entrants'; without,
/// all of its nodes.
pub fn current(operator: &Operator, group: &Group) -> Labels {
    let mut selector = of_group(group);
    let by_readiness = operator.design.traffic == Traffic::EveryReadyNode;
    if group.status.deployment.as_ref().is_some_and(|rollout| !by_readiness || is_switched(rollout)) {
        selector.insert(label::REVISION.into(), active_revision(group).as_ref().into());
    }
    selector
}

/// Whether the rollout has switched traffic to its entrants.
pub fn is_switched(rollout: &Deployment) -> bool {
    rollout.incumbent_revision == rollout.entrant_revision
}

/// All nodes of the group, whatever their revision.
pub fn of_group(group: &Group) -> Labels {
    Labels::from([(label::GROUP.into(), group.name().into())])
}
