//! Pruning: a custom resource keeps only the fields that its schema knows.
//!
//! Source: Kubernetes documentation, "Extend the Kubernetes API with CustomResourceDefinitions", "Field pruning". The types refuse unknown
//! fields, because a file that a person checks should; a server drops them, so what comes over the wire is pruned before it is read. A
//! required field that has a default gets it here.

use crate::object::{Kind, KindInfo};
use crate::{SeiNode, SeiNodeDeployment};
use kube::CustomResourceExt;
use serde_json::{Map, Value};
use std::sync::LazyLock;

static GROUP: LazyLock<Value> = LazyLock::new(|| schema(SeiNodeDeployment::crd()));
static NODE: LazyLock<Value> = LazyLock::new(|| schema(SeiNode::crd()));

fn schema(definition: k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition) -> Value {
    let version = definition.spec.versions.into_iter().next().and_then(|version| version.schema);
    serde_json::to_value(version.and_then(|version| version.open_api_v3_schema)).expect("a schema has a wire form")
}

/// Drops the fields of a document that the schema of its kind does not know. Kinds of others keep everything here.
pub(crate) fn prune(info: &KindInfo, document: &mut Value) {
    let schema = match info.kind {
        kind if kind == SeiNode::INFO.kind => &*NODE,
        kind if kind == SeiNodeDeployment::INFO.kind => &*GROUP,
        _ => return,
    };
    for section in ["spec", "status"] {
        if let Some(value) = document.get_mut(section) {
            prune_value(value, &schema["properties"][section]);
        }
    }
}

fn prune_value(value: &mut Value, schema: &Value) {
    match value {
        Value::Object(fields) => prune_fields(fields, schema),
        Value::Array(items) => items.iter_mut().for_each(|item| prune_value(item, &schema["items"])),
        _ => {}
    }
}

fn prune_fields(fields: &mut Map<String, Value>, schema: &Value) {
    let properties = schema.get("properties").and_then(Value::as_object);
    let others = schema.get("additionalProperties").filter(|others| others.is_object());
    if schema["x-kubernetes-preserve-unknown-fields"] == true || properties.is_none() && others.is_none() && !schema["type"].is_string() {
        return;
    }
    // A `null` where the schema allows none is pruned too, so that a default can take its place.
    fields.retain(|name, value| !value.is_null() && (others.is_some() || properties.is_some_and(|known| known.contains_key(name))));
    // Other defaults are the server's to fill in; without these there is no object to fill them into.
    for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        let default = properties.and_then(|known| known.get(name)).and_then(|property| property.get("default"));
        if let Some(default) = default.filter(|_| !fields.contains_key(name)) {
            fields.insert(name.to_owned(), default.clone());
        }
    }
    for (name, value) in fields {
        if let Some(schema) = properties.and_then(|known| known.get(name)).or(others) {
            prune_value(value, schema);
        }
    }
}
