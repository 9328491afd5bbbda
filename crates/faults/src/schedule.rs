//! A schedule: the faults that a world meets.

use crate::kinds::What;
use crate::trigger::Trigger;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Something that befalls a world, once.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// When it strikes.
    pub when: Trigger,
    /// What it does.
    pub what: What,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.when, self.what)
    }
}

/// Faults in no order of time: each waits for its own trigger.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Schedule(pub Vec<Fault>);

impl Schedule {
    /// What the schedule looks like with its numbers left out: schedules of one shape are told apart by timing and extent alone.
    pub fn shape(&self) -> Vec<String> {
        let mut shape: Vec<_> = self.0.iter().map(|fault| fault.what.id()).collect();
        shape.sort_unstable();
        shape
    }
}
