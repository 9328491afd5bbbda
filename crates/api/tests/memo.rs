//! What a memo remembers, what it forgets, and that a function of something else is found out.

use api::memo::{CAPACITY, Grounds, Memo};
use std::cell::Cell;

#[derive(Clone)]
struct Number(usize);

impl Grounds for Number {
    fn same(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

/// Squares, remembered, and how often one was made.
#[derive(Default)]
struct Squares {
    memo: Memo<Number, usize>,
    made: Cell<usize>,
}

impl Squares {
    fn of(&self, n: usize) -> usize {
        self.memo.of(&Number(n), || {
            self.made.set(self.made.get() + 1);
            n * n
        })
    }
}

#[test]
fn a_result_is_that_of_its_grounds_whatever_was_asked_before() {
    let squares = Squares::default();
    for n in [1, 2, 1, 3, 2, 100, 1, 2] {
        assert_eq!(squares.of(n), n * n);
    }
    assert_eq!(squares.made.get(), 4, "each was made once");
}

#[test]
fn what_was_not_asked_for_in_a_long_time_is_forgotten() {
    let squares = Squares::default();
    let ask = |n| assert_eq!(squares.of(n), n * n);
    (0..CAPACITY).for_each(ask);
    ask(0);
    assert_eq!(squares.made.get(), CAPACITY, "it is held, and now the most recently used");
    ask(CAPACITY);
    ask(0);
    (2..CAPACITY).for_each(ask);
    assert_eq!(squares.made.get(), CAPACITY + 1, "as many are held as before");
    ask(1);
    assert_eq!(squares.made.get(), CAPACITY + 2, "the least recently used gave way");
}

#[test]
#[cfg(debug_assertions)]
#[should_panic(expected = "does not follow from its grounds alone")]
fn a_function_of_something_else_is_found_out() {
    let (memo, calls) = (Memo::new(), Cell::new(0));
    for _ in 0..100 {
        memo.of(&Number(1), || {
            calls.set(calls.get() + 1);
            calls.get()
        });
    }
}
