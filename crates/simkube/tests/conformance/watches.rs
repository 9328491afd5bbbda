//! Lists by label and watches from a resourceVersion.

use crate::cluster;
use crate::cluster::{Cluster, Say};
use crate::manifests::{sei_node, service, with};
use serde_json::{Value, json};

fn labelled(name: &str, labels: &Value) -> Value {
    with(sei_node(name), &json!({ "metadata": { "labels": labels } }))
}

fn version(object: &Value) -> String {
    object["metadata"]["resourceVersion"].as_str().expect("a version").to_owned()
}

fn types(events: &[(&'static str, Value)]) -> Vec<&'static str> {
    events.iter().map(|(kind, _)| *kind).collect()
}

/// Labels and Selectors, "Set-based requirement".
#[test]
fn a_list_takes_set_based_selectors() {
    let mut c = cluster();
    for (name, labels) in [("a", json!({ "tier": "x" })), ("b", json!({ "tier": "y", "old": "" })), ("c", json!({}))] {
        c.given(labelled(name, &labels));
    }
    let mut names = |selector: &str| -> Vec<String> {
        let list = c.list("SeiNode", selector).expect("a list");
        list.iter().map(|object| object["metadata"]["name"].as_str().unwrap_or_default().to_owned()).collect()
    };
    assert_eq!(names("tier in (x, y)"), ["a", "b"]);
    assert_eq!(names("tier notin (x)"), ["b", "c"]);
    assert_eq!(names("old"), ["b"]);
    assert_eq!(names("tier,!old"), ["a"]);
}

/// A selector that cannot be parsed.
#[test]
fn a_malformed_selector_is_a_bad_request() {
    let mut c = cluster();
    assert_eq!(c.list("SeiNode", "tier within (x)").expect_err("refused").code, 400);
}

/// API Concepts, "Efficient detection of changes": every change after the version, in order.
#[test]
fn a_watch_tells_every_change_after_its_version() {
    let mut c = cluster();
    let before = c.given(sei_node("n"));
    c.merge_patch("SeiNode", "n", json!({ "metadata": { "labels": { "a": "1" } } })).expect("accepted");
    c.given(sei_node("m"));
    c.delete("SeiNode", "n", json!({})).expect("accepted");
    let events = c.watch("SeiNode", "", &version(&before)).expect("events");
    assert_eq!(types(&events), ["MODIFIED", "ADDED", "DELETED"]);
    let versions: Vec<u64> = events.iter().map(|(_, object)| version(object).parse().expect("a number")).collect();
    assert!(versions.is_sorted_by(|a, b| a < b), "a deletion has a version of its own: {versions:?}");
}

/// The same: a watch is of one kind.
#[test]
fn a_watch_does_not_tell_of_other_kinds() {
    let mut c = cluster();
    let before = c.given(sei_node("n"));
    c.given(service("s"));
    assert_eq!(c.watch("SeiNode", "", &version(&before)).expect("events"), []);
}

/// The same: a write that changes nothing is no event.
#[test]
fn a_write_that_changes_nothing_is_no_event() {
    let mut c = cluster();
    let stored = c.given(sei_node("n"));
    c.update(stored.clone()).expect("accepted");
    assert_eq!(c.watch("SeiNode", "", &version(&stored)).expect("events"), []);
}

/// The same, with a label selector: what comes to be selected is added, what no longer is is deleted.
#[test]
fn a_watch_by_label_tells_what_comes_and_goes() {
    let mut c = cluster();
    let before = c.given(sei_node("n"));
    for value in ["1", "2"] {
        c.merge_patch("SeiNode", "n", json!({ "metadata": { "labels": { "a": value } } })).expect("accepted");
    }
    let events = c.watch("SeiNode", "a=1", &version(&before)).expect("events");
    assert_eq!(types(&events), ["ADDED", "DELETED"]);
}

/// API Concepts, "410 Gone responses": events are kept for a while only.
#[test]
fn a_watch_from_a_version_that_is_no_longer_kept_is_gone() {
    let mut c = cluster();
    let before = c.given(sei_node("n"));
    for n in 0..200 {
        c.merge_patch("SeiNode", "n", json!({ "metadata": { "labels": { "n": n.to_string() } } })).expect("accepted");
    }
    let status = c.watch("SeiNode", "", &version(&before)).expect_err("too old");
    assert_eq!((status.code, &*status.reason), (410, "Expired"));
    assert!(status.message.starts_with("too old resource version"), "{}", status.message);
}
