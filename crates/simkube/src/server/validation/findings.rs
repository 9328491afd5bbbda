//! A list of causes, worded as the API server words them. A path is written out only where something is wrong.

use std::fmt::Display;

/// What is wrong with an object so far.
#[derive(Default)]
pub(super) struct Findings(Vec<String>);

impl Findings {
    /// All of it, in the order in which it was found.
    pub(super) fn causes(&self) -> &[String] {
        &self.0
    }

    /// A cause in its own words, unless `holds`.
    pub(super) fn require(&mut self, holds: bool, cause: impl FnOnce() -> String) {
        if !holds {
            self.0.push(cause());
        }
    }

    /// A CEL rule of the schema at `path`.
    pub(super) fn rule(&mut self, holds: bool, path: impl Display, message: &str) {
        self.require(holds, || format!("{path}: Invalid value: \"object\": {message}"));
    }

    /// `minLength` and `maxLength`, in characters.
    pub(super) fn length(&mut self, path: impl Display, text: &str, min: usize, max: usize) {
        let length = text.chars().count();
        self.require(length >= min, || format!("{path}: Invalid value: {text:?}: {path} in body should be at least {min} chars long"));
        self.require(length <= max, || format!("{path}: Too long: may not be more than {max} bytes"));
    }

    /// `minItems` and `maxItems`.
    pub(super) fn items(&mut self, path: impl Display, count: usize, min: usize, max: usize) {
        self.require(count >= min, || format!("{path}: Invalid value: {count}: {path} in body should have at least {min} items"));
        self.require(count <= max, || format!("{path}: Too many: {count}: must have at most {max} items"));
    }

    /// `minProperties: 1`.
    pub(super) fn not_empty(&mut self, path: impl Display, count: usize) {
        self.require(count > 0, || format!("{path}: Invalid value: 0: {path} in body should have at least 1 properties"));
    }

    /// `minimum` and `maximum`.
    pub(super) fn range(&mut self, path: impl Display, number: i64, min: i64, max: i64) {
        self.require(number >= min, || format!("{path}: Invalid value: {number}: {path} in body should be greater than or equal to {min}"));
        self.require(number <= max, || format!("{path}: Invalid value: {number}: {path} in body should be less than or equal to {max}"));
    }

    /// `pattern`; whether it matches is for the caller to say.
    pub(super) fn pattern(&mut self, matches: bool, path: impl Display, text: &str, pattern: &str) {
        self.require(matches, || format!("{path}: Invalid value: {text:?}: {path} in body should match '{pattern}'"));
    }
}
