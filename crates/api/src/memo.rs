//! Results of pure functions, remembered by what they follow from.
//!
//! An operator wants the same objects at every reconcile until a spec changes. Remembered, they are not built again; and they share their
//! parts with those handed out before, so that "is this what I asked for last time" becomes a comparison of pointers. A debug build makes
//! some of what is remembered once more and compares.

use std::cell::{Cell, RefCell};

/// How many results a memo holds: the nodes of two revisions of a group, and some more.
pub const CAPACITY: usize = 16;

/// Of how many answers from memory a debug build checks one. To check all made its worlds five times as slow; a prime, so that no round of requests
/// always has the same one checked.
const CHECKED: u32 = 31;

/// Counts an answer from memory; whether it is to be made once more and compared. It is for assertions alone.
pub fn is_spot_checked() -> bool {
    thread_local!(static ANSWERS: Cell<u32> = const { Cell::new(0) });
    let answers = ANSWERS.get() + 1;
    ANSWERS.set(answers % CHECKED);
    answers == CHECKED
}

/// What a result follows from.
pub trait Grounds: Clone {
    /// Whether the same result follows. Shared parts are best compared as pointers first ([`crate::object::shared_eq`]).
    fn same(&self, other: &Self) -> bool;
}

/// Grounds and something more.
impl<G: Grounds, M: Clone + PartialEq> Grounds for (G, M) {
    fn same(&self, other: &Self) -> bool {
        self.1 == other.1 && self.0.same(&other.0)
    }
}

/// The latest results of one pure function, of one thread.
pub struct Memo<G, R> {
    /// The least recently used first.
    held: RefCell<Vec<(G, R)>>,
}

impl<G: Grounds, R: Clone + PartialEq> Memo<G, R> {
    /// A memo that remembers nothing yet.
    pub const fn new() -> Self {
        Self { held: RefCell::new(Vec::new()) }
    }

    /// The result for these grounds: remembered, or made. `make` must depend on nothing else.
    pub fn of(&self, grounds: &G, make: impl Fn() -> R) -> R {
        let held = &mut *self.held.borrow_mut();
        if let Some(place) = held.iter().rposition(|(held, _)| held.same(grounds)) {
            held[place..].rotate_left(1);
            let (last, result) = held.last_mut().expect("one was just found");
            debug_assert!(!is_spot_checked() || *result == make(), "what was remembered does not follow from its grounds alone");
            // The next comparison is with these very pointers.
            last.clone_from(grounds);
            return result.clone();
        }
        let result = make();
        if held.len() == CAPACITY {
            held.remove(0);
        }
        held.push((grounds.clone(), result.clone()));
        result
    }
}

impl<G: Grounds, R: Clone + PartialEq> Default for Memo<G, R> {
    fn default() -> Self {
        Self::new()
    }
}
