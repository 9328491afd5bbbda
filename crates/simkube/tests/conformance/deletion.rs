//! Deletion: finalizers, grace, preconditions, owners and the garbage collector.

use crate::cluster;
use crate::cluster::{Cluster, Say};
use crate::manifests::{claim, job, pod, sei_node, service, with};
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
    assert!(c.exists("SeiNode", "n"));
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
    c.given(owned_by(claim("data"), &[&owner]));
    c.given(owned_by(sei_node("n"), &[&owner]));
    c.delete("SeiNode", "owner", json!({ "propagationPolicy": "Background" })).expect("accepted");
    assert!(!c.exists("SeiNode", "owner") && c.exists("Service", "s"));
    c.wait(2);
    assert!(!c.exists("Service", "s") && !c.exists("PersistentVolumeClaim", "data") && !c.exists("SeiNode", "n"));
}

/// Garbage Collection, "Owners and dependents": a dependent with another living owner stays, without the dangling reference.
#[test]
fn a_dependent_of_two_owners_stays_until_both_are_gone() {
    let mut c = cluster();
    let (a, b) = (c.given(sei_node("a")), c.given(sei_node("b")));
    c.given(owned_by(service("s"), &[&a, &b]));
    c.delete("SeiNode", "a", json!({})).expect("accepted");
    c.wait(2);
    let left = c.the("Service", "s")["metadata"]["ownerReferences"].clone();
    assert_eq!((left.as_array().map(Vec::len), &left[0]["uid"]), (Some(1), &b["metadata"]["uid"]));
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

/// Finalizers: a terminating object can still be written to.
#[test]
fn a_terminating_object_still_takes_writes() {
    let mut c = cluster();
    c.given(held("n"));
    c.delete("SeiNode", "n", json!({})).expect("accepted");
    let new = c.merge_patch("SeiNode", "n", json!({ "metadata": { "labels": { "a": "1" } } })).expect("accepted");
    assert!(new["metadata"]["deletionTimestamp"].is_string());
    assert_eq!(new["metadata"]["labels"], json!({ "a": "1" }));
}

/// `jobStrategy.DefaultGarbageCollectionPolicy`: a delete of a Job that names no policy orphans its pods.
#[test]
fn a_job_is_orphaned_from_its_pods_unless_the_delete_says_otherwise() {
    let mut c = cluster();
    let named = |name: &str| with(job(&pod("p", &Program::default())), &json!({ "metadata": { "name": name } }));
    c.given(named("a"));
    c.given(named("b"));
    c.delete("Job", "a", json!({})).expect("accepted");
    assert_eq!(c.the("Job", "a")["metadata"]["finalizers"], json!(["orphan"]));
    c.delete("Job", "b", json!({ "propagationPolicy": "Background" })).expect("accepted");
    assert!(!c.exists("Job", "b"));
}

/// `deletionFinalizersForGarbageCollection`: the policy of the latest delete counts.
#[test]
fn an_explicit_background_delete_takes_back_a_foreground_one() {
    let mut c = cluster();
    c.given(sei_node("n"));
    c.delete("SeiNode", "n", json!({ "propagationPolicy": "Foreground" })).expect("accepted");
    assert_eq!(c.the("SeiNode", "n")["metadata"]["finalizers"], json!(["foregroundDeletion"]));
    c.delete("SeiNode", "n", json!({ "propagationPolicy": "Background" })).expect("accepted");
    assert!(!c.exists("SeiNode", "n"));
}

/// Garbage Collection, "Background cascading deletion": it goes on from dependent to dependent.
#[test]
fn a_background_deletion_goes_down_a_chain_of_owners() {
    let mut c = cluster();
    let first = c.given(sei_node("first"));
    let second = c.given(owned_by(sei_node("second"), &[&first]));
    c.given(owned_by(service("s"), &[&second]));
    c.delete("SeiNode", "first", json!({ "propagationPolicy": "Background" })).expect("accepted");
    c.wait(2);
    assert!(!c.exists("SeiNode", "second") && !c.exists("Service", "s"));
}

/// Owners and Dependents: owners are told by uid, so a namesake made at once keeps nothing alive.
#[test]
fn a_namesake_made_after_its_owner_went_does_not_keep_a_dependent() {
    let mut c = cluster();
    let owner = c.given(sei_node("owner"));
    c.given(owned_by(service("s"), &[&owner]));
    c.delete("SeiNode", "owner", json!({})).expect("accepted");
    c.given(sei_node("owner"));
    c.wait(2);
    assert!(!c.exists("Service", "s") && c.exists("SeiNode", "owner"));
}

/// Garbage Collection, "Foreground cascading deletion": dependents first, all the way down.
#[test]
fn a_foreground_deletion_removes_the_last_dependent_first() {
    let mut c = cluster();
    let first = c.given(sei_node("first"));
    let second = c.given(owned_by(sei_node("second"), &[&first]));
    let third = c.given(owned_by(sei_node("third"), &[&second]));
    c.delete("SeiNode", "first", json!({ "propagationPolicy": "Foreground" })).expect("accepted");
    c.wait(5);
    let since = third["metadata"]["resourceVersion"].as_str().expect("a version");
    let events = c.watch("SeiNode", "", since).expect("events");
    let gone = events.iter().filter(|(kind, _)| *kind == "DELETED").map(|(_, object)| object["metadata"]["name"].clone());
    assert_eq!(gone.collect::<Vec<_>>(), ["third", "second", "first"]);
}

/// Owners and Dependents, `blockOwnerDeletion`: a dependent without it is not waited for.
#[test]
fn a_dependent_that_does_not_block_holds_nobody() {
    let mut c = cluster();
    let owner = c.given(sei_node("owner"));
    let mut dependent = owned_by(held("dependent"), &[&owner]);
    dependent["metadata"]["ownerReferences"][0]["blockOwnerDeletion"] = json!(false);
    c.given(dependent);
    c.delete("SeiNode", "owner", json!({ "propagationPolicy": "Foreground" })).expect("accepted");
    c.wait(2);
    assert!(!c.exists("SeiNode", "owner") && c.is_terminating("SeiNode", "dependent"));
}

/// Garbage Collection, "Background cascading deletion": the owner has to be gone, not just terminating.
#[test]
fn an_owner_that_is_held_keeps_its_dependents_until_it_is_gone() {
    let mut c = cluster();
    let owner = c.given(held("owner"));
    c.given(owned_by(service("s"), &[&owner]));
    c.delete("SeiNode", "owner", json!({ "propagationPolicy": "Background" })).expect("accepted");
    c.wait(10);
    assert!(c.exists("Service", "s"));
    c.merge_patch("SeiNode", "owner", json!({ "metadata": { "finalizers": null } })).expect("accepted");
    c.wait(2);
    assert!(!c.exists("Service", "s"));
}
