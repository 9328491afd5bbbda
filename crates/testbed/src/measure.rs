//! What is counted while a world runs.

use serde::Serialize;

/// Counts of one world.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counters {
    /// Reconciles that were run; elided polls not included.
    pub reconciles: u64,
    /// Reconciles that returned an error.
    pub reconcile_errors: u64,
    /// Calls to the API server that took effect.
    pub api_calls: u64,
    /// Writes that the API server refused with a conflict before they took any time.
    pub refused_calls: u64,
    /// Task submissions to sidecars that took effect.
    pub sidecar_calls: u64,
    /// Containers that were started.
    pub container_starts: u64,
    /// Idle polls that were computed instead of made.
    pub elided_polls: u64,
}

impl Counters {
    /// Reconciles as the operator counts them, elided polls included.
    pub fn all_reconciles(&self) -> u64 {
        self.reconciles + self.elided_polls
    }
}
