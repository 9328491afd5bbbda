//! The wire form of a whole object: the JSON that `kubectl get -o json` prints.

use crate::meta::{Meta, OwnerRef};
use crate::object::AnyObject;
use serde_json::{Map, Value, json};

impl AnyObject {
    /// `apiVersion`, `kind`, `metadata`, and `spec` and `status` as far as they say something. A resourceVersion is a text, times are
    /// RFC 3339; what is absent is left out.
    pub fn to_wire(&self) -> Value {
        let mut object = Map::new();
        object.insert("apiVersion".into(), self.info.api_version.into());
        object.insert("kind".into(), self.info.kind.into());
        object.insert("metadata".into(), self.meta.to_wire());
        for (name, section) in [("spec", &self.spec), ("status", &self.status)] {
            let value = section.to_json();
            if !is_empty(&value) {
                object.insert(name.into(), value);
            }
        }
        Value::Object(object)
    }
}

impl Meta {
    /// `metadata` as on the wire.
    pub fn to_wire(&self) -> Value {
        let mut meta = Map::new();
        let mut put = |name: &str, value: Option<Value>| {
            if let Some(value) = value.filter(|value| !is_empty(value)) {
                meta.insert(name.to_owned(), value);
            }
        };
        put("name", Some(json!(self.key.name)));
        put("namespace", Some(json!(self.key.namespace)));
        put("generateName", self.generate_name.as_ref().map(|name| json!(name)));
        put("uid", self.uid.map(|uid| json!(uid)));
        put("resourceVersion", self.resource_version.map(|version| json!(version.0.to_string())));
        put("generation", self.generation.map(Value::from));
        put("creationTimestamp", self.created.map(|time| json!(time)));
        put("deletionTimestamp", self.deleting.map(|time| json!(time)));
        put("deletionGracePeriodSeconds", self.deletion_grace_seconds.map(Value::from));
        put("labels", Some(json!(self.labels)));
        put("annotations", Some(json!(self.annotations)));
        put("finalizers", Some(json!(self.finalizers)));
        put("ownerReferences", Some(self.owners.iter().map(OwnerRef::to_wire).collect()));
        Value::Object(meta)
    }
}

impl OwnerRef {
    /// An entry of `ownerReferences` as on the wire.
    pub fn to_wire(&self) -> Value {
        json!({
            "apiVersion": self.api_version,
            "kind": self.kind,
            "name": self.name,
            "uid": self.uid,
            "controller": self.controller,
            "blockOwnerDeletion": self.block_owner_deletion,
        })
    }
}

/// Whether a part of an object says nothing and is left out.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}
