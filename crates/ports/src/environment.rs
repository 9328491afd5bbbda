//! What else a controller asks of its surroundings: the time, fresh ids, a place for events, name resolution.

use api::{ObjectKey, Time};
use std::fmt;
use uuid::Uuid;

/// The wall clock.
pub trait Clock {
    /// The time, as data: to write down, never to compare.
    fn now(&self) -> Time;

    /// Whether a deadline has passed. The only way to decide by time, so that whoever drives the controller knows what it waits for.
    fn passed(&self, deadline: Time) -> bool;

    /// Since when this process leads.
    fn leads_since(&self) -> Time;
}

/// Fresh identifiers.
pub trait Ids {
    /// A random UUID (version 4).
    fn uuid(&self) -> Uuid;
}

/// Normal or Warning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EventKind {
    /// As expected.
    Normal,
    /// Worth a look.
    Warning,
}

/// Kubernetes events: best effort, never waited for.
pub trait Recorder {
    /// Records an event about an object.
    fn event(&self, kind: &'static str, object: &ObjectKey, severity: EventKind, reason: &'static str, message: fmt::Arguments<'_>);
}

/// DNS.
pub trait Resolver {
    /// Whether the name has an address now.
    fn resolves(&self, host: &str) -> bool;
}
