//! Step 4: how the group is reached. The Service first, then its address onto the nodes, then routes and policy.

use super::{conditions, external_address, external_service, foreign, isolation, routes};
use crate::Operator;
use api::Group;
use api::group::condition_type::{EXTERNAL_SERVICE_READY, ISOLATION_READY, ROUTE_READY};
use api::kinds::{AuthorizationPolicy, ServiceMonitor};
use ports::{ApiError, Ports};

/// Brings Service, addresses, routes and policy to what the spec and the rollout ask for.
pub async fn reconcile<P: Ports>(ports: &P, operator: &Operator, group: &mut Group) -> Result<(), ApiError> {
    let spec = group.spec.clone();
    let Some(networking) = &spec.networking else {
        delete(ports, operator, group).await?;
        for kind in [EXTERNAL_SERVICE_READY, ROUTE_READY, ISOLATION_READY] {
            conditions::remove(group, kind);
        }
        return Ok(());
    };
    match &networking.service {
        Some(service) => external_service::apply(ports, operator, group, service).await?,
        None => external_service::delete(ports, operator, group).await?,
    }
    external_address::reconcile(ports, operator, group).await?;
    routes::reconcile(ports, operator, group, networking.gateway.as_ref()).await?;
    let policy = networking.isolation.as_ref().and_then(|isolation| isolation.authorization_policy.as_ref());
    isolation::reconcile(ports, operator, group, policy).await
}

/// Deletes what exists: Service, routes, policy, and the monitor too.
pub async fn delete<P: Ports>(ports: &P, operator: &Operator, group: &Group) -> Result<(), ApiError> {
    external_service::delete(ports, operator, group).await?;
    routes::delete_all(ports, group).await?;
    foreign::delete::<P, AuthorizationPolicy>(ports, group).await?;
    foreign::delete::<P, ServiceMonitor>(ports, group).await
}
