//! Where the simulated API server ends: what it does not model stops the world instead of being answered wrongly.

use crate::harness::{World, claim, policy, service};
use api::{Kind, Object};
use k8s_openapi::api::core::v1::VolumeResourceRequirements;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use ports::ApiError;
use simkube::{ClusterProfile, Request};
use std::collections::{BTreeMap, BTreeSet};

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

#[test]
fn a_dry_run_that_would_need_a_name_is_not_modelled() {
    let mut world = World::new();
    let mut object = policy("");
    object.meta_mut().generate_name = Some("check-".into());
    world.ask(Request::DryRun(Box::new(Request::Create(object.into_any())))).expect_err("it is not modelled");
    assert_eq!(world.unmodelled(), Some("a dry run of a create with generateName"));
}

#[test]
fn a_kind_whose_definition_is_missing_has_no_matches() {
    let profile = ClusterProfile { missing_kinds: BTreeSet::from(["AuthorizationPolicy".to_owned()]), ..ClusterProfile::default() };
    let mut world = World::with(profile);
    assert!(matches!(world.create(policy("p")), Err(ApiError::NoSuchKind(_))));
}
