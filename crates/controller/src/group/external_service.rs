//! The shared external Service `{group}-external`: applied under the group's field manager, read from the cache.

use super::wanted::Wanted;
use super::{conditions, selector};
use crate::Operator;
use crate::conditions::Saying;
use api::group::condition_type::EXTERNAL_SERVICE_READY;
use api::group::{ExternalService, ServiceType};
use api::kinds::Service;
use api::memo::Memo;
use api::names::{self, GROUP_MANAGER};
use api::node::Mode;
use api::{Group, Meta, Object, ObjectKey, SeiNodeSpec};
use executor::read;
use k8s_openapi::api::core::v1::{LoadBalancerIngress, ServicePort, ServiceSpec};
use ports::{ApiError, DeleteOptions, Ports};
use std::sync::Arc;

thread_local! {
    static DESIRED: Memo<Wanted, Object<Service>> = const { Memo::new() };
}

/// Where it is.
pub fn key(group: &Group) -> ObjectKey {
    ObjectKey { namespace: group.meta.key.namespace.clone(), name: names::external_service(group.name()).into() }
}

/// Applies it.
pub async fn apply<P: Ports>(ports: &P, operator: &Operator, group: &Group, service: &ExternalService) -> Result<(), ApiError> {
    let service = DESIRED.with(|memo| memo.of(&Wanted::by(operator, group), || desired(operator, group, service)));
    ports.apply(GROUP_MANAGER, service).await.map(drop)
}

fn desired(operator: &Operator, group: &Group, service: &ExternalService) -> Object<Service> {
    let mut meta = Meta::new(key(group));
    meta.labels = Arc::new(selector::of_group(group));
    meta.annotations = Arc::new(service.annotations.clone());
    meta.owners = Arc::from([group.owner_ref()]);
    let spec = ServiceSpec {
        type_: Some(type_name(service.kind).to_owned()),
        selector: Some(selector::current(operator, group)),
        ports: Some(exposed_ports(&group.spec.template.spec)),
        ..Default::default()
    };
    Object::new(meta, spec)
}

fn type_name(kind: Option<ServiceType>) -> &'static str {
    match kind {
        None | Some(ServiceType::ClusterIP) => "ClusterIP",
        Some(ServiceType::LoadBalancer) => "LoadBalancer",
        Some(ServiceType::NodePort) => "NodePort",
    }
}

/// Validators show only p2p and metrics; other modes all seven ports.
fn exposed_ports(spec: &SeiNodeSpec) -> Vec<ServicePort> {
    let validator = matches!(spec.mode(), Some(Mode::Validator(_)));
    (names::port::ALL.iter())
        .filter(|(name, _)| !validator || ["p2p", "metrics"].contains(name))
        .map(|&(name, port)| ServicePort { name: Some(name.into()), port, protocol: Some("TCP".into()), ..Default::default() })
        .collect()
}

/// Deletes it if the cache has it, without an owner check. NotFound from the server is an error.
pub async fn delete<P: Ports>(ports: &P, operator: &Operator, group: &Group) -> Result<(), ApiError> {
    match read::one::<P, Service>(ports, operator.design.reads, &key(group)).await {
        Err(ApiError::NotFound(_)) => Ok(()),
        Err(error) => Err(error),
        Ok(service) => ports.delete::<Service>(&service.meta.key, DeleteOptions::default()).await,
    }
}

/// The addresses its load balancer has been given.
pub fn ingress(service: &Object<Service>) -> &[LoadBalancerIngress] {
    service.status.load_balancer.as_ref().and_then(|balancer| balancer.ingress.as_deref()).unwrap_or_default()
}

/// What the spec asks for, if it asks for a Service.
pub fn wanted(group: &Group) -> Option<&ExternalService> {
    group.spec.networking.as_ref()?.service.as_ref()
}

/// Whether the spec asks for a load balancer.
pub fn wants_load_balancer(group: &Group) -> bool {
    wanted(group).is_some_and(|service| service.kind == Some(ServiceType::LoadBalancer))
}

/// Step 5: whether a load balancer is asked for and, as far as the cache knows, has no address.
pub async fn awaits_address<P: Ports>(ports: &P, operator: &Operator, group: &Group) -> bool {
    if !wants_load_balancer(group) {
        return false;
    }
    let service = read::one::<P, Service>(ports, operator.design.reads, &key(group)).await;
    service.map_or(true, |service| ingress(&service).is_empty())
}

/// Says that the address is waited for.
pub fn say_pending<P: Ports>(ports: &P, group: &mut Group) {
    conditions::set(ports, group, pending());
}

/// What the condition says while the address is waited for.
pub fn pending() -> Saying<'static> {
    let message = "the load balancer has no address yet";
    Saying { kind: EXTERNAL_SERVICE_READY, holds: false, reason: "LoadBalancerPending", message }
}
