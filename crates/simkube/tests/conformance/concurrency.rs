//! resourceVersion, conflicts, and writes that change nothing.

use crate::cluster;
use crate::cluster::{Cluster, Say, reason};
use crate::manifests::{sei_node, service, with};
use serde_json::{Value, json};

/// API Concepts, "Updates to existing resources": an update with a stale resourceVersion is a 409.
#[test]
fn a_stale_update_conflicts() {
    let mut c = cluster();
    let old = c.given(sei_node("n"));
    c.update(with(old.clone(), &json!({ "spec": { "image": "sei:v6.4.0" } }))).expect("the first update");
    let second = c.update(with(old, &json!({ "spec": { "image": "sei:v6.5.0" } })));
    assert_eq!(reason(second), "Conflict");
    assert_eq!(c.the("SeiNode", "n")["spec"]["image"], "sei:v6.4.0");
}

/// API Conventions, "Concurrency Control and Consistency": an unconditional update of a custom resource is invalid.
#[test]
fn an_update_of_a_custom_resource_needs_a_resource_version() {
    let mut c = cluster();
    c.given(sei_node("n"));
    let status = c.update(sei_node("n")).expect_err("refused");
    assert_eq!((status.code, &*status.reason), (422, "Invalid"));
    assert!(status.message.contains("must be specified for an update"), "{}", status.message);
}

/// `Store.Update` with `AllowUnconditionalUpdate`: built-in kinds may be updated without a resourceVersion.
#[test]
fn an_update_of_a_built_in_kind_without_a_resource_version_is_unconditional() {
    let mut c = cluster();
    c.given(service("s"));
    let labelled = with(service("s"), &json!({ "metadata": { "labels": { "a": "1" } } }));
    assert_eq!(c.update(labelled).expect("accepted")["metadata"]["labels"], json!({ "a": "1" }));
}

/// API Concepts, "Resource versions"; `GuaranteedUpdate` writes nothing when the encoded object is the same.
#[test]
fn a_write_that_changes_nothing_keeps_the_resource_version() {
    let mut c = cluster();
    let stored = c.given(sei_node("n"));
    assert_eq!(c.update(stored.clone()).expect("accepted"), stored);
    assert_eq!(c.merge_patch("SeiNode", "n", json!({ "spec": { "image": "sei:v6.3.0" } })).expect("accepted"), stored);
}

/// RFC 7386 over an object: without a resourceVersion in the patch there is no precondition.
#[test]
fn a_merge_patch_without_a_resource_version_never_conflicts() {
    let mut c = cluster();
    c.given(sei_node("n"));
    c.merge_patch("SeiNode", "n", json!({ "spec": { "image": "sei:v6.4.0" } })).expect("accepted");
    let patched = c.merge_patch("SeiNode", "n", json!({ "metadata": { "labels": { "a": "1" } } })).expect("accepted");
    assert_eq!(patched["spec"]["image"], "sei:v6.4.0");
}

/// API Concepts, "Patch": a resourceVersion inside a patch is a precondition.
#[test]
fn a_merge_patch_with_a_stale_resource_version_conflicts() {
    let mut c = cluster();
    let old = c.given(sei_node("n"));
    c.merge_patch("SeiNode", "n", json!({ "spec": { "image": "sei:v6.4.0" } })).expect("accepted");
    let stale = json!({ "metadata": { "resourceVersion": old["metadata"]["resourceVersion"], "labels": { "a": "1" } } });
    assert_eq!(reason(c.merge_patch("SeiNode", "n", stale)), "Conflict");
}

/// API Concepts, "Resource versions": every write of any object gets a new, higher version.
#[test]
fn each_write_raises_the_one_version_of_the_store() {
    let mut c = cluster();
    let version = |object: &Value| -> u64 { object["metadata"]["resourceVersion"].as_str().unwrap_or("0").parse().expect("a version") };
    let first = version(&c.given(sei_node("a")));
    let second = version(&c.given(service("s")));
    let third = version(&c.merge_patch("SeiNode", "a", json!({ "metadata": { "labels": { "a": "1" } } })).expect("accepted"));
    assert!(first < second && second < third);
}

/// `Preconditions.Check` on update: the uid in the object must be that of the stored one.
#[test]
fn an_update_of_another_incarnation_conflicts() {
    let mut c = cluster();
    let first = c.given(service("s"));
    c.delete("Service", "s", json!({})).expect("accepted");
    c.given(service("s"));
    let status = c.update(with(first, &json!({ "metadata": { "resourceVersion": null } }))).expect_err("refused");
    assert_eq!((status.code, &*status.reason), (409, "Conflict"));
    assert!(status.message.contains("Precondition failed: UID in precondition"), "{}", status.message);
}

/// API Conventions, "Concurrency Control and Consistency": the message of a 409 tells the client to try again.
#[test]
fn a_conflict_names_the_resource_and_asks_to_try_again() {
    let mut c = cluster();
    let old = c.given(sei_node("n"));
    c.merge_patch("SeiNode", "n", json!({ "metadata": { "labels": { "a": "1" } } })).expect("accepted");
    let message = c.update(with(old, &json!({ "spec": { "image": "x" } }))).expect_err("refused").message;
    let start = "Operation cannot be fulfilled on seinodes.sei.io \"n\": the object has been modified; please apply your changes";
    assert!(message.starts_with(start), "{message}");
}

