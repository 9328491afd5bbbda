//! The ordered record of everything that happened in a world.
//!
//! Every entry is hashed as it comes, by value and independent of the machine; two worlds with the same hash had the same history. Entries are
//! kept only when someone wants to read them.

mod entry;
mod observe;
mod story;

pub use entry::{Entry, Happened, Stored};
pub use observe::{display_name, observe as entries_of};
pub(crate) use story::line;
pub use story::{tell, tell_end, words};

use crate::marks::{Mark, Marks, Passed};
use oracles::EventNumber;
use simcore::{Fingerprint, SimTime, StableHasher};
use simkube::StoreChange;
use std::hash::Hash;

/// The history of one world.
#[derive(Clone, Default)]
pub struct History {
    hasher: StableHasher,
    last: SimTime,
    count: u64,
    marks: Marks,
    kept: Option<Vec<(SimTime, Entry)>>,
}

impl History {
    /// A history whose entries are kept.
    pub fn kept() -> Self {
        Self { kept: Some(Vec::new()), ..Self::default() }
    }

    /// Appends an entry.
    pub fn push(&mut self, at: SimTime, entry: Entry) {
        self.last = at;
        self.count += 1;
        self.marks.see(&entry);
        crate::trace::entry(at, &entry);
        at.hash(&mut self.hasher);
        entry.hash(&mut self.hasher);
        if let Some(kept) = &mut self.kept {
            kept.push((at, entry));
        }
    }

    /// Appends a change of the store and what it means.
    pub fn stored(&mut self, at: SimTime, change: &StoreChange) {
        observe::observe(change, &mut |entry| self.push(at, entry));
    }

    /// The marks that the world has passed.
    pub fn passed(&self) -> Passed {
        self.marks.passed
    }

    /// Notes a mark that no entry tells of.
    pub fn note(&mut self, mark: Mark) {
        self.marks.passed.note(mark);
    }

    /// The number that the next entry will have.
    pub fn next_number(&self) -> EventNumber {
        EventNumber(self.count)
    }

    /// The number of the last entry; the first one's if there is none.
    pub fn last_number(&self) -> EventNumber {
        EventNumber(self.count.saturating_sub(1))
    }

    /// The moment of the last entry; the scenario's start if there is none.
    pub fn last(&self) -> SimTime {
        self.last
    }

    /// The hash of everything appended so far.
    pub fn hash(&self) -> Fingerprint {
        self.hasher.fingerprint()
    }

    /// The entries, if they were kept.
    pub fn entries(&self) -> &[(SimTime, Entry)] {
        self.kept.as_deref().unwrap_or_default()
    }
}
