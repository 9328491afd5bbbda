//! Probes: what each of them decides, and when.

use crate::cluster;
use crate::cluster::{Cluster, Say, container};
use crate::manifests::{pod, probe, sidecar, with};
use crate::programs::Program;
use serde_json::{Value, json};

fn probed(program: &Program, probes: &Value) -> Value {
    let mut pod = pod("p", program);
    pod["spec"]["containers"][0] = with(pod["spec"]["containers"][0].clone(), probes);
    pod
}

fn restarts(c: &mut impl Cluster) -> i64 {
    container(&c.the("Pod", "p"), "main")["restartCount"].as_i64().expect("a number")
}

/// Pod Lifecycle, "Types of probe": without a readiness probe the state is Success.
#[test]
fn a_container_without_a_readiness_probe_is_ready_as_soon_as_it_runs() {
    let mut c = cluster();
    c.given(pod("p", &Program::default()));
    c.wait(2);
    assert!(c.is_ready("p"));
}

/// Pod Lifecycle, "Types of probe": a container whose readiness probe fails is not restarted.
#[test]
fn a_failing_readiness_probe_makes_unready_and_restarts_nothing() {
    let mut c = cluster();
    c.given(probed(&Program { serves_after: Some(0), fails_after: Some(10), ..Program::default() }, &json!({ "readinessProbe": probe() })));
    c.wait(5);
    assert!(c.is_ready("p"));
    c.wait(40);
    assert!(!c.is_ready("p"));
    assert_eq!(restarts(&mut c), 0);
}

/// Configure Probes, `failureThreshold`: the container is killed after so many failures in a row, and restarted.
#[test]
fn a_failing_liveness_probe_restarts_the_container() {
    let mut c = cluster();
    c.given(probed(&Program { serves_after: Some(0), fails_after: Some(10), ..Program::default() }, &json!({ "livenessProbe": probe() })));
    c.wait(11);
    assert_eq!(restarts(&mut c), 0);
    c.wait(5);
    assert_eq!(restarts(&mut c), 1);
}

/// Configure Probes, "Protect slow starting containers": liveness and readiness wait for the startup probe.
#[test]
fn other_probes_do_not_begin_before_the_startup_probe_has_succeeded() {
    let mut c = cluster();
    let patient = with(probe(), &json!({ "failureThreshold": 60 }));
    c.given(probed(&Program::serves(30), &json!({ "startupProbe": patient, "livenessProbe": probe() })));
    c.wait(35);
    assert_eq!(restarts(&mut c), 0);
    assert!(c.is_ready("p"));
}

/// Pod Lifecycle, "Types of probe": a failed startup probe subjects the container to its restart policy.
#[test]
fn a_startup_probe_that_never_succeeds_restarts_the_container() {
    let mut c = cluster();
    c.given(probed(&Program::default(), &json!({ "startupProbe": probe() })));
    c.wait(5);
    assert_eq!(restarts(&mut c), 1);
    assert_eq!(container(&c.the("Pod", "p"), "main")["started"], false);
}

/// Configure Probes, `initialDelaySeconds`: no look before it.
#[test]
fn a_probe_does_not_look_before_its_initial_delay() {
    let mut c = cluster();
    let late = with(probe(), &json!({ "initialDelaySeconds": 20 }));
    c.given(probed(&Program::serves(0), &json!({ "readinessProbe": late })));
    c.wait(18);
    assert!(!c.is_ready("p"));
    c.wait(4);
    assert!(c.is_ready("p"));
}

/// Configure Probes, `successThreshold`: so many successes in a row after a failure.
#[test]
fn a_readiness_probe_may_ask_for_several_successes_in_a_row() {
    let mut c = cluster();
    let sure = with(probe(), &json!({ "periodSeconds": 5, "successThreshold": 3 }));
    c.given(probed(&Program::serves(0), &json!({ "readinessProbe": sure })));
    c.wait(8);
    assert!(!c.is_ready("p"), "two looks have succeeded");
    c.wait(4);
    assert!(c.is_ready("p"));
}

/// Probe v1, `terminationGracePeriodSeconds`: of the probe, before that of the pod.
#[test]
fn a_liveness_probe_may_bring_its_own_grace_period() {
    let mut c = cluster();
    let short = with(probe(), &json!({ "terminationGracePeriodSeconds": 2 }));
    c.given(probed(&Program { deaf: true, ..Program::default() }, &json!({ "livenessProbe": short })));
    c.wait(8);
    assert_eq!(restarts(&mut c), 1);
    assert_eq!(container(&c.the("Pod", "p"), "main")["lastState"]["terminated"]["exitCode"], 137);
}

/// Sidecar Containers: with a startup probe, the next container waits until it has succeeded.
#[test]
fn a_sidecar_with_a_startup_probe_holds_up_the_main_container() {
    let mut c = cluster();
    let slow = with(sidecar("side", &Program::serves(20)), &json!({ "startupProbe": with(probe(), &json!({ "failureThreshold": 60 })) }));
    c.given(with(pod("p", &Program::default()), &json!({ "spec": { "initContainers": [slow] } })));
    c.wait(15);
    assert_eq!(c.phase("p"), "Pending");
    c.wait(10);
    assert_eq!(c.phase("p"), "Running");
}
