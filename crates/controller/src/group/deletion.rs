//! A group that is being deleted: its networking goes or is released, by policy, then the finalizer. Nothing is waited for.

use super::{children, conditions, external_service, networking, routes};
use crate::{Operator, ReconcileError, Requeue, finalizer, write};
use api::group::{DeletionPolicy, GroupPhase};
use api::kinds::{AuthorizationPolicy, Service, ServiceMonitor};
use api::names::GROUP_FINALIZER;
use api::{Group, Kind, Object};
use executor::read;
use ports::{ApiError, EventKind, Ports, Precondition};
use uuid::Uuid;

/// Takes leave of the group.
pub async fn run<P: Ports>(ports: &P, operator: &Operator, mut group: Group) -> Result<Requeue, ReconcileError> {
    if !group.meta.has_finalizer(GROUP_FINALIZER) {
        return Ok(Requeue::Done);
    }
    let before = group.clone();
    group.status_mut().phase = Some(GroupPhase::Terminating);
    write::patch_status_unconditionally(ports, &before, &mut group).await?;
    match group.spec.deletion_policy.unwrap_or(DeletionPolicy::Delete) {
        DeletionPolicy::Delete => delete(ports, operator, &group).await?,
        DeletionPolicy::Retain => retain(ports, operator, &group).await?,
    }
    let before = group.clone();
    finalizer::remove(group.meta_mut(), GROUP_FINALIZER);
    write::patch_unconditionally(ports, &before, &mut group).await?;
    Ok(Requeue::Done)
}

/// Deletes networking and monitoring. Children are left to garbage collection.
async fn delete<P: Ports>(ports: &P, operator: &Operator, group: &Group) -> Result<(), ApiError> {
    let deleted = networking::delete(ports, operator, group).await;
    if let Err(error) = &deleted {
        conditions::event(ports, group, EventKind::Warning, "DeleteFailed", format_args!("{error}"));
    }
    deleted
}

/// Removes the group's owner references: first from children that the current selector matches, then from everything else.
async fn retain<P: Ports>(ports: &P, operator: &Operator, group: &Group) -> Result<(), ApiError> {
    let message = format_args!("nodes and networking lose their owner and stay");
    conditions::event(ports, group, EventKind::Normal, "RetainResources", message);
    for child in children::selected(ports, operator, group).await? {
        release(ports, group, child).await?;
    }
    if let Some(service) = if_there(read::one::<P, Service>(ports, operator.design.reads, &external_service::key(group)).await)? {
        release(ports, group, service).await?;
    }
    for route in if_there(routes::labelled(ports, group).await)?.unwrap_or_default() {
        release(ports, group, route).await?;
    }
    if let Some(policy) = if_there(ports.get::<AuthorizationPolicy>(&group.meta.key).await)? {
        release(ports, group, policy).await?;
    }
    if let Some(monitor) = if_there(ports.get::<ServiceMonitor>(&group.meta.key).await)? {
        release(ports, group, monitor).await?;
    }
    Ok(())
}

fn if_there<T>(read: Result<T, ApiError>) -> Result<Option<T>, ApiError> {
    match read {
        Err(ApiError::NotFound(_) | ApiError::NoSuchKind(_)) => Ok(None),
        read => read.map(Some),
    }
}

/// Removes the group's owner references from an object that has any.
async fn release<P: Ports, K: Kind>(ports: &P, group: &Group, object: Object<K>) -> Result<(), ApiError> {
    let of_group = |uid: Uuid| group.meta.uid == Some(uid);
    if !object.meta.owners.iter().any(|owner| of_group(owner.uid)) {
        return Ok(());
    }
    let mut released = object.clone();
    released.meta_mut().owners = object.meta.owners.iter().filter(|owner| !of_group(owner.uid)).cloned().collect();
    ports.patch(&object, &released, Precondition::None).await.map(drop)
}
