//! StatefulSets of one replica: identity, replacement, rollouts, status.

use crate::cluster;
use crate::cluster::{Cluster, Say};
use crate::manifests::{pod, probe, stateful_set, with};
use crate::programs::Program;
use serde_json::{Value, json};

fn set() -> Value {
    stateful_set(&pod("p", &Program::default()))
}

/// A set whose pod is never ready.
fn unready() -> Value {
    let mut set = set();
    set["spec"]["template"]["spec"]["containers"][0]["readinessProbe"] = probe();
    set
}

fn running(c: &mut impl Cluster, set: Value) {
    c.given(set);
    c.until("the pod runs", |c| c.exists("Pod", "web-0") && c.phase("web-0") == "Running");
    c.wait(1);
}

/// Changes the template.
fn roll(c: &mut impl Cluster, version: &str) {
    let template = json!({ "spec": { "template": { "metadata": { "annotations": { "version": version } } } } });
    c.merge_patch("StatefulSet", "web", template).expect("accepted");
}

fn version(c: &mut impl Cluster) -> String {
    c.the("Pod", "web-0")["metadata"]["annotations"]["version"].as_str().unwrap_or_default().to_owned()
}

/// StatefulSets, "Stable Network ID" and "Pod Name Label".
#[test]
fn a_pod_has_a_name_a_hostname_and_a_label_by_its_ordinal() {
    let mut c = cluster();
    running(&mut c, set());
    let pod = c.the("Pod", "web-0");
    assert_eq!((&pod["spec"]["hostname"], &pod["spec"]["subdomain"]), (&json!("web-0"), &json!("web")));
    assert_eq!(pod["metadata"]["labels"]["statefulset.kubernetes.io/pod-name"], "web-0");
    assert_eq!(pod["metadata"]["labels"]["apps.kubernetes.io/pod-index"], "0");
    let owner = &pod["metadata"]["ownerReferences"][0];
    assert_eq!((&owner["controller"], &owner["uid"]), (&json!(true), &json!(c.uid("StatefulSet", "web"))));
}

/// StatefulSets, "Deployment and Scaling Guarantees": an identity is never held by two pods.
#[test]
fn a_deleted_pod_is_replaced_under_its_name_once_it_is_gone() {
    let mut c = cluster();
    running(&mut c, stateful_set(&pod("p", &Program { deaf: true, ..Program::default() })));
    let uid = c.uid("Pod", "web-0");
    c.delete("Pod", "web-0", json!({})).expect("accepted");
    c.wait(25);
    assert_eq!(c.uid("Pod", "web-0"), uid);
    c.wait(10);
    assert_ne!(c.uid("Pod", "web-0"), uid);
}

/// `updateStatefulSet`: a pod that has failed is deleted and made anew.
#[test]
fn a_failed_pod_is_replaced() {
    let mut c = cluster();
    running(&mut c, set());
    let uid = c.uid("Pod", "web-0");
    c.pressure_evict("web-0");
    c.wait(5);
    assert_ne!(c.uid("Pod", "web-0"), uid);
    assert!(c.is_ready("web-0"));
}

/// StatefulSets, "Rolling Updates".
#[test]
fn a_changed_template_replaces_the_pod() {
    let mut c = cluster();
    running(&mut c, set());
    roll(&mut c, "2");
    c.wait(5);
    assert_eq!(version(&mut c), "2");
    let status = c.the("StatefulSet", "web")["status"].clone();
    assert_eq!(status["currentRevision"], status["updateRevision"]);
    assert_eq!(status["updatedReplicas"], 1);
}

/// StatefulSets, "Forced rollback": a pod that never becomes ready holds every later rollout up.
#[test]
fn a_pod_that_is_not_ready_blocks_rollouts_and_rollbacks() {
    let mut c = cluster();
    running(&mut c, unready());
    let uid = c.uid("Pod", "web-0");
    let back = json!({ "spec": { "template": { "metadata": { "annotations": null } } } });
    for template in [json!({ "spec": { "template": { "metadata": { "annotations": { "version": "2" } } } } }), back] {
        c.merge_patch("StatefulSet", "web", template).expect("accepted");
        c.wait(600);
        assert_eq!(c.uid("Pod", "web-0"), uid);
    }
    roll(&mut c, "3");
    c.wait(600);
    assert_eq!(c.uid("Pod", "web-0"), uid);
    assert_eq!(c.the("StatefulSet", "web")["status"]["updatedReplicas"].as_i64().unwrap_or(0), 0);
}

