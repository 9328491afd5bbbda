//! How an applied spec merges into the stored one: maps field by field, lists by their keys, some of both whole.
//!
//! Keys and atomicity follow the `x-kubernetes-*` markers of the built-in types; field names are distinct enough in them that a field's
//! name tells which marker it has. Custom resources mark nothing: their lists are atomic.

use serde_json::{Map, Value};

/// How lists merge.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Lists {
    /// By the keys of the built-in types.
    Keyed,
    /// Always whole.
    Atomic,
}

/// Maps that are replaced whole: `Service.spec.selector`, every `LabelSelector`, node selectors.
const ATOMIC_MAPS: [&str; 4] = ["selector", "labelSelector", "nodeSelector", "matchLabels"];

/// Merges `wanted` into `live`. What `last` named and `wanted` does not goes, unless one of `others` names it too.
pub(super) fn merge_applied(live: &mut Value, last: Option<&Value>, wanted: &Value, others: &[Value], lists: Lists) {
    let others: Vec<&Value> = others.iter().collect();
    merge(live, last, wanted, &others, "", lists);
}

fn merge(live: &mut Value, last: Option<&Value>, wanted: &Value, others: &[&Value], field: &str, lists: Lists) {
    match (live, wanted) {
        (Value::Object(live), Value::Object(wanted)) if !ATOMIC_MAPS.contains(&field) => {
            merge_maps(live, last.and_then(Value::as_object), wanted, others, lists);
        }
        (Value::Array(live), Value::Array(wanted)) if lists == Lists::Keyed && !list_keys(field, wanted).is_empty() => {
            let last = last.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
            let others: Vec<&Value> = others.iter().filter_map(|other| other.as_array()).flatten().collect();
            merge_lists(live, last, wanted, &others, list_keys(field, wanted));
        }
        (live, wanted) => *live = wanted.clone(),
    }
}

fn merge_maps(
    live: &mut Map<String, Value>,
    last: Option<&Map<String, Value>>,
    wanted: &Map<String, Value>,
    others: &[&Value],
    lists: Lists,
) {
    let given_up = |key: &String| last.is_some_and(|last| last.contains_key(key)) && !wanted.contains_key(key);
    live.retain(|key, _| !given_up(key) || others.iter().any(|other| other.get(key).is_some()));
    for (key, value) in wanted {
        let others: Vec<&Value> = others.iter().filter_map(|other| other.get(key)).collect();
        match live.get_mut(key) {
            Some(old) => merge(old, last.and_then(|last| last.get(key)), value, &others, key, lists),
            None => drop(live.insert(key.clone(), value.clone())),
        }
    }
}

/// Elements keep the order of the stored list; new ones follow in the order in which they are applied.
fn merge_lists(live: &mut Vec<Value>, last: &[Value], wanted: &[Value], others: &[&Value], keys: &[&str]) {
    let same = |a: &Value, b: &Value| keys.iter().all(|key| key_of(a, key) == key_of(b, key));
    live.retain(|element| {
        let given_up = last.iter().any(|l| same(l, element)) && !wanted.iter().any(|w| same(w, element));
        !given_up || others.iter().any(|other| same(other, element))
    });
    for element in wanted {
        let before = last.iter().find(|l| same(l, element));
        let others: Vec<&Value> = others.iter().copied().filter(|other| same(other, element)).collect();
        match live.iter_mut().find(|l| same(l, element)) {
            Some(old) => merge(old, before, element, &others, "", Lists::Keyed),
            None => live.push(element.clone()),
        }
    }
}

/// A key's value; `protocol` is TCP where it is not written.
fn key_of(element: &Value, key: &str) -> Value {
    match element.get(key) {
        None if key == "protocol" => Value::from("TCP"),
        value => value.cloned().unwrap_or_default(),
    }
}

/// `x-kubernetes-list-map-keys` of a list field; none for atomic lists.
fn list_keys(field: &str, elements: &[Value]) -> &'static [&'static str] {
    match field {
        "containers" | "initContainers" | "ephemeralContainers" | "volumes" | "env" | "imagePullSecrets" => &["name"],
        "volumeMounts" => &["mountPath"],
        "volumeDevices" => &["devicePath"],
        "hostAliases" => &["ip"],
        "ports" if elements.iter().any(|element| element.get("containerPort").is_some()) => &["containerPort", "protocol"],
        "ports" => &["port", "protocol"],
        _ => &[],
    }
}
