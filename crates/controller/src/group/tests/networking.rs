//! Service, addresses, routes, policy and the load balancer's gate.

use super::{DONE_FOR_NOW, reconcile, started};
use crate::Requeue;
use crate::testing::Fake;
use crate::testing::fixtures::group;
use api::group::condition_type::{EXTERNAL_SERVICE_READY, ISOLATION_READY, ROUTE_READY};
use api::group::{
    AllowedSource, AuthorizationPolicySpec, Deployment, ExternalService, Gateway, GroupPhase, Isolation, Networking, ServiceType,
};
use api::kinds::{AuthorizationPolicy, HttpRoute, Service};
use api::names::label;
use api::node::Validator;
use api::{Group, Kind, SeiNode, SeiNodeDeployment, condition};
use k8s_openapi::api::core::v1::{LoadBalancerIngress, LoadBalancerStatus};
use serde_json::json;
use std::time::Duration;

fn networked(kind: ServiceType) -> Group {
    let mut group = group(1);
    let service = ExternalService { kind: Some(kind), ..Default::default() };
    group.spec_mut().networking = Some(Networking { service: Some(service), ..Default::default() });
    group
}

fn give_address(fake: &Fake, hostname: Option<&str>, ip: Option<&str>) {
    fake.change::<Service>("rpc-external", |service| {
        let entry = LoadBalancerIngress { hostname: hostname.map(Into::into), ip: ip.map(Into::into), ..Default::default() };
        service.status_mut().load_balancer = Some(LoadBalancerStatus { ingress: Some(vec![entry]) });
    });
}

fn reason(fake: &Fake, kind: &str) -> Option<String> {
    let status = fake.have::<SeiNodeDeployment>("rpc").status;
    condition::find(&status.conditions, kind).map(|condition| condition.reason.to_string())
}

#[test]
fn the_service_shows_all_ports_of_a_full_node_and_two_of_a_validator() {
    let ports = |group| {
        let fake = started(group);
        let service = fake.have::<Service>("rpc-external");
        service.spec.ports.iter().flatten().map(|port| port.port).collect::<Vec<_>>()
    };
    assert_eq!(ports(networked(ServiceType::ClusterIP)), [8545, 8546, 9090, 1317, 26656, 26657, 26660]);
    let mut validators = networked(ServiceType::ClusterIP);
    validators.spec_mut().template.spec.full_node = None;
    validators.spec_mut().template.spec.validator = Some(Validator::default());
    assert_eq!(ports(validators), [26656, 26660]);
}

#[test]
fn the_service_selects_the_whole_group_but_one_revision_during_a_rollout() {
    let fake = started(networked(ServiceType::ClusterIP));
    let selector = |fake: &Fake| fake.have::<Service>("rpc-external").spec.selector.clone().unwrap();
    assert_eq!(selector(&fake).into_iter().collect::<Vec<_>>(), [(label::GROUP.to_owned(), "rpc".to_owned())]);
    fake.change::<SeiNodeDeployment>("rpc", |group| {
        let deployment =
            Deployment { incumbent_revision: "5".into(), entrant_revision: "6".into(), entrant_nodes: vec![], incumbent_image: None };
        group.status_mut().deployment = Some(deployment);
    });
    let _ = reconcile(&fake);
    assert_eq!(selector(&fake)[label::REVISION], "5");
}

#[test]
fn a_load_balancer_without_an_address_skips_children_plan_and_monitor() {
    let fake = Fake::default();
    fake.put(networked(ServiceType::LoadBalancer));
    assert_eq!(reconcile(&fake), Ok(Requeue::After(Duration::from_secs(10))));
    let calls = [
        "apply Service rpc-external as seinodedeployment-controller",
        "list HTTPRoute",
        "get AuthorizationPolicy rpc",
        "patch-status SeiNodeDeployment rpc if unchanged",
    ];
    assert_eq!(fake.log(), calls);
    assert_eq!(reason(&fake, EXTERNAL_SERVICE_READY).unwrap(), "LoadBalancerPending");
    assert_eq!(fake.have::<SeiNodeDeployment>("rpc").status.phase, Some(GroupPhase::Pending));

    give_address(&fake, Some("lb.example"), None);
    assert_eq!(reconcile(&fake), Ok(DONE_FOR_NOW));
    assert_eq!(fake.names::<SeiNode>(), ["rpc-0"]);
    assert_eq!(reason(&fake, EXTERNAL_SERVICE_READY).unwrap(), "ServiceReady");
    let status = fake.have::<SeiNodeDeployment>("rpc").status.networking_status.clone().unwrap();
    assert_eq!(status.load_balancer_ingress[0].hostname.as_deref(), Some("lb.example"));
}

