//! Server-side apply and the ownership of fields.

use crate::cluster;
use crate::cluster::{Cluster, Say};
use crate::manifests::{pod, sei_node, service, stateful_set, with};
use crate::programs::Program;
use serde_json::{Value, json};

/// A Service as a manager applies it: no more than the metadata given.
fn labelled(labels: &Value) -> Value {
    with(service("s"), &json!({ "metadata": { "labels": labels } }))
}

/// Server-Side Apply, "Field management": what an applier no longer names, and nobody else owns, is removed.
#[test]
fn a_field_that_its_only_applier_gives_up_is_removed() {
    let mut c = cluster();
    c.apply("us", labelled(&json!({ "a": "1", "b": "1" }))).expect("accepted");
    let new = c.apply("us", labelled(&json!({ "a": "1" }))).expect("accepted");
    assert_eq!(new["metadata"]["labels"], json!({ "a": "1" }));
}

/// The same: a field with another owner stays.
#[test]
fn a_field_that_another_manager_applies_too_stays_when_it_is_given_up() {
    let mut c = cluster();
    c.apply("us", labelled(&json!({ "a": "1" }))).expect("accepted");
    c.apply("them", labelled(&json!({ "a": "1" }))).expect("shared, no conflict");
    let new = c.apply("us", labelled(&json!({}))).expect("accepted");
    assert_eq!(new["metadata"]["labels"], json!({ "a": "1" }));
    let last = c.apply("them", labelled(&json!({}))).expect("accepted");
    assert_eq!(last["metadata"].get("labels"), None, "the last owner has given it up");
}

/// The same: creates and updates own what they set, so it is not removed with an applier that shared it.
#[test]
fn a_field_that_a_plain_create_set_stays_when_its_applier_gives_it_up() {
    let mut c = cluster();
    c.given(labelled(&json!({ "a": "1" })));
    c.apply("us", labelled(&json!({ "a": "1" }))).expect("shared, no conflict");
    let new = c.apply("us", labelled(&json!({}))).expect("accepted");
    assert_eq!(new["metadata"]["labels"], json!({ "a": "1" }));
}

/// Server-Side Apply, "Conflicts": without force an applier does not take a field from another.
#[test]
fn an_apply_without_force_of_anothers_field_conflicts_and_names_the_manager() {
    let mut c = cluster();
    c.apply("them", labelled(&json!({ "a": "1" }))).expect("accepted");
    let status = c.apply_gently("us", labelled(&json!({ "a": "2" }))).expect_err("refused");
    assert_eq!((status.code, &*status.reason), (409, "Conflict"));
    assert_eq!(status.message, "Apply failed with 1 conflict: conflict with \"them\" using v1: .metadata.labels.a");
    assert_eq!(c.the("Service", "s")["metadata"]["labels"], json!({ "a": "1" }));
}

/// The same: several conflicts are listed by manager.
#[test]
fn several_conflicts_are_told_by_manager_and_field() {
    let mut c = cluster();
    c.apply("them", labelled(&json!({ "a": "1", "b": "1" }))).expect("accepted");
    let message = c.apply_gently("us", labelled(&json!({ "a": "2", "b": "2" }))).expect_err("refused").message;
    let fields = "- .metadata.labels.a\n- .metadata.labels.b";
    assert_eq!(message, format!("Apply failed with 2 conflicts: conflicts with \"them\" using v1:\n{fields}"));
}

/// The same: a plain update owns what it changed, so an apply of another value conflicts.
#[test]
fn an_apply_without_force_conflicts_with_a_plain_update() {
    let mut c = cluster();
    c.apply("us", labelled(&json!({ "a": "1" }))).expect("accepted");
    c.merge_patch("Service", "s", json!({ "metadata": { "labels": { "a": "2" } } })).expect("accepted");
    assert_eq!(c.apply_gently("us", labelled(&json!({ "a": "1" }))).expect_err("refused").code, 409);
}

