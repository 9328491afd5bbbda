//! Marks of the operator's process and its calls, as far as the history tells them.

use super::{Mark, Passed};
use simkube::Verb;

/// A call was answered.
pub(super) fn called(verb: Verb, error: Option<&str>, passed: &mut Passed) {
    if verb == Verb::Create && error.is_some_and(|error| error.ends_with("already exists")) {
        passed.note(Mark::FoundItsOwn);
    }
}

/// Something happened to the operator's process.
pub(super) fn told(what: &str, passed: &mut Passed) {
    if what.starts_with("loses its lease") {
        passed.note(Mark::LeaseLost);
    }
}
