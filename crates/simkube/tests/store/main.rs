//! Random operations of several clients: the store against a naive model of the same rules, watches against the store, and the garbage
//! collector at rest.
#![allow(clippy::expect_used, clippy::panic, reason = "tests say what they expect")]

mod collector;
mod machine;
mod model;
mod ownership;
mod rules;
mod watch;
