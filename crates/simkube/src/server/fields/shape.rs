//! What a field is to field ownership: a map of fields, a list with keys, a set, or one whole.
//!
//! Source: Kubernetes documentation, "Server-Side Apply", "Merge strategy"; the `x-kubernetes-*` markers of the built-in types and of the
//! two custom resources. Field names are distinct enough in them that a name tells which marker its field has.

use super::set::Step;
use serde_json::Value;

/// How a field is owned and merged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// Each field on its own.
    Fields,
    /// Each element on its own, told apart by these keys.
    Items(&'static [&'static str]),
    /// Each element on its own, told apart by itself.
    Set,
    /// As one.
    Whole,
}

/// Structs and maps that are owned whole: selectors, and references whose parts make no sense alone.
const ATOMIC: [&str; 12] = [
    "selector",
    "labelSelector",
    "namespaceSelector",
    "nodeSelector",
    "matchLabels",
    "fieldRef",
    "resourceFieldRef",
    "configMapKeyRef",
    "secretKeyRef",
    "dataSource",
    "dataSourceRef",
    "ownerReferences item",
];

/// The shape of a field by its name and what it holds; `custom` for the fields of custom resources.
pub(super) fn shape(custom: bool, name: &str, value: &Value) -> Shape {
    match value {
        Value::Object(_) if !ATOMIC.contains(&name) => Shape::Fields,
        Value::Array(_) if name == "finalizers" => Shape::Set,
        Value::Array(items) => match keys(custom, name, items) {
            [] => Shape::Whole,
            keys => Shape::Items(keys),
        },
        _ => Shape::Whole,
    }
}

/// `x-kubernetes-list-map-keys` of a list; none for an atomic one.
fn keys(custom: bool, name: &str, items: &[Value]) -> &'static [&'static str] {
    match name {
        "ownerReferences" => &["uid"],
        "conditions" => &["type"],
        "nodes" if custom => &["name"],
        "claims" => &["name"],
        _ if custom => &[],
        "containers" | "initContainers" | "ephemeralContainers" | "volumes" | "env" | "imagePullSecrets" | "resourceClaims" => &["name"],
        "volumeMounts" => &["mountPath"],
        "volumeDevices" => &["devicePath"],
        "hostAliases" | "podIPs" | "hostIPs" => &["ip"],
        "topologySpreadConstraints" => &["topologyKey", "whenUnsatisfiable"],
        "ports" if items.iter().any(|item| item.get("containerPort").is_some()) => &["containerPort", "protocol"],
        "ports" => &["port", "protocol"],
        _ => &[],
    }
}

/// The name under which the elements of a list look up their own shape.
pub(super) fn item_name(list: &str) -> &'static str {
    if list == "ownerReferences" { "ownerReferences item" } else { "" }
}

/// The step from a list to one of its elements. `protocol` is TCP where it is not written.
pub(super) fn step(keys: Option<&[&'static str]>, item: &Value) -> Step {
    let Some(keys) = keys else {
        return Step::Value(item.to_string());
    };
    let value = |key: &str| match item.get(key) {
        None if key == "protocol" => Value::from("TCP"),
        value => value.cloned().unwrap_or_default(),
    };
    Step::Item(keys.iter().map(|key| (*key, value(key).to_string())).collect())
}

/// The keys by which a list's elements are told apart, if its shape has elements of their own.
pub(super) fn keys_of(shape: Shape) -> Option<Option<&'static [&'static str]>> {
    match shape {
        Shape::Items(keys) => Some(Some(keys)),
        Shape::Set => Some(None),
        Shape::Fields | Shape::Whole => None,
    }
}
