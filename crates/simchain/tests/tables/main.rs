//! The tables of the specification as tests, one named row a test: `cargo test -p simchain --test tables -- --list` prints them.

#[path = "../harness/mod.rs"]
mod harness;

mod divergence;
mod halt_height;
mod other_panics;
mod sidecar_tasks;
mod start;
mod stores;
mod upgrade_rules;
mod world;
