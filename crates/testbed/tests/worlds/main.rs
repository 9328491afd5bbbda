//! Whole worlds: their stories, their determinism, and the laws that judge them.

mod catalogue;
mod common;
mod determinism;
mod ends;
mod excuses;
mod far_ahead;
mod faults;
mod laws;
mod processes;
mod remedies;
mod scenarios;
mod states;
mod swarm;
