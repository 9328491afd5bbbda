//! Simpler forms of a fault: shorter, fewer, earlier in its count, at a rounder moment.
//!
//! Every simpler form has a smaller measure, so that simplifying comes to an end: a length is shorter, a number smaller, a moment a multiple of
//! a longer unit.

use faults::Lapse;
use serde_json::Value;
use simcore::{parse_duration, print_duration};
use std::time::Duration;

/// Units of which a moment is better a multiple, the longest first. In seconds.
const UNITS: [u64; 4] = [3600, 600, 60, 1];

/// Numbers that count something of which less is simpler.
const COUNTS: [&str; 6] = ["nth", "calls", "times", "blocks", "afterBlocks", "keep"];

/// The simpler forms of a fault that differ from it in one place, the simplest of each place first.
pub fn simpler(fault: &Value) -> Vec<Value> {
    let mut found = Vec::new();
    let mut places = Vec::new();
    places_of(fault, String::new(), &mut places);
    for (pointer, value) in places {
        let simpler = if pointer == "/when/at" { rounder(value) } else { smaller(&pointer, value) };
        for value in simpler {
            let mut fault = fault.clone();
            *fault.pointer_mut(&pointer).expect("the place is there") = value;
            found.push(fault);
        }
    }
    found
}

fn places_of<'a>(value: &'a Value, pointer: String, places: &mut Vec<(String, &'a Value)>) {
    match value.as_object() {
        Some(fields) => fields.iter().for_each(|(key, value)| places_of(value, format!("{pointer}/{key}"), places)),
        None => places.push((pointer, value)),
    }
}

/// Moments around this one that are multiples of a longer unit.
fn rounder(moment: &Value) -> Vec<Value> {
    let Some(moment) = moment.as_str().and_then(|text| parse_duration(text).ok()) else { return Vec::new() };
    let longer = UNITS.into_iter().map(Duration::from_secs).take_while(|unit| moment.as_nanos() % unit.as_nanos() != 0);
    let around = longer.flat_map(|unit| {
        let below = u32::try_from(moment.as_nanos() / unit.as_nanos()).unwrap_or(u32::MAX - 1);
        [unit * below, unit * (below + 1)]
    });
    around.map(|moment| print_duration(moment).into()).collect()
}

/// Shorter lengths, smaller counts.
fn smaller(pointer: &str, value: &Value) -> Vec<Value> {
    if let Some(length) = value.as_str().and_then(|text| parse_duration(text).ok()) {
        let shorter = Lapse::LADDER.into_iter().map(Duration::from_secs).take_while(|shorter| *shorter < length);
        return shorter.map(|length| print_duration(length).into()).collect();
    }
    let is_count = pointer.rsplit('/').next().is_some_and(|field| COUNTS.contains(&field));
    match value.as_u64().filter(|_| is_count) {
        Some(count) => (0..u64::BITS).map(|power| 1 << power).take_while(|less: &u64| *less < count).map(Value::from).collect(),
        None => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn lengths_get_shorter_counts_smaller_and_moments_rounder() {
        let fault = json!({ "when": { "at": "3725s" }, "what": { "api-server": { "slow-calls": { "by": "5s", "lasts": "10s" } } } });
        let forms: Vec<_> = simpler(&fault).iter().map(ToString::to_string).collect();
        assert!(forms.iter().any(|form| form.contains("\"1h\"")) && forms.iter().any(|form| form.contains("\"62min\"")), "{forms:?}");
        assert!(forms.iter().all(|form| form.matches("3725s").count() + form.matches("\"5s\"").count() > 0), "one place each");
        assert_eq!(forms.len(), 6 + 2 + 3);
        let counted = json!({ "when": { "write": { "controller": "node", "nth": 5 } }, "what": { "controller": "crash" } });
        let nths: Vec<_> = simpler(&counted).iter().map(|form| form["when"]["write"]["nth"].clone()).collect();
        assert_eq!(nths, [1, 2, 4]);
    }

    #[test]
    fn a_round_moment_a_short_length_and_a_count_of_one_have_no_simpler_form() {
        let fault = json!({ "when": { "at": "1h" }, "what": { "cluster": { "dns-fails": { "node": "a-0", "lasts": "1s" } } } });
        assert!(simpler(&fault).is_empty());
        let fault = json!({ "when": { "call": { "verb": "create", "kind": "SeiNode", "nth": 1 } }, "what": { "controller": "crash" } });
        assert!(simpler(&fault).is_empty());
    }
}
