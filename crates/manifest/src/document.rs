//! Manifests: whole objects of the two resources, read strictly and written back.

use crate::check::Checker;
use crate::problem::{Findings, Problems};
use crate::tree::{self, Tree};
use crate::words::describe;
use crate::{crds, defaults, load, metadata, typed, yaml};
use api::{AnyObject, Kind, Meta, Object, SeiNode, SeiNodeDeployment};
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::JSONSchemaProps;
use serde_json::Value;
use std::sync::{Arc, LazyLock};

/// An object of one of the two resources.
#[derive(Clone, Debug, PartialEq)]
pub enum Document {
    /// A `SeiNodeDeployment`.
    Group(api::Group),
    /// A `SeiNode`.
    Node(api::Node),
}

impl Document {
    /// The object's metadata.
    pub fn meta(&self) -> &Meta {
        match self {
            Self::Group(group) => &group.meta,
            Self::Node(node) => &node.meta,
        }
    }

    /// The same object with its kind known at run time only.
    pub fn into_any(self) -> AnyObject {
        match self {
            Self::Group(group) => group.into_any(),
            Self::Node(node) => node.into_any(),
        }
    }
}

/// Reads the manifests of a file: one or more YAML documents, with the schemas' defaults applied. An object without a namespace is put
/// into `default`.
///
/// # Errors
/// Everything that is wrong with the file, as far as it can be told at once.
pub fn read(file: &str, bytes: &[u8]) -> Result<Vec<Document>, Problems> {
    let text = load::text(file, bytes)?;
    let trees = load::documents(file, text)?;
    if trees.is_empty() {
        return Err(Problems::of_file(file, "expected a YAML document, found none"));
    }
    let mut findings = Findings::new(file, text);
    let documents = trees.iter().filter_map(|tree| check(tree, "", &mut findings)).collect();
    findings.or_else(documents)
}

/// Reads the manifest that stands in a file of another kind at a path such as `group`.
///
/// # Errors
/// As [`read`], with places and paths of the whole file; also if the file has no such path.
pub fn embedded(file: &str, bytes: &[u8], path: &str) -> Result<Document, Problems> {
    let text = load::text(file, bytes)?;
    let tree = typed::single(file, text)?;
    let mut findings = Findings::new(file, text);
    match check(&tree, path, &mut findings) {
        Some(document) => findings.or_else(document),
        None => Err(findings.into_problems()),
    }
}

/// An object with the defaults of its schema, as an API server stores it. Objects of other kinds are returned as they are.
pub fn with_defaults(mut object: Value) -> Value {
    if let Some(definition) = Definition::of(&object) {
        defaults::apply(&definition.schema, &mut object);
    }
    object
}

/// An object as a YAML document: `apiVersion`, `kind`, `metadata`, `spec`, and `status` if there is one.
pub fn print(document: &Document) -> String {
    yaml::print(&document.clone().into_any().to_wire())
}

/// A resource and what its objects must look like.
struct Definition {
    api_version: &'static str,
    kind: &'static str,
    /// The CRD's schema, with that of `metadata` put in.
    schema: JSONSchemaProps,
    /// Makes the object of a value that has been checked.
    build: fn(Meta, &Value, &str, &Tree, &mut Findings<'_>) -> Option<Document>,
}

static DEFINITIONS: LazyLock<[Definition; 2]> = LazyLock::new(|| {
    let [group, node] = crds::all();
    [
        Definition::new::<SeiNodeDeployment>(&group, |meta, value, path, tree, findings| {
            object(meta, value, path, tree, findings).map(Document::Group)
        }),
        Definition::new::<SeiNode>(&node, |meta, value, path, tree, findings| {
            object(meta, value, path, tree, findings).map(Document::Node)
        }),
    ]
});

impl Definition {
    fn new<K: Kind>(crd: &Value, build: fn(Meta, &Value, &str, &Tree, &mut Findings<'_>) -> Option<Document>) -> Self {
        let mut schema: JSONSchemaProps = serde_json::from_value(crds::schema(crd).clone()).expect("a definition's schema is one");
        // An API server lets an object without a spec pass; an operator has nothing to do with it, and its author has made a mistake.
        schema.required = Some(["apiVersion", "kind", "metadata", "spec"].map(str::to_owned).to_vec());
        schema.properties.get_or_insert_default().insert("metadata".to_owned(), metadata::schema());
        Self { api_version: K::INFO.api_version, kind: K::INFO.kind, schema, build }
    }

    /// The definition that an object's `apiVersion` and `kind` name.
    fn of(object: &Value) -> Option<&'static Self> {
        DEFINITIONS.iter().find(|definition| object["apiVersion"] == definition.api_version && object["kind"] == definition.kind)
    }
}

/// Checks the manifest at a path of a tree. `None` if there is none to be had; then there is a finding.
fn check(tree: &Tree, path: &str, findings: &mut Findings<'_>) -> Option<Document> {
    let Some(subtree) = tree.at(path) else {
        findings.add_field(tree, path, "expected a manifest, found nothing");
        return None;
    };
    let mut value = subtree.to_json();
    let Some(definition) = Definition::of(&value) else {
        unknown_kind(tree, path, &value, findings);
        return None;
    };
    let before = findings.len();
    defaults::apply(&definition.schema, &mut value);
    let mut checker = Checker { tree, findings };
    checker.check(&definition.schema, &value, path);
    let metadata_path = tree::field(path, "metadata");
    checker.check_metadata_keys(&value["metadata"], &metadata_path);
    if findings.len() > before {
        return None;
    }
    match metadata::read(&value["metadata"]) {
        Ok(meta) => (definition.build)(meta, &value, path, tree, findings),
        Err(message) => {
            findings.add_field(tree, &metadata_path, message);
            None
        }
    }
}

/// The object of a value whose schema has been checked.
fn object<K: Kind>(meta: Meta, value: &Value, path: &str, tree: &Tree, findings: &mut Findings<'_>) -> Option<Object<K>> {
    let spec = typed::from_value(value["spec"].clone(), &tree::field(path, "spec"), tree, findings)?;
    let status = match &value["status"] {
        Value::Null => K::Status::default(),
        status => typed::from_value(status.clone(), &tree::field(path, "status"), tree, findings)?,
    };
    Some(Object { meta: Arc::new(meta), spec: Arc::new(spec), status: Arc::new(status) })
}

fn unknown_kind(tree: &Tree, path: &str, value: &Value, findings: &mut Findings<'_>) {
    if !value.is_object() {
        findings.add_value(tree, path, format!("expected a manifest, found {}", describe(value)));
        return;
    }
    let (versions, kinds) = (DEFINITIONS.iter().map(|d| d.api_version), DEFINITIONS.iter().map(|d| d.kind));
    let mut expect = |field: &str, mut allowed: Vec<&str>| {
        allowed.dedup();
        let found = &value[field];
        if !allowed.iter().any(|allowed| found == allowed) {
            findings.add_value(tree, &tree::field(path, field), format!("expected {}, found {}", allowed.join(" or "), describe(found)));
        }
    };
    expect("apiVersion", versions.collect());
    expect("kind", kinds.collect());
}
