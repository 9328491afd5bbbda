//! Results of pure functions, remembered by what they follow from.
//!
//! An operator wants the same objects at every reconcile until a spec changes. Remembered, they are not built again; and they share their
//! parts with those handed out before, so that "is this what I asked for last time" becomes a comparison of pointers. A debug build makes
//! some of what is remembered once more and compares.

use std::cell::{Cell, RefCell};

/// How many results a memo holds: the nodes of two revisions of a group, and some more.
const CAPACITY: usize = 16;

/// Of how many answers from memory a debug build checks one. To check all made its worlds four times as slow; a prime, so that no round of requests
/// always has the same one checked.
const CHECKED: u32 = 31;

/// Whether an answer from memory is to be made once more and compared. It is for assertions alone.
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    impl Grounds for usize {
        fn same(&self, other: &Self) -> bool {
            self == other
        }
    }

    /// The function of the tests, and how often it was called.
    struct Square(Cell<usize>);

    impl Square {
        fn of(&self, n: usize) -> usize {
            self.0.set(self.0.get() + 1);
            n * n
        }
    }

    #[test]
    fn a_result_is_that_of_its_grounds_whatever_was_asked_before() {
        let (memo, square) = (Memo::new(), Square(Cell::new(0)));
        for n in [1, 2, 1, 3, 2, 100, 1, 2] {
            assert_eq!(memo.of(&n, || square.of(n)), n * n);
        }
    }

    #[test]
    fn what_was_not_asked_for_in_a_long_time_is_forgotten() {
        let (memo, square) = (Memo::new(), Square(Cell::new(0)));
        for n in (0..CAPACITY).chain([0, CAPACITY]) {
            memo.of(&n, || square.of(n));
        }
        assert_eq!(square.0.get(), CAPACITY + 1, "the second time it was asked for, 0 was held");
        let held: Vec<usize> = memo.held.borrow().iter().map(|(n, _)| *n).collect();
        assert_eq!(held.len(), CAPACITY);
        assert!(held.contains(&0) && !held.contains(&1), "the least recently used gave way");
    }

    #[test]
    #[cfg(debug_assertions)]
    #[should_panic(expected = "does not follow from its grounds alone")]
    fn a_function_of_something_else_is_found_out() {
        let (memo, square) = (Memo::new(), Square(Cell::new(0)));
        for _ in 0..=CHECKED {
            memo.of(&1, || square.of(square.0.get()));
        }
    }
}
