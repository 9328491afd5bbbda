//! The manifests of the suite, as small as the API accepts them. Tests change what they are about with [`with`].

use crate::programs::{IMAGE, Program};
use serde_json::{Value, json};

/// The manifest with a merge patch applied.
pub fn with(mut manifest: Value, patch: &Value) -> Value {
    json_patch::merge(&mut manifest, patch);
    manifest
}

pub fn container(name: &str, program: &Program) -> Value {
    json!({ "name": name, "image": IMAGE, "env": program.environment() })
}

/// A sidecar: an init container that is restarted for the pod's lifetime.
pub fn sidecar(name: &str, program: &Program) -> Value {
    with(container(name, program), &json!({ "restartPolicy": "Always" }))
}

/// A probe of the program's endpoint, every second from the start, three failures.
pub fn probe() -> Value {
    json!({ "httpGet": { "port": 8080, "path": "/ok" }, "periodSeconds": 1, "failureThreshold": 3 })
}

/// A pod labelled `app: web` with one container `main`.
pub fn pod(name: &str, program: &Program) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": { "name": name, "namespace": "default", "labels": { "app": "web" } },
        "spec": { "containers": [container("main", program)] },
    })
}

/// A Service that selects `app: web`.
pub fn service(name: &str) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Service",
        "metadata": { "name": name, "namespace": "default" },
        "spec": { "selector": { "app": "web" }, "ports": [{ "name": "http", "port": 80 }] },
    })
}

/// A StatefulSet `web` of one replica with the containers of a pod.
pub fn stateful_set(pod: &Value) -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "StatefulSet",
        "metadata": { "name": "web", "namespace": "default" },
        "spec": {
            "replicas": 1, "serviceName": "web", "selector": { "matchLabels": { "app": "web" } },
            "template": { "metadata": { "labels": { "app": "web" } }, "spec": pod["spec"] },
        },
    })
}

/// A Job `work` without a second try.
pub fn job(pod: &Value) -> Value {
    let spec = with(pod["spec"].clone(), &json!({ "restartPolicy": "Never" }));
    json!({
        "apiVersion": "batch/v1", "kind": "Job",
        "metadata": { "name": "work", "namespace": "default" },
        "spec": { "backoffLimit": 0, "template": { "spec": spec } },
    })
}

/// A budget over `app: web` with these fields in its spec.
pub fn budget(spec: &Value) -> Value {
    json!({
        "apiVersion": "policy/v1", "kind": "PodDisruptionBudget",
        "metadata": { "name": "budget", "namespace": "default" },
        "spec": with(json!({ "selector": { "matchLabels": { "app": "web" } } }), spec),
    })
}

/// A claim of one volume.
pub fn claim(name: &str) -> Value {
    json!({
        "apiVersion": "v1", "kind": "PersistentVolumeClaim",
        "metadata": { "name": name, "namespace": "default" },
        "spec": { "accessModes": ["ReadWriteOnce"], "resources": { "requests": { "storage": "1Gi" } } },
    })
}

/// The pod with a claim as its volume `data`.
pub fn mounting(pod: Value, claim: &str) -> Value {
    with(pod, &json!({ "spec": { "volumes": [{ "name": "data", "persistentVolumeClaim": { "claimName": claim } }] } }))
}

/// A SeiNode: a custom resource with a status subresource.
pub fn sei_node(name: &str) -> Value {
    json!({
        "apiVersion": "sei.io/v1alpha1", "kind": "SeiNode",
        "metadata": { "name": name, "namespace": "default" },
        "spec": { "chainId": "pacific-1", "image": "sei:v6.3.0", "fullNode": {} },
    })
}
