//! Names, lists, defaults and addresses.
//!
//! Source: Kubernetes documentation, "Object Names and IDs", "Labels and Selectors"; API Conventions, "Idempotency" (generateName);
//! reference of the kinds' defaults.

use crate::harness::{World, claim, info, labels, node, policy, service};
use api::kinds::{AuthorizationPolicy, Job, StatefulSet};
use api::node::SidecarConfig;
use api::{AnyObject, Labels, Meta, Object, ObjectKey};
use k8s_openapi::api::apps::v1::StatefulSetSpec;
use k8s_openapi::api::batch::v1::JobSpec;
use k8s_openapi::api::core::v1::{Container, PodSpec, PodTemplateSpec};
use ports::ApiError;
use serde_json::json;
use simkube::{ClusterProfile, Request};
use std::collections::BTreeSet;

#[test]
fn a_list_answers_the_objects_of_a_namespace_that_carry_the_labels_by_name() {
    let mut world = World::new();
    for (namespace, name, group) in [("sei", "b", "rpc"), ("sei", "a", "rpc"), ("sei", "c", "archive"), ("other", "a", "rpc")] {
        let meta = Meta { labels: labels([("group", group), ("x", "y")]), ..Meta::new(ObjectKey::new(namespace, name)) };
        world.create(Object::<AuthorizationPolicy>::new(meta, json!({}))).expect("a valid policy");
    }
    let mut list = |namespace: &str, selector: Labels| -> Vec<String> {
        let request = Request::List { info: info::<AuthorizationPolicy>(), namespace: namespace.into(), selector };
        world.ask(request).expect("a list").iter().map(|object| object.meta.key.to_string()).collect()
    };
    assert_eq!(list("sei", Labels::clone(&labels([("group", "rpc")]))), ["sei/a", "sei/b"]);
    assert_eq!(list("sei", Labels::new()), ["sei/a", "sei/b", "sei/c"]);
    assert_eq!(list("", Labels::clone(&labels([("group", "rpc")]))), ["other/a", "sei/a", "sei/b"]);
    assert_eq!(list("nowhere", Labels::new()), [""; 0]);
}

#[test]
fn a_kind_whose_definition_is_missing_has_no_matches() {
    let profile = ClusterProfile { missing_kinds: BTreeSet::from(["AuthorizationPolicy".to_owned()]), ..ClusterProfile::default() };
    let mut world = World::with(profile);
    assert!(matches!(world.create(policy("p")), Err(ApiError::NoSuchKind(_))));
}

#[test]
fn worlds_of_one_seed_are_alike_to_the_last_uid() {
    let history = || {
        let mut world = World::new();
        world.create(node("a")).expect("a valid node");
        world.create(service("s")).expect("a valid Service");
        world.settle();
        world.changes().iter().map(|change| format!("{:?}", change.object())).collect::<Vec<_>>()
    };
    assert_eq!(history(), history());
}

pub fn template(restart_policy: Option<&str>) -> PodTemplateSpec {
    let container = Container { name: "main".to_owned(), image: Some("seid:v6.3.0".to_owned()), ..Container::default() };
    let spec = PodSpec { containers: vec![container], restart_policy: restart_policy.map(str::to_owned), ..PodSpec::default() };
    PodTemplateSpec { spec: Some(spec), ..PodTemplateSpec::default() }
}

pub fn stateful_set(name: &str) -> Object<StatefulSet> {
    let labels = Labels::from([("app".to_owned(), name.to_owned())]);
    let mut spec = StatefulSetSpec { service_name: Some(name.to_owned()), template: template(None), ..StatefulSetSpec::default() };
    spec.selector.match_labels = Some(labels.clone());
    spec.template.metadata.get_or_insert_default().labels = Some(labels);
    Object::new(crate::harness::meta(name), spec)
}

pub fn job(name: &str) -> Object<Job> {
    Object::new(crate::harness::meta(name), JobSpec { template: template(Some("Never")), ..JobSpec::default() })
}
