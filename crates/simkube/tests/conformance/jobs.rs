//! Jobs of one pod without a second try.

use crate::cluster;
use crate::cluster::{Cluster, Say, condition};
use crate::manifests::{container, job, pod, sidecar, with};
use crate::programs::Program;
use serde_json::{Value, json};

fn runs(program: &Program) -> Value {
    job(&pod("p", program))
}

fn has(c: &mut impl Cluster, kind: &str) -> bool {
    condition(&c.the("Job", "work"), kind).as_deref() == Some("True")
}

fn the_pod(c: &mut impl Cluster) -> Value {
    c.list("Pod", "job-name=work").expect("pods").pop().expect("the Job has a pod")
}

fn delete_pod(c: &mut impl Cluster) {
    let name = the_pod(c)["metadata"]["name"].as_str().expect("a name").to_owned();
    c.delete("Pod", &name, json!({})).expect("accepted");
}

/// Jobs, "Job termination and cleanup"; "Terminal Job conditions": SuccessCriteriaMet, then Complete.
#[test]
fn a_job_whose_pod_succeeds_is_complete() {
    let mut c = cluster();
    c.given(runs(&Program::exits(5, 0)));
    c.wait(10);
    assert!(has(&mut c, "SuccessCriteriaMet") && has(&mut c, "Complete"));
    let status = c.the("Job", "work")["status"].clone();
    assert_eq!(status["succeeded"], 1);
    assert!(status["completionTime"].is_string());
}

/// Jobs, "Pod backoff failure policy": with backoffLimit 0 the first failure is the last.
#[test]
fn a_job_without_a_second_try_fails_with_its_pod() {
    let mut c = cluster();
    c.given(runs(&Program::exits(5, 9)));
    c.wait(60);
    assert!(has(&mut c, "Failed"));
    let conditions = c.the("Job", "work")["status"]["conditions"].clone();
    assert!(conditions.as_array().expect("conditions").iter().all(|c| c["reason"] == "BackoffLimitExceeded"));
    assert_eq!(c.list("Pod", "job-name=work").expect("pods").len(), 1);
}

/// `isPodFailed`: a deleted pod has failed; "Terminal Job conditions": FailureTarget first, Failed only once all pods have ended.
#[test]
fn a_job_whose_pod_is_deleted_says_that_it_fails_and_has_failed_once_the_pod_has_ended() {
    let mut c = cluster();
    c.given(runs(&Program { deaf: true, ..Program::default() }));
    c.wait(5);
    delete_pod(&mut c);
    c.wait(10);
    assert!(has(&mut c, "FailureTarget") && !has(&mut c, "Failed"));
    c.wait(25);
    assert!(has(&mut c, "Failed"));
}

/// Sidecar Containers, "Sidecar containers and Jobs": they do not keep a Job from completing.
#[test]
fn a_sidecar_does_not_keep_a_job_from_completing() {
    let mut c = cluster();
    let with_sidecar = json!({ "spec": { "initContainers": [sidecar("side", &Program::default())] } });
    c.given(job(&with(pod("p", &Program::exits(5, 0)), &with_sidecar)));
    c.wait(10);
    assert!(has(&mut c, "Complete"));
}

/// Init Containers, "Detailed behavior": under restartPolicy Never a failed init container fails the pod.
#[test]
fn a_failed_init_container_fails_the_job() {
    let mut c = cluster();
    let with_init = json!({ "spec": { "initContainers": [container("init", &Program::exits(2, 1))] } });
    c.given(job(&with(pod("p", &Program::default()), &with_init)));
    c.wait(10);
    assert!(has(&mut c, "Failed"));
}

/// Jobs, "Job tracking with finalizers": a pod is held until it has been counted.
#[test]
fn a_pod_of_a_job_carries_the_tracking_finalizer_until_it_is_counted() {
    let mut c = cluster();
    c.given(runs(&Program::exits(20, 0)));
    c.wait(10);
    assert_eq!(the_pod(&mut c)["metadata"]["finalizers"], json!(["batch.kubernetes.io/job-tracking"]));
    c.wait(15);
    assert!(the_pod(&mut c)["metadata"]["finalizers"].is_null());
}

/// Automatic Cleanup for Finished Jobs: the Job and its pods go when the time to live is over.
#[test]
fn a_finished_job_goes_with_its_pod_after_its_time_to_live() {
    let mut c = cluster();
    c.given(with(runs(&Program::exits(50, 0)), &json!({ "spec": { "ttlSecondsAfterFinished": 100 } })));
    c.wait(149);
    assert!(c.exists("Job", "work"));
    assert_eq!(c.list("Pod", "job-name=work").expect("pods").len(), 1);
    c.wait(5);
    assert!(!c.exists("Job", "work"));
    assert!(c.list("Pod", "job-name=work").expect("pods").is_empty());
}

/// JobStatus: the pods that are pending or running, and those of them that are ready.
#[test]
fn a_job_counts_its_active_pods() {
    let mut c = cluster();
    c.given(runs(&Program::default()));
    c.wait(5);
    let status = c.the("Job", "work")["status"].clone();
    assert_eq!((&status["active"], &status["ready"]), (&json!(1), &json!(1)));
    assert!(status["startTime"].is_string());
}

/// Jobs, "Pod selector": pods are labelled with the Job's name and uid.
#[test]
fn a_pod_of_a_job_is_named_after_it_and_labelled_with_its_name_and_uid() {
    let mut c = cluster();
    c.given(runs(&Program::default()));
    c.wait(5);
    let meta = the_pod(&mut c)["metadata"].clone();
    assert_eq!(meta["name"].as_str().and_then(|name| name.strip_prefix("work-")).map(str::len), Some(5));
    let (labels, uid) = (&meta["labels"], c.uid("Job", "work"));
    assert_eq!(labels["batch.kubernetes.io/job-name"], "work");
    assert_eq!(labels["batch.kubernetes.io/controller-uid"], json!(uid));
}

/// Jobs, "Pod backoff failure policy": an evicted pod counts as a failed one.
#[test]
fn a_job_whose_pod_is_evicted_under_pressure_fails() {
    let mut c = cluster();
    c.given(runs(&Program::default()));
    c.wait(5);
    let name = the_pod(&mut c)["metadata"]["name"].as_str().expect("a name").to_owned();
    c.pressure_evict(&name);
    c.wait(60);
    assert!(has(&mut c, "Failed"));
    assert_eq!(c.list("Pod", "job-name=work").expect("pods").len(), 1, "there is no second try");
}

/// Garbage Collection, "Foreground cascading deletion": a Job waits for its pod, and the pod for its containers.
#[test]
fn a_foreground_deletion_of_a_running_job_ends_its_pod_first() {
    let mut c = cluster();
    c.given(runs(&Program { deaf: true, ..Program::default() }));
    c.wait(5);
    c.delete("Job", "work", json!({ "propagationPolicy": "Foreground" })).expect("accepted");
    c.wait(25);
    assert!(c.is_terminating("Job", "work"), "it waits for its pod");
    c.wait(10);
    assert!(!c.exists("Job", "work"));
    assert!(c.list("Pod", "job-name=work").expect("pods").is_empty());
}

/// Jobs, "Job tracking with finalizers": pods whose Job is gone are let go of.
#[test]
fn a_background_deletion_of_a_job_leaves_no_pod_behind() {
    let mut c = cluster();
    c.given(runs(&Program::default()));
    c.wait(5);
    c.delete("Job", "work", json!({ "propagationPolicy": "Background" })).expect("accepted");
    c.wait(10);
    assert!(c.list("Pod", "job-name=work").expect("pods").is_empty());
}