/// `rest.BeforeCreate` and the storage layer: a new object has no version yet.
#[test]
fn a_create_with_a_resource_version_is_a_bad_request() {
    let mut c = cluster();
    let status = c.create(with(sei_node("n"), &json!({ "metadata": { "resourceVersion": "1" } }))).expect_err("refused");
    assert_eq!((status.code, &*status.reason), (400, "BadRequest"));
}

/// API Concepts, "Dry-run": the request is validated and answered, and nothing is stored.
#[test]
fn a_dry_run_answers_and_stores_nothing() {
    let mut c = cluster();
    assert_eq!(c.create_dry(sei_node("n")).expect("accepted")["metadata"]["generation"], 1);
    assert!(!c.exists("SeiNode", "n"));
    let invalid = with(sei_node("n"), &json!({ "spec": { "image": "" } }));
    assert_eq!(c.create_dry(invalid).expect_err("refused").code, 422);
}

/// API Concepts, "Dry-run": an update is answered as it would be, generation included, but without a version of its own.
#[test]
fn a_dry_run_of_an_update_answers_with_the_change_and_makes_none() {
    let mut c = cluster();
    let stored = c.given(sei_node("n"));
    let answer = c.update_dry(with(stored.clone(), &json!({ "spec": { "image": "sei:v6.4.0" } }))).expect("accepted");
    assert_eq!((&answer["spec"]["image"], &answer["metadata"]["generation"]), (&json!("sei:v6.4.0"), &json!(2)));
    assert_eq!(answer["metadata"]["resourceVersion"], stored["metadata"]["resourceVersion"]);
    assert_eq!(c.the("SeiNode", "n"), stored);
}

/// The same: a delete that is only tried leaves the object as it was.
#[test]
fn a_dry_run_of_a_delete_deletes_nothing() {
    let mut c = cluster();
    let stored = c.given(sei_node("n"));
    c.delete("SeiNode", "n", json!({ "dryRun": ["All"] })).expect("accepted");
    assert_eq!(c.the("SeiNode", "n"), stored);
}

/// The same: all checks are made against what is stored.
#[test]
fn a_dry_run_is_refused_as_the_request_itself_would_be() {
    let mut c = cluster();
    let missing = c.update_dry(with(sei_node("n"), &json!({ "metadata": { "resourceVersion": "1" } })));
    assert_eq!(reason(missing), "NotFound");
    c.given(sei_node("n"));
    assert_eq!(reason(c.create_dry(sei_node("n"))), "AlreadyExists");
}

/// API Conventions, "Metadata": what the server gives to every new object.
#[test]
fn a_new_object_gets_a_uid_of_its_own_a_version_a_generation_and_a_creation_time() {
    let mut c = cluster();
    let (a, b) = (c.given(sei_node("a"))["metadata"].clone(), c.given(sei_node("b"))["metadata"].clone());
    assert!(a["uid"].is_string() && a["resourceVersion"].is_string() && a["creationTimestamp"].is_string());
    assert_eq!(a["generation"], 1);
    assert_ne!(a["uid"], b["uid"]);
}

/// API Conventions, "Idempotency": the server makes a name of `generateName` and five characters.
#[test]
fn a_generated_name_is_the_given_part_and_five_characters() {
    let mut c = cluster();
    let nameless = with(sei_node("n"), &json!({ "metadata": { "name": null, "generateName": "check-" } }));
    let mut names = std::collections::BTreeSet::new();
    for _ in 0..50 {
        let stored = c.given(nameless.clone());
        let name = stored["metadata"]["name"].as_str().expect("a name").to_owned();
        let suffix = name.strip_prefix("check-").expect("the given part comes first");
        assert!(suffix.len() == 5 && suffix.chars().all(|c| "bcdfghjklmnpqrstvwxz2456789".contains(c)), "{name}");
        names.insert(name);
    }
    assert_eq!(names.len(), 50);
}

/// API Conventions, "HTTP Status codes": 404 for whatever is asked of an object that does not exist.
#[test]
fn a_write_to_what_is_not_there_is_not_found() {
    let mut c = cluster();
    let absent = with(sei_node("n"), &json!({ "metadata": { "resourceVersion": "1" } }));
    let refusals = [
        c.update(absent.clone()).expect_err("refused"),
        c.update_status(absent).expect_err("refused"),
        c.merge_patch_status("SeiNode", "n", json!({ "status": { "phase": "Running" } })).expect_err("refused"),
        c.json_patch("SeiNode", "n", json!([])).expect_err("refused"),
        c.delete("SeiNode", "n", json!({})).expect_err("refused"),
    ];
    for status in refusals {
        assert_eq!((status.code, &*status.message), (404, "seinodes.sei.io \"n\" not found"));
    }
    assert_eq!(reason(c.evict("p")), "NotFound");
}

/// API Concepts, "Updates to existing resources": a write is done as a whole or not at all.
#[test]
fn a_refused_write_changes_nothing() {
    let mut c = cluster();
    let stored = c.given(sei_node("n"));
    let bad = with(stored.clone(), &json!({ "spec": { "image": "" }, "metadata": { "labels": { "a": "1" } } }));
    assert_eq!(reason(c.update(bad)), "Invalid");
    assert_eq!(c.the("SeiNode", "n"), stored);
}
