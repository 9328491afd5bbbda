//! From a violation to its cause: which events decided it, and after which one it could no longer be averted.
//!
//! The world is run again up to an event, and from there many times with other luck and no further fault. How many of these continuations
//! recover, that is, never violate the oracle, are the event's *odds*. An event after which they are clearly lower than before has decided
//! something; the first after which none recovers is the *point of no return*. Both are found by running, not by reading the history.

mod explanation;
mod odds;
mod telling;
mod turns;

pub use explanation::{Explanation, NoReturn, explain};
pub use odds::Odds;
pub use turns::{Turn, first_without, turns};
