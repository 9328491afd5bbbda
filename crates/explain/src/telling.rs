//! An explanation in words: the story of the world, with what decided it in a column of its own.

use crate::{Explanation, NoReturn, Turn};
use oracles::EventNumber;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use testbed::history::{tell, words};

/// What the column says of an event that decides nothing.
const NOTHING: &str = "";

impl Explanation {
    /// The story, a line an event. Told are the lines of the story, and whatever else decided, struck, or is what the law goes by.
    pub fn story(&self) -> String {
        let cited: BTreeSet<EventNumber> = self.violation.finding.events.iter().copied().collect();
        let mut story = String::new();
        for (number, entry) in (0..).map(EventNumber).zip(&self.history) {
            let odds = self.odds_at(number);
            let mark = match () {
                () if self.is_no_return(number) => "X",
                () if odds.is_some() => ">",
                () if self.struck.contains(&number) => "*",
                () if number == self.told => "!",
                () if cited.contains(&number) => "+",
                () => NOTHING,
            };
            let line = tell(std::slice::from_ref(entry));
            if mark == NOTHING && line.is_empty() {
                continue;
            }
            let odds = odds.map_or_else(String::new, |turn| format!("{} -> {}", turn.before, turn.after));
            let (at, entry) = entry;
            writeln!(story, "{odds:>9} {mark:1}  {at}  {}", words(entry)).expect("a string takes what is written");
        }
        story
    }

    /// The point of no return, in one sentence.
    pub fn no_return_in_words(&self) -> String {
        let of = self.continuations;
        match self.no_return {
            NoReturn::Start => {
                format!("None of {of} fault-free continuations recovers, not even from the start: it needs no fault and no bad luck.")
            }
            NoReturn::Event(Turn { event, before, .. }) => {
                let (at, entry) = &self.history[usize::try_from(event).expect("an entry that was kept")];
                format!(
                    "Point of no return: {at}, {}; {before} of {of} fault-free continuations recover before it, none after it.",
                    words(entry)
                )
            }
        }
    }

    /// The machine-readable form.
    pub fn to_json(&self) -> Value {
        let event = |number: u64| {
            let (at, entry) = &self.history[usize::try_from(number).expect("an entry that was kept")];
            json!({ "event": number, "at": at.to_string(), "what": words(entry) })
        };
        let turn = |turn: &Turn| {
            let mut told = event(turn.event);
            (told["before"], told["after"]) = (turn.before.into(), turn.after.into());
            told
        };
        json!({
            "continuations": self.continuations,
            "recover_from_start": self.at_start,
            "deciding": self.turns.iter().map(turn).collect::<Vec<_>>(),
            "point_of_no_return": match &self.no_return {
                NoReturn::Start => json!("start"),
                NoReturn::Event(last) => turn(last),
            },
            "struck": self.struck.iter().filter(|number| **number <= self.told).map(|number| event(number.0)).collect::<Vec<_>>(),
            "cited": self.violation.finding.events.iter().map(|number| event(number.0)).collect::<Vec<_>>(),
            "violation": event(self.told.0),
        })
    }

    fn is_no_return(&self, number: EventNumber) -> bool {
        matches!(self.no_return, NoReturn::Event(Turn { event, .. }) if event == number.0)
    }

    fn odds_at(&self, number: EventNumber) -> Option<Turn> {
        let last = match self.no_return {
            NoReturn::Event(last) => Some(last),
            NoReturn::Start => None,
        };
        self.turns.iter().copied().chain(last).find(|turn| turn.event == number.0)
    }
}
