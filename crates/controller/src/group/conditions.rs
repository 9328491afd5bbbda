//! Conditions of a group, and the events that go with some of them.

use crate::conditions::Saying;
use api::condition;
use api::{Group, Kind, SeiNodeDeployment};
use ports::{ApiError, EventKind, Ports};
use std::fmt;

/// Sets a condition.
pub fn set<P: Ports>(ports: &P, group: &mut Group, saying: Saying<'_>) {
    if !saying.is_said(&group.status.conditions) {
        saying.set(ports, &mut group.status_mut().conditions);
    }
}

/// Sets a condition, with an event when its reason is another than before.
pub fn announce<P: Ports>(ports: &P, group: &mut Group, saying: Saying<'_>) {
    let news = condition::find(&group.status.conditions, saying.kind).is_none_or(|old| &*old.reason != saying.reason);
    set(ports, group, saying);
    if news {
        let severity = if saying.holds { EventKind::Normal } else { EventKind::Warning };
        event(ports, group, severity, saying.reason, format_args!("{}", saying.message));
    }
}

/// Removes a condition, if it is there.
pub fn remove(group: &mut Group, kind: &str) {
    if condition::find(&group.status.conditions, kind).is_some() {
        condition::remove(&mut group.status_mut().conditions, kind);
    }
}

/// Passes an outcome on, but for a kind whose definition is not installed: that is no error, only a condition.
pub fn unless_not_installed<P: Ports, T>(
    ports: &P,
    group: &mut Group,
    kind: &'static str,
    outcome: Result<T, ApiError>,
) -> Result<Option<T>, ApiError> {
    match outcome {
        Err(error @ ApiError::NoSuchKind(_)) => {
            announce(ports, group, Saying { kind, holds: false, reason: "CRDNotInstalled", message: &error.to_string() });
            Ok(None)
        }
        outcome => outcome.map(Some),
    }
}

/// Records an event about the group.
pub fn event<P: Ports>(ports: &P, group: &Group, severity: EventKind, reason: &'static str, message: fmt::Arguments<'_>) {
    ports.event(SeiNodeDeployment::INFO.kind, &group.meta.key, severity, reason, message);
}
