//! Machines that are lost, return, are removed or emptied, and what becomes of their pods.

use crate::cluster;
use crate::cluster::{Cluster, Say, condition, container};
use crate::manifests::{budget, claim, container as manifest, job, mounting, pod, service, stateful_set, with};
use crate::programs::Program;
use serde_json::json;

/// Well-Known Labels; Node Status: every machine is a ready Node that tells its zone.
#[test]
fn a_machine_is_a_ready_node_with_hostname_and_zone() {
    let mut c = cluster();
    let node = c.the("Node", "machine-1");
    assert_eq!(condition(&node, "Ready").as_deref(), Some("True"));
    assert_eq!(node["metadata"]["labels"]["kubernetes.io/hostname"], "machine-1");
    assert!(node["metadata"]["labels"]["topology.kubernetes.io/zone"].is_string());
}

/// A StatefulSet's pod `web-0` runs; gives its machine.
fn with_pod(c: &mut impl Cluster) -> String {
    c.given(stateful_set(&pod("p", &Program::default())));
    c.until("the pod is ready", |c| c.exists("Pod", "web-0") && c.is_ready("web-0"));
    c.machine("web-0")
}

/// Node Status, "Heartbeats" and `node-monitor-grace-period` (40 s by default; 50 s here): Ready turns Unknown.
#[test]
fn a_machine_that_is_silent_for_the_grace_period_turns_unknown() {
    let mut c = cluster();
    c.lose_machine("machine-1");
    c.wait(30);
    assert_eq!(condition(&c.the("Node", "machine-1"), "Ready").as_deref(), Some("True"));
    c.wait(30);
    assert_eq!(condition(&c.the("Node", "machine-1"), "Ready").as_deref(), Some("Unknown"));
}

/// Taints and Tolerations, "Taint based Evictions": the taint `unreachable` comes with it.
#[test]
fn an_unreachable_machine_is_tainted_against_scheduling_and_execution() {
    let mut c = cluster();
    c.lose_machine("machine-1");
    c.wait(60);
    let unreachable = "node.kubernetes.io/unreachable";
    let taints = json!([{ "key": unreachable, "effect": "NoSchedule" }, { "key": unreachable, "effect": "NoExecute" }]);
    assert_eq!(c.the("Node", "machine-1")["spec"]["taints"], taints);
}

/// `MarkPodsNotReady` of the node lifecycle controller.
#[test]
fn the_pods_of_an_unreachable_machine_are_not_ready_and_get_no_clients() {
    let mut c = cluster();
    c.given(service("s"));
    let machine = with_pod(&mut c);
    c.wait(1);
    c.lose_machine(&machine);
    c.wait(30);
    assert_eq!(c.reached("s"), ["web-0"], "nobody knows yet");
    c.wait(30);
    assert!(!c.is_ready("web-0"));
    assert!(c.reached("s").is_empty());
    assert_eq!(c.phase("web-0"), "Running");
}

/// Taints and Tolerations, "Taint based Evictions": five minutes after the taint the pod is deleted.
#[test]
fn a_pod_is_deleted_five_minutes_after_its_machine_became_unreachable() {
    let mut c = cluster();
    let machine = with_pod(&mut c);
    c.lose_machine(&machine);
    c.wait(345);
    assert!(!c.is_terminating("Pod", "web-0"));
    c.wait(10);
    assert!(c.is_terminating("Pod", "web-0"));
    let pod = c.the("Pod", "web-0");
    let conditions = pod["status"]["conditions"].as_array().expect("conditions");
    assert!(conditions.iter().any(|c| c["type"] == "DisruptionTarget" && c["reason"] == "DeletionByTaintManager"));
}

/// Taints and Tolerations: a toleration without `tolerationSeconds` holds for ever.
#[test]
fn a_pod_that_tolerates_an_unreachable_machine_is_not_deleted() {
    let mut c = cluster();
    c.given(with(pod("p", &Program::default()), &json!({ "spec": { "tolerations": [{ "operator": "Exists" }] } })));
    c.wait(5);
    let machine = c.machine("p");
    c.lose_machine(&machine);
    c.wait(7200);
    assert!(!c.is_terminating("Pod", "p"));
}

/// `handlePodUpdate` of the taint-eviction controller: it looks at new pods as well as at nodes.
#[test]
fn a_pod_that_names_an_unreachable_machine_is_deleted_after_five_minutes_too() {
    let mut c = cluster();
    c.lose_machine("machine-0");
    c.wait(600);
    c.given(with(pod("p", &Program::default()), &json!({ "spec": { "nodeName": "machine-0" } })));
    c.wait(299);
    assert!(!c.is_terminating("Pod", "p"));
    c.wait(2);
    assert!(c.is_terminating("Pod", "p"));
}