/// The same: agreeing on a value is sharing, not a conflict.
#[test]
fn an_apply_without_force_of_the_same_value_shares_the_field() {
    let mut c = cluster();
    c.apply("them", labelled(&json!({ "a": "1" }))).expect("accepted");
    c.apply_gently("us", labelled(&json!({ "a": "1" }))).expect("accepted");
    let owners = c.managed_fields("Service", "s");
    assert_eq!(owners.as_array().map(Vec::len), Some(2));
    assert!(owners.as_array().into_iter().flatten().all(|entry| entry["fieldsV1"]["f:metadata"]["f:labels"]["f:a"] == json!({})));
}

/// The same: with force the applier takes the field, and the other manager loses it.
#[test]
fn a_forced_apply_takes_the_field_from_its_owner() {
    let mut c = cluster();
    c.apply("them", labelled(&json!({ "a": "1", "b": "1" }))).expect("accepted");
    let new = c.apply("us", labelled(&json!({ "a": "2" }))).expect("accepted");
    assert_eq!(new["metadata"]["labels"], json!({ "a": "2", "b": "1" }));
    let after = c.apply("them", labelled(&json!({ "b": "1" }))).expect("it no longer owns a");
    assert_eq!(after["metadata"]["labels"], json!({ "a": "2", "b": "1" }));
}

/// Server-Side Apply, "Conflicts": force removes the field from the entries of all other managers, so it goes with its new owner.
#[test]
fn a_field_taken_by_force_is_removed_when_its_new_owner_gives_it_up() {
    let mut c = cluster();
    c.apply("them", labelled(&json!({ "a": "1", "b": "1" }))).expect("accepted");
    c.apply("us", labelled(&json!({ "a": "2" }))).expect("accepted");
    let new = c.apply("us", labelled(&json!({}))).expect("accepted");
    assert_eq!(new["metadata"]["labels"], json!({ "b": "1" }));
}

/// `managedFields`: a write other than apply is recorded under the operation Update, with what it changed.
#[test]
fn a_plain_patch_owns_what_it_changed() {
    let mut c = cluster();
    c.apply("us", labelled(&json!({ "a": "1" }))).expect("accepted");
    c.merge_patch("Service", "s", json!({ "metadata": { "labels": { "b": "1" } } })).expect("accepted");
    let owners = c.managed_fields("Service", "s");
    let update = owners.as_array().into_iter().flatten().find(|entry| entry["operation"] == "Update").expect("an entry");
    assert_eq!(update["fieldsV1"], json!({ "f:metadata": { "f:labels": { "f:b": {} } } }));
}

/// The same: ownership is part of the object, so a change of it alone is a write.
#[test]
fn a_first_apply_that_changes_no_value_still_raises_the_version() {
    let mut c = cluster();
    let created = c.given(service("s"));
    let applied = c.apply("us", service("s")).expect("accepted");
    assert_ne!(applied["metadata"]["resourceVersion"], created["metadata"]["resourceVersion"]);
    assert_eq!(applied["spec"], created["spec"]);
}

/// The same apply again changes neither values nor owners.
#[test]
fn the_same_apply_again_is_no_write() {
    let mut c = cluster();
    for manifest in [stateful_set(&pod("p", &Program::default())), service("s")] {
        let applied = c.apply("us", manifest.clone()).expect("accepted");
        assert_eq!(c.apply("us", manifest).expect("accepted"), applied);
    }
}

/// The same: what others report in the status is no business of an applier of the spec.
#[test]
fn a_status_write_in_between_does_not_make_the_same_apply_a_write() {
    let mut c = cluster();
    let set = stateful_set(&pod("p", &Program::default()));
    c.apply("us", set.clone()).expect("accepted");
    let reported = c.merge_patch_status("StatefulSet", "web", json!({ "status": { "readyReplicas": 1 } })).expect("accepted");
    assert_eq!(c.apply("us", set).expect("accepted"), reported);
}

