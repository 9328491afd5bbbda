//! Claims and volumes: when they are made, where they are, and what keeps them.

use crate::cluster;
use crate::cluster::{Cluster, Say, condition};
use crate::manifests::{claim, mounting, pod, with};
use crate::programs::Program;
use serde_json::{Value, json};

fn user(name: &str) -> Value {
    mounting(pod(name, &Program::default()), "data")
}

fn bound(c: &mut impl Cluster) -> bool {
    c.the("PersistentVolumeClaim", "data")["status"]["phase"] == "Bound"
}

/// Storage Classes, "Volume binding mode": WaitForFirstConsumer.
#[test]
fn a_claim_is_pending_until_a_pod_uses_it() {
    let mut c = cluster();
    c.given(claim("data"));
    c.wait(60);
    assert!(!bound(&mut c));
    c.given(user("p"));
    c.wait(5);
    assert!(bound(&mut c));
    assert!(c.the("PersistentVolumeClaim", "data")["spec"]["volumeName"].is_string());
    assert_eq!(c.phase("p"), "Running");
}

/// Persistent Volumes, "Binding": a pod waits for its claim to exist.
#[test]
fn a_pod_that_names_a_missing_claim_is_unschedulable_until_it_is_there() {
    let mut c = cluster();
    c.given(user("p"));
    c.wait(30);
    assert_eq!(condition(&c.the("Pod", "p"), "PodScheduled").as_deref(), Some("False"));
    c.given(claim("data"));
    c.wait(5);
    assert_eq!(c.phase("p"), "Running");
}

/// Persistent Volumes, "Storage Object in Use Protection".
#[test]
fn a_claim_in_use_is_not_removed_until_its_pod_is_gone() {
    let mut c = cluster();
    c.given(claim("data"));
    c.given(user("p"));
    c.wait(5);
    c.delete("PersistentVolumeClaim", "data", json!({})).expect("accepted");
    c.wait(60);
    assert!(c.is_terminating("PersistentVolumeClaim", "data"));
    c.delete("Pod", "p", json!({})).expect("accepted");
    c.wait(5);
    assert!(!c.exists("PersistentVolumeClaim", "data"));
}

/// `pvc-protection-controller`: a pod uses its claim as long as its object is there, ended or not.
#[test]
fn a_pod_that_has_ended_still_protects_its_claim() {
    let mut c = cluster();
    c.given(claim("data"));
    c.given(with(mounting(pod("p", &Program::exits(1, 0)), "data"), &json!({ "spec": { "restartPolicy": "Never" } })));
    c.until("the pod ends", |c| c.phase("p") == "Succeeded");
    c.delete("PersistentVolumeClaim", "data", json!({})).expect("accepted");
    c.wait(60);
    assert!(c.is_terminating("PersistentVolumeClaim", "data"));
}

/// `pvc-protection-controller`: a pod that is bound to no machine protects nothing.
#[test]
fn an_unused_claim_goes_as_soon_as_it_is_deleted() {
    let mut c = cluster();
    c.given(claim("data"));
    c.delete("PersistentVolumeClaim", "data", json!({})).expect("accepted");
    c.wait(1);
    assert!(!c.exists("PersistentVolumeClaim", "data"));
}

/// `VolumeBinding` plugin: a claim that is being deleted takes no further pods.
#[test]
fn a_pod_that_names_a_terminating_claim_is_not_scheduled() {
    let mut c = cluster();
    c.given(claim("data"));
    c.given(user("p"));
    c.wait(5);
    c.delete("PersistentVolumeClaim", "data", json!({})).expect("accepted");
    c.given(user("late"));
    c.wait(30);
    assert_eq!(c.machine("late"), "");
}

/// Persistent Volumes, "Access Modes": ReadWriteOnce is for one machine at a time.
#[test]
fn a_volume_comes_to_another_machine_only_when_the_first_lets_go() {
    let mut c = cluster();
    c.given(claim("data"));
    c.given(user("first"));
    c.wait(5);
    let zone = |c: &mut dyn Cluster, machine: &str| {
        c.get("Node", machine).expect("a node")["metadata"]["labels"]["topology.kubernetes.io/zone"].clone()
    };
    c.given(user("second"));
    c.wait(60);
    let (first, second) = (c.machine("first"), c.machine("second"));
    assert_ne!(first, second);
    assert_eq!(zone(&mut c, &first), zone(&mut c, &second), "a volume stays in its zone");
    assert_eq!(c.phase("second"), "Pending");
    c.delete("Pod", "first", json!({})).expect("accepted");
    c.wait(5);
    assert_eq!(c.phase("second"), "Running");
}

/// Persistent Volumes, "Storage Object in Use Protection": the finalizer is there from the start.
#[test]
fn a_claim_is_born_protected() {
    let mut c = cluster();
    assert_eq!(c.given(claim("data"))["metadata"]["finalizers"], json!(["kubernetes.io/pvc-protection"]));
}

/// Storage Classes, "Volume binding mode": the volume is in the zone of the node that was selected first, and pods follow it.
#[test]
fn pods_follow_a_volume_into_its_zone() {
    let mut c = cluster();
    c.given(claim("data"));
    let mut zones = std::collections::BTreeSet::new();
    for round in 0..8 {
        let name = format!("p{round}");
        c.given(user(&name));
        c.wait(5);
        let selected = c.the("PersistentVolumeClaim", "data")["metadata"]["annotations"]["volume.kubernetes.io/selected-node"].clone();
        for machine in [c.machine(&name), selected.as_str().expect("a machine").to_owned()] {
            zones.insert(c.the("Node", &machine)["metadata"]["labels"]["topology.kubernetes.io/zone"].to_string());
        }
        c.delete("Pod", &name, json!({})).expect("accepted");
        c.wait(5);
    }
    assert_eq!(zones.len(), 1, "{zones:?}");
}
