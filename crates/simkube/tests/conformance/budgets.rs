//! Evictions and the budgets that stand in their way.

use crate::cluster;
use crate::cluster::{Cluster, Say, reason};
use crate::manifests::{budget, claim, job, mounting, pod, stateful_set, with};
use crate::programs::Program;
use serde_json::json;

/// API-initiated Eviction: like a DELETE of the pod, with its grace period.
#[test]
fn an_eviction_is_a_graceful_deletion() {
    let mut c = cluster();
    c.given(pod("p", &Program { deaf: true, ..Program::default() }));
    c.wait(5);
    c.evict("p").expect("accepted");
    c.wait(25);
    assert!(c.is_terminating("Pod", "p"));
    c.wait(10);
    assert!(!c.exists("Pod", "p"));
}

/// API-initiated Eviction: 429 if a budget does not allow it.
#[test]
fn an_eviction_against_the_budget_is_answered_429() {
    let mut c = cluster();
    c.given(budget(&json!({ "minAvailable": 1 })));
    c.given(pod("p", &Program::default()));
    c.wait(5);
    let refused = c.evict("p").expect_err("refused");
    assert_eq!((refused.code, &*refused.reason), (429, "TooManyRequests"));
    assert!(!c.is_terminating("Pod", "p"));
}

/// PodDisruptionBudgetStatus: healthy pods beyond the desired ones may be disrupted.
#[test]
fn a_budget_tells_how_many_disruptions_it_allows() {
    let mut c = cluster();
    c.given(budget(&json!({ "minAvailable": 2 })));
    ["a", "b", "c"].iter().for_each(|name| {
        c.given(pod(name, &Program::default()));
    });
    c.wait(5);
    let status = c.the("PodDisruptionBudget", "budget")["status"].clone();
    let told = [&status["expectedPods"], &status["currentHealthy"], &status["desiredHealthy"], &status["disruptionsAllowed"]];
    assert_eq!(told, [3, 3, 2, 1]);
}

/// `checkAndDecrement`: an eviction uses its budget up at once.
#[test]
fn a_budget_of_one_lets_one_of_two_simultaneous_evictions_through() {
    let mut c = cluster();
    c.given(budget(&json!({ "minAvailable": 1 })));
    c.given(pod("a", &Program::default()));
    c.given(pod("b", &Program::default()));
    c.wait(5);
    c.evict("a").expect("the first is allowed");
    assert_eq!(reason(c.evict("b")), "TooManyRequests");
    c.wait(5);
    let status = c.the("PodDisruptionBudget", "budget")["status"].clone();
    assert_eq!((&status["currentHealthy"], &status["disruptionsAllowed"]), (&json!(1), &json!(0)));
}

/// Specifying a Disruption Budget: maxUnavailable is taken from the scale of the pods' controller.
#[test]
fn max_unavailable_counts_from_the_replicas_of_the_controller() {
    for (share, allowed) in [("0%", 0), ("1%", 1), ("50%", 1), ("100%", 1)] {
        let mut c = cluster();
        c.given(budget(&json!({ "maxUnavailable": share })));
        c.given(stateful_set(&pod("p", &Program::default())));
        c.wait(5);
        let status = c.the("PodDisruptionBudget", "budget")["status"].clone();
        assert_eq!(status["expectedPods"], 1);
        assert_eq!((&status["desiredHealthy"], &status["disruptionsAllowed"]), (&json!(1 - allowed), &json!(allowed)), "{share} of one");
    }
}

/// `EvictionREST.Create`: pods that do not run yet are evicted whatever the budget.
#[test]
fn a_pending_pod_needs_no_leave_of_its_budget() {
    let mut c = cluster();
    c.given(budget(&json!({ "minAvailable": 1 })));
    c.given(mounting(pod("p", &Program::default()), "missing"));
    c.wait(5);
    c.evict("p").expect("accepted");
    assert!(!c.exists("Pod", "p"));
}

/// Unhealthy Pod Eviction Policy, AlwaysAllow: running pods that are not ready may go.
#[test]
fn an_unready_pod_may_be_evicted_if_the_policy_always_allows_it() {
    let mut c = cluster();
    let unready = json!([with(
        pod("p", &Program::default())["spec"]["containers"][0].clone(),
        &json!({ "readinessProbe": crate::manifests::probe() })
    )]);
    c.given(budget(&json!({ "minAvailable": 1 })));
    c.given(with(pod("p", &Program::default()), &json!({ "spec": { "containers": unready } })));
    c.wait(5);
    assert_eq!(reason(c.evict("p")), "TooManyRequests");
    c.merge_patch("PodDisruptionBudget", "budget", json!({ "spec": { "unhealthyPodEvictionPolicy": "AlwaysAllow" } })).expect("accepted");
    c.evict("p").expect("accepted");
}

/// Node-pressure Eviction: the kubelet does not respect budgets.
#[test]
fn the_kubelet_evicts_under_pressure_whatever_the_budget() {
    let mut c = cluster();
    c.given(budget(&json!({ "minAvailable": 1 })));
    c.given(pod("p", &Program::default()));
    c.wait(5);
    c.pressure_evict("p");
    c.wait(5);
    assert_eq!(c.phase("p"), "Failed");
}

/// Disruptions, "Pod disruption conditions": a pod says why it goes.
#[test]
fn an_evicted_pod_says_that_it_is_the_target_of_a_disruption() {
    let mut c = cluster();
    c.given(claim("data"));
    c.given(mounting(pod("p", &Program { deaf: true, ..Program::default() }), "data"));
    c.until("the pod runs", |c| c.phase("p") == "Running");
    c.evict("p").expect("accepted");
    let pod = c.the("Pod", "p");
    let target = pod["status"]["conditions"].as_array().expect("conditions").iter().find(|c| c["type"] == "DisruptionTarget").cloned();
    assert_eq!(target.expect("a condition")["reason"], "EvictionByEvictionAPI");
}

/// `getExpectedScale`: "found no controllers for pod" fails the sync, which allows nothing.
#[test]
fn a_budget_by_share_over_pods_without_a_scale_allows_nothing() {
    let mut c = cluster();
    c.given(budget(&json!({ "maxUnavailable": 1 })));
    c.given(with(job(&pod("p", &Program::default())), &json!({ "spec": { "template": { "metadata": { "labels": { "app": "web" } } } } })));
    c.wait(60);
    let status = c.the("PodDisruptionBudget", "budget")["status"].clone();
    assert_eq!(status["disruptionsAllowed"], 0);
    assert_eq!(status["conditions"][0]["reason"], "SyncFailed");
}
