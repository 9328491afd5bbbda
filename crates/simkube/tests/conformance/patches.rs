//! Patches: RFC 7386 and RFC 6902.

use crate::cluster;
use crate::cluster::{Cluster, Say};
use crate::manifests::{sei_node, service, with};
use serde_json::json;

/// RFC 7386, section 2: `null` removes.
#[test]
fn null_in_a_merge_patch_removes_a_field() {
    let mut c = cluster();
    c.given(with(sei_node("n"), &json!({ "metadata": { "labels": { "a": "1", "b": "2" } } })));
    let new = c.merge_patch("SeiNode", "n", json!({ "metadata": { "labels": { "a": null } } })).expect("accepted");
    assert_eq!(new["metadata"]["labels"], json!({ "b": "2" }));
}

/// RFC 7386, section 1: an array is replaced whole.
#[test]
fn a_merge_patch_replaces_lists_whole() {
    let mut c = cluster();
    c.given(with(service("s"), &json!({ "spec": { "ports": [{ "name": "a", "port": 1 }, { "name": "b", "port": 2 }] } })));
    let new = c.merge_patch("Service", "s", json!({ "spec": { "ports": [{ "name": "c", "port": 3 }] } })).expect("accepted");
    assert_eq!(new["spec"]["ports"].as_array().map(Vec::len), Some(1));
}

/// A patch of an object that does not exist is a 404: only apply creates.
#[test]
fn a_merge_patch_creates_nothing() {
    let mut c = cluster();
    let status = c.merge_patch("SeiNode", "n", json!({ "spec": { "image": "x" } })).expect_err("refused");
    assert_eq!((status.code, &*status.message), (404, "seinodes.sei.io \"n\" not found"));
}

/// `rest.DefaultUpdatedObjectInfo`: an object cannot be renamed.
#[test]
fn a_patch_of_the_name_is_a_bad_request() {
    let mut c = cluster();
    c.given(sei_node("n"));
    let status = c.merge_patch("SeiNode", "n", json!({ "metadata": { "name": "m" } })).expect_err("refused");
    assert_eq!(status.code, 400);
    assert!(status.message.contains("does not match the name on the URL"), "{}", status.message);
}

/// RFC 6902, section 4: operations are carried out in order.
#[test]
fn a_json_patch_adds_replaces_and_removes() {
    let mut c = cluster();
    c.given(with(sei_node("n"), &json!({ "metadata": { "labels": { "a": "1" } } })));
    let operations = json!([
        { "op": "add", "path": "/metadata/labels/b", "value": "2" },
        { "op": "remove", "path": "/metadata/labels/a" },
        { "op": "replace", "path": "/spec/image", "value": "sei:v6.4.0" },
    ]);
    let new = c.json_patch("SeiNode", "n", operations).expect("accepted");
    assert_eq!((&new["metadata"]["labels"], &new["spec"]["image"]), (&json!({ "b": "2" }), &json!("sei:v6.4.0")));
}

/// RFC 6902, section 5, and `patch.go`: a test that fails fails the patch with 422, and nothing of it is done.
#[test]
fn a_json_patch_whose_test_fails_is_invalid_and_changes_nothing() {
    let mut c = cluster();
    let stored = c.given(sei_node("n"));
    let operations = json!([
        { "op": "replace", "path": "/spec/image", "value": "other" },
        { "op": "test", "path": "/spec/chainId", "value": "atlantic-2" },
    ]);
    let status = c.json_patch("SeiNode", "n", operations).expect_err("refused");
    assert_eq!((status.code, &*status.reason), (422, "Invalid"));
    assert_eq!(c.the("SeiNode", "n"), stored);
}

/// RFC 6902, section 4.6, with the stored version: optimistic concurrency without an update.
#[test]
fn a_json_patch_may_test_the_resource_version() {
    let mut c = cluster();
    let stored = c.given(sei_node("n"));
    let operations = json!([
        { "op": "test", "path": "/metadata/resourceVersion", "value": stored["metadata"]["resourceVersion"] },
        { "op": "replace", "path": "/spec/image", "value": "sei:v6.4.0" },
    ]);
    c.json_patch("SeiNode", "n", operations.clone()).expect("accepted");
    assert_eq!(c.json_patch("SeiNode", "n", operations).expect_err("it has moved on").code, 422);
}

/// `patch.go`, `DecodePatch`: what is no list of operations is a bad request.
#[test]
fn what_is_no_json_patch_is_a_bad_request() {
    let mut c = cluster();
    c.given(sei_node("n"));
    assert_eq!(c.json_patch("SeiNode", "n", json!([{ "op": "jump", "path": "/spec" }])).expect_err("refused").code, 400);
}

/// The result of a patch is validated as any other object.
#[test]
fn a_patch_that_makes_an_object_invalid_is_refused() {
    let mut c = cluster();
    c.given(sei_node("n"));
    let status = c.merge_patch("SeiNode", "n", json!({ "spec": { "archive": {} } })).expect_err("refused");
    assert_eq!(status.code, 422);
    let rule = "exactly one of fullNode, archive, replayer, or validator must be set";
    assert_eq!(status.message, format!("SeiNode.sei.io \"n\" is invalid: spec: Invalid value: \"object\": {rule}"));
}
