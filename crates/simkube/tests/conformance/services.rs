//! Services: endpoints, where clients are sent, names, load balancers.

use crate::cluster;
use crate::cluster::{Cluster, Say, reason};
use crate::manifests::{pod, probe, service, with};
use crate::programs::Program;
use serde_json::{Value, json};

/// A pod that is ready from the given second on.
fn ready_after(name: &str, seconds: u64) -> Value {
    let main = with(crate::manifests::container("main", &Program::serves(seconds)), &json!({ "readinessProbe": probe() }));
    with(pod(name, &Program::default()), &json!({ "spec": { "containers": [main] } }))
}

/// A pod with a name of its own under the headless Service `web`.
fn named(pod: Value) -> Value {
    let name = pod["metadata"]["name"].clone();
    with(pod, &json!({ "spec": { "hostname": name, "subdomain": "web" } }))
}

fn headless() -> Value {
    with(service("web"), &json!({ "spec": { "clusterIP": "None" } }))
}

/// Service, "EndpointSlices"; Pod Lifecycle, "Readiness": a pod that is not ready gets no traffic.
#[test]
fn clients_are_sent_to_ready_pods_only() {
    let mut c = cluster();
    c.given(service("s"));
    c.given(ready_after("early", 0));
    c.given(ready_after("late", 60));
    c.wait(30);
    assert_eq!(c.reached("s"), ["early"]);
    c.wait(60);
    assert_eq!(c.reached("s"), ["early", "late"]);
}

/// Pod Lifecycle, "Container probes": a failing readiness probe takes the pod's address out of all Services.
#[test]
fn a_pod_whose_readiness_probe_fails_gets_no_more_clients() {
    let mut c = cluster();
    c.given(service("s"));
    let program = Program { fails_after: Some(30), ..Program::serves(0) };
    let main = with(crate::manifests::container("main", &program), &json!({ "readinessProbe": probe() }));
    c.given(with(pod("p", &Program::default()), &json!({ "spec": { "containers": [main] } })));
    c.wait(20);
    assert_eq!(c.reached("s"), ["p"]);
    c.wait(20);
    assert!(c.reached("s").is_empty());
}

/// Service, "Defining a Service": the controller continuously scans for pods that match the selector.
#[test]
fn a_changed_selector_moves_the_clients() {
    let mut c = cluster();
    c.given(pod("blue", &Program::default()));
    c.given(with(pod("green", &Program::default()), &json!({ "metadata": { "labels": { "app": "other" } } })));
    c.given(service("s"));
    c.wait(10);
    assert_eq!(c.reached("s"), ["blue"]);
    c.merge_patch("Service", "s", json!({ "spec": { "selector": { "app": "other" } } })).expect("accepted");
    c.wait(10);
    assert_eq!(c.reached("s"), ["green"]);
}

/// EndpointSlices and kube-proxy follow asynchronously: at the moment of a write nothing has moved yet.
#[test]
fn the_data_plane_follows_a_write_with_a_lag() {
    let mut c = cluster();
    c.given(pod("p", &Program::default()));
    c.given(service("s"));
    c.wait(10);
    c.merge_patch("Service", "s", json!({ "spec": { "selector": { "app": "nobody" } } })).expect("accepted");
    assert_eq!(c.reached("s"), ["p"], "clients still go where they went");
    c.wait(10);
    assert!(c.reached("s").is_empty());
}

/// Labels and Selectors: a pod that loses the label leaves the Service, though it goes on running.
#[test]
fn a_pod_relabelled_leaves_the_service() {
    let mut c = cluster();
    c.given(pod("p", &Program::default()));
    c.given(service("s"));
    c.wait(10);
    c.merge_patch("Pod", "p", json!({ "metadata": { "labels": { "app": "debug" } } })).expect("accepted");
    c.wait(10);
    assert!(c.reached("s").is_empty());
    assert_eq!(c.phase("p"), "Running");
}

/// EndpointSlices, "Conditions": a terminating pod is not `ready`, so it leaves as soon as its deletion begins.
#[test]
fn a_terminating_pod_gets_no_clients_while_another_is_ready() {
    let mut c = cluster();
    c.given(service("s"));
    c.given(pod("stays", &Program::default()));
    c.given(pod("goes", &Program { deaf: true, ..Program::default() }));
    c.wait(10);
    c.delete("Pod", "goes", json!({})).expect("accepted");
    c.wait(5);
    assert!(c.exists("Pod", "goes"), "it is within its grace period");
    assert_eq!(c.reached("s"), ["stays"]);
}

/// Virtual IPs, "Traffic to terminating endpoints" (KEP-1669): with no ready endpoint, serving terminating ones are used.
#[test]
fn a_service_without_ready_pods_falls_back_to_terminating_ones_that_serve() {
    let mut c = cluster();
    c.given(service("s"));
    c.given(pod("p", &Program { deaf: true, ..Program::default() }));
    c.wait(10);
    c.delete("Pod", "p", json!({})).expect("accepted");
    c.wait(5);
    assert_eq!(c.reached("s"), ["p"]);
    c.wait(60);
    assert!(c.reached("s").is_empty(), "the pod is gone");
}

/// `podutil.IsPodTerminal` in the EndpointSlice controller: pods that have ended are no endpoints.
#[test]
fn a_pod_that_has_ended_is_no_endpoint() {
    let mut c = cluster();
    c.given(service("s"));
    c.given(with(pod("p", &Program::exits(20, 0)), &json!({ "spec": { "restartPolicy": "Never" } })));
    c.wait(10);
    assert_eq!(c.reached("s"), ["p"]);
    c.until("the pod ends", |c| c.phase("p") == "Succeeded");
    c.wait(5);
    assert!(c.reached("s").is_empty());
}

