//! Images that are there, that are not, and that come later.

use crate::cluster;
use crate::cluster::{Cluster, Say, container};
use crate::manifests::{pod, with};
use crate::programs::{IMAGE, Program};
use serde_json::{Value, json};

/// A pod on the first machine, where the image can be found again.
fn here(name: &str, policy: &str) -> Value {
    let mut pod = with(pod(name, &Program::default()), &json!({ "spec": { "nodeName": "machine-0" } }));
    pod["spec"]["containers"][0]["imagePullPolicy"] = json!(policy);
    pod
}

fn waits_for(c: &mut impl Cluster, name: &str) -> Value {
    container(&c.the("Pod", name), "main")["state"]["waiting"]["reason"].clone()
}

/// Images, "ImagePullBackOff": the container waits, the pod stays Pending.
#[test]
fn a_pod_whose_image_cannot_be_pulled_waits_in_back_off() {
    let mut c = cluster();
    c.set_image_exists(IMAGE, false);
    c.given(here("p", "IfNotPresent"));
    c.wait(1);
    assert_eq!(waits_for(&mut c, "p"), "ErrImagePull");
    c.until("the kubelet backs off", |c| waits_for(c, "p") == "ImagePullBackOff");
    assert_eq!(c.phase("p"), "Pending");
}

/// Images, "ImagePullBackOff": the delay rises up to 300 s; within it the pod starts by itself once the image is there.
#[test]
fn a_pod_starts_by_itself_within_five_minutes_of_its_image_appearing() {
    let mut c = cluster();
    c.set_image_exists(IMAGE, false);
    c.given(here("p", "IfNotPresent"));
    c.wait(3600);
    c.set_image_exists(IMAGE, true);
    c.wait(301);
    assert!(c.is_ready("p"));
}

/// Images, "Image pull policy": IfNotPresent does without the registry.
#[test]
fn an_image_that_is_on_the_machine_needs_no_registry() {
    let mut c = cluster();
    c.given(here("first", "IfNotPresent"));
    c.wait(5);
    c.set_image_exists(IMAGE, false);
    c.given(here("p", "IfNotPresent"));
    c.wait(5);
    assert!(c.is_ready("p"));
}

/// Images, "Image pull policy": Always asks the registry whenever a container is started.
#[test]
fn the_policy_always_needs_the_registry_every_time() {
    let mut c = cluster();
    c.given(here("first", "Always"));
    c.wait(5);
    c.set_image_exists(IMAGE, false);
    c.given(here("p", "Always"));
    c.wait(5);
    assert_eq!(waits_for(&mut c, "p"), "ImagePullBackOff");
}

/// Images, "Image pull policy": Never fails if the image is not there.
#[test]
fn the_policy_never_does_not_pull() {
    let mut c = cluster();
    c.given(here("p", "Never"));
    c.wait(60);
    assert_eq!(waits_for(&mut c, "p"), "ErrImageNeverPull");
}

/// The same: what another pod has pulled will do.
#[test]
fn the_policy_never_waits_until_someone_else_has_pulled_the_image() {
    let mut c = cluster();
    c.given(here("p", "Never"));
    c.wait(5);
    c.given(here("other", "IfNotPresent"));
    c.until("the pod is ready", |c| c.is_ready("p"));
    assert!(c.is_ready("other"));
}

/// `flowcontrol.Backoff` of 10 s up to 300 s: tries at 10, 30, 70, 150, 310, 610 s after the first.
#[test]
fn a_missing_image_is_tried_again_after_10_20_40_up_to_300_seconds() {
    for (appears, tried) in [(5, 10), (11, 30), (60, 70), (311, 610), (611, 910)] {
        let mut c = cluster();
        c.set_image_exists(IMAGE, false);
        c.given(here("p", "IfNotPresent"));
        c.wait(appears);
        c.set_image_exists(IMAGE, true);
        c.wait(tried - appears - 1);
        assert!(!c.is_ready("p"), "it appears after {appears} s");
        c.wait(3);
        assert!(c.is_ready("p"), "it appears after {appears} s");
    }
}

/// Pod Lifecycle, "Termination of Pods": there is no container to wait for.
#[test]
fn a_pod_in_image_back_off_can_be_deleted() {
    let mut c = cluster();
    c.set_image_exists(IMAGE, false);
    c.given(here("p", "IfNotPresent"));
    c.wait(60);
    c.delete("Pod", "p", json!({})).expect("accepted");
    c.wait(2);
    assert!(!c.exists("Pod", "p"));
}
