//! Conditions, times and the wire form of whole objects.

use api::condition::{self, Condition, ConditionStatus};
use api::{Labels, Meta, Node, Object, ObjectKey, ResourceVersion, SeiNode, SeiNodeSpec, Time};
use serde_json::json;
use std::sync::Arc;

fn condition(kind: &str, status: ConditionStatus, reason: &str, at: i64) -> Condition {
    Condition {
        last_transition_time: Time::from_unix(at),
        message: "m".into(),
        observed_generation: None,
        reason: reason.into(),
        status,
        kind: kind.into(),
    }
}

#[test]
fn a_condition_keeps_its_time_until_its_status_changes() {
    let mut conditions = Vec::new();
    condition::set(&mut conditions, condition("A", ConditionStatus::False, "First", 1));
    condition::set(&mut conditions, condition("B", ConditionStatus::Unknown, "Other", 2));
    condition::set(&mut conditions, condition("A", ConditionStatus::False, "Second", 3));
    assert_eq!(conditions, [condition("A", ConditionStatus::False, "Second", 1), condition("B", ConditionStatus::Unknown, "Other", 2),]);
    assert!(!condition::is_true(&conditions, "A"));
    condition::set(&mut conditions, condition("A", ConditionStatus::True, "Third", 4));
    assert_eq!(condition::find(&conditions, "A"), Some(&condition("A", ConditionStatus::True, "Third", 4)));
    assert!(condition::is_true(&conditions, "A") && !condition::is_true(&conditions, "C"));
    condition::remove(&mut conditions, "A");
    assert_eq!(conditions, [condition("B", ConditionStatus::Unknown, "Other", 2)]);
}

#[test]
fn a_time_is_written_in_whole_seconds_of_utc() {
    let time = Time::from_unix(1_738_324_800);
    assert_eq!(json!(time), json!("2025-01-31T12:00:00Z"));
    for text in ["2025-01-31T12:00:00Z", "2025-01-31T13:00:00+01:00", "2025-01-31T12:00:00.9Z"] {
        assert_eq!(serde_json::from_value::<Time>(json!(text)).unwrap(), time, "{text}");
    }
    assert!(serde_json::from_value::<Time>(json!("noon")).is_err());
}

#[test]
fn an_object_has_the_wire_form_that_kubectl_prints() {
    let uid = "11111111-2222-4333-8444-555555555555";
    let mut owner: Node = Object::new(Meta::new(ObjectKey::new("n", "owner")), SeiNodeSpec::default());
    owner.meta_mut().uid = Some(uid.parse().unwrap());
    let spec = SeiNodeSpec { chain_id: "c".into(), image: "i".into(), full_node: Some(Default::default()), ..SeiNodeSpec::default() };
    let mut node: Object<SeiNode> = Object::new(Meta::new(ObjectKey::new("n", "node")), spec);
    let plain = json!({
        "apiVersion": "sei.io/v1alpha1",
        "kind": "SeiNode",
        "metadata": { "name": "node", "namespace": "n" },
        "spec": { "chainId": "c", "image": "i", "fullNode": {} },
    });
    assert_eq!(node.clone().into_any().to_wire(), plain);

    let owner_ref = owner.owner_ref();
    let meta = node.meta_mut();
    meta.uid = Some(uid.parse().unwrap());
    meta.resource_version = Some(ResourceVersion(7));
    meta.generation = Some(2);
    meta.created = Some(Time::from_unix(0));
    meta.deleting = Some(Time::from_unix(60));
    meta.deletion_grace_seconds = Some(0);
    meta.labels = Arc::new(Labels::from([("a".into(), "b".into())]));
    meta.finalizers = Arc::from(["f".into()]);
    meta.owners = Arc::from([owner_ref]);
    node.status_mut().phase = Some(api::node::NodePhase::Running);
    let mut stored = plain;
    stored["metadata"] = json!({
        "name": "node",
        "namespace": "n",
        "uid": uid,
        "resourceVersion": "7",
        "generation": 2,
        "creationTimestamp": "1970-01-01T00:00:00Z",
        "deletionTimestamp": "1970-01-01T00:01:00Z",
        "deletionGracePeriodSeconds": 0,
        "labels": { "a": "b" },
        "finalizers": ["f"],
        "ownerReferences": [{
            "apiVersion": "sei.io/v1alpha1",
            "kind": "SeiNode",
            "name": "owner",
            "uid": uid,
            "controller": true,
            "blockOwnerDeletion": true,
        }],
    });
    stored["status"] = json!({ "phase": "Running" });
    assert_eq!(node.into_any().to_wire(), stored);
}
