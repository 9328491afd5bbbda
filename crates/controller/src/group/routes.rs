//! HTTPRoutes: five under a base domain, else one with all hostnames.

use super::wanted::Wanted;
use super::{conditions, external_service, foreign, selector};
use crate::Operator;
use crate::conditions::Saying;
use api::group::Gateway;
use api::group::condition_type::ROUTE_READY;
use api::kinds::HttpRoute;
use api::memo::Memo;
use api::names::{GROUP_MANAGER, port};
use api::{Group, Labels, Object};
use ports::{ApiError, DeleteOptions, Ports};
use serde_json::json;
use std::sync::Arc;

/// The protocols that get a route of their own under a base domain.
const PROTOCOLS: [(&str, i32); 5] =
    [("rpc", port::RPC), ("rest", port::REST), ("grpc", port::GRPC), ("evm-rpc", port::EVM_RPC), ("evm-ws", port::EVM_WS)];

thread_local! {
    static DESIRED: Memo<Wanted, Arc<[Object<HttpRoute>]>> = const { Memo::new() };
}

/// Applies the wanted routes and deletes the others with the group's label.
pub async fn reconcile<P: Ports>(ports: &P, operator: &Operator, group: &mut Group, gateway: Option<&Gateway>) -> Result<(), ApiError> {
    let Some(gateway) = gateway else {
        conditions::remove(group, ROUTE_READY);
        return delete_all(ports, group).await;
    };
    let applied = apply(ports, operator, group, gateway).await;
    if conditions::unless_not_installed(ports, group, ROUTE_READY, applied)?.is_some() {
        let message = "the routes are applied";
        conditions::announce(ports, group, Saying { kind: ROUTE_READY, holds: true, reason: "HTTPRouteReady", message });
    }
    Ok(())
}

async fn apply<P: Ports>(ports: &P, operator: &Operator, group: &Group, gateway: &Gateway) -> Result<(), ApiError> {
    let build = || wanted(group, gateway).iter().map(|route| desired(group, gateway, route)).collect();
    let routes = DESIRED.with(|memo| memo.of(&Wanted::by(operator, group), build));
    for route in routes.iter() {
        ports.apply(GROUP_MANAGER, route.clone()).await?;
    }
    for found in labelled(ports, group).await? {
        if !routes.iter().any(|route| route.name() == found.name()) {
            ports.delete::<HttpRoute>(&found.meta.key, DeleteOptions::default()).await?;
        }
    }
    Ok(())
}

struct Route {
    name: String,
    hostnames: Vec<String>,
    port: i32,
}

fn wanted(group: &Group, gateway: &Gateway) -> Vec<Route> {
    match gateway.base_domain.as_deref().filter(|domain| !domain.is_empty()) {
        Some(domain) => (PROTOCOLS.iter())
            .map(|&(protocol, port)| Route {
                name: format!("{}-{protocol}", group.name()),
                hostnames: vec![format!("{protocol}.{domain}")],
                port,
            })
            .collect(),
        None => vec![Route { name: group.name().to_owned(), hostnames: gateway.hostnames.clone(), port: port::RPC }],
    }
}

/// The route without `parentRefs`: which gateway it hangs on is a platform setting without effect here.
fn desired(group: &Group, gateway: &Gateway, route: &Route) -> Object<HttpRoute> {
    let meta = foreign::meta(group, &route.name, &Labels::new(), &gateway.annotations);
    let backend = json!({ "name": &*external_service::key(group).name, "port": route.port });
    Object::new(meta, json!({ "hostnames": route.hostnames, "rules": [{ "backendRefs": [backend] }] }))
}

/// All routes with the group's label, sorted by name.
pub async fn labelled<P: Ports>(ports: &P, group: &Group) -> Result<Vec<Object<HttpRoute>>, ApiError> {
    ports.list(group.namespace(), &selector::of_group(group)).await
}

/// Deletes every route with the group's label.
pub async fn delete_all<P: Ports>(ports: &P, group: &Group) -> Result<(), ApiError> {
    let routes = match labelled(ports, group).await {
        Err(ApiError::NoSuchKind(_)) => return Ok(()),
        routes => routes?,
    };
    for route in routes {
        ports.delete::<HttpRoute>(&route.meta.key, DeleteOptions::default()).await?;
    }
    Ok(())
}
