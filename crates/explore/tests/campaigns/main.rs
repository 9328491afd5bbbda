//! Campaigns over real worlds: order, threads, failures, determinism, and the folder that survives a kill.

mod common;
mod determinism;
mod folder;
mod guided;
mod threads;
