//! resourceVersion, conflicts, and writes that change nothing.

use crate::cluster;
use crate::cluster::{Cluster, Say, reason};
use crate::manifests::{sei_node, service, with};
use serde_json::json;

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
    assert_eq!(c.merge_patch("SeiNode", "n", json!({})).expect("accepted"), stored);
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
