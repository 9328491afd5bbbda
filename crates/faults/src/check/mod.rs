//! Refuses schedules that could never strike: unknown names, triggers that cannot come, faults at triggers that do not suit them.
//!
//! What a schedule names must be able to exist in the scenario: nodes by the operator's own naming, kinds and verbs that the operator uses, types
//! of tasks, phases, images. Whether a trigger then comes is the world's business; one that never did is reported.

mod names;
mod trigger;
mod what;

use crate::schedule::{Fault, Schedule};
use api::Height;

/// A field, relative to the schedule, and what was expected of it.
pub type Refusal = (String, String);

/// The most faults that a schedule may hold.
pub const MOST_FAULTS: usize = 1000;

/// The scenario that a schedule is for, as far as its names and numbers are checked.
#[derive(Clone, Debug)]
pub struct Ground<'a> {
    /// The group.
    pub group: &'a str,
    /// The chain's newest block at the start.
    pub start: Height,
    /// The images that have a binary.
    pub images: Vec<&'a str>,
}

impl Schedule {
    /// Checks a schedule for a scenario.
    ///
    /// # Errors
    /// The first field that is wrong.
    pub fn check(&self, ground: &Ground<'_>) -> Result<(), Refusal> {
        if self.0.len() > MOST_FAULTS {
            return refuse("", &format!("expected at most {MOST_FAULTS} faults, found {}", self.0.len()));
        }
        for (index, fault) in self.0.iter().enumerate() {
            fault.check(ground).map_err(|(field, expected)| (format!("[{index}].{field}"), expected))?;
        }
        Ok(())
    }
}

impl Fault {
    /// Whether its trigger suits what happens at it.
    pub fn suits(&self) -> bool {
        trigger::check_suits(self).is_ok()
    }

    /// Checks a fault for a scenario.
    ///
    /// # Errors
    /// The first field that is wrong.
    pub fn check(&self, ground: &Ground<'_>) -> Result<(), Refusal> {
        trigger::check(&self.when, ground).map_err(|(field, expected)| (format!("when.{field}"), expected))?;
        trigger::check_suits(self)?;
        what::check(&self.what, ground).map_err(|(field, expected)| (format!("what.{field}"), expected))
    }
}

fn refuse(field: &str, expected: &str) -> Result<(), Refusal> {
    Err((field.to_owned(), expected.to_owned()))
}

fn one_of(field: &str, value: &str, known: &[&str]) -> Result<(), Refusal> {
    if known.contains(&value) {
        return Ok(());
    }
    Err((field.to_owned(), format!("there is no {value:?} here; expected one of {}", known.join(", "))))
}
