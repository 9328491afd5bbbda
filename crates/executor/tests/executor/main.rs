//! The executor against ports that answer at once.
#![allow(missing_docs, reason = "tests")]

mod bootstrap;
mod bootstrapped;
mod decode;
mod edits;
mod fake;
mod genesis;
mod plan;
mod rehearsed;
mod rollout;
mod samples;

/// The design that decides everything as the operator does today.
fn faithful() -> planner::Design {
    planner::Design::preset("halt-signal").expect("a preset")
}
