//! The CustomResourceDefinitions of the two resources, from their types, as the operator's own generator writes them.
//!
//! Rust's generator says a few things differently: an optional field is nullable, an enum that may be absent lists `null`, an empty
//! struct admits no further field, an int-or-string does not say of which types it is, bounds are floats, the root is titled and requires `spec`. What is loaded into a cluster must be what operators of real
//! clusters have, so these are put right here, in one place.

use crate::{scalar, yaml};
use api::{SeiNode, SeiNodeDeployment};
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::CustomResourceExt;
use serde_json::{Value, json};

/// The definitions of `SeiNodeDeployment` and `SeiNode`, in this order.
pub fn all() -> [Value; 2] {
    [definition(SeiNodeDeployment::crd()), definition(SeiNode::crd())]
}

/// Both definitions as two YAML documents, keys in alphabetical order.
pub fn yaml() -> String {
    all().iter().map(|crd| format!("---\n{}", yaml::print(crd))).collect()
}

/// The schema of a whole `SeiNodeDeployment` manifest.
pub fn group_schema() -> Value {
    schema(&all()[0]).clone()
}

/// The schema of the one version of a definition.
pub(crate) fn schema(crd: &Value) -> &Value {
    &crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
}

fn definition(crd: CustomResourceDefinition) -> Value {
    let kind = crd.spec.names.kind.clone();
    let mut crd = serde_json::to_value(crd).expect("a definition has a wire form");
    crd["spec"]["names"]["listKind"] = json!(format!("{kind}List"));
    let root = &mut crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"];
    as_kubebuilder(root);
    complete_root(root, &kind);
    crd.sort_all_objects();
    crd
}

/// Gives the root what every object has and takes what only Rust's generator says.
fn complete_root(root: &mut Value, kind: &str) {
    let root = root.as_object_mut().expect("the root of a schema is an object");
    root.remove("title");
    root.remove("required");
    root.insert("description".into(), json!(format!("{kind} of the Sei operator.")));
    let properties = root.get_mut("properties").and_then(Value::as_object_mut).expect("the root has properties");
    properties.insert("apiVersion".into(), json!({ "description": "Group and version of this kind.", "type": "string" }));
    properties.insert("kind".into(), json!({ "description": "The kind.", "type": "string" }));
    properties.insert("metadata".into(), json!({ "type": "object" }));
}

/// Rewrites a schema and all below it.
fn as_kubebuilder(schema: &mut Value) {
    let Some(object) = schema.as_object_mut() else { return };
    object.remove("nullable");
    if object.get("additionalProperties") == Some(&Value::Bool(false)) {
        object.remove("additionalProperties");
    }
    if let Some(Value::Array(values)) = object.get_mut("enum") {
        values.retain(|value| !value.is_null());
    }
    if let Some(Value::Array(required)) = object.get_mut("required") {
        required.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
    }
    if object.get("x-kubernetes-int-or-string") == Some(&Value::Bool(true)) {
        object.insert("anyOf".into(), json!([{ "type": "integer" }, { "type": "string" }]));
    }
    for bound in ["minimum", "maximum"] {
        if let Some(number) = object.get(bound).and_then(Value::as_f64).and_then(scalar::json_number) {
            object.insert(bound.into(), number.into());
        }
    }
    for keyword in ["items", "additionalProperties"] {
        if let Some(inner) = object.get_mut(keyword) {
            as_kubebuilder(inner);
        }
    }
    if let Some(Value::Object(properties)) = object.get_mut("properties") {
        properties.values_mut().for_each(as_kubebuilder);
    }
}
