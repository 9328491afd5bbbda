//! Step 6c: whether a new template has to be rolled out.

use super::plan_in_progress;
use crate::Operator;
use api::group::Deployment;
use api::{Group, ObjectKey, SeiNode};
use executor::read;
use planner::HardForkPlan;
use planner::group::{entrant_names, entrant_revision, incumbent_revision, template_hash};
use ports::Ports;
use std::sync::Arc;

/// Begins a rollout, in memory, if the group has a strategy and its template is not the one last carried out.
pub async fn detect<P: Ports>(ports: &P, operator: &Operator, group: &mut Group) {
    if !is_needed(group) {
        return;
    }
    let incumbent_image = match operator.design.hard_fork {
        HardForkPlan::HaltSignal => None,
        HardForkPlan::Bootstrap => image_of_first_incumbent(ports, operator, group).await,
    };
    let deployment = Deployment {
        incumbent_revision: incumbent_revision(group),
        entrant_revision: entrant_revision(group),
        entrant_nodes: entrant_names(group),
        incumbent_image,
    };
    group.status_mut().deployment = Some(deployment);
}

fn is_needed(group: &Group) -> bool {
    let carried_out = group.status.template_hash.as_deref().filter(|hash| !hash.is_empty());
    group.spec.update_strategy.is_some()
        && group.status.deployment.is_none()
        && !plan_in_progress(group)
        && carried_out.is_some_and(|hash| *template_hash(&group.spec.template.spec) != *hash)
}

/// The image in the spec of the first incumbent, as the cache has it. Step 6a of this same reconcile may have changed it already.
async fn image_of_first_incumbent<P: Ports>(ports: &P, operator: &Operator, group: &Group) -> Option<Arc<str>> {
    let name = group.status.incumbent_nodes.first()?.clone();
    let node = read::one::<P, SeiNode>(ports, operator.design.reads, &ObjectKey { namespace: group.meta.key.namespace.clone(), name })
        .await
        .ok()?;
    Some(node.spec.image.as_str().into())
}
