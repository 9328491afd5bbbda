//! What applies come to, remembered: the worlds of a scenario make the same ones over and over.
//!
//! What an apply comes to follows from what has owners in the stored object and in what is applied, and from who owns it: not from versions,
//! generations or statuses.

use super::{Applied, Manager, Managers, Write, document, same_wish};
use crate::boundary::Part;
use api::AnyObject;
use api::memo::{Grounds, Memo};
use api::object::same_section;
use std::sync::Arc;

thread_local! {
    static APPLIES: Memo<Apply, Applied> = const { Memo::new() };
}

/// What a manager's apply of an object's main part follows from.
#[derive(Clone)]
struct Apply {
    managers: Managers,
    stored: AnyObject,
    manager: Manager,
    wanted: AnyObject,
}

impl Grounds for Apply {
    fn same(&self, other: &Self) -> bool {
        self.manager == other.manager
            && same_main(&self.wanted, &other.wanted)
            && same_main(&self.stored, &other.stored)
            && self.managers.are(&other.managers)
    }
}

impl Managers {
    /// What an apply of this to the stored object would come to.
    pub fn apply_object(&self, stored: &AnyObject, manager: &Manager, wanted: &AnyObject) -> Applied {
        let grounds = Apply { managers: self.clone(), stored: stored.clone(), manager: manager.clone(), wanted: wanted.clone() };
        APPLIES.with(|memo| memo.of(&grounds, || self.apply(stored, manager, Part::Main, &document(wanted, Part::Main))))
    }

    /// Whether the same managers own the same, by the same writes.
    fn are(&self, other: &Self) -> bool {
        let same_entries = Arc::ptr_eq(&self.entries, &other.entries) || self.entries == other.entries;
        same_entries && self.log.len() == other.log.len() && self.log.iter().zip(&other.log).all(|(a, b)| a.is(b))
    }
}

impl Write {
    fn is(&self, other: &Self) -> bool {
        let same = |a: &AnyObject, b: &AnyObject| match self.part {
            Part::Main => same_main(a, b),
            Part::Status => a.info == b.info && same_section(&a.status, &b.status),
        };
        let same_before = match (&self.before, &other.before) {
            (Some(a), Some(b)) => same(a, b),
            (None, None) => true,
            _ => false,
        };
        (&self.manager, self.operation, self.part) == (&other.manager, other.operation, other.part)
            && same_before
            && same(&self.after, &other.after)
    }
}

/// Whether the main parts of two objects have the same fields with the same values. Without a status of its own, the main part has that too.
fn same_main(a: &AnyObject, b: &AnyObject) -> bool {
    a.info == b.info && same_wish(a, b) && (a.info.has_status || same_section(&a.status, &b.status))
}
