//! Whole worlds: their stories, their determinism, and the laws that judge them.

mod common;
mod determinism;
mod excuses;
mod faults;
mod laws;
mod processes;
mod scenarios;
mod states;
mod swarm;
