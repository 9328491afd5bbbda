//! What happens to clients whose replies are lost, and to leaders that are no longer.
//!
//! Source: API Concepts, "Resource versions"; client-go, `tools/leaderelection`: a lease orders contenders, it fences nobody.

use crate::cluster;
use crate::cluster::{Cluster, Say, reason};
use crate::manifests::{sei_node, with};
use serde_json::{Value, json};

fn lease(holder: &str) -> Value {
    json!({
        "apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
        "metadata": { "name": "controller", "namespace": "default" },
        "spec": { "holderIdentity": holder, "leaseDurationSeconds": 15 },
    })
}

/// A create that landed although its reply was lost: the second try says so.
#[test]
fn a_create_repeated_after_a_lost_reply_already_exists() {
    let mut c = cluster();
    c.given(sei_node("n"));
    let status = c.create(sei_node("n")).expect_err("refused");
    assert_eq!((&*status.reason, &*status.message), ("AlreadyExists", "seinodes.sei.io \"n\" already exists"));
}

/// A delete that landed although its reply was lost.
#[test]
fn a_delete_repeated_after_a_lost_reply_finds_nothing() {
    let mut c = cluster();
    c.given(sei_node("n"));
    c.delete("SeiNode", "n", json!({})).expect("it lands");
    assert_eq!(reason(c.delete("SeiNode", "n", json!({}))), "NotFound");
}

/// Of two contenders that have read the same lease one gets it.
#[test]
fn only_one_of_two_contenders_takes_a_lease() {
    let mut c = cluster();
    let read = c.given(lease("nobody"));
    let take = |holder: &str| with(read.clone(), &json!({ "spec": { "holderIdentity": holder } }));
    c.update(take("a")).expect("the first takes it");
    assert_eq!(reason(c.update(take("b"))), "Conflict");
    assert_eq!(c.the("Lease", "controller")["spec"]["holderIdentity"], "a");
}

/// A lease does not fence: a call that the former leader had sent lands after the change, and a second leader finds it done.
#[test]
fn a_call_in_flight_when_the_lease_changes_hands_still_lands() {
    let mut c = cluster();
    let node = c.given(sei_node("n"));
    let held = c.given(lease("former"));
    let in_flight = with(node.clone(), &json!({ "spec": { "image": "sei:former" } }));
    c.update(with(held, &json!({ "spec": { "holderIdentity": "latter" } }))).expect("the lease changes hands");
    c.update(in_flight).expect("the former leader's call lands");
    let latter = with(node, &json!({ "spec": { "image": "sei:latter" } }));
    assert_eq!(reason(c.update(latter)), "Conflict", "what the new leader had read is no longer true");
}
