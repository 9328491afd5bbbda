//! Server-side apply with force.
//!
//! Source: Kubernetes documentation, "Server-Side Apply".

use crate::harness::{World, labels, service};
use crate::metadata::stateful_set;
use api::Object;
use api::kinds::Service;
use k8s_openapi::api::core::v1::ServicePort;

const US: &str = "seinode-controller";
const THEM: &str = "someone-else";

fn selector(pairs: &[(&str, &str)]) -> Option<api::Labels> {
    Some(pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect())
}

fn labelled(pairs: &[(&str, &str)]) -> Object<Service> {
    let mut object = service("s");
    *std::sync::Arc::make_mut(&mut object.meta_mut().labels) = selector(pairs).expect("labels");
    object
}

#[test]
fn an_apply_creates_what_is_not_there() {
    let mut world = World::new();
    let stored = world.apply(US, service("s")).expect("a valid Service");
    assert!(stored.meta.uid.is_some() && stored.spec.cluster_ip.is_some());
}

#[test]
fn the_same_apply_again_changes_nothing() {
    let mut world = World::new();
    let stored = world.apply(US, service("s")).expect("a valid Service");
    let changes = world.changes().len();
    assert_eq!(world.apply(US, service("s")), Ok(stored));
    assert_eq!(world.changes().len(), changes);
    let set = world.apply(US, stateful_set("web")).expect("a valid StatefulSet");
    assert_eq!(world.apply(US, stateful_set("web")), Ok(set), "defaults belong to nobody");
}

#[test]
fn a_status_write_in_between_does_not_make_the_same_apply_a_change() {
    let mut world = World::new();
    let set = world.apply(US, stateful_set("web")).expect("a valid StatefulSet");
    let reported = world.patch_status(&set, |set| set.status_mut().ready_replicas = Some(1)).expect("a valid status");
    assert_eq!(world.apply(US, stateful_set("web")), Ok(reported));
}

#[test]
fn an_apply_takes_back_what_another_client_changed() {
    let mut world = World::new();
    let stored = world.apply(US, labelled(&[("a", "1")])).expect("a valid Service");
    world.patch(&stored, |service| service.meta_mut().labels = labels([("a", "2")])).expect("a valid patch");
    assert_eq!(world.apply(US, labelled(&[("a", "1")])).expect("force").meta.labels, labels([("a", "1")]));
}

#[test]
fn what_an_applier_no_longer_applies_goes_and_what_others_set_stays() {
    let mut world = World::new();
    let stored = world.apply(US, labelled(&[("a", "1"), ("b", "1")])).expect("a valid Service");
    world.patch(&stored, |service| service.meta_mut().labels = labels([("a", "1"), ("b", "1"), ("theirs", "1")])).expect("valid");
    let new = world.apply(US, labelled(&[("a", "1")])).expect("a valid Service");
    assert_eq!(new.meta.labels, labels([("a", "1"), ("theirs", "1")]));
}

#[test]
fn what_one_applier_gives_up_stays_while_another_applies_it() {
    let mut world = World::new();
    world.apply(US, labelled(&[("a", "1")])).expect("a valid Service");
    world.apply(THEM, labelled(&[("a", "1")])).expect("a valid Service");
    assert_eq!(world.apply(US, labelled(&[])).expect("valid").meta.labels, labels([("a", "1")]));
    assert_eq!(world.apply(THEM, labelled(&[])).expect("valid").meta.labels, labels([]));
}

#[test]
fn the_first_apply_to_an_object_of_another_changes_its_owners_alone() {
    let mut world = World::new();
    let created = world.create(service("s")).expect("a valid Service");
    let applied = world.apply(US, service("s")).expect("a valid Service");
    assert!(applied.meta.resource_version > created.meta.resource_version);
    assert_eq!((&applied.spec, &applied.meta.labels), (&created.spec, &created.meta.labels));
    assert_eq!(world.apply(US, service("s")), Ok(applied));
}

#[test]
fn a_services_selector_is_replaced_whole() {
    let mut world = World::new();
    let mut old = service("s");
    old.spec_mut().selector = selector(&[("group", "rpc"), ("revision", "1")]);
    world.create(old).expect("a valid Service");
    let mut new = service("s");
    new.spec_mut().selector = selector(&[("group", "rpc")]);
    assert_eq!(world.apply(US, new).expect("valid").spec.selector, selector(&[("group", "rpc")]));
}

#[test]
fn ports_merge_by_number_and_protocol_and_keep_what_the_server_gave() {
    let mut world = World::new();
    let balancer = |ports: &[i32]| {
        let mut service = service("s");
        service.spec_mut().type_ = Some("LoadBalancer".to_owned());
        let port = |port: &i32| ServicePort { name: Some(format!("p{port}")), port: *port, ..ServicePort::default() };
        service.spec_mut().ports = Some(ports.iter().map(port).collect());
        service
    };
    let first = world.apply(US, balancer(&[1, 2])).expect("a valid Service");
    let given =
        |service: &Object<Service>, port: i32| service.spec.ports.iter().flatten().find(|p| p.port == port).and_then(|p| p.node_port);
    assert!(given(&first, 2).is_some());
    let second = world.apply(US, balancer(&[2, 3])).expect("a valid Service");
    assert_eq!(second.spec.ports.iter().flatten().map(|p| p.port).collect::<Vec<_>>(), [2, 3]);
    assert_eq!(given(&second, 2), given(&first, 2));
    assert_eq!(second.spec.cluster_ip, first.spec.cluster_ip);
}

#[test]
fn containers_merge_by_name() {
    let mut world = World::new();
    let stored = world.apply(US, stateful_set("web")).expect("a valid StatefulSet");
    let mut next = stateful_set("web");
    next.spec_mut().template.spec.as_mut().expect("a pod").containers[0].image = Some("seid:v6.4.0".to_owned());
    let new = world.apply(US, next).expect("a valid StatefulSet");
    let pod = new.spec.template.spec.as_ref().expect("a pod");
    assert_eq!((pod.containers.len(), pod.containers[0].image.as_deref()), (1, Some("seid:v6.4.0")));
    assert_eq!(new.meta.generation, stored.meta.generation.map(|generation| generation + 1));
}
