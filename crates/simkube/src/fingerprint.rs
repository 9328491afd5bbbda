//! The abstract state of the store: what two moments have in common when everything repeats but ids, versions, counts and clocks.
//!
//! Between two samples few sections change, and a section never changes in place: what was found of one is remembered by its address, as
//! long as it is shared with the store.

use crate::server::Server;
use api::object::AnySection;
use api::{AnyObject, Meta};
use rustc_hash::FxHashMap;
use serde_json::Value;
use simcore::{Fingerprint, StableHasher};
use std::hash::Hash;
use std::sync::Arc;
use uuid::Uuid;

/// Keys whose values count up.
const COUNTERS: [&str; 4] = ["observedGeneration", "generation", "resourceVersion", "restartCount"];

/// What was found of the parts of objects that the store held at the last sample.
#[derive(Debug, Default)]
pub struct Known {
    sections: FxHashMap<usize, Section>,
    metas: FxHashMap<usize, (Arc<Meta>, Fingerprint)>,
}

/// A section by its abstract state. It is kept alive, so that its address is its own.
#[derive(Clone, Debug)]
struct Section {
    _section: Arc<dyn AnySection>,
    state: Fingerprint,
    /// What the status says of `observedGeneration`.
    observed: Option<i64>,
}

impl Section {
    fn new(section: &Arc<dyn AnySection>) -> Self {
        let value = section.to_json();
        let mut hasher = StableHasher::default();
        add_value(&value, &mut hasher);
        let observed = value.get("observedGeneration").and_then(Value::as_i64);
        Self { _section: section.clone(), state: hasher.fingerprint(), observed }
    }
}

impl Known {
    /// Adds every stored object.
    pub(crate) fn add_store(&mut self, server: &Server, hasher: &mut StableHasher) {
        let before = std::mem::take(self);
        server.everything().for_each(|object| self.add_object(&before, object, hasher));
    }

    fn section(&mut self, before: &Self, section: &Arc<dyn AnySection>) -> &Section {
        let address = Arc::as_ptr(section).cast::<()>() as usize;
        let known = || before.sections.get(&address).cloned().unwrap_or_else(|| Section::new(section));
        self.sections.entry(address).or_insert_with(known)
    }

    fn meta(&mut self, before: &Self, meta: &Arc<Meta>) -> Fingerprint {
        let address = Arc::as_ptr(meta) as usize;
        let known = || before.metas.get(&address).cloned().unwrap_or_else(|| (meta.clone(), state_of(meta)));
        self.metas.entry(address).or_insert_with(known).1
    }

    fn add_object(&mut self, before: &Self, object: &AnyObject, hasher: &mut StableHasher) {
        (object.info.kind, self.meta(before, &object.meta)).hash(hasher);
        self.section(before, &object.spec).state.hash(hasher);
        let status = self.section(before, &object.status);
        status.state.hash(hasher);
        status.observed.zip(object.meta.generation).map(|(observed, generation)| generation - observed).hash(hasher);
    }
}

/// The abstract state of an object's metadata.
fn state_of(meta: &Meta) -> Fingerprint {
    let mut hasher = StableHasher::default();
    (&meta.key, meta.deleting.is_some(), meta.deletion_grace_seconds).hash(&mut hasher);
    for map in [&meta.labels, &meta.annotations] {
        map.len().hash(&mut hasher);
        for (key, value) in map.iter() {
            key.hash(&mut hasher);
            add_text(value, &mut hasher);
        }
    }
    meta.finalizers.hash(&mut hasher);
    meta.owners.len().hash(&mut hasher);
    for owner in meta.owners.iter() {
        (owner.kind, &owner.name, owner.controller, owner.block_owner_deletion).hash(&mut hasher);
    }
    hasher.fingerprint()
}

fn add_value(value: &Value, hasher: &mut StableHasher) {
    match value {
        Value::Null => 0u8.hash(hasher),
        Value::Bool(flag) => (1u8, flag).hash(hasher),
        Value::Number(number) => (2u8, number.to_string()).hash(hasher),
        Value::String(text) => add_text(text, hasher),
        Value::Array(items) => {
            (4u8, items.len()).hash(hasher);
            items.iter().for_each(|item| add_value(item, hasher));
        }
        Value::Object(fields) => {
            5u8.hash(hasher);
            for (key, value) in fields.iter().filter(|(key, _)| !COUNTERS.contains(&key.as_str())) {
                key.hash(hasher);
                add_value(value, hasher);
            }
            6u8.hash(hasher);
        }
    }
}

/// Ids and moments leave only a trace that they are there.
fn add_text(text: &str, hasher: &mut StableHasher) {
    if Uuid::try_parse(text).is_ok() || is_moment(text) {
        3u8.hash(hasher);
    } else {
        (3u8, text).hash(hasher);
    }
}

/// Whether the text has the shape of an RFC 3339 timestamp.
fn is_moment(text: &str) -> bool {
    let shape = b"0000-00-00T00:00:00";
    let begins = text.bytes().zip(shape).all(|(byte, shape)| if *shape == b'0' { byte.is_ascii_digit() } else { byte == *shape });
    text.len() > shape.len() && begins
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn of(value: &Value) -> simcore::Fingerprint {
        let mut hasher = StableHasher::default();
        add_value(value, &mut hasher);
        hasher.fingerprint()
    }

    #[test]
    fn ids_moments_and_counters_do_not_count() {
        let a =
            json!({ "id": "b7e89c3a-4f12-4d8b-9a6e-1c2d3e4f5a6b", "at": "2026-01-01T00:00:00Z", "restartCount": 1, "phase": "Running" });
        let b =
            json!({ "id": "d4a7e1f3-8b29-4c6d-a5e0-2f1d3c4b5a6e", "at": "2027-01-01T00:00:00Z", "restartCount": 7, "phase": "Running" });
        assert_eq!(of(&a), of(&b));
    }

    #[test]
    fn everything_else_counts() {
        assert_ne!(of(&json!({ "phase": "Running" })), of(&json!({ "phase": "Failed" })));
        assert_ne!(of(&json!({ "a": { "b": 1 }, "c": 2 })), of(&json!({ "a": { "b": 1, "c": 2 } })));
        assert_ne!(of(&json!({ "at": "2026-01-01T00:00:00Z" })), of(&json!({})));
    }
}