/// Server-Side Apply, "Conflicts", "Overwrite value": a forced apply sets back what someone else has changed.
#[test]
fn a_forced_apply_takes_back_what_a_plain_write_changed() {
    let mut c = cluster();
    c.apply("us", labelled(&json!({ "a": "1" }))).expect("accepted");
    c.merge_patch("Service", "s", json!({ "metadata": { "labels": { "a": "2" } } })).expect("accepted");
    let new = c.apply("us", labelled(&json!({ "a": "1" }))).expect("accepted");
    assert_eq!(new["metadata"]["labels"], json!({ "a": "1" }));
}

/// Server-Side Apply, "Merge strategy": `Service.spec.selector` is atomic.
#[test]
fn a_services_selector_is_applied_whole() {
    let mut c = cluster();
    c.given(with(service("s"), &json!({ "spec": { "selector": { "b": "1" } } })));
    let new = c.apply("us", service("s")).expect("accepted");
    assert_eq!(new["spec"]["selector"], json!({ "app": "web" }));
}

/// The same: ports of a Service are told apart by port and protocol.
#[test]
fn an_applied_port_merges_into_the_port_of_its_number() {
    let mut c = cluster();
    let port = |name: &str, number: i32| json!({ "name": name, "port": number, "protocol": "TCP" });
    let ports = |ports: Vec<Value>| with(service("s"), &json!({ "spec": { "ports": ports } }));
    c.apply("them", ports(vec![port("a", 1)])).expect("accepted");
    let new = c.apply("us", ports(vec![port("b", 2)])).expect("accepted");
    assert_eq!(new["spec"]["ports"].as_array().map(Vec::len), Some(2));
}

/// The same: containers are told apart by name, so one applied by another manager stays.
#[test]
fn an_applied_container_merges_into_the_container_of_its_name() {
    let mut c = cluster();
    c.given(stateful_set(&pod("p", &Program::default())));
    let partial = json!({
        "apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": { "name": "web", "namespace": "default" },
        "spec": { "template": { "spec": { "containers": [{ "name": "main", "image": "conformance/program:2" }] } } },
    });
    let new = c.apply("us", partial).expect("accepted");
    let containers = &new["spec"]["template"]["spec"]["containers"];
    assert_eq!((containers.as_array().map(Vec::len), &containers[0]["image"]), (Some(1), &json!("conformance/program:2")));
}

/// The same: lists of a custom resource without markers are atomic.
#[test]
fn an_unmarked_list_of_a_custom_resource_is_applied_whole() {
    let mut c = cluster();
    let peers = |address: &str| with(sei_node("n"), &json!({ "spec": { "peers": [{ "static": { "addresses": [address] } }] } }));
    c.apply("them", peers("a")).expect("accepted");
    let new = c.apply("us", peers("b")).expect("accepted");
    assert_eq!(new["spec"]["peers"], json!([{ "static": { "addresses": ["b"] } }]));
}

/// Server-Side Apply works on subresources; conditions are told apart by type.
#[test]
fn an_applied_status_owns_its_conditions_by_type() {
    let mut c = cluster();
    c.given(sei_node("n"));
    let condition = |kind: &str| {
        json!({
            "apiVersion": "sei.io/v1alpha1", "kind": "SeiNode", "metadata": { "name": "n", "namespace": "default" },
            "status": { "conditions": [{
                "type": kind, "status": "True", "reason": "Test", "message": "", "lastTransitionTime": "2026-01-01T00:00:00Z",
            }] },
        })
    };
    c.apply_status("us", condition("Ours")).expect("accepted");
    let both = c.apply_status("them", condition("Theirs")).expect("accepted");
    assert_eq!(both["status"]["conditions"].as_array().map(Vec::len), Some(2));
    let owners = c.managed_fields("SeiNode", "n");
    assert_eq!(owners.as_array().into_iter().flatten().filter(|entry| entry["subresource"] == "status").count(), 2);
}