#[test]
fn the_external_address_is_the_hostname_if_it_resolves_else_the_ip() {
    let fake = started(networked(ServiceType::ClusterIP));
    let address = |fake: &Fake| {
        reconcile(fake).unwrap();
        fake.have::<SeiNode>("rpc-0").status.external_address.clone()
    };
    assert_eq!(address(&fake), None);
    give_address(&fake, Some("lb.example"), Some("1.2.3.4"));
    assert_eq!(address(&fake).as_deref(), Some("lb.example:26656"));
    assert!(fake.log().contains(&"patch-status SeiNode rpc-0".to_owned()), "written without a precondition");
    assert_eq!(address(&fake).as_deref(), Some("lb.example:26656"));
    assert!(!fake.log().contains(&"patch-status SeiNode rpc-0".to_owned()), "written where it differs only");
    fake.dns.set(false);
    assert_eq!(address(&fake), None, "an unresolvable hostname is no address, whatever the IP");
    give_address(&fake, None, Some("1.2.3.4"));
    assert_eq!(address(&fake).as_deref(), Some("1.2.3.4:26656"));
}

#[test]
fn a_base_domain_gives_five_routes_and_hostnames_give_one() {
    let mut group = networked(ServiceType::ClusterIP);
    let networking = group.spec_mut().networking.as_mut().unwrap();
    networking.gateway = Some(Gateway { base_domain: Some("sei.io".into()), ..Default::default() });
    let fake = started(group);
    assert_eq!(fake.names::<HttpRoute>(), ["rpc-evm-rpc", "rpc-evm-ws", "rpc-grpc", "rpc-rest", "rpc-rpc"]);
    let route = fake.have::<HttpRoute>("rpc-grpc");
    assert_eq!(route.spec["hostnames"], json!(["grpc.sei.io"]));
    assert_eq!(route.spec["rules"][0]["backendRefs"][0], json!({ "name": "rpc-external", "port": 9090 }));
    assert_eq!(route.meta.annotations[label::MANAGED_BY], "seinodedeployment");
    assert_eq!(reason(&fake, ROUTE_READY).unwrap(), "HTTPRouteReady");

    fake.change::<SeiNodeDeployment>("rpc", |group| {
        let networking = group.spec_mut().networking.as_mut().unwrap();
        networking.gateway = Some(Gateway { hostnames: vec!["a.io".into(), "b.io".into()], ..Default::default() });
    });
    reconcile(&fake).unwrap();
    assert_eq!(fake.names::<HttpRoute>(), ["rpc"]);
    assert_eq!(fake.have::<HttpRoute>("rpc").spec["hostnames"], json!(["a.io", "b.io"]));
}

#[test]
fn the_policy_has_one_rule_a_source_and_tells_when_it_shuts_the_controller_out() {
    let mut group = networked(ServiceType::ClusterIP);
    let allowed_sources = vec![
        AllowedSource { principals: Some(vec!["p".into()]), namespaces: None },
        AllowedSource { principals: None, namespaces: Some(vec!["n".into()]) },
    ];
    let policy = AuthorizationPolicySpec { allowed_sources };
    group.spec_mut().networking.as_mut().unwrap().isolation = Some(Isolation { authorization_policy: Some(policy) });
    let fake = started(group);
    let policy = fake.have::<AuthorizationPolicy>("rpc");
    let rules = json!([{ "from": [{ "source": { "principals": ["p"] } }] }, { "from": [{ "source": { "namespaces": ["n"] } }] }]);
    assert_eq!((&policy.spec["action"], &policy.spec["rules"]), (&json!("ALLOW"), &rules));
    assert_eq!(policy.spec["selector"], json!({ "matchLabels": { label::GROUP: "rpc" } }));
    assert_eq!(reason(&fake, ISOLATION_READY).unwrap(), "ControllerSAMissing");
}

#[test]
fn kinds_that_are_not_installed_are_conditions_and_no_error() {
    let mut group = networked(ServiceType::ClusterIP);
    let networking = group.spec_mut().networking.as_mut().unwrap();
    networking.gateway = Some(Gateway { hostnames: vec!["a.io".into()], ..Default::default() });
    let fake = Fake::default();
    fake.put(group);
    fake.not_installed.borrow_mut().extend([HttpRoute::INFO.kind, AuthorizationPolicy::INFO.kind]);
    assert_eq!(reconcile(&fake), Ok(DONE_FOR_NOW));
    assert_eq!(reason(&fake, ROUTE_READY).unwrap(), "CRDNotInstalled");
    assert_eq!(reason(&fake, ISOLATION_READY), None, "an unset part has no condition");
}

#[test]
fn without_networking_what_exists_is_deleted_and_its_conditions_go() {
    let fake = started(networked(ServiceType::ClusterIP));
    assert!(reason(&fake, EXTERNAL_SERVICE_READY).is_some());
    fake.change::<SeiNodeDeployment>("rpc", |group| group.spec_mut().networking = None);
    reconcile(&fake).unwrap();
    assert!(fake.find::<Service>("rpc-external").is_none());
    assert_eq!(reason(&fake, EXTERNAL_SERVICE_READY), None);
    assert_eq!(fake.have::<SeiNodeDeployment>("rpc").status.networking_status, None);
}
