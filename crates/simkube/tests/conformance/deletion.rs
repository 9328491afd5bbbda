//! Deletion: finalizers, grace, preconditions, owners and the garbage collector.

use crate::cluster;
use crate::cluster::{Cluster, Say};
use crate::manifests::{pod, sei_node, service, with};
use crate::programs::Program;
use serde_json::{Value, json};

fn held(name: &str) -> Value {
    with(sei_node(name), &json!({ "metadata": { "finalizers": ["example.com/hold"] } }))
}

/// The manifest with a controlling, blocking reference to a stored owner.
fn owned_by(manifest: Value, owners: &[&Value]) -> Value {
    let references: Vec<Value> = owners
        .iter()
        .map(|owner| {
            json!({
                "apiVersion": owner["apiVersion"], "kind": owner["kind"],
                "name": owner["metadata"]["name"], "uid": owner["metadata"]["uid"], "blockOwnerDeletion": true,
            })
        })
        .collect();
    with(manifest, &json!({ "metadata": { "ownerReferences": references } }))
}

/// Finalizers, "How finalizers work": a delete marks the object and leaves it.
#[test]
fn a_finalizer_holds_an_object_with_a_deletion_timestamp() {
    let mut c = cluster();
    c.given(held("n"));
    c.delete("SeiNode", "n", json!({})).expect("accepted");
    let meta = &c.the("SeiNode", "n")["metadata"];
    assert!(meta["deletionTimestamp"].is_string() && meta["deletionGracePeriodSeconds"] == 0);
}

/// The same: the object goes when the last finalizer is removed.
#[test]
fn removing_the_last_finalizer_of_a_terminating_object_removes_it() {
    let mut c = cluster();
    c.given(held("n"));
    c.delete("SeiNode", "n", json!({})).expect("accepted");
    c.merge_patch("SeiNode", "n", json!({ "metadata": { "finalizers": null } })).expect("accepted");
    assert!(!c.exists("SeiNode", "n"));
}

/// `ValidateObjectMetaUpdate`: a terminating object takes no new finalizers.
#[test]
fn a_terminating_object_takes_no_new_finalizer() {
    let mut c = cluster();
    c.given(held("n"));
    c.delete("SeiNode", "n", json!({})).expect("accepted");
    let patch = json!({ "metadata": { "finalizers": ["example.com/hold", "example.com/more"] } });
    let status = c.merge_patch("SeiNode", "n", patch).expect_err("refused");
    assert_eq!(status.code, 422);
    assert!(status.message.contains("no new finalizers can be added if the object is being deleted"), "{}", status.message);
}

/// `rest.CheckGeneratedNameError` and `Store.Create`: the name of a terminating object is still taken.
#[test]
fn a_create_under_the_name_of_a_terminating_object_says_that_it_is_being_deleted() {
    let mut c = cluster();
    c.given(held("n"));
    c.delete("SeiNode", "n", json!({})).expect("accepted");
    let status = c.create(sei_node("n")).expect_err("refused");
    assert_eq!((status.code, &*status.reason), (409, "AlreadyExists"));
    assert_eq!(status.message, "object is being deleted: seinodes.sei.io \"n\" already exists");
}

/// A second delete of a terminating object is accepted and changes nothing.
#[test]
fn a_second_delete_changes_nothing() {
    let mut c = cluster();
    c.given(held("n"));
    c.delete("SeiNode", "n", json!({})).expect("accepted");
    let first = c.the("SeiNode", "n");
    c.wait(5);
    c.delete("SeiNode", "n", json!({})).expect("accepted");
    assert_eq!(c.the("SeiNode", "n"), first);
}

/// API Concepts, "Resource deletion"; `DeleteOptions.preconditions.uid`.
#[test]
fn a_delete_for_another_uid_conflicts() {
    let mut c = cluster();
    c.given(sei_node("n"));
    let options = json!({ "preconditions": { "uid": "00000000-0000-0000-0000-000000000000" } });
    assert_eq!(c.delete("SeiNode", "n", options).expect_err("refused").code, 409);
}

/// `DeleteOptions.preconditions.resourceVersion`.
#[test]
fn a_delete_for_an_older_version_conflicts() {
    let mut c = cluster();
    let old = c.given(sei_node("n"));
    c.merge_patch("SeiNode", "n", json!({ "metadata": { "labels": { "a": "1" } } })).expect("accepted");
    let options = json!({ "preconditions": { "resourceVersion": old["metadata"]["resourceVersion"] } });
    let message = c.delete("SeiNode", "n", options).expect_err("refused").message;
    assert!(message.contains("Precondition failed: ResourceVersion in precondition: "), "{message}");
}

/// Pod Lifecycle, "Forced Pod termination": with a grace period of 0 the object is gone at once.
#[test]
fn a_pod_deleted_with_a_grace_period_of_zero_is_gone_at_once() {
    let mut c = cluster();
    c.given(pod("p", &Program { deaf: true, ..Program::default() }));
    c.until("the pod runs", |c| c.phase("p") == "Running");
    c.delete("Pod", "p", json!({ "gracePeriodSeconds": 0 })).expect("accepted");
    assert!(!c.exists("Pod", "p"));
}

