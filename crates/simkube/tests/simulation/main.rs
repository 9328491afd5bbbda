//! What only the simulated API server has: typed requests, previews, drawn lags, the limits of the model, fingerprints.
//!
//! What it shares with a real one is in `tests/conformance`.
#![allow(clippy::expect_used, clippy::panic, reason = "tests say what they expect")]

mod apply;
mod caches;
mod harness;
mod limits;
mod lists;
mod moments;
mod patches;
