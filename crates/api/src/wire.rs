//! The wire form of a whole object: the JSON that `kubectl get -o json` prints and `kubectl create -f` sends.

use crate::kinds;
use crate::meta::{Meta, ObjectKey, OwnerRef, ResourceVersion};
use crate::object::{AnyObject, Decoded, KindInfo};
use crate::prune::prune;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use std::sync::Arc;
use thiserror::Error;
use uuid::Uuid;

/// Why a document is no object: the field, and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{field}: {problem}")]
pub struct WireError {
    /// The section or field of metadata.
    pub field: &'static str,
    /// What is wrong.
    pub problem: String,
}

impl WireError {
    fn new(field: &'static str, problem: impl ToString) -> Self {
        Self { field, problem: problem.to_string() }
    }
}

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

    /// Reads what [`Self::to_wire`] writes. `apiVersion` and `kind` may be left out (a URL names them too); fields that the kind does not
    /// know are dropped, as a server prunes them.
    ///
    /// # Errors
    /// A document of another kind, or a field of another type than the kind's.
    pub fn from_wire(info: &'static KindInfo, document: &Value) -> Result<Self, WireError> {
        for (field, expected) in [("apiVersion", info.api_version), ("kind", info.kind)] {
            let given = document.get(field).and_then(Value::as_str).unwrap_or_default();
            if !given.is_empty() && given != expected {
                return Err(WireError::new(field, format!("the request is for {expected}, not {given}")));
            }
        }
        let document = &pruned(info, document);
        // A section that says nothing is left out on the wire. In a kind whose sections are plain JSON that means an empty spec, and no
        // status at all.
        let section = |name: &'static str, decode: fn(&Value) -> Decoded, absent: &Value| {
            let given = document.get(name).filter(|section| !section.is_null());
            given.map_or_else(|| decode(absent).or_else(|_| decode(&json!({}))), decode).map_err(|error| WireError::new(name, error))
        };
        let meta = Meta::from_wire(document.get("metadata").unwrap_or(&Value::Null))?;
        let (spec, status) = (section("spec", info.decode.spec, &json!({}))?, section("status", info.decode.status, &Value::Null)?);
        Ok(Self { info, meta: Arc::new(meta), spec, status })
    }
}

/// The document without the fields that its kind does not know: of a custom resource only; the decoders of the others drop them.
pub fn pruned(info: &KindInfo, document: &Value) -> Value {
    let mut document = document.clone();
    prune(info, &mut document);
    document
}

/// A field of metadata; the default if it is absent or `null`.
fn field<T: DeserializeOwned + Default>(meta: &Value, name: &'static str) -> Result<T, WireError> {
    match meta.get(name) {
        None | Some(Value::Null) => Ok(T::default()),
        Some(value) => T::deserialize(value).map_err(|error| WireError::new(name, error)),
    }
}

impl Meta {
    /// Reads what [`Self::to_wire`] writes.
    ///
    /// # Errors
    /// A field of the wrong type, or an owner of a kind that is not known here.
    pub fn from_wire(meta: &Value) -> Result<Self, WireError> {
        let version: String = field(meta, "resourceVersion")?;
        let resource_version = match &*version {
            "" => None,
            text => Some(ResourceVersion(text.parse().map_err(|error| WireError::new("resourceVersion", error))?)),
        };
        let uid: String = field(meta, "uid")?;
        let owners: Vec<Value> = field(meta, "ownerReferences")?;
        Ok(Self {
            key: ObjectKey::new(field::<String>(meta, "namespace")?, field::<String>(meta, "name")?),
            generate_name: Some(field::<String>(meta, "generateName")?).filter(|name| !name.is_empty()).map(Into::into),
            uid: if uid.is_empty() { None } else { Some(uid.parse().map_err(|error| WireError::new("uid", error))?) },
            resource_version,
            generation: field(meta, "generation")?,
            labels: Arc::new(field(meta, "labels")?),
            annotations: Arc::new(field(meta, "annotations")?),
            finalizers: field::<Vec<Arc<str>>>(meta, "finalizers")?.into(),
            owners: owners.iter().map(OwnerRef::from_wire).collect::<Result<_, _>>()?,
            created: field(meta, "creationTimestamp")?,
            deleting: field(meta, "deletionTimestamp")?,
            deletion_grace_seconds: field(meta, "deletionGracePeriodSeconds")?,
        })
    }

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

impl OwnerRef {
    /// Reads an entry of `ownerReferences`.
    ///
    /// # Errors
    /// A field of the wrong type, or a kind that is not known here.
    pub fn from_wire(reference: &Value) -> Result<Self, WireError> {
        let (api_version, kind): (String, String) = (field(reference, "apiVersion")?, field(reference, "kind")?);
        let info = kinds::find(&api_version, &kind)
            .ok_or_else(|| WireError::new("ownerReferences", format!("no matches for kind {kind:?} in version {api_version:?}")))?;
        let uid: String = field(reference, "uid")?;
        Ok(Self {
            api_version: info.api_version,
            kind: info.kind,
            name: field::<String>(reference, "name")?.into(),
            uid: uid.parse::<Uuid>().map_err(|error| WireError::new("ownerReferences", error))?,
            controller: field(reference, "controller")?,
            block_owner_deletion: field(reference, "blockOwnerDeletion")?,
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
