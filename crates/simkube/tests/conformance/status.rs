//! The status subresource, and the generation that tells whether a status is up to date.

use crate::cluster;
use crate::cluster::{Cluster, Say};
use crate::manifests::{claim, sei_node, service, stateful_set, with};
use crate::{manifests, programs::Program};
use serde_json::json;

/// CustomResourceDefinitions, "Status subresource": a POST ignores the status.
#[test]
fn a_create_ignores_the_status() {
    let mut c = cluster();
    let stored = c.given(with(sei_node("n"), &json!({ "status": { "phase": "Running" } })));
    assert_eq!(stored.get("status"), None);
}

/// The same: PUT and PATCH of the main resource ignore the status.
#[test]
fn a_write_to_the_main_resource_ignores_the_status() {
    let mut c = cluster();
    let stored = c.given(sei_node("n"));
    let put = c.update(with(stored, &json!({ "status": { "phase": "Running" } }))).expect("accepted");
    let patched = c.merge_patch("SeiNode", "n", json!({ "status": { "phase": "Failed" } })).expect("accepted");
    assert_eq!((put.get("status"), patched.get("status")), (None, None));
}

/// The same: PUT to `/status` ignores everything but the status.
#[test]
fn an_update_of_the_status_ignores_spec_and_labels() {
    let mut c = cluster();
    let stored = c.given(sei_node("n"));
    let change = json!({ "status": { "phase": "Running" }, "spec": { "image": "other" }, "metadata": { "labels": { "a": "1" } } });
    let new = c.update_status(with(stored.clone(), &change)).expect("accepted");
    assert_eq!(new["status"]["phase"], "Running");
    assert_eq!((&new["spec"], new["metadata"].get("labels")), (&stored["spec"], None));
}

/// `Store.Update` on the status strategy: it conflicts as any other update.
#[test]
fn a_stale_update_of_the_status_conflicts() {
    let mut c = cluster();
    let old = c.given(sei_node("n"));
    c.merge_patch("SeiNode", "n", json!({ "metadata": { "labels": { "a": "1" } } })).expect("accepted");
    let status = c.update_status(with(old, &json!({ "status": { "phase": "Running" } }))).expect_err("refused");
    assert_eq!(status.code, 409);
}

/// API Concepts, "Patch", on the subresource.
#[test]
fn a_merge_patch_of_the_status_with_a_stale_version_conflicts() {
    let mut c = cluster();
    let old = c.given(sei_node("n"));
    c.merge_patch("SeiNode", "n", json!({ "metadata": { "labels": { "a": "1" } } })).expect("accepted");
    let version = &old["metadata"]["resourceVersion"];
    let patch = json!({ "metadata": { "resourceVersion": version }, "status": { "phase": "Running" } });
    assert_eq!(c.merge_patch_status("SeiNode", "n", patch).expect_err("refused").code, 409);
}

/// RFC 7386 on `/status`: what the patch does not name stays.
#[test]
fn a_merge_patch_of_the_status_keeps_its_other_fields() {
    let mut c = cluster();
    c.given(sei_node("n"));
    c.merge_patch_status("SeiNode", "n", json!({ "status": { "phase": "Running" } })).expect("accepted");
    let new = c.merge_patch_status("SeiNode", "n", json!({ "status": { "externalAddress": "1.2.3.4:1" } })).expect("accepted");
    assert_eq!(new["status"], json!({ "phase": "Running", "externalAddress": "1.2.3.4:1" }));
}

/// A kind without the subresource has no such URL.
#[test]
fn the_status_of_a_kind_without_one_is_not_found() {
    let mut c = cluster();
    let lease = json!({
        "apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
        "metadata": { "name": "l", "namespace": "default" }, "spec": { "holderIdentity": "a" },
    });
    let stored = c.given(lease);
    assert_eq!(c.update_status(stored).expect_err("refused").code, 404);
}

/// API Conventions, "Metadata": generation is 1 at first and rises with the desired state.
#[test]
fn the_generation_rises_with_each_change_of_the_spec() {
    let mut c = cluster();
    assert_eq!(c.given(sei_node("n"))["metadata"]["generation"], 1);
    let new = c.merge_patch("SeiNode", "n", json!({ "spec": { "image": "sei:v6.4.0" } })).expect("accepted");
    assert_eq!(new["metadata"]["generation"], 2);
}

/// The same: metadata and status are not the desired state.
#[test]
fn labels_and_status_leave_the_generation_alone() {
    let mut c = cluster();
    c.given(sei_node("n"));
    c.merge_patch("SeiNode", "n", json!({ "metadata": { "labels": { "a": "1" } } })).expect("accepted");
    let new = c.merge_patch_status("SeiNode", "n", json!({ "status": { "phase": "Running" } })).expect("accepted");
    assert_eq!(new["metadata"]["generation"], 1);
}

/// `rest.BeforeDelete`: setting the deletion timestamp raises the generation.
#[test]
fn the_generation_rises_when_deletion_begins() {
    let mut c = cluster();
    c.given(with(sei_node("n"), &json!({ "metadata": { "finalizers": ["example.com/hold"] } })));
    c.delete("SeiNode", "n", json!({})).expect("accepted");
    assert_eq!(c.the("SeiNode", "n")["metadata"]["generation"], 2);
}

/// The strategies of Services and PersistentVolumeClaims do not keep a generation.
#[test]
fn services_and_claims_have_no_generation() {
    let mut c = cluster();
    assert_eq!(c.given(service("s"))["metadata"].get("generation"), None);
    assert_eq!(c.given(claim("c"))["metadata"].get("generation"), None);
}

/// `statefulSetStrategy.PrepareForUpdate`: built-in workloads keep one as custom resources do.
#[test]
fn the_generation_of_a_stateful_set_rises_with_its_template() {
    let mut c = cluster();
    let set = c.given(stateful_set(&manifests::pod("p", &Program::default())));
    let new = c.update(with(set, &json!({ "spec": { "replicas": 0 } }))).expect("accepted");
    assert_eq!(new["metadata"]["generation"], 2);
}
