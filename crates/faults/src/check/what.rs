//! Refuses faults that name what cannot be, and numbers out of range.

use super::{Ground, Refusal, names, one_of};
use crate::kinds::{BootstrapFault, CACHED, ControllerFault, PersonFault, SwitchRacesFault, What};
use api::task::SidecarTask;
use serde_json::Value;
use std::ops::RangeInclusive;

/// What whole numbers may be, by field.
const RANGES: [(&str, RangeInclusive<i64>); 6] = [
    ("to", 1..=100),
    ("by", -10_000_000..=10_000_000),
    ("blocks", 1..=10_000_000),
    ("afterBlocks", 0..=10_000_000),
    ("blockMillis", 1..=3_600_000),
    ("keep", 1..=10_000_000),
];

pub(super) fn check(what: &What, ground: &Ground<'_>) -> Result<(), Refusal> {
    let written = serde_json::to_value(what).expect("a fault has a written form");
    let named = written.as_object().and_then(|groups| groups.iter().next()).and_then(|(group, fault)| {
        let (name, fields) = fault.as_object()?.iter().next()?;
        Some((format!("{group}.{name}"), fields.as_object()?))
    });
    let Some((path, fields)) = named else { return Ok(()) };
    for field in ["node", "under"] {
        if let Some(node) = fields.get(field).and_then(Value::as_str) {
            names::node(&format!("{path}.{field}"), node, ground)?;
        }
    }
    for (field, range) in &RANGES {
        if let Some(number) = fields.get(*field).filter(|value| value.is_number()) {
            check_number(&format!("{path}.{field}"), field, number, range)?;
        }
    }
    match what {
        What::Bootstrap(BootstrapFault::SidecarTaskFails { task, .. }) => one_of(&format!("{path}.task"), task, SidecarTask::TYPES),
        What::Controller(ControllerFault::StaleCache { kind: Some(kind), .. }) => one_of(&format!("{path}.kind"), kind, &CACHED),
        What::SwitchRaces(SwitchRacesFault::ImageEdited { image }) => one_of(&format!("{path}.image"), image, &ground.images),
        What::SwitchRaces(SwitchRacesFault::EntrantCrashes { node }) | What::Person(PersonFault::DeletesEntrant { node }) => {
            names::entrant(&format!("{path}.node"), node, ground)
        }
        _ => Ok(()),
    }
}

fn check_number(path: &str, field: &str, number: &Value, range: &RangeInclusive<i64>) -> Result<(), Refusal> {
    let fits = number.as_i64().is_some_and(|number| range.contains(&number) && (field != "by" || number != 0));
    if fits {
        return Ok(());
    }
    let but = if field == "by" { " other than 0" } else { "" };
    Err((path.to_owned(), format!("expected a whole number from {} to {}{but}, found {number}", range.start(), range.end())))
}
