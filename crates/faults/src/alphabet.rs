//! An alphabet of faults: of each kind one for each target that it can befall in a scenario, with one extent each.
//!
//! Kinds say what they can befall by drawing. So each is drawn many times, and the first fault of each target is taken: faults that differ in
//! numbers and lengths alone are one letter.

use crate::draw::Draw;
use crate::kinds::{Group, What};
use crate::opportunities::Opportunities;
use serde_json::Value;
use simcore::parse_duration;
use std::collections::BTreeSet;

/// How often each kind is drawn: a target is one of at most some dozens.
const DRAWS: u64 = 400;

impl What {
    /// The faults of some groups that can strike in a scenario, in the order of the catalogue.
    pub fn alphabet(groups: &[Group], o: &Opportunities) -> Vec<Self> {
        let mut letters = Vec::new();
        for group in groups {
            for kind in group.kinds() {
                let mut seen = BTreeSet::new();
                for seed in 0..DRAWS {
                    let drawn = (kind.draw)(&mut Draw::new(seed, kind.name), o);
                    letters.extend(drawn.map(|fault| fault.what).filter(|what| seen.insert(what.target())));
                }
            }
        }
        letters
    }

    /// What it is and befalls, without numbers and lengths.
    fn target(&self) -> String {
        let mut written = serde_json::to_value(self).expect("a fault has a written form");
        leave_out_extents(&mut written);
        written.to_string()
    }
}

fn leave_out_extents(value: &mut Value) {
    match value {
        Value::Object(fields) => fields.values_mut().for_each(leave_out_extents),
        Value::Number(_) => *value = Value::Null,
        Value::String(text) if parse_duration(text).is_ok() => *value = Value::Null,
        _ => {}
    }
}