/// Pod Lifecycle, "Termination of Pods": the grace period of the delete overrides that of the pod.
#[test]
fn a_delete_may_give_a_pod_another_grace_period() {
    let mut c = cluster();
    c.given(pod("p", &Program { deaf: true, ..Program::default() }));
    c.until("the pod runs", |c| c.phase("p") == "Running");
    c.delete("Pod", "p", json!({ "gracePeriodSeconds": 5 })).expect("accepted");
    assert_eq!(c.the("Pod", "p")["metadata"]["deletionGracePeriodSeconds"], 5);
}

/// `BeforeDelete`: a grace period that has begun may only become shorter.
#[test]
fn a_grace_period_that_has_begun_may_only_become_shorter() {
    let mut c = cluster();
    c.given(pod("p", &Program { deaf: true, ..Program::default() }));
    c.until("the pod runs", |c| c.phase("p") == "Running");
    let grace = |c: &mut dyn Cluster| c.get("Pod", "p").expect("the pod")["metadata"]["deletionGracePeriodSeconds"].as_i64();
    for (asked, expected) in [(20, 20), (25, 20), (10, 10)] {
        c.delete("Pod", "p", json!({ "gracePeriodSeconds": asked })).expect("accepted");
        assert_eq!(grace(&mut c), Some(expected));
    }
}

/// API reference, "Delete Collection": everything that the selector selects, and nothing else.
#[test]
fn a_collection_is_deleted_by_label() {
    let mut c = cluster();
    for (name, group) in [("a", "x"), ("b", "x"), ("c", "y")] {
        c.given(with(sei_node(name), &json!({ "metadata": { "labels": { "group": group } } })));
    }
    c.delete_collection("SeiNode", "group=x", json!({})).expect("accepted");
    let left = c.list("SeiNode", "").expect("a list");
    assert_eq!(left.iter().map(|object| &object["metadata"]["name"]).collect::<Vec<_>>(), ["c"]);
}

/// Garbage Collection, "Background cascading deletion": dependents go after their owner.
#[test]
fn a_dependent_goes_after_its_owner() {
    let mut c = cluster();
    let owner = c.given(sei_node("owner"));
    c.given(owned_by(service("s"), &[&owner]));
    c.delete("SeiNode", "owner", json!({ "propagationPolicy": "Background" })).expect("accepted");
    assert!(!c.exists("SeiNode", "owner") && c.exists("Service", "s"));
    c.wait(2);
    assert!(!c.exists("Service", "s"));
}

/// Garbage Collection, "Owners and dependents": a dependent with another living owner stays, without the dangling reference.
#[test]
fn a_dependent_of_two_owners_stays_until_both_are_gone() {
    let mut c = cluster();
    let (a, b) = (c.given(sei_node("a")), c.given(sei_node("b")));
    c.given(owned_by(service("s"), &[&a, &b]));
    c.delete("SeiNode", "a", json!({})).expect("accepted");
    c.wait(2);
    assert_eq!(c.the("Service", "s")["metadata"]["ownerReferences"].as_array().map(Vec::len), Some(1));
    c.delete("SeiNode", "b", json!({})).expect("accepted");
    c.wait(2);
    assert!(!c.exists("Service", "s"));
}

/// Garbage Collection, "Foreground cascading deletion": the owner waits for its blocking dependents.
#[test]
fn a_foreground_deletion_waits_for_blocking_dependents() {
    let mut c = cluster();
    let owner = c.given(sei_node("owner"));
    c.given(owned_by(held("dependent"), &[&owner]));
    c.delete("SeiNode", "owner", json!({ "propagationPolicy": "Foreground" })).expect("accepted");
    c.wait(2);
    assert_eq!(c.the("SeiNode", "owner")["metadata"]["finalizers"], json!(["foregroundDeletion"]));
    c.merge_patch("SeiNode", "dependent", json!({ "metadata": { "finalizers": null } })).expect("accepted");
    c.wait(2);
    assert!(!c.exists("SeiNode", "owner") && !c.exists("SeiNode", "dependent"));
}

/// Garbage Collection, "Orphaned dependents": they lose their reference and stay.
#[test]
fn an_orphaning_deletion_leaves_dependents_without_their_reference() {
    let mut c = cluster();
    let owner = c.given(sei_node("owner"));
    c.given(owned_by(service("s"), &[&owner]));
    c.delete("SeiNode", "owner", json!({ "propagationPolicy": "Orphan" })).expect("accepted");
    c.wait(2);
    assert!(!c.exists("SeiNode", "owner"));
    assert_eq!(c.the("Service", "s")["metadata"].get("ownerReferences"), None);
}

/// Owners and Dependents: an owner is told by its uid, so a namesake of a former owner is none.
#[test]
fn a_dependent_created_for_an_owner_that_is_gone_is_collected() {
    let mut c = cluster();
    let former = c.given(sei_node("owner"));
    c.delete("SeiNode", "owner", json!({})).expect("accepted");
    c.given(sei_node("owner"));
    c.given(owned_by(service("s"), &[&former]));
    c.wait(2);
    assert!(!c.exists("Service", "s") && c.exists("SeiNode", "owner"));
}
