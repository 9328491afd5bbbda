//! Validation, defaults, pruning, and what may not change.

use crate::cluster;
use crate::cluster::{Cluster, Say};
use crate::manifests::{claim, job, pod, sei_node, service, stateful_set, with};
use crate::programs::Program;
use serde_json::{Value, json};

/// A group of one node.
fn group() -> Value {
    json!({
        "apiVersion": "sei.io/v1alpha1", "kind": "SeiNodeDeployment",
        "metadata": { "name": "g", "namespace": "default" },
        "spec": { "replicas": 1, "template": { "spec": sei_node("n")["spec"] } },
    })
}

/// What a 422 says.
fn refused<T: std::fmt::Debug>(answer: Result<T, crate::cluster::Status>) -> String {
    let status = answer.expect_err("refused");
    assert_eq!((status.code, &*status.reason), (422, "Invalid"), "{}", status.message);
    status.message
}

/// CustomResourceDefinitions, "Field pruning": unknown fields are dropped.
#[test]
fn an_unknown_field_of_a_custom_resource_is_pruned() {
    let mut c = cluster();
    let stored = c.given(with(sei_node("n"), &json!({ "spec": { "colour": "red" } })));
    assert_eq!(stored["spec"].get("colour"), None);
}

/// CustomResourceDefinitions, "Defaulting": an absent field of a present object gets its default.
#[test]
fn a_custom_resource_gets_its_schemas_defaults() {
    let mut c = cluster();
    let mut bare = with(group(), &json!({ "spec": { "template": { "spec": { "sidecar": { "image": "s:1" } } } } }));
    bare["spec"].as_object_mut().expect("a spec").remove("replicas");
    assert_eq!(c.given(sei_node("n"))["spec"].get("sidecar"), None, "an absent parent stays absent");
    let stored = c.given(bare);
    assert_eq!((&stored["spec"]["replicas"], &stored["spec"]["deletionPolicy"]), (&json!(1), &json!("Delete")));
    assert_eq!(stored["spec"]["template"]["spec"]["sidecar"]["port"], 7777);
}

/// CustomResourceDefinitions, "Validation": `minimum` and `maximum`.
#[test]
fn a_number_outside_its_bounds_is_invalid() {
    let mut c = cluster();
    let message = refused(c.create(with(group(), &json!({ "spec": { "replicas": 101 } }))));
    assert!(message.contains("spec.replicas in body should be less than or equal to 100"), "{message}");
}

/// The same: `pattern`.
#[test]
fn a_text_that_does_not_match_its_pattern_is_invalid() {
    let mut c = cluster();
    let message = refused(c.create(with(group(), &json!({ "spec": { "genesis": { "chainId": "-x-" } } }))));
    assert!(message.contains("spec.genesis.chainId in body should match"), "{message}");
}

/// The same: `enum`.
#[test]
fn a_value_outside_its_enumeration_is_invalid() {
    let mut c = cluster();
    assert!(refused(c.create(with(group(), &json!({ "spec": { "deletionPolicy": "Forget" } })))).contains("Forget"));
}

/// The same: `required`.
#[test]
fn a_missing_required_field_is_invalid() {
    let mut c = cluster();
    assert!(refused(c.create(with(sei_node("n"), &json!({ "spec": { "chainId": null } })))).contains("chainId"));
}

/// CustomResourceDefinitions, "Validation rules": the message of a CEL rule that does not hold.
#[test]
fn a_rule_that_does_not_hold_is_told_in_its_own_words() {
    let mut c = cluster();
    let strategy = json!({ "spec": { "updateStrategy": { "type": "HardFork" } } });
    let message = refused(c.create(with(group(), &strategy)));
    assert!(message.contains("spec.updateStrategy: Invalid value: \"object\": hardFork strategy requires haltHeight > 0"), "{message}");
}

/// `x-kubernetes-list-map-keys`: no two conditions of one type.
#[test]
fn two_conditions_of_one_type_are_invalid() {
    let mut c = cluster();
    c.given(sei_node("n"));
    let condition = json!({ "type": "A", "status": "True", "reason": "R", "message": "", "lastTransitionTime": "2026-01-01T00:00:00Z" });
    let message = refused(c.merge_patch_status("SeiNode", "n", json!({ "status": { "conditions": [condition, condition] } })));
    assert!(message.contains("status.conditions[1]: Duplicate value"), "{message}");
}

