//! What an apply makes of a part of an object, with its types: remembered applies share it.

use super::with_managed_meta;
use crate::boundary::Part;
use api::object::{AnySection, same_section};
use api::{AnyObject, Meta, ObjectKey};
use serde_json::{Map, Value};
use std::sync::Arc;

/// A part of an object as it is to be.
#[derive(Clone)]
pub(in crate::server) struct Owned {
    part: Part,
    /// Of the main part: what of metadata has owners, and nothing else.
    meta: Arc<Meta>,
    /// The part's section.
    section: Arc<dyn AnySection>,
}

impl PartialEq for Owned {
    fn eq(&self, other: &Self) -> bool {
        self.part == other.part && self.meta == other.meta && same_section(&self.section, &other.section)
    }
}

impl Owned {
    /// Reads a part of the stored object in the form of [`super::document`].
    pub fn read(stored: &AnyObject, part: Part, document: &Value) -> Result<Self, String> {
        let told = Meta::from_wire(document.get("metadata").unwrap_or(&Value::Null)).map_err(|error| error.to_string())?;
        let decode = &stored.info.decode;
        let (name, decode, section) = match part {
            Part::Main => ("spec", decode.spec, &stored.spec),
            Part::Status => ("status", decode.status, &stored.status),
        };
        let section = match document.get(name) {
            None if part == Part::Main && section.to_json().is_null() => section.clone(),
            given => decode(given.unwrap_or(&Value::Object(Map::new()))).map_err(|error| format!("{name}: {error}"))?,
        };
        let meta = with_managed_meta(&Meta::new(ObjectKey::new("", "")), &told);
        Ok(Self { part, meta: Arc::new(meta), section })
    }

    /// The object with this part in place of its own.
    pub fn over(&self, old: &AnyObject) -> AnyObject {
        if self.part == Part::Status {
            return AnyObject { status: self.section.clone(), ..old.clone() };
        }
        let mut new = AnyObject { spec: self.section.clone(), ..old.clone() };
        let meta = with_managed_meta(&old.meta, &self.meta);
        if meta != *old.meta {
            new.meta = Arc::new(meta);
        }
        new
    }
}
