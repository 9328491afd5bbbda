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

/// The current selector: the group's nodes, of the selected revision if one is.
pub fn current(operator: &Operator, group: &Group) -> Labels {
    let mut selector = of_group(group);
    if let Some(revision) = selected_revision(operator, group) {
        selector.insert(label::REVISION.into(), revision.as_ref().into());
    }
    selector
}

/// The revision that is selected: with a rollout the active one, in some designs only once traffic was switched; without, none.
pub fn selected_revision(operator: &Operator, group: &Group) -> Option<Arc<str>> {
    let rollout = group.status.deployment.as_ref()?;
    (operator.design.traffic == Traffic::ActiveRevision || is_switched(rollout)).then(|| active_revision(group))
}

/// Whether the rollout has switched traffic to its entrants.
pub fn is_switched(rollout: &Deployment) -> bool {
    rollout.incumbent_revision == rollout.entrant_revision
}

/// All nodes of the group, whatever their revision.
pub fn of_group(group: &Group) -> Labels {
    Labels::from([(label::GROUP.into(), group.name().into())])
}