/// Force Delete StatefulSet Pods: a pod on an unreachable machine hangs, and its name with it: at most one pod of an identity.
#[test]
fn a_stateful_sets_pod_on_a_lost_machine_hangs_and_is_not_replaced() {
    let mut c = cluster();
    let machine = with_pod(&mut c);
    let uid = c.uid("Pod", "web-0");
    c.lose_machine(&machine);
    c.wait(7200);
    assert!(c.is_terminating("Pod", "web-0"));
    assert_eq!(c.uid("Pod", "web-0"), uid);
}

/// Force Delete StatefulSet Pods: when the kubelet answers again, it kills the pod and its name is free.
#[test]
fn a_machine_that_returns_lets_go_of_the_pods_that_were_deleted_meanwhile() {
    let mut c = cluster();
    let machine = with_pod(&mut c);
    let uid = c.uid("Pod", "web-0");
    c.lose_machine(&machine);
    c.wait(600);
    c.return_machine(&machine);
    c.wait(5);
    assert_ne!(c.uid("Pod", "web-0"), uid);
    assert_eq!(condition(&c.the("Node", &machine), "Ready").as_deref(), Some("True"));
    assert!(c.the("Node", &machine)["spec"]["taints"].is_null());
}

/// `computePodActions` with a changed sandbox: the pod stays, its containers are restarted.
#[test]
fn a_pod_survives_a_short_loss_of_power_with_its_containers_restarted() {
    let mut c = cluster();
    let machine = with_pod(&mut c);
    let uid = c.uid("Pod", "web-0");
    c.lose_machine(&machine);
    c.wait(100);
    c.return_machine(&machine);
    c.wait(5);
    assert!(c.is_ready("web-0"));
    assert_eq!(c.uid("Pod", "web-0"), uid);
    let main = container(&c.the("Pod", "web-0"), "main");
    assert_eq!(main["restartCount"], 1);
    let last = &main["lastState"]["terminated"];
    assert_eq!((&last["exitCode"], &last["reason"]), (&json!(255), &json!("Unknown")));
}

/// Init Containers, "Pod restart reasons": a changed sandbox runs them all again.
#[test]
fn init_containers_run_again_after_a_loss_of_power() {
    let mut c = cluster();
    let init = json!({ "spec": { "initContainers": [manifest("init", &Program::exits(30, 0))] } });
    c.given(with(pod("p", &Program::default()), &init));
    c.until("the pod is ready", |c| c.is_ready("p"));
    let machine = c.machine("p");
    c.lose_machine(&machine);
    c.wait(10);
    c.return_machine(&machine);
    c.wait(20);
    assert!(container(&c.the("Pod", "p"), "init")["state"]["running"].is_object());
    assert!(!c.is_ready("p"));
    c.wait(20);
    assert!(c.is_ready("p"));
}

/// Pod Lifecycle, "Container restart policy": under Never a container that went with the power is not started again.
#[test]
fn a_job_fails_when_the_machine_of_its_pod_returns() {
    let mut c = cluster();
    c.given(job(&pod("p", &Program::default())));
    c.wait(5);
    let name = c.list("Pod", "job-name=work").expect("pods")[0]["metadata"]["name"].as_str().expect("a name").to_owned();
    let machine = c.machine(&name);
    c.lose_machine(&machine);
    c.wait(20);
    c.return_machine(&machine);
    c.wait(20);
    assert_eq!(c.phase(&name), "Failed");
    assert_eq!(condition(&c.the("Job", "work"), "Failed").as_deref(), Some("True"));
}

/// `podgc.gcOrphaned`: pods of a Node object that is gone are deleted by force.
#[test]
fn the_pods_of_a_removed_machine_are_gone_within_a_minute_and_replaced() {
    let mut c = cluster();
    let machine = with_pod(&mut c);
    let uid = c.uid("Pod", "web-0");
    c.lose_machine(&machine);
    c.wait(600);
    c.remove_machine(&machine);
    assert!(!c.exists("Node", &machine));
    c.wait(65);
    assert_ne!(c.uid("Pod", "web-0"), uid);
    assert_ne!(c.machine("web-0"), machine);
}

/// `podgc.gcOrphaned`: the same for a pod that names a machine which never was.
#[test]
fn a_pod_that_names_a_machine_which_is_not_there_is_collected() {
    let mut c = cluster();
    c.given(with(pod("p", &Program::default()), &json!({ "spec": { "nodeName": "machine-77" } })));
    c.wait(39);
    assert!(c.exists("Pod", "p"));
    c.wait(25);
    assert!(!c.exists("Pod", "p"));
}

/// Taints and Tolerations: the scheduler places nothing on an unreachable machine.
#[test]
fn no_pod_is_placed_on_an_unreachable_machine() {
    let mut c = cluster();
    (1..6).for_each(|n| c.lose_machine(&format!("machine-{n}")));
    c.wait(60);
    for n in 0..5 {
        let name = format!("p{n}");
        c.given(pod(&name, &Program::default()));
        c.wait(1);
        assert_eq!(c.machine(&name), "machine-0");
    }
}

