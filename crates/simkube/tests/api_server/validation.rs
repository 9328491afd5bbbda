//! What is refused, with the real reasons; and what is not modelled.
//!
//! Source: `pkg/apis/*/validation` of Kubernetes v1.33; the CRDs of the operator.

use crate::harness::{World, claim, labels, node, policy, service};
use crate::metadata::{job, stateful_set, template};
use api::{Kind, Object};
use k8s_openapi::api::core::v1::VolumeResourceRequirements;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use ports::ApiError;
use std::collections::BTreeMap;

fn refusal<K: Kind>(answer: Result<Object<K>, ApiError>) -> String {
    match answer {
        Err(ApiError::Invalid(text)) => text.to_string(),
        other => panic!("not a 422: {:?}", other.map(|object| object.meta)),
    }
}

#[test]
fn an_invalid_custom_resource_names_itself_and_the_field() {
    let mut world = World::new();
    let mut bad = node("n");
    bad.spec_mut().full_node = None;
    let expected = "SeiNode.sei.io \"n\" is invalid: spec: Invalid value: \"object\": \
                    exactly one of fullNode, archive, replayer, or validator must be set";
    assert_eq!(refusal(world.create(bad)), expected);
}

#[test]
fn all_causes_are_told_together() {
    let mut world = World::new();
    let mut bad = node("n");
    bad.spec_mut().full_node = None;
    bad.spec_mut().image = String::new();
    let text = refusal(world.create(bad));
    assert!(text.contains("is invalid: [spec.image: ") && text.contains(", spec: Invalid value"), "{text}");
}

#[test]
fn names_and_labels_follow_the_dns_rules() {
    let mut world = World::new();
    assert!(refusal(world.create(policy("Upper"))).contains("RFC 1123"));
    assert!(refusal(world.create(policy(&"x".repeat(254)))).contains("253 characters"));
    assert!(refusal(world.create(service("1st"))).contains("DNS-1035"));
    assert!(refusal(world.create(service(&"x".repeat(64)))).contains("63 characters"));
    assert!(refusal(world.create(policy(""))).contains("name or generateName is required"));
    let mut labelled = policy("p");
    labelled.meta_mut().labels = labels([("app", "a b")]);
    assert!(refusal(world.create(labelled)).contains("metadata.labels"));
}

#[test]
fn a_stateful_set_keeps_its_selector_service_name_and_pod_management_policy() {
    let mut world = World::new();
    let stored = world.create(stateful_set("web")).expect("a valid StatefulSet");
    let mut refuse = |change: fn(&mut Object<api::kinds::StatefulSet>)| {
        let mut new = stored.clone();
        change(&mut new);
        refusal(world.update(new))
    };
    let forbidden = "updates to statefulset spec for fields other than 'replicas'";
    assert!(refuse(|set| set.spec_mut().service_name = Some("other".to_owned())).contains(forbidden));
    assert!(refuse(|set| set.spec_mut().pod_management_policy = Some("Parallel".to_owned())).contains(forbidden));
    assert!(refuse(|set| set.spec_mut().volume_claim_templates = Some(vec![Default::default()])).contains(forbidden));
    assert!(refuse(|set| set.spec_mut().selector.match_labels = Some(BTreeMap::new())).contains(forbidden));
}

#[test]
fn a_stateful_set_takes_another_template() {
    let mut world = World::new();
    let mut set = world.create(stateful_set("web")).expect("a valid StatefulSet");
    set.spec_mut().template.spec.as_mut().expect("a pod").containers[0].image = Some("seid:v6.4.0".to_owned());
    assert_eq!(world.update(set).expect("the template may change").meta.generation, Some(2));
}

#[test]
fn a_job_keeps_its_template_and_selector() {
    let mut world = World::new();
    let stored = world.create(job("j")).expect("a valid Job");
    let mut other = stored.clone();
    other.spec_mut().template = template(Some("OnFailure"));
    assert!(refusal(world.update(other)).contains("field is immutable"));
    let mut other = stored;
    other.spec_mut().selector = None;
    assert!(refusal(world.update(other)).contains("spec.selector: Invalid value: field is immutable"));
}

#[test]
fn a_jobs_pods_must_not_restart_always() {
    let mut world = World::new();
    let mut bad = job("j");
    bad.spec_mut().template = template(None);
    assert!(refusal(world.create(bad)).contains("spec.template.spec.restartPolicy"));
}

#[test]
fn a_claim_keeps_everything_but_its_size_and_resizing_is_not_modelled() {
    let mut world = World::new();
    let stored = world.create(claim("data")).expect("a valid claim");
    let class = world.patch(&stored, |claim| claim.spec_mut().storage_class_name = Some("fast".to_owned()));
    assert!(refusal(class).contains("spec is immutable after creation except resources.requests"));
    assert_eq!(world.unmodelled(), None);
    let requests = Some(BTreeMap::from([("storage".to_owned(), Quantity("4000Gi".to_owned()))]));
    let resources = Some(VolumeResourceRequirements { requests, ..VolumeResourceRequirements::default() });
    world.patch(&stored, |claim| claim.spec_mut().resources = resources).expect_err("it is not modelled");
    assert_eq!(world.unmodelled(), Some("resizing the PersistentVolumeClaim sei/data"));
}

#[test]
fn what_is_not_modelled_ends_the_world_and_stores_nothing() {
    let mut world = World::new();
    let mut external = service("s");
    external.spec_mut().type_ = Some("ExternalName".to_owned());
    world.create(external.clone()).expect_err("it is not modelled");
    assert_eq!(world.unmodelled(), Some("spec.type ExternalName of Service sei/s"));
    assert_eq!(world.get(&external), None);
}
