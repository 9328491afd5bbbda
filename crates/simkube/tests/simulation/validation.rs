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