/// `patch.go`: an apply that names a resourceVersion conflicts when it is stale.
#[test]
fn an_apply_with_a_stale_resource_version_conflicts() {
    let mut c = cluster();
    let old = c.given(service("s"));
    c.merge_patch("Service", "s", json!({ "metadata": { "labels": { "a": "1" } } })).expect("accepted");
    let stale = with(service("s"), &json!({ "metadata": { "resourceVersion": old["metadata"]["resourceVersion"] } }));
    assert_eq!(c.apply("us", stale).expect_err("refused").code, 409);
}

/// `patch.go`: an apply needs a manager.
#[test]
fn an_apply_without_a_manager_is_refused() {
    let mut c = cluster();
    assert_eq!(c.apply("", service("s")).expect_err("refused").code, 400);
}

/// `managedFields`: what the server allocates after a create is nobody's, also when its creator writes again.
#[test]
fn the_address_that_a_service_is_given_has_no_owner() {
    let mut c = cluster();
    c.given(service("s"));
    c.merge_patch("Service", "s", json!({ "metadata": { "labels": { "a": "1" } } })).expect("accepted");
    let owners = c.managed_fields("Service", "s");
    let spec = &owners[0]["fieldsV1"]["f:spec"];
    assert!(spec.get("f:selector").is_some() && spec.get("f:clusterIP").is_none(), "{owners}");
}

/// Server-Side Apply, "Field management": an owner loses a field that a plain write changes, so giving it up removes nothing.
#[test]
fn an_applier_loses_the_field_that_a_plain_write_changes() {
    let mut c = cluster();
    c.apply("us", labelled(&json!({ "a": "1" }))).expect("accepted");
    c.merge_patch("Service", "s", json!({ "metadata": { "labels": { "a": "2" } } })).expect("accepted");
    let owners = c.managed_fields("Service", "s");
    let applied = owners.as_array().into_iter().flatten().find(|entry| entry["operation"] == "Apply").expect("an entry");
    assert_eq!(applied["fieldsV1"].get("f:metadata"), None, "{owners}");
    let new = c.apply("us", labelled(&json!({}))).expect("accepted");
    assert_eq!(new["metadata"]["labels"], json!({ "a": "2" }));
}

/// The same: a field that is removed has no owner any more, so applying it again is no conflict.
#[test]
fn a_field_that_is_removed_has_no_owner_left() {
    let mut c = cluster();
    c.apply("them", labelled(&json!({ "a": "1" }))).expect("accepted");
    c.merge_patch("Service", "s", json!({ "metadata": { "labels": null } })).expect("accepted");
    let new = c.apply_gently("us", labelled(&json!({ "a": "2" }))).expect("nobody owns it");
    assert_eq!(new["metadata"]["labels"], json!({ "a": "2" }));
}

/// Server-Side Apply, "Merge strategy": an element that stays keeps what the server gave it; one that is given up goes.
#[test]
fn an_applied_port_keeps_the_node_port_that_the_server_gave_it() {
    let mut c = cluster();
    let balancer = |ports: [i32; 2]| {
        let ports: Vec<Value> = ports.iter().map(|port| json!({ "name": format!("p{port}"), "port": port })).collect();
        with(service("s"), &json!({ "spec": { "type": "LoadBalancer", "ports": ports } }))
    };
    let ports = |service: &Value| -> Vec<(i64, i64)> {
        let number = |port: &Value, field: &str| port[field].as_i64().expect("a number");
        let list = service["spec"]["ports"].as_array().expect("ports");
        list.iter().map(|port| (number(port, "port"), number(port, "nodePort"))).collect()
    };
    let first = c.apply("us", balancer([1, 2])).expect("accepted");
    let second = c.apply("us", balancer([2, 3])).expect("accepted");
    assert_eq!(ports(&second).iter().map(|(port, _)| *port).collect::<Vec<_>>(), [2, 3]);
    assert_eq!(ports(&second)[0], ports(&first)[1]);
    assert_eq!(second["spec"]["clusterIP"], first["spec"]["clusterIP"]);
}
