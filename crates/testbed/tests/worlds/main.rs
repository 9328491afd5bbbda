//! Whole worlds: their stories, their determinism, and the laws that judge them.

mod common;
mod determinism;
mod laws;
mod processes;
mod scenarios;