/// StatefulSets, "Forced rollback": it must be deleted by hand; the next one has the latest template.
#[test]
fn a_blocked_rollout_goes_on_when_the_pod_is_deleted_by_hand() {
    let mut c = cluster();
    running(&mut c, unready());
    roll(&mut c, "2");
    c.wait(60);
    c.delete("Pod", "web-0", json!({})).expect("accepted");
    c.wait(5);
    assert_eq!(version(&mut c), "2");
}

/// StatefulSets, "Update strategies": OnDelete.
#[test]
fn under_on_delete_a_changed_template_waits_for_a_deletion() {
    let mut c = cluster();
    running(&mut c, with(set(), &json!({ "spec": { "updateStrategy": { "type": "OnDelete" } } })));
    roll(&mut c, "2");
    c.wait(60);
    assert_eq!(version(&mut c), "");
    c.delete("Pod", "web-0", json!({})).expect("accepted");
    c.wait(5);
    assert_eq!(version(&mut c), "2");
}

/// `getStatefulSetRevisions`: an equal template has the earlier revision again.
#[test]
fn a_template_that_comes_back_has_its_earlier_revision() {
    let mut c = cluster();
    running(&mut c, set());
    let revision = |c: &mut dyn Cluster| c.get("StatefulSet", "web").expect("a set")["status"]["updateRevision"].clone();
    roll(&mut c, "1");
    c.wait(5);
    let first = revision(&mut c);
    roll(&mut c, "2");
    c.wait(5);
    assert_ne!(revision(&mut c), first);
    roll(&mut c, "1");
    c.wait(5);
    assert_eq!(revision(&mut c), first);
}

/// StatefulSetStatus: pods that exist, and of those the ready ones.
#[test]
fn a_set_counts_its_ready_pods() {
    for (set, ready) in [(unready(), 0), (set(), 1)] {
        let mut c = cluster();
        running(&mut c, set);
        let status = c.the("StatefulSet", "web")["status"].clone();
        assert_eq!((&status["replicas"], status["readyReplicas"].as_i64().unwrap_or(0)), (&json!(1), ready));
    }
}

/// API Conventions, "Typical status properties": observedGeneration says which spec the status is about.
#[test]
fn a_set_says_which_generation_it_has_seen() {
    let mut c = cluster();
    running(&mut c, set());
    roll(&mut c, "2");
    let seen = |c: &mut dyn Cluster| {
        let set = c.get("StatefulSet", "web").expect("a set");
        set["metadata"]["generation"].as_i64().unwrap_or(0) - set["status"]["observedGeneration"].as_i64().unwrap_or(0)
    };
    assert_eq!(seen(&mut c), 1);
    c.wait(5);
    assert_eq!(seen(&mut c), 0);
}

/// StatefulSets, "Scaling": to nothing.
#[test]
fn a_set_scaled_to_zero_deletes_its_pod() {
    let mut c = cluster();
    running(&mut c, set());
    c.merge_patch("StatefulSet", "web", json!({ "spec": { "replicas": 0 } })).expect("accepted");
    c.wait(5);
    assert!(!c.exists("Pod", "web-0"));
}

/// DNS for Services and Pods; RFC 1035, time to live: an answer may be held after the pod is gone, and is not held for ever.
#[test]
fn the_name_of_a_pod_that_is_gone_stops_resolving_within_the_time_to_live() {
    let mut c = cluster();
    c.given(with(crate::manifests::service("web"), &json!({ "spec": { "clusterIP": "None" } })));
    running(&mut c, set());
    c.merge_patch("StatefulSet", "web", json!({ "spec": { "replicas": 0 } })).expect("accepted");
    c.wait(40);
    assert!(!c.resolves("web-0.web.default.svc.cluster.local"));
}
