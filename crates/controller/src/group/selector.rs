//! Which nodes of a group serve: the selector of its external Service, policy and monitor.

use api::names::label;
use api::{Group, Labels};
use planner::group::entrant_revision;
use std::sync::Arc;

/// The revision that serves: the rollout's incumbent revision, which switch-traffic changes; without a rollout the generation.
pub fn active_revision(group: &Group) -> Arc<str> {
    match &group.status.deployment {
        Some(deployment) if !deployment.incumbent_revision.is_empty() => deployment.incumbent_revision.clone(),
        _ => entrant_revision(group),
    }
}

/// The current selector: with a rollout, the group's nodes of the active revision; without, all of its nodes.
pub fn current(group: &Group) -> Labels {
    let mut selector = of_group(group);
    if group.status.deployment.is_some() {
        selector.insert(label::REVISION.into(), active_revision(group).as_ref().into());
    }
    selector
}

/// All nodes of the group, whatever their revision.
pub fn of_group(group: &Group) -> Labels {
    Labels::from([(label::GROUP.into(), group.name().into())])
}
