//! RFC 7386: the merge patch that turns one JSON document into another.
//!
//! `json_patch` applies merge patches but does not make them.

use serde_json::{Map, Value};

/// The merge patch from `base` to `desired`; `None` if they are equal. Arrays are written whole, absent keys become `null`.
///
/// A merge patch cannot say that a key's value is `null`; typed objects never contain such a key.
pub(super) fn difference(base: &Value, desired: &Value) -> Option<Value> {
    if base == desired {
        return None;
    }
    let (Value::Object(base), Value::Object(desired)) = (base, desired) else {
        return Some(desired.clone());
    };
    let mut patch = Map::new();
    for key in base.keys().filter(|key| !desired.contains_key(*key)) {
        patch.insert(key.clone(), Value::Null);
    }
    for (key, value) in desired {
        match base.get(key) {
            Some(old) => patch.extend(difference(old, value).map(|change| (key.clone(), change))),
            None => drop(patch.insert(key.clone(), value.clone())),
        }
    }
    Some(Value::Object(patch))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Documents without `null`, with few keys and values so that parts coincide.
    fn document() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![any::<bool>().prop_map(Value::from), (0..4i64).prop_map(Value::from), "[ab]".prop_map(Value::from)];
        leaf.prop_recursive(3, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
                prop::collection::btree_map("[a-d]", inner, 0..4).prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn a_difference_merged_into_its_base_gives_what_was_desired(base in document(), desired in document()) {
            let mut merged = base.clone();
            if let Some(patch) = difference(&base, &desired) {
                json_patch::merge(&mut merged, &patch);
            }
            prop_assert_eq!(merged, desired);
        }

        #[test]
        fn equal_documents_have_no_difference(document in document()) {
            prop_assert_eq!(difference(&document, &document.clone()), None);
        }
    }
}
