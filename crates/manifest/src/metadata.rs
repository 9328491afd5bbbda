//! `metadata` of a manifest: what a person may write there, and the [`Meta`] it becomes.

use crate::check::Checker;
use crate::tree;
use api::kinds::{Job, PersistentVolumeClaim, Pod, Service, StatefulSet};
use api::{Kind, KindInfo, Meta, ObjectKey, OwnerRef, ResourceVersion, SeiNode, SeiNodeDeployment, Time};
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::JSONSchemaProps;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;
use uuid::Uuid;

/// The namespace of an object that names none.
const DEFAULT_NAMESPACE: &str = "default";
const DNS_LABEL: &str = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$";
const DNS_SUBDOMAIN: &str = r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$";
const QUALIFIED_NAME: &str =
    r"^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$";
const LABEL_VALUE: &str = r"^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$";

/// Kinds that can own an object.
const OWNERS: [&KindInfo; 7] =
    [&SeiNodeDeployment::INFO, &SeiNode::INFO, &StatefulSet::INFO, &Job::INFO, &Service::INFO, &PersistentVolumeClaim::INFO, &Pod::INFO];

/// The schema of `metadata`, with the bounds of apimachinery's own validation. `managedFields` and `selfLink` are kept by the server
/// alone and are not for manifests.
pub(crate) fn schema() -> JSONSchemaProps {
    let labels = json!({ "type": "object", "additionalProperties": { "type": "string", "maxLength": 63, "pattern": LABEL_VALUE } });
    let time = json!({ "type": "string", "format": "date-time" });
    let schema = json!({
        "type": "object",
        "properties": {
            "name": { "type": "string", "minLength": 1, "maxLength": 253, "pattern": DNS_SUBDOMAIN },
            "namespace": { "type": "string", "minLength": 1, "maxLength": 63, "pattern": DNS_LABEL },
            "generateName": { "type": "string", "maxLength": 253 },
            "labels": labels,
            "annotations": { "type": "object", "additionalProperties": { "type": "string" } },
            "finalizers": { "type": "array", "items": { "type": "string", "pattern": QUALIFIED_NAME } },
            "uid": { "type": "string", "format": "uuid" },
            "resourceVersion": { "type": "string", "pattern": "^[0-9]{1,19}$" },
            "generation": { "type": "integer", "format": "int64" },
            "creationTimestamp": time,
            "deletionTimestamp": time,
            "deletionGracePeriodSeconds": { "type": "integer", "format": "int64" },
            "ownerReferences": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "apiVersion": { "type": "string", "enum": OWNERS.map(|kind| kind.api_version) },
                        "kind": { "type": "string", "enum": OWNERS.map(|kind| kind.kind) },
                        "name": { "type": "string", "minLength": 1 },
                        "uid": { "type": "string", "format": "uuid" },
                        "controller": { "type": "boolean" },
                        "blockOwnerDeletion": { "type": "boolean" },
                    },
                    "required": ["apiVersion", "kind", "name", "uid"],
                },
                "x-kubernetes-list-type": "map",
                "x-kubernetes-list-map-keys": ["uid"],
            },
        },
        "x-kubernetes-validations": [{
            "rule": "has(self.name) || (has(self.generateName) && size(self.generateName) > 0)",
            "message": "expected a name, or a generateName, found neither",
        }],
    });
    serde_json::from_value(schema).expect("the schema above is one")
}

impl Checker<'_, '_> {
    /// Checks what a schema cannot say: the keys of labels and annotations.
    pub fn check_metadata_keys(&mut self, metadata: &Value, path: &str) {
        let pattern = regex_lite::Regex::new(QUALIFIED_NAME).expect("the pattern above is a regular expression");
        for map in ["labels", "annotations"] {
            for key in metadata[map].as_object().into_iter().flatten().map(|(key, _)| key) {
                if !pattern.is_match(key) {
                    let path = tree::field(&tree::field(path, map), key);
                    self.findings.add_field(self.tree, &path, "expected a key such as app or example.com/app");
                }
            }
        }
    }
}

/// `metadata` as it stands in a file that has been checked.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
struct Wire {
    name: Arc<str>,
    namespace: Option<Arc<str>>,
    generate_name: Option<Arc<str>>,
    labels: Arc<api::Labels>,
    annotations: Arc<api::Labels>,
    finalizers: Vec<Arc<str>>,
    uid: Option<Uuid>,
    resource_version: Option<String>,
    generation: Option<i64>,
    creation_timestamp: Option<Time>,
    deletion_timestamp: Option<Time>,
    deletion_grace_period_seconds: Option<i64>,
    owner_references: Vec<WireOwner>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct WireOwner {
    api_version: String,
    kind: String,
    name: Arc<str>,
    uid: Uuid,
    #[serde(default)]
    controller: bool,
    #[serde(default)]
    block_owner_deletion: bool,
}

/// The metadata of an object whose `metadata` has been checked; says what does not fit after all.
pub(crate) fn read(metadata: &Value) -> Result<Meta, String> {
    let wire = Wire::deserialize(metadata).map_err(|error| error.to_string())?;
    let resource_version = wire.resource_version.map(|text| text.parse().map(ResourceVersion)).transpose();
    let owners: Result<Arc<[OwnerRef]>, String> = wire.owner_references.into_iter().map(owner).collect();
    Ok(Meta {
        key: ObjectKey { namespace: wire.namespace.unwrap_or_else(|| DEFAULT_NAMESPACE.into()), name: wire.name },
        generate_name: wire.generate_name,
        uid: wire.uid,
        resource_version: resource_version.map_err(|_| "expected a resourceVersion of digits".to_owned())?,
        generation: wire.generation,
        labels: wire.labels,
        annotations: wire.annotations,
        finalizers: wire.finalizers.into(),
        owners: owners?,
        created: wire.creation_timestamp,
        deleting: wire.deletion_timestamp,
        deletion_grace_seconds: wire.deletion_grace_period_seconds,
    })
}

fn owner(wire: WireOwner) -> Result<OwnerRef, String> {
    let known = OWNERS.iter().find(|known| known.api_version == wire.api_version && known.kind == wire.kind);
    let info = known.ok_or_else(|| format!("expected an owner of a known kind, found {} of {}", wire.kind, wire.api_version))?;
    Ok(OwnerRef {
        api_version: info.api_version,
        kind: info.kind,
        name: wire.name,
        uid: wire.uid,
        controller: wire.controller,
        block_owner_deletion: wire.block_owner_deletion,
    })
}
