//! The `SeiNodeDeployment` reconciler, in its order of steps (controller.md, section 7).

mod base;
mod children;
mod conditions;
mod deletion;
mod deployment;
mod external_address;
mod external_service;
mod foreign;
mod genesis;
mod isolation;
mod monitoring;
mod networking;
mod ordinals;
mod plan;
mod routes;
mod scale_down;
mod selector;
mod status;
mod superseding;
#[cfg(test)]
mod tests;
mod wanted;

use crate::{Operator, ReconcileError, Requeue, finalizer, write};
use api::condition;
use api::group::condition_type::PLAN_IN_PROGRESS;
use api::names::GROUP_FINALIZER;
use api::{Group, ObjectKey, SeiNodeDeployment};
use base::Base;
use executor::read;
use plan::Next;
use planner::Children;
use ports::{ApiError, Ports};
use std::time::Duration;

/// How long a reconcile with nothing else to wait for leaves the group alone.
const STATUS_POLL: Duration = Duration::from_secs(30);
/// How long it waits for a load balancer's address.
const ADDRESS_POLL: Duration = Duration::from_secs(10);

/// One reconcile of one group.
pub async fn reconcile<P: Ports>(ports: &P, operator: &Operator, key: &ObjectKey) -> Result<Requeue, ReconcileError> {
    let mut group = match read::one::<P, SeiNodeDeployment>(ports, operator.design.reads, key).await {
        Err(ApiError::NotFound(_)) => return Ok(Requeue::Done),
        read => read?,
    };
    if group.meta.deleting.is_some() {
        return deletion::run(ports, operator, group).await;
    }
    if !group.meta.has_finalizer(GROUP_FINALIZER) {
        let before = group.clone();
        finalizer::add(group.meta_mut(), GROUP_FINALIZER);
        write::patch_unconditionally(ports, &before, &mut group).await?;
    }
    let base = Base::taken_from(&group);
    status::look_at_nodes(ports, operator, &mut group).await?;
    networking::reconcile(ports, operator, &mut group).await?;
    if external_service::awaits_address(ports, operator, &group).await {
        external_service::say_pending(ports, &mut group);
        status::update(ports, operator, &base, &mut group).await?;
        return Ok(Requeue::After(ADDRESS_POLL));
    }
    reconcile_children(ports, operator, &mut group).await?;
    match plan::reconcile(ports, operator, &base, &mut group).await? {
        Next::Written(delay) => return Ok(Requeue::After(delay)),
        Next::Requeue(delay) => {
            status::update(ports, operator, &base, &mut group).await?;
            return Ok(Requeue::After(delay));
        }
        Next::GoOn => {}
    }
    monitoring::reconcile(ports, operator, &mut group).await?;
    status::update(ports, operator, &base, &mut group).await?;
    Ok(Requeue::After(STATUS_POLL))
}

/// Step 6.
async fn reconcile_children<P: Ports>(ports: &P, operator: &Operator, group: &mut Group) -> Result<(), ReconcileError> {
    match operator.design.children {
        Children::ByOrdinal => ordinals::reconcile(ports, operator, group).await?,
        Children::ByName => {
            if !plan_in_progress(group) {
                children::ensure(ports, operator, group).await?;
                scale_down::reconcile(ports, operator, group).await?;
            }
            children::record_incumbents(ports, operator, group).await?;
            deployment::detect(ports, operator, group).await;
        }
    }
    genesis::reconcile(ports, group);
    Ok(())
}

/// Whether a plan is under way, as the condition tells it.
fn plan_in_progress(group: &Group) -> bool {
    condition::is_true(&group.status.conditions, PLAN_IN_PROGRESS)
}