/// Service API, `publishNotReadyAddresses`: names of a headless Service's pods resolve before they are ready.
#[test]
fn publish_not_ready_addresses_lets_an_unready_pod_be_found() {
    let mut c = cluster();
    c.given(with(headless(), &json!({ "spec": { "publishNotReadyAddresses": true } })));
    c.given(named(ready_after("p", 600)));
    c.wait(10);
    assert!(!c.is_ready("p"));
    assert!(c.resolves("p.web.default.svc.cluster.local"));
}

/// DNS for Services and Pods, "Pod's hostname and subdomain fields": the record needs the pod to be ready.
#[test]
fn the_name_of_an_unready_pod_does_not_resolve() {
    let mut c = cluster();
    c.given(headless());
    c.given(named(ready_after("p", 30)));
    c.wait(10);
    assert!(!c.resolves("p.web.default.svc.cluster.local"));
    c.wait(60);
    assert!(c.resolves("p.web.default.svc.cluster.local"));
}

/// DNS for Services and Pods: a pod's name exists under the headless Service that is its subdomain only.
#[test]
fn a_pod_has_a_name_only_under_its_subdomain() {
    let mut c = cluster();
    c.given(headless());
    c.given(with(service("other"), &json!({ "spec": { "clusterIP": "None" } })));
    c.given(named(pod("p", &Program::default())));
    c.wait(10);
    assert!(c.resolves("p.web.default.svc.cluster.local"));
    assert!(!c.resolves("p.other.default.svc.cluster.local"));
}

/// The record lives with the headless Service.
#[test]
fn without_its_headless_service_a_pod_has_no_name() {
    let mut c = cluster();
    c.given(named(pod("p", &Program::default())));
    c.wait(10);
    assert!(!c.resolves("p.web.default.svc.cluster.local"));
}

/// Service, "Headless Services": no address is given and no proxying is done.
#[test]
fn a_headless_service_has_no_address_and_sends_no_clients() {
    let mut c = cluster();
    assert_eq!(c.given(headless())["spec"]["clusterIP"], "None");
    c.given(pod("p", &Program::default()));
    c.wait(10);
    assert!(c.reached("web").is_empty());
}

/// Service, "Choosing your own IP address": otherwise the API server gives one.
#[test]
fn a_service_is_given_an_address() {
    let mut c = cluster();
    let (a, b) = (c.given(service("a")), c.given(service("b")));
    assert!(a["spec"]["clusterIP"].as_str().is_some_and(|ip| ip.parse::<std::net::Ipv4Addr>().is_ok()));
    assert_ne!(a["spec"]["clusterIP"], b["spec"]["clusterIP"]);
}

/// `patchAllocatedValues`: an update that leaves the address out keeps it.
#[test]
fn an_update_that_leaves_the_address_out_keeps_it() {
    let mut c = cluster();
    let stored = c.given(service("s"));
    assert_eq!(c.update(service("s")).expect("accepted"), stored);
}

/// `ValidateServiceUpdate`: `spec.clusterIP` is immutable.
#[test]
fn the_address_of_a_service_cannot_change() {
    let mut c = cluster();
    c.given(service("s"));
    let answer = c.merge_patch("Service", "s", json!({ "spec": { "clusterIP": "10.99.99.99", "clusterIPs": ["10.99.99.99"] } }));
    assert_eq!(reason(answer), "Invalid");
}

fn load_balancer() -> Value {
    with(service("lb"), &json!({ "spec": { "type": "LoadBalancer" } }))
}

fn address(c: &mut impl Cluster) -> Option<String> {
    c.the("Service", "lb")["status"]["loadBalancer"]["ingress"][0]["hostname"].as_str().map(str::to_owned)
}

/// Service, "type: LoadBalancer": provisioning is asynchronous; the address is published in the status.
#[test]
fn a_load_balancer_gets_its_address_some_time_after_its_creation() {
    let mut c = cluster();
    c.given(load_balancer());
    assert_eq!(address(&mut c), None);
    c.until("there is an address", |c| address(c).is_some());
}

/// An address is published before the world's resolvers know its name.
#[test]
fn the_name_of_a_load_balancer_resolves_in_the_end() {
    let mut c = cluster();
    c.given(load_balancer());
    c.until("there is an address", |c| address(c).is_some());
    let host = address(&mut c).expect("an address");
    c.until("the name resolves", |c| c.resolves(&host));
}

/// Service, "Garbage collecting load balancers": the finalizer keeps the Service until the load balancer is taken down.
#[test]
fn a_load_balancer_service_is_held_by_its_finalizer() {
    let mut c = cluster();
    c.given(load_balancer());
    c.until("there is an address", |c| address(c).is_some());
    assert_eq!(c.the("Service", "lb")["metadata"]["finalizers"], json!(["service.kubernetes.io/load-balancer-cleanup"]));
    c.delete("Service", "lb", json!({})).expect("accepted");
    assert!(c.the("Service", "lb")["metadata"]["deletionTimestamp"].is_string());
    c.wait(10);
    assert!(!c.exists("Service", "lb"));
}

/// A Service that stops being a load balancer loses its address.
#[test]
fn a_service_that_becomes_a_cluster_ip_again_loses_its_address() {
    let mut c = cluster();
    c.given(load_balancer());
    c.until("there is an address", |c| address(c).is_some());
    c.merge_patch("Service", "lb", json!({ "spec": { "type": "ClusterIP" } })).expect("accepted");
    c.wait(10);
    assert_eq!(address(&mut c), None);
}
