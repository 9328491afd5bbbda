//! Defaults of a schema, as an API server applies them before it validates.

use crate::check::field_schema;
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::{JSONSchemaProps, JSONSchemaPropsOrArray};
use serde_json::Value;

/// Fills in absent fields that have a default, also where the file says null, and drops the other nulls of known fields: none of the
/// schemas has nullable ones. (Kubernetes: "Defaulting and nullable".)
pub(crate) fn apply(schema: &JSONSchemaProps, value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for (key, property) in schema.properties.iter().flatten() {
                if let Some(default) = &property.default
                    && fields.get(key).is_none_or(Value::is_null)
                {
                    fields.insert(key.clone(), default.0.clone());
                }
            }
            fields.retain(|key, value| !value.is_null() || field_schema(schema, key).is_none());
            for (key, value) in fields {
                if let Some(schema) = field_schema(schema, key) {
                    apply(schema, value);
                }
            }
        }
        Value::Array(items) => {
            if let Some(JSONSchemaPropsOrArray::Schema(schema)) = &schema.items {
                items.iter_mut().for_each(|item| apply(schema, item));
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
