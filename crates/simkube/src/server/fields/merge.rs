//! How an applied configuration merges into the stored document, and how what its manager gave up leaves it.
//!
//! Source: Kubernetes documentation, "Server-Side Apply", "Merge strategy" and "Clearing managedFields"; `structured-merge-diff`'s
//! `Merge` and `prune`.

use super::set::{Fields, Step};
use super::shape::{Shape, item_name, keys_of, shape, step};
use serde_json::Value;

/// Merges `wanted` into `live`: fields one by one, lists by their keys, what is atomic whole. Elements keep the order of the stored list;
/// new ones follow in the order in which they are applied.
pub(super) fn merge(custom: bool, name: &str, live: &mut Value, wanted: &Value) {
    let kind = match live {
        Value::Array(items) if items.is_empty() => Shape::Whole,
        _ => shape(custom, name, wanted),
    };
    match (live, wanted) {
        (Value::Object(live), Value::Object(wanted)) if kind == Shape::Fields => {
            for (key, value) in wanted {
                match live.get_mut(key) {
                    Some(old) => merge(custom, key, old, value),
                    None => drop(live.insert(key.clone(), value.clone())),
                }
            }
        }
        (Value::Array(live), Value::Array(wanted)) if keys_of(kind).is_some() => {
            let keys = keys_of(kind).flatten();
            let mut places: Vec<Step> = live.iter().map(|old| step(keys, old)).collect();
            for item in wanted {
                let place = step(keys, item);
                match places.iter().position(|old| *old == place) {
                    Some(index) => merge(custom, item_name(name), &mut live[index], item),
                    None => {
                        live.push(item.clone());
                        places.push(place);
                    }
                }
            }
        }
        (live, wanted) => *live = wanted.clone(),
    }
}

/// Takes away what the manager's last configuration had and no set of `kept` has. With a field goes everything below it.
pub(super) fn prune(custom: bool, name: &str, live: &mut Value, last: &Fields, kept: &Fields) {
    let kind = shape(custom, name, live);
    match live {
        Value::Object(fields) => {
            for (place, given_up) in last.steps() {
                let Step::Field(key) = place else { continue };
                match kept.behind(place) {
                    None => drop(fields.remove(key)),
                    Some(kept) => {
                        if let Some(value) = fields.get_mut(key) {
                            prune(custom, key, value, given_up, kept);
                        }
                    }
                }
            }
        }
        Value::Array(items) => {
            let Some(keys) = keys_of(kind) else { return };
            items.retain(|item| {
                let place = step(keys, item);
                last.behind(&place).is_none() || kept.behind(&place).is_some()
            });
            for item in items {
                let place = step(keys, item);
                if let (Some(last), Some(kept)) = (last.behind(&place), kept.behind(&place)) {
                    prune(custom, item_name(name), item, last, kept);
                }
            }
        }
        _ => {}
    }
}
