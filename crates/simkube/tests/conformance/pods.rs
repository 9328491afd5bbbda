//! How a pod lives: containers, sidecars, probes, restarts.

use crate::cluster;
use crate::cluster::{Cluster, Say, container};
use crate::manifests::{pod, probe, sidecar, with};
use crate::programs::Program;
use serde_json::json;

/// Pod Lifecycle, "Pod phase": a pod is Pending until its containers have been started, then Running.
#[test]
fn a_pod_is_running_once_all_its_containers_have_been_started() {
    let mut c = cluster();
    c.given(pod("p", &Program::default()));
    assert_eq!(c.phase("p"), "Pending");
    c.until("the pod runs", |c| c.phase("p") == "Running");
    assert!(container(&c.the("Pod", "p"), "main")["state"]["running"].is_object());
}

/// Sidecar Containers: an init container with restartPolicy Always keeps running, and its readiness counts for the pod's.
#[test]
fn the_readiness_of_a_sidecar_counts_for_the_pod() {
    let mut c = cluster();
    let slow = with(sidecar("side", &Program::serves(20)), &json!({ "readinessProbe": probe() }));
    c.given(with(pod("p", &Program::default()), &json!({ "spec": { "initContainers": [slow] } })));
    c.until("the pod runs", |c| c.phase("p") == "Running");
    c.wait(10);
    assert!(!c.is_ready("p"), "the main container is ready, the sidecar is not");
    c.wait(15);
    assert!(c.is_ready("p"));
}

/// Pod Lifecycle, "How Pods handle problems with containers": the delays of restarts double up to five minutes.
#[test]
fn a_crashing_container_is_restarted_at_once_then_after_10_20_40_seconds() {
    let mut c = cluster();
    c.given(pod("p", &Program::exits(1, 1)));
    let restarts = |c: &mut dyn Cluster| container(&c.get("Pod", "p").expect("the pod"), "main")["restartCount"].as_i64().unwrap_or(0);
    let mut counts = Vec::new();
    for at in [5, 20, 50, 110] {
        let waited: u64 = [0, 5, 20, 50].into_iter().filter(|before| *before < at).max().unwrap_or(0);
        c.wait(at - waited);
        counts.push(restarts(&mut c));
    }
    assert_eq!(counts, [1, 2, 3, 4]);
}
