//! What the API server, the caches and the garbage collector do, seen from outside: one test a behaviour.
#![allow(clippy::expect_used, clippy::panic, reason = "tests say what they expect")]

mod apply;
mod caches;
mod collection;
mod concurrency;
mod deletion;
mod harness;
mod metadata;
mod validation;
mod verbs;
