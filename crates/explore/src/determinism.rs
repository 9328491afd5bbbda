//! Whether a world run twice is the same world; if not, at which event the two part.

use simcore::SimTime;
use std::fmt;
use testbed::history::Entry;
use testbed::{Failure, WorldResult};

/// The first entry at which two histories differ.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// Its number, from 0.
    pub number: usize,
    /// The entry of the first history; absent if it had ended.
    pub first: Option<(SimTime, Entry)>,
    /// The entry of the second.
    pub second: Option<(SimTime, Entry)>,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tell = |f: &mut fmt::Formatter<'_>, entry: &Option<(SimTime, Entry)>| match entry {
            Some((at, entry)) => write!(f, "{at} {entry:?}"),
            None => f.write_str("the end"),
        };
        write!(f, "event {} differs: ", self.number)?;
        tell(f, &self.first)?;
        f.write_str(" in one run, ")?;
        tell(f, &self.second)?;
        f.write_str(" in the other")
    }
}

/// The first entry at which two histories differ; `None` if they are equal.
pub fn first_difference(first: &[(SimTime, Entry)], second: &[(SimTime, Entry)]) -> Option<Difference> {
    let number = first.iter().zip(second).position(|(a, b)| a != b);
    let number = number.or_else(|| (first.len() != second.len()).then(|| first.len().min(second.len())))?;
    Some(Difference { number, first: first.get(number).cloned(), second: second.get(number).cloned() })
}

/// Runs a world twice, histories kept, and compares them.
///
/// # Errors
/// If the testbed failed in one of the runs.
pub fn check(mut run: impl FnMut() -> Result<WorldResult, Failure>) -> Result<Option<Difference>, Failure> {
    let (first, second) = (run()?, run()?);
    if first.history_hash == second.history_hash {
        return Ok(None);
    }
    let difference = first_difference(&first.history, &second.history);
    Ok(Some(difference.expect("histories with different hashes differ in an entry")))
}
