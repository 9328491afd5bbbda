//! How a pod lives: containers, sidecars, probes, restarts.

use crate::cluster;
use crate::cluster::{Cluster, Say, container};
use crate::manifests::{container as manifest, mounting, pod, probe, sidecar, with};
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
fn a_crashing_container_is_restarted_at_once_then_after_10_20_40_up_to_300_seconds() {
    let mut c = cluster();
    c.given(pod("p", &Program::exits(1, 1)));
    let restarts = |c: &mut dyn Cluster| container(&c.get("Pod", "p").expect("the pod"), "main")["restartCount"].as_i64().unwrap_or(0);
    let (mut counts, mut now) = (Vec::new(), 0);
    for at in [5, 20, 50, 110, 200, 400, 800, 1000, 1300] {
        c.wait(at - now);
        now = at;
        counts.push(restarts(&mut c));
    }
    assert_eq!(counts, [1, 2, 3, 4, 5, 6, 7, 8, 9]);
}

fn restarts(c: &mut impl Cluster, name: &str) -> i64 {
    container(&c.the("Pod", "p"), name)["restartCount"].as_i64().expect("a number")
}

/// A pod `p` with init containers.
fn with_init(init: serde_json::Value) -> serde_json::Value {
    with(pod("p", &Program::default()), &json!({ "spec": { "initContainers": init } }))
}

fn with_policy(program: &Program, policy: &str) -> serde_json::Value {
    with(pod("p", program), &json!({ "spec": { "restartPolicy": policy } }))
}

/// Init Containers, "Understanding init containers": each must complete before the next one starts.
#[test]
fn init_containers_run_to_completion_one_after_the_other() {
    let mut c = cluster();
    c.given(with_init(json!([manifest("first", &Program::exits(10, 0)), manifest("second", &Program::exits(10, 0))])));
    c.wait(5);
    assert!(container(&c.the("Pod", "p"), "second")["state"]["waiting"].is_object());
    c.wait(10);
    assert!(container(&c.the("Pod", "p"), "second")["state"]["running"].is_object());
    assert!(container(&c.the("Pod", "p"), "main")["state"]["waiting"].is_object());
    c.wait(10);
    assert_eq!(c.phase("p"), "Running");
}

/// Init Containers, "Detailed behavior": the kubelet restarts a failed one until it succeeds; the pod stays Pending.
#[test]
fn a_failed_init_container_is_started_again_and_holds_the_pod_up() {
    let mut c = cluster();
    c.given(with_init(json!([manifest("init", &Program::exits(1, 1))])));
    c.wait(20);
    assert_eq!(restarts(&mut c, "init"), 2);
    assert_eq!(c.phase("p"), "Pending");
}

/// Sidecar Containers: the next container starts as soon as the sidecar has started, not when it ends or is ready.
#[test]
fn a_sidecar_does_not_hold_up_the_main_container() {
    let mut c = cluster();
    let unready = with(sidecar("side", &Program::default()), &json!({ "readinessProbe": probe() }));
    c.given(with_init(json!([unready])));
    c.wait(5);
    assert!(container(&c.the("Pod", "p"), "main")["state"]["running"].is_object());
}

/// Sidecar Containers: it is restarted whatever the pod's policy.
#[test]
fn a_sidecar_is_restarted_even_under_the_policy_never() {
    let mut c = cluster();
    let init = json!({ "spec": { "initContainers": [sidecar("side", &Program::exits(5, 1))], "restartPolicy": "Never" } });
    c.given(with(pod("p", &Program::default()), &init));
    c.wait(8);
    assert_eq!(restarts(&mut c, "side"), 1);
}

/// Pod Lifecycle, "Container restart policy": Always restarts after any exit.
#[test]
fn a_container_that_ends_well_is_restarted_under_the_policy_always() {
    let mut c = cluster();
    c.given(pod("p", &Program::exits(5, 0)));
    c.wait(8);
    assert_eq!(restarts(&mut c, "main"), 1);
    assert_eq!(c.phase("p"), "Running");
}

/// Pod Lifecycle, "Container restart policy": OnFailure restarts only after an error.
#[test]
fn under_the_policy_on_failure_a_pod_that_ends_well_has_succeeded() {
    let mut c = cluster();
    c.given(with_policy(&Program::exits(5, 0), "OnFailure"));
    c.wait(8);
    assert_eq!(c.phase("p"), "Succeeded");
    assert_eq!(restarts(&mut c, "main"), 0);
}

/// Pod Lifecycle, "Pod phase": Failed when all containers have ended and one of them badly.
#[test]
fn under_the_policy_never_a_pod_with_one_bad_container_has_failed_once_all_have_ended() {
    let mut c = cluster();
    let two = json!([manifest("bad", &Program::exits(2, 3)), manifest("good", &Program::exits(10, 0))]);
    c.given(with(pod("p", &Program::default()), &json!({ "spec": { "containers": two, "restartPolicy": "Never" } })));
    c.wait(6);
    assert_eq!(c.phase("p"), "Running");
    c.wait(6);
    assert_eq!(c.phase("p"), "Failed");
    assert_eq!(container(&c.the("Pod", "p"), "bad")["state"]["terminated"]["exitCode"], 3);
}