/// Nodes, "Manual Node administration": an unschedulable machine keeps its pods and takes no new ones.
#[test]
fn a_cordoned_machine_keeps_its_pods_and_takes_no_new_ones() {
    let mut c = cluster();
    c.given(with(pod("old", &Program::default()), &json!({ "spec": { "nodeName": "machine-0" } })));
    c.wait(2);
    for n in 0..6 {
        c.merge_patch("Node", &format!("machine-{n}"), json!({ "spec": { "unschedulable": true } })).expect("accepted");
    }
    c.given(pod("new", &Program::default()));
    c.wait(60);
    let taint = json!([{ "key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule" }]);
    assert_eq!(c.the("Node", "machine-0")["spec"]["taints"], taint);
    assert!(c.is_ready("old"));
    assert_eq!(c.machine("new"), "");
    c.merge_patch("Node", "machine-3", json!({ "spec": { "unschedulable": null } })).expect("accepted");
    c.wait(2);
    assert_eq!(c.machine("new"), "machine-3");
}

/// Safely Drain a Node: the machine is cordoned and its pods are evicted.
#[test]
fn a_drain_moves_a_stateful_sets_pod_to_another_machine() {
    let mut c = cluster();
    let machine = with_pod(&mut c);
    c.drain(&machine);
    c.wait(10);
    assert!(c.is_ready("web-0"));
    assert_ne!(c.machine("web-0"), machine);
    assert_eq!(c.the("Node", &machine)["spec"]["unschedulable"], true);
}

/// `kubectl drain`: an eviction that a budget refuses is tried again every 5 s.
#[test]
fn a_drain_waits_until_the_budget_allows_it() {
    let mut c = cluster();
    c.given(budget(&json!({ "minAvailable": 1 })));
    let machine = with_pod(&mut c);
    c.wait(1);
    c.drain(&machine);
    c.wait(120);
    assert_eq!(c.machine("web-0"), machine);
    assert!(!c.is_terminating("Pod", "web-0"));
    c.merge_patch("PodDisruptionBudget", "budget", json!({ "spec": { "minAvailable": 0 } })).expect("accepted");
    c.wait(15);
    assert_ne!(c.machine("web-0"), machine);
}

/// `delayTerminalCondition` of the Job controller: no terminal condition while a pod is terminating.
#[test]
fn a_job_is_not_failed_while_its_pod_hangs_on_a_lost_machine() {
    let mut c = cluster();
    c.given(job(&pod("p", &Program::default())));
    c.wait(5);
    let name = c.list("Pod", "job-name=work").expect("pods")[0]["metadata"]["name"].as_str().expect("a name").to_owned();
    let machine = c.machine(&name);
    c.lose_machine(&machine);
    c.wait(3600);
    assert_eq!(condition(&c.the("Job", "work"), "FailureTarget").as_deref(), Some("True"));
    assert_eq!(condition(&c.the("Job", "work"), "Failed"), None);
    assert_eq!(c.the("Job", "work")["status"]["terminating"], 1);
    c.return_machine(&machine);
    c.wait(5);
    assert_eq!(condition(&c.the("Job", "work"), "Failed").as_deref(), Some("True"));
}

/// Attach-detach controller, `maxWaitForUnmountDuration`: a volume stays on a lost machine for six minutes after its pod.
#[test]
fn a_volume_leaves_a_lost_machine_by_force_six_minutes_after_its_pod_is_gone() {
    let mut c = cluster();
    c.given(claim("data"));
    c.given(stateful_set(&mounting(pod("p", &Program::default()), "data")));
    c.until("the pod is ready", |c| c.exists("Pod", "web-0") && c.is_ready("web-0"));
    let (machine, uid) = (c.machine("web-0"), c.uid("Pod", "web-0"));
    c.lose_machine(&machine);
    c.wait(600);
    c.remove_machine(&machine);
    c.until("the pod is replaced", |c| c.exists("Pod", "web-0") && c.uid("Pod", "web-0") != uid);
    c.wait(350);
    assert_eq!(c.phase("web-0"), "Pending");
    c.wait(15);
    assert_eq!(c.phase("web-0"), "Running");
}

/// Attach-detach controller: a kubelet that is back says that the volume is unmounted, and nobody has to wait.
#[test]
fn a_machine_that_returns_lets_go_of_a_volume_without_force() {
    let mut c = cluster();
    c.given(claim("data"));
    c.given(mounting(pod("first", &Program::default()), "data"));
    c.wait(5);
    let machine = c.machine("first");
    c.lose_machine(&machine);
    c.wait(600);
    c.return_machine(&machine);
    c.wait(5);
    assert!(!c.exists("Pod", "first"));
    c.merge_patch("Node", &machine, json!({ "spec": { "unschedulable": true } })).expect("accepted");
    c.given(mounting(pod("second", &Program::default()), "data"));
    c.wait(2);
    assert_ne!(c.machine("second"), machine);
    assert_eq!(c.phase("second"), "Running");
}
