//! The same world twice: its histories must be the same, and if they are not, the first entry that differs tells where to look.

use simcore::SimTime;
use std::fmt;
use testbed::history::{Entry, History};
use testbed::{Failure, WorldResult};

/// How often a world that once differed is run again to see where.
const TRIES: usize = 8;

type Entries = [(SimTime, Entry)];

/// Two runs of one world that were not the same.
#[derive(Clone, Debug)]
pub struct Difference {
    /// The two hashes.
    pub hashes: [String; 2],
    /// Where they part; absent if the difference was not seen again.
    pub parting: Option<Parting>,
}

/// The first entry in which two histories differ.
#[derive(Clone, Debug)]
pub struct Parting {
    /// Its number.
    pub number: usize,
    /// What it is in each; absent where a history has ended.
    pub entries: [Option<(SimTime, Entry)>; 2],
}

/// Runs a world twice and compares the hashes of its histories. Histories are kept only once a difference has been seen.
///
/// # Errors
/// The inner one is the testbed's own failure; the outer one a difference between the two runs.
pub fn run_twice(run: impl Fn(History) -> Result<WorldResult, Failure>) -> Result<Result<WorldResult, Failure>, Box<Difference>> {
    let first = match run(History::default()) {
        Ok(first) => first,
        Err(failure) => return Ok(Err(failure)),
    };
    let second = run(History::default()).map_or_else(|failure| failure.to_string(), |second| second.history_hash);
    if first.history_hash == second {
        return Ok(Ok(first));
    }
    let mut kept = (0..TRIES).filter_map(|_| run(History::kept()).ok());
    let base = kept.next();
    let parting = base.and_then(|base| kept.find_map(|other| parting(&base.history, &other.history)));
    Err(Box::new(Difference { hashes: [first.history_hash, second], parting }))
}

fn parting(one: &Entries, other: &Entries) -> Option<Parting> {
    let number = (0..one.len().max(other.len())).find(|number| one.get(*number) != other.get(*number))?;
    Some(Parting { number, entries: [one.get(number).cloned(), other.get(number).cloned()] })
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not deterministic: two runs have the histories {} and {}", self.hashes[0], self.hashes[1])?;
        let Some(Parting { number, entries }) = &self.parting else {
            return write!(f, "; {TRIES} more runs were the same, so the entry that differs is not known");
        };
        write!(f, "; they differ first in entry {number}:")?;
        for entry in entries {
            match entry {
                Some((at, entry)) => write!(f, "\n  {at}  {entry:?}")?,
                None => write!(f, "\n  nothing: this history has ended")?,
            }
        }
        Ok(())
    }
}
