//! The explanation of one violation: its history with what decided it.

use crate::odds::Odds;
use crate::turns::{Turn, first_without, turns};
use explore::tried;
use faults::Schedule;
use oracles::{EventNumber, Violation};
use simcore::SimTime;
use std::collections::BTreeSet;
use testbed::history::{Entry, History};
use testbed::{Settled, WorldResult};

/// From which point on nothing recovers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoReturn {
    /// From the start: the design violates the oracle whatever the luck, without any fault.
    Start,
    /// From an event on.
    Event(Turn),
}

/// A violation, explained.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// The violation.
    pub violation: Violation,
    /// The entry that tells it.
    pub told: EventNumber,
    /// The history up to that entry.
    pub history: Vec<(SimTime, Entry)>,
    /// How many continuations each point of the history was given.
    pub continuations: u32,
    /// How many of them recover from the start.
    pub at_start: u32,
    /// The events that changed the odds by a quarter or more, in order.
    pub turns: Vec<Turn>,
    /// The point of no return.
    pub no_return: NoReturn,
    /// The events at which the faults struck.
    pub struck: BTreeSet<EventNumber>,
}

/// Explains a world's first unexcused violation of an oracle; `None` if there is none. Worlds are run on the threads of rayon's pool in
/// which it is called.
///
/// # Errors
/// If the testbed failed.
pub fn explain(
    settled: &Settled,
    seed: u64,
    schedule: &Schedule,
    oracle: &'static str,
    continuations: u32,
) -> Result<Option<Explanation>, String> {
    let result = tried(|| settled.run_under(seed, schedule, History::kept()))?;
    let Some(violation) = result.unexcused().find(|violation| violation.oracle == oracle).cloned() else { return Ok(None) };
    let told = told_by(&result, &violation);
    let mut odds = Odds::new(settled, seed, schedule, oracle, continuations);
    let (from, to) = (0, told.0 + 1);
    let at_start = odds.after(from)?;
    assert_eq!(odds.after(to)?, 0, "what has happened cannot be averted");
    let mut after = |told| odds.after(told);
    let turns = turns(from, to, (continuations / 4).max(1), &mut after)?;
    let no_return = if at_start == 0 {
        NoReturn::Start
    } else {
        let end = first_without(from, to, &mut after)?;
        NoReturn::Event(Turn { event: end - 1, before: after(end - 1)?, after: 0 })
    };
    let struck = result.faults.iter().filter_map(|record| Some(record.struck.as_ref()?.event)).collect();
    let length = usize::try_from(told.0 + 1).expect("a history that is kept fits into memory");
    let history = result.history.into_iter().take(length).collect();
    Ok(Some(Explanation { violation, told, history, continuations, at_start, turns, no_return, struck }))
}

/// The entry that tells a violation.
fn told_by(result: &WorldResult, violation: &Violation) -> EventNumber {
    let is_told = |(_, entry): &(SimTime, Entry)| matches!(entry, Entry::Violated(told) if told == violation);
    let position = result.history.iter().position(is_told).expect("a violation is an entry of the history");
    EventNumber(position as u64)
}
