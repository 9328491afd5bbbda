//! Which fields a document has, and which differ between two.
//!
//! Source: `sigs.k8s.io/structured-merge-diff`, `TypedValue.ToFieldSet` and `Compare`.

use super::set::{Fields, Step};
use super::shape::{Shape, item_name, keys_of, shape, step};
use serde_json::Value;

/// What a write has done.
#[derive(Default)]
pub(super) struct Difference {
    /// Fields that are new or have another value.
    pub changed: Fields,
    /// Fields that are gone.
    pub removed: Fields,
}

/// The children of a value that are owned on their own, each with the name under which it looks up its shape.
fn children<'a>(shape: Shape, name: &str, value: &'a Value) -> Vec<(Step, &'a str, &'a Value)> {
    match value {
        Value::Object(fields) => fields.iter().map(|(key, value)| (Step::Field(key.clone()), key.as_str(), value)).collect(),
        Value::Array(items) => {
            let keys = keys_of(shape).flatten();
            items.iter().map(|item| (step(keys, item), item_name(name), item)).collect()
        }
        _ => Vec::new(),
    }
}

/// Every field of a value: what its applier owns. Objects and maps are nobody's themselves, unless they are empty or an element of a list.
pub(super) fn fields_of(custom: bool, name: &str, value: &Value) -> Fields {
    let shape = shape(custom, name, value);
    let children = if shape == Shape::Whole { Vec::new() } else { children(shape, name, value) };
    let mut fields = if children.is_empty() { Fields::here() } else { Fields::default() };
    let is_list = value.is_array();
    for (step, name, child) in children {
        let mut below = fields_of(custom, name, child);
        if is_list {
            below.unite(&Fields::here());
        }
        fields.insert(step, below);
    }
    fields
}

/// What turns `old` into `new`.
pub(super) fn compare(custom: bool, name: &str, old: &Value, new: &Value) -> Difference {
    let mut difference = Difference::default();
    if old == new {
        return difference;
    }
    let shapes = (shape(custom, name, old), shape(custom, name, new));
    if shapes.0 == Shape::Whole || shapes.0 != shapes.1 {
        difference.changed = fields_of(custom, name, new);
        difference.changed.unite(&Fields::here());
        return difference;
    }
    let (before, after) = (children(shapes.0, name, old), children(shapes.1, name, new));
    let is_list = new.is_array();
    let whole = |name: &str, value: &Value| {
        let mut fields = fields_of(custom, name, value);
        if is_list {
            fields.unite(&Fields::here());
        }
        fields
    };
    for (step, name, value) in &after {
        match before.iter().find(|(other, ..)| other == step) {
            Some((_, _, old)) => {
                let inner = compare(custom, name, old, value);
                difference.changed.insert(step.clone(), inner.changed);
                difference.removed.insert(step.clone(), inner.removed);
            }
            None => difference.changed.insert(step.clone(), whole(name, value)),
        }
    }
    for (step, name, value) in &before {
        if !after.iter().any(|(other, ..)| other == step) {
            difference.removed.insert(step.clone(), whole(name, value));
        }
    }
    difference
}
