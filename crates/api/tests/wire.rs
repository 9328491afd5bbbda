//! The wire form there and back, and what is dropped on the way in.
#![allow(clippy::unwrap_used, reason = "tests say what they expect")]

use api::kinds::{self, AuthorizationPolicy, Service};
use api::{AnyObject, Kind, Labels, Meta, ObjectKey, OwnerRef, ResourceVersion, SeiNode, SeiNodeDeployment, Time};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::sync::Arc;
use uuid::Uuid;

fn info<K: Kind>() -> &'static api::KindInfo {
    &const { K::INFO }
}

fn owner() -> impl Strategy<Value = OwnerRef> {
    (0..kinds::ALL.len(), "[a-z]{1,3}", any::<u128>(), any::<bool>(), any::<bool>()).prop_map(|(kind, name, uid, controller, block)| {
        let info = kinds::ALL[kind];
        let uid = Uuid::from_u128(uid);
        OwnerRef { api_version: info.api_version, kind: info.kind, name: name.into(), uid, controller, block_owner_deletion: block }
    })
}

fn labels() -> impl Strategy<Value = Labels> {
    prop::collection::btree_map("[a-z]{1,3}", "[a-z]{0,3}", 0..3)
}

fn meta() -> impl Strategy<Value = Meta> {
    let key = ("[a-z]{0,3}", "[a-z]{0,3}", prop::option::of("[a-z]{1,3}"));
    let given = (prop::option::of(any::<u128>()), prop::option::of(any::<u64>()), prop::option::of(1..9i64));
    let times = (prop::option::of(0..9_999_999_999i64), prop::option::of(0..9_999_999_999i64), prop::option::of(0..99i64));
    let finalizers = prop::collection::vec("[a-z]{1,3}", 0..3);
    (key, given, times, labels(), labels(), finalizers, prop::collection::vec(owner(), 0..3)).prop_map(
        |(key, given, times, labels, annotations, finalizers, owners)| Meta {
            generate_name: key.2.map(Into::into),
            uid: given.0.map(Uuid::from_u128),
            resource_version: given.1.map(ResourceVersion),
            generation: given.2,
            labels: Arc::new(labels),
            annotations: Arc::new(annotations),
            finalizers: finalizers.into_iter().map(Into::into).collect(),
            owners: owners.into(),
            created: times.0.map(Time::from_unix),
            deleting: times.1.map(Time::from_unix),
            deletion_grace_seconds: times.2,
            ..Meta::new(ObjectKey::new(key.0, key.1))
        },
    )
}

/// An object of a kind with sections that say something.
fn object() -> impl Strategy<Value = AnyObject> {
    let sections = prop_oneof![
        ("[a-z]{1,3}", 0..9i32).prop_map(|(name, port)| {
            (info::<Service>(), json!({ "ports": [{ "name": name, "port": port }], "selector": { "app": name } }), json!({}))
        }),
        ("[a-z]{1,3}", prop::option::of(Just("Running"))).prop_map(|(name, phase)| {
            let status = phase.map_or_else(|| json!({}), |phase| json!({ "phase": phase, "resolvedPeers": [name] }));
            (info::<SeiNode>(), json!({ "chainId": name, "image": "i", "fullNode": {} }), status)
        }),
        (0..9i64).prop_map(|number| (info::<AuthorizationPolicy>(), json!({ "rules": [{ "n": number }] }), Value::Null)),
        (1..9i32).prop_map(|replicas| {
            let template = json!({ "spec": { "chainId": "c", "image": "i", "archive": {} } });
            (info::<SeiNodeDeployment>(), json!({ "replicas": replicas, "template": template }), json!({ "replicas": replicas }))
        }),
    ];
    (meta(), sections).prop_map(|(meta, (info, spec, status))| AnyObject {
        info,
        meta: Arc::new(meta),
        spec: (info.decode.spec)(&spec).unwrap(),
        status: (info.decode.status)(&status).unwrap(),
    })
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(object in object()) {
        prop_assert_eq!(AnyObject::from_wire(object.info, &object.to_wire()), Ok(object));
    }
}

#[test]
fn every_kind_is_found_by_its_version_and_name() {
    for info in kinds::ALL {
        assert!(kinds::find(info.api_version, info.kind).is_some_and(|found| std::ptr::eq(found.kind, info.kind) || found == info));
    }
    assert!(kinds::find("v1", "Deployment").is_none() && kinds::find("v2", "Pod").is_none());
}

#[test]
fn fields_that_a_schema_does_not_know_are_dropped_on_the_way_in() {
    let manifest = json!({
        "metadata": { "name": "n", "labels": null },
        "spec": { "chainId": "c", "image": "i", "fullNode": { "colour": "red" }, "colour": "red", "overrides": { "a.b": "c" }, "sidecar": null },
    });
    let node = AnyObject::from_wire(info::<SeiNode>(), &manifest).unwrap();
    assert_eq!(node.spec.to_json(), json!({ "chainId": "c", "image": "i", "fullNode": {}, "overrides": { "a.b": "c" } }));
}

#[test]
fn a_document_of_another_kind_or_type_is_refused_with_the_field() {
    let refused = |document: Value| AnyObject::from_wire(info::<SeiNode>(), &document).unwrap_err().field;
    assert_eq!(refused(json!({ "kind": "Pod" })), "kind");
    assert_eq!(refused(json!({ "apiVersion": "v1" })), "apiVersion");
    assert_eq!(refused(json!({ "metadata": { "labels": { "a": 1 } }, "spec": {} })), "labels");
    assert_eq!(refused(json!({ "spec": { "chainId": 1 } })), "spec");
    assert_eq!(refused(json!({ "metadata": { "uid": "x" } })), "uid");
}
