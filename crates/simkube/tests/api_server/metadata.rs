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
fn a_second_create_of_a_name_already_exists() {
    let mut world = World::new();
    world.create(policy("p")).expect("a valid policy");
    let error = world.create(policy("p")).expect_err("the name is taken");
    assert_eq!(error, ApiError::AlreadyExists("authorizationpolicies.security.istio.io \"p\"".into()));
}

#[test]
fn a_generated_name_is_the_given_part_and_five_letters() {
    let mut world = World::new();
    let mut names = BTreeSet::new();
    for _ in 0..50 {
        let mut object = policy("");
        object.meta_mut().generate_name = Some("check-".into());
        let name = world.create(object).expect("a name is found").name().to_owned();
        let letters = name.strip_prefix("check-").expect("the given part comes first");
        assert!(letters.len() == 5 && letters.chars().all(|c| "bcdfghjklmnpqrstvwxz2456789".contains(c)), "{name}");
        names.insert(name);
    }
    assert_eq!(names.len(), 50);
}

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
fn a_service_gets_an_address_of_its_own_unless_it_is_headless() {
    let mut world = World::new();
    let mut address = |name: &str, headless: bool| {
        let mut new = service(name);
        new.spec_mut().cluster_ip = headless.then(|| "None".to_owned());
        world.create(new).expect("a valid Service").spec.cluster_ip.clone()
    };
    let (a, b) = (address("a", false), address("b", false));
    assert!(a.is_some() && b.is_some() && a != b);
    assert_eq!(address("c", true).as_deref(), Some("None"));
}

#[test]
fn an_update_that_leaves_the_address_out_keeps_it() {
    let mut world = World::new();
    let stored = world.create(service("s")).expect("a valid Service");
    let changed = world.update(service("s")).expect("the address may be left out");
    assert_eq!(changed, stored);
}

#[test]
fn a_stateful_set_gets_its_defaults() {
    let mut world = World::new();
    let set = world.create(stateful_set("web")).expect("a valid StatefulSet");
    assert_eq!((set.spec.replicas, set.spec.revision_history_limit), (Some(1), Some(10)));
    assert_eq!(set.spec.pod_management_policy.as_deref(), Some("OrderedReady"));
    assert_eq!(set.spec.update_strategy.as_ref().and_then(|s| s.type_.as_deref()), Some("RollingUpdate"));
    let pod = set.spec.template.spec.as_ref().expect("the template has a spec");
    assert_eq!((pod.restart_policy.as_deref(), pod.termination_grace_period_seconds), (Some("Always"), Some(30)));
}

#[test]
fn a_job_selects_its_own_pods_by_its_uid() {
    let mut world = World::new();
    let job = world.create(job("j")).expect("a valid Job");
    let uid = job.meta.uid.expect("it was stored").to_string();
    let label = "batch.kubernetes.io/controller-uid";
    let selector = job.spec.selector.as_ref().and_then(|selector| selector.match_labels.as_ref()).expect("a selector is generated");
    let template = job.spec.template.metadata.as_ref().and_then(|meta| meta.labels.as_ref()).expect("the template is labelled");
    assert_eq!((selector.get(label), template.get(label)), (Some(&uid), Some(&uid)));
    assert_eq!((job.spec.backoff_limit, job.spec.parallelism, job.spec.completions), (Some(6), Some(1), Some(1)));
}

#[test]
fn a_claim_is_born_protected() {
    let mut world = World::new();
    assert!(world.create(claim("data")).expect("a valid claim").meta.has_finalizer("kubernetes.io/pvc-protection"));
}

#[test]
fn a_schema_default_fills_in_a_field_whose_parent_is_there() {
    let mut world = World::new();
    assert_eq!(world.create(node("bare")).expect("a valid node").spec.sidecar, None);
    let mut with = node("with");
    with.spec_mut().sidecar = Some(SidecarConfig::default());
    let stored = world.create(with).expect("a valid node");
    assert_eq!(stored.spec.sidecar.as_ref().and_then(|sidecar| sidecar.port), Some(7777));
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

#[test]
fn reading_answers_the_stored_object_itself() {
    let mut world = World::new();
    let stored = world.create(policy("p")).expect("a valid policy").into_any();
    let answer = world.ask(Request::Get { info: stored.info, key: stored.meta.key.clone() }).expect("it is there");
    assert_eq!(answer, [stored] as [AnyObject; 1]);
}