/// The schema of `metav1.Condition`: a reason is one CamelCase word.
#[test]
fn a_condition_without_a_reason_is_invalid() {
    let mut c = cluster();
    c.given(sei_node("n"));
    let condition = json!({ "type": "A", "status": "True", "reason": "", "message": "", "lastTransitionTime": "2026-01-01T00:00:00Z" });
    let message = refused(c.merge_patch_status("SeiNode", "n", json!({ "status": { "conditions": [condition] } })));
    assert!(message.contains("status.conditions[0].reason in body should be at least 1 chars long"), "{message}");
}

/// API conventions: all causes are told at once.
#[test]
fn an_invalid_object_is_answered_with_every_cause() {
    let mut c = cluster();
    let message = refused(c.create(with(sei_node("n"), &json!({ "spec": { "chainId": "", "image": "", "fullNode": null } }))));
    assert!(message.starts_with("SeiNode.sei.io \"n\" is invalid: ["), "{message}");
    assert!(message.contains("spec.chainId") && message.contains("spec.image"), "{message}");
    assert!(message.contains(", spec: Invalid value"), "{message}");
}

/// Object Names and IDs: a DNS subdomain.
#[test]
fn an_upper_case_name_is_invalid() {
    let mut c = cluster();
    assert!(refused(c.create(sei_node("Upper"))).contains("RFC 1123 subdomain"));
}

/// The same: at most 253 characters.
#[test]
fn a_name_of_more_than_253_characters_is_invalid() {
    let mut c = cluster();
    assert!(refused(c.create(sei_node(&"x".repeat(254)))).contains("253 characters"));
}

/// The same: one of name and generateName is needed.
#[test]
fn an_object_without_a_name_is_invalid() {
    let mut c = cluster();
    let nameless = with(sei_node("n"), &json!({ "metadata": { "name": null } }));
    assert!(refused(c.create(nameless)).contains("name or generateName is required"));
}

/// `ValidateServiceName`: a Service is named by an RFC 1035 label, since DNS serves it.
#[test]
fn the_name_of_a_service_is_a_dns_label_that_begins_with_a_letter() {
    let mut c = cluster();
    assert!(refused(c.create(service("1st"))).contains("DNS-1035"));
    assert!(refused(c.create(service(&"x".repeat(64)))).contains("63 characters"));
}

/// Labels and Selectors, "Syntax and character set".
#[test]
fn a_label_value_with_a_space_is_invalid() {
    let mut c = cluster();
    let labelled = with(sei_node("n"), &json!({ "metadata": { "labels": { "a": "b c" } } }));
    assert!(refused(c.create(labelled)).contains("metadata.labels"));
}

/// A body that is not even of its built-in kind is a bad request.
#[test]
fn a_built_in_object_with_a_field_of_another_type_is_a_bad_request() {
    let mut c = cluster();
    let status = c.create(with(service("s"), &json!({ "spec": { "ports": "80" } }))).expect_err("refused");
    assert_eq!((status.code, &*status.reason), (400, "BadRequest"));
}

/// `ValidateStatefulSetUpdate`.
#[test]
fn a_stateful_set_keeps_its_service_name_selector_and_claim_templates() {
    let mut c = cluster();
    c.given(stateful_set(&pod("p", &Program::default())));
    for change in [
        json!({ "serviceName": "other" }),
        json!({ "selector": { "matchLabels": { "app": "other" } }, "template": { "metadata": { "labels": { "app": "other" } } } }),
        json!({ "volumeClaimTemplates": [claim("data")] }),
        json!({ "podManagementPolicy": "Parallel" }),
    ] {
        let message = refused(c.merge_patch("StatefulSet", "web", json!({ "spec": change })));
        assert!(message.contains("updates to statefulset spec for fields other than"), "{message}");
    }
}

/// `ValidateStatefulSetSpec`: the template carries what the selector selects.
#[test]
fn a_stateful_set_whose_template_is_not_selected_is_invalid() {
    let mut c = cluster();
    let set = with(stateful_set(&pod("p", &Program::default())), &json!({ "spec": { "selector": { "matchLabels": { "app": "x" } } } }));
    assert!(refused(c.create(set)).contains("`selector` does not match template `labels`"));
}