/// Pod Lifecycle, "Container states": a container that waits for its restart says so, and how its last run ended.
#[test]
fn a_container_in_crash_loop_back_off_tells_how_it_ended() {
    let mut c = cluster();
    c.given(pod("p", &Program::exits(1, 7)));
    c.wait(6);
    let main = container(&c.the("Pod", "p"), "main");
    assert_eq!(main["state"]["waiting"]["reason"], "CrashLoopBackOff");
    assert_eq!((&main["lastState"]["terminated"]["exitCode"], &main["lastState"]["terminated"]["reason"]), (&json!(7), &json!("Error")));
    assert_eq!(main["ready"], false);
}

/// Pod Lifecycle, "How Pods handle problems with containers": ten minutes without a problem reset the delay.
#[test]
fn ten_minutes_of_running_make_the_next_restart_immediate_again() {
    let mut c = cluster();
    c.given(pod("p", &Program::exits(601, 1)));
    c.wait(1810);
    assert_eq!(restarts(&mut c, "main"), 3);
}

/// Assign Memory Resources to Containers and Pods: 137 and OOMKilled, then a restart like any other.
#[test]
fn a_container_killed_for_want_of_memory_is_reported_as_such_and_restarted() {
    let mut c = cluster();
    c.given(pod("p", &Program::default()));
    c.wait(5);
    c.oom_kill("p", "main");
    c.wait(5);
    let main = container(&c.the("Pod", "p"), "main");
    let last = &main["lastState"]["terminated"];
    assert_eq!((&last["exitCode"], &last["reason"]), (&json!(137), &json!("OOMKilled")));
    assert!(main["state"]["running"].is_object());
}

/// Pod Lifecycle, "Termination of Pods": SIGTERM, and SIGKILL when the grace period is over.
#[test]
fn a_container_that_takes_no_notice_of_its_signal_is_killed_after_the_grace_period() {
    let mut c = cluster();
    c.given(pod("p", &Program { deaf: true, ..Program::default() }));
    c.wait(5);
    c.delete("Pod", "p", json!({})).expect("accepted");
    c.wait(29);
    assert!(c.is_terminating("Pod", "p"));
    c.wait(3);
    assert!(!c.exists("Pod", "p"));
}

/// Sidecar Containers, "Pod termination": sidecars are signalled only when the main containers have ended.
#[test]
fn a_sidecar_outlives_the_main_containers_of_a_pod_that_is_deleted() {
    let mut c = cluster();
    let init = json!({ "spec": { "initContainers": [sidecar("side", &Program::default())] } });
    c.given(with(pod("p", &Program { deaf: true, ..Program::default() }), &init));
    c.wait(5);
    c.delete("Pod", "p", json!({})).expect("accepted");
    c.wait(25);
    assert!(container(&c.the("Pod", "p"), "side")["state"]["running"].is_object());
}

/// `podStrategy.CheckGracefulDelete`: nobody has to confirm the end of a pod that was never bound.
#[test]
fn an_unscheduled_pod_is_gone_at_once_when_it_is_deleted() {
    let mut c = cluster();
    c.given(mounting(pod("p", &Program::default()), "missing"));
    c.wait(5);
    c.delete("Pod", "p", json!({})).expect("accepted");
    assert!(!c.exists("Pod", "p"));
}

/// `podStrategy.CheckGracefulDelete`: nor that of one whose containers have ended.
#[test]
fn a_pod_that_has_ended_is_gone_at_once_when_it_is_deleted() {
    let mut c = cluster();
    for code in [0, 1] {
        c.given(with_policy(&Program::exits(1, code), "Never"));
        c.wait(5);
        c.delete("Pod", "p", json!({})).expect("accepted");
        assert!(!c.exists("Pod", "p"));
    }
}

/// Node-pressure Eviction: the kubelet sets the phase Failed and the reason Evicted; the object stays.
#[test]
fn a_pod_evicted_under_pressure_stays_as_failed() {
    let mut c = cluster();
    c.given(pod("p", &Program::default()));
    c.wait(5);
    c.pressure_evict("p");
    c.wait(5);
    let status = &c.the("Pod", "p")["status"];
    assert_eq!((&status["phase"], &status["reason"]), (&json!("Failed"), &json!("Evicted")));
}

/// Pod v1, `terminationGracePeriodSeconds`: 30 s unless the pod says otherwise.
#[test]
fn a_pod_may_bring_its_own_grace_period() {
    let mut c = cluster();
    let patient = json!({ "spec": { "terminationGracePeriodSeconds": 120 } });
    c.given(with(pod("p", &Program { deaf: true, ..Program::default() }), &patient));
    c.wait(5);
    c.delete("Pod", "p", json!({})).expect("accepted");
    c.wait(118);
    assert!(c.is_terminating("Pod", "p"));
    c.wait(5);
    assert!(!c.exists("Pod", "p"));
}

/// Sidecar Containers, "Pod termination": in the reverse order of their start.
#[test]
fn sidecars_end_in_the_reverse_order_of_their_start() {
    let mut c = cluster();
    let deaf = Program { deaf: true, ..Program::default() };
    c.given(with_init(json!([sidecar("outer", &Program::default()), sidecar("inner", &deaf)])));
    c.wait(5);
    c.delete("Pod", "p", json!({})).expect("accepted");
    c.wait(20);
    let pod = c.the("Pod", "p");
    assert!(container(&pod, "inner")["state"]["running"].is_object(), "it takes no notice of its signal");
    assert!(container(&pod, "outer")["state"]["running"].is_object(), "its turn has not come");
}
