//! What the chain schedules for itself. Tokens tell an event that still counts from one whose cause is gone.

use crate::boundary::ProcessId;
use std::sync::Arc;
use uuid::Uuid;

/// An event of the chain's own.
#[derive(Clone, Debug)]
pub struct Event(pub(crate) Due);

/// What is due.
#[derive(Clone, Debug)]
pub(crate) enum Due {
    /// A seid process does what comes next.
    Seid { id: ProcessId, token: u32 },
    /// As `Seid`, but only to look again: the scenario's start fixes when blocks come.
    SeidLooksAgain { id: ProcessId, token: u32 },
    /// A sidecar serves.
    SidecarUp { id: ProcessId },
    /// A node's seid gets SIGTERM once more.
    SignalAgain { node: Arc<str> },
    /// A sidecar task does what comes next.
    Task { sidecar: ProcessId, task: Uuid, token: u32 },
    /// A process that was told to stop, or has nothing left to do, ends.
    Ends { id: ProcessId, code: i32 },
}

impl Event {
    /// Whether the world cannot be at rest while this is to come. Blocks have no events at all; only a node's second look at the moment
    /// when a scenario starts, which changes nothing by itself, does not count.
    pub fn keeps_awake(&self) -> bool {
        !matches!(self.0, Due::SeidLooksAgain { .. })
    }
}
