//! What a world tells while it runs, to whoever listens: every entry of its history, every call, every reconcile.
//!
//! Listening is `tracing`'s business. When nobody listens each of these costs one look at a number, and nothing is formatted. Everything
//! carries the virtual time as `at`. A world is copied to try what would happen; only what happens within a [`step`] is the world's own.

use crate::history::{Entry, line};
use api::ObjectKey;
use controller::{Controller, ReconcileError, Requeue};
use simcore::SimTime;
use simkube::ProcessId;
use std::fmt::{Debug, Display};
use tracing::span::EnteredSpan;
use tracing::{trace, trace_span};

/// The target of all that a world tells.
pub const TARGET: &str = "rehearse::world";

/// The span of an event of the world itself, not of a copy.
pub(crate) fn step() -> EnteredSpan {
    trace_span!(target: TARGET, "step").entered()
}

/// An entry of the history.
pub(crate) fn entry(at: SimTime, entry: &Entry) {
    match entry {
        Entry::Call { verb, kind, name, error } => {
            let (name, result) = (name.as_deref().unwrap_or_default(), error.as_deref().unwrap_or("ok"));
            trace!(target: TARGET, %at, ?verb, kind, name, result, "call");
        }
        Entry::Stored { how, kind, name, version, actor } => {
            trace!(target: TARGET, %at, ?how, kind, %name, version, ?actor, "stored");
        }
        Entry::Event { kind, name, reason, message } => {
            trace!(target: TARGET, %at, kind, %name, reason, text = %message, "event");
        }
        told => trace!(target: TARGET, %at, "{}", line(told).unwrap_or_else(|| format!("{told:?}"))),
    }
}

/// A reconcile begins or ends.
pub(crate) fn reconcile_starts(at: SimTime, process: ProcessId, controller: Controller, key: &ObjectKey) {
    trace!(target: TARGET, %at, ?controller, name = %key.name, process = process.0, "reconcile starts");
}

/// A reconcile is not run, since it would do again what it did last: nothing, with nothing of what it read changed since.
pub(crate) fn reconcile_repeats(at: SimTime, controller: Controller, key: &ObjectKey) {
    trace!(target: TARGET, %at, ?controller, name = %key.name, "reads the same as the last time");
}

/// See there.
pub(crate) fn reconcile_ends(at: SimTime, controller: Controller, key: &ObjectKey, result: &Result<Requeue, ReconcileError>) {
    match result {
        Ok(Requeue::Done) => trace!(target: TARGET, %at, ?controller, name = %key.name, requeue = "when woken", "reconcile ends"),
        Ok(Requeue::After(wait)) => {
            trace!(target: TARGET, %at, ?controller, name = %key.name, requeue = %simcore::print_duration(*wait), "reconcile ends");
        }
        Err(error) => trace!(target: TARGET, %at, ?controller, name = %key.name, %error, "reconcile ends"),
    }
}

/// A call to the API server that changes nothing: it takes no time and is no entry of the history.
pub(crate) fn idle_call<T>(at: SimTime, verb: impl Debug, kind: &str, key: Option<&ObjectKey>, answer: &Result<T, impl Display>) {
    let name = key.map_or("", |key| &*key.name);
    match answer {
        Ok(_) => trace!(target: TARGET, %at, ?verb, kind, name, result = "nothing changes", "call"),
        Err(error) => trace!(target: TARGET, %at, ?verb, kind, name, result = %error, "call"),
    }
}

/// A call to a node's sidecar, and its answer.
pub(crate) fn sidecar_call(at: SimTime, verb: &str, node: &str, what: impl Display, answer: &Result<impl Debug, impl Display>) {
    match answer {
        Ok(answer) => trace!(target: TARGET, %at, verb, node, %what, ?answer, "sidecar call"),
        Err(error) => trace!(target: TARGET, %at, verb, node, %what, %error, "sidecar call"),
    }
}

/// A call to a node's sidecar that did not get there.
pub(crate) fn sidecar_unreached(at: SimTime, node: &str, error: &impl Display) {
    trace!(target: TARGET, %at, node, %error, "sidecar call");
}