/// `ValidateJobUpdate`.
#[test]
fn a_job_keeps_its_template_and_selector() {
    let mut c = cluster();
    c.given(job(&pod("p", &Program::default())));
    for (field, change) in [("template", json!({ "metadata": { "labels": { "a": "1" } } })), ("selector", json!(null))] {
        let message = refused(c.merge_patch("Job", "work", json!({ "spec": { field: change } })));
        assert!(message.contains(&format!("spec.{field}: Invalid value")) && message.contains("field is immutable"), "{message}");
    }
}

/// `ValidateJobSpec`: a Job's pods do not restart for ever.
#[test]
fn a_job_whose_pods_always_restart_is_invalid() {
    let mut c = cluster();
    let job = with(job(&pod("p", &Program::default())), &json!({ "spec": { "template": { "spec": { "restartPolicy": "Always" } } } }));
    assert!(refused(c.create(job)).contains("restartPolicy"));
}

/// `ValidatePersistentVolumeClaimUpdate`.
#[test]
fn a_claim_keeps_its_class() {
    let mut c = cluster();
    c.given(claim("c"));
    let message = refused(c.merge_patch("PersistentVolumeClaim", "c", json!({ "spec": { "storageClassName": "fast" } })));
    assert!(message.contains("spec is immutable after creation except resources.requests"), "{message}");
}

/// `ValidatePodUpdate`: images may change.
#[test]
fn a_pod_takes_another_image_and_no_other_command() {
    let mut c = cluster();
    c.given(pod("p", &Program::default()));
    c.json_patch("Pod", "p", json!([{ "op": "replace", "path": "/spec/containers/0/image", "value": "other:1" }])).expect("accepted");
    let command = json!([{ "op": "add", "path": "/spec/containers/0/command", "value": ["x"] }]);
    assert!(refused(c.json_patch("Pod", "p", command)).contains("pod updates may not change fields other than"));
}

/// `ValidatePodUpdate`: tolerations are only added to.
#[test]
fn a_pod_keeps_the_tolerations_that_it_has() {
    let mut c = cluster();
    let toleration = |key: &str| json!({ "key": key, "operator": "Exists" });
    c.given(with(pod("p", &Program::default()), &json!({ "spec": { "tolerations": [toleration("a")] } })));
    let both = json!({ "spec": { "tolerations": [toleration("a"), toleration("b")] } });
    c.merge_patch("Pod", "p", both).expect("accepted");
    assert!(refused(c.merge_patch("Pod", "p", json!({ "spec": { "tolerations": [toleration("b")] } }))).contains("only additions"));
}

/// `SetDefaults_StatefulSet` and `SetDefaults_PodSpec`.
#[test]
fn a_stateful_set_gets_its_defaults() {
    let mut c = cluster();
    let mut bare = stateful_set(&pod("p", &Program::default()));
    bare["spec"].as_object_mut().expect("a spec").remove("replicas");
    let spec = c.given(bare)["spec"].clone();
    assert_eq!((&spec["replicas"], &spec["revisionHistoryLimit"]), (&json!(1), &json!(10)));
    assert_eq!((&spec["podManagementPolicy"], &spec["updateStrategy"]["type"]), (&json!("OrderedReady"), &json!("RollingUpdate")));
    let pod = &spec["template"]["spec"];
    assert_eq!((&pod["restartPolicy"], &pod["terminationGracePeriodSeconds"]), (&json!("Always"), &json!(30)));
}

/// `SetDefaults_Job` and `generateSelector`: a Job selects the pods that carry its uid.
#[test]
fn a_job_gets_its_defaults_and_a_selector_by_its_uid() {
    let mut c = cluster();
    let mut bare = job(&pod("p", &Program::default()));
    bare["spec"].as_object_mut().expect("a spec").remove("backoffLimit");
    let job = c.given(bare);
    let (uid, label) = (&job["metadata"]["uid"], "batch.kubernetes.io/controller-uid");
    assert_eq!(&job["spec"]["selector"]["matchLabels"][label], uid);
    assert_eq!(&job["spec"]["template"]["metadata"]["labels"][label], uid);
    let numbers = [&job["spec"]["backoffLimit"], &job["spec"]["parallelism"], &job["spec"]["completions"]];
    assert_eq!(numbers, [6, 1, 1]);
}
