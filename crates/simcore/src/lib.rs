//! Time, order and luck: what every part of a simulated world shares.
//!
//! Nothing here knows of Kubernetes or of chains. A world has one clock that only its own queue moves, one total order of events, and one
//! stream of random numbers per purpose and subject, so that a draw added here never shifts the luck of anything else.

mod grid;
mod hash;
mod luck;
mod queue;
mod span;
mod time;

pub use grid::Grid;
pub use hash::{Fingerprint, StableHasher, stable_hash};
pub use luck::{Luck, Seed};
pub use queue::{Queue, Rank, Scheduled, Subject};
pub use span::{Span, duration_text, parse_duration, print_duration};
pub use time::SimTime;

/// What a component sees while it handles an event, and where it leaves what follows.
pub struct Context<'a, E, O> {
    /// The moment.
    pub now: SimTime,
    /// The world's random streams.
    pub luck: &'a mut Luck,
    /// Events of the component's own, to be handled later.
    pub later: &'a mut Vec<Scheduled<E>>,
    /// What other components must be told, in order.
    pub out: &'a mut Vec<O>,
}

impl<E, O> Context<'_, E, O> {
    /// Schedules an event of the component's own at a moment that must not lie in the past.
    pub fn at(&mut self, at: SimTime, subject: Subject, event: E) {
        assert!(at >= self.now, "an event is scheduled for the past: {at} before {}", self.now);
        self.later.push(Scheduled { at, rank: Rank::World, subject, event });
    }

    /// Schedules an event of the component's own after a while.
    pub fn after(&mut self, wait: std::time::Duration, subject: Subject, event: E) {
        self.at(self.now + wait, subject, event);
    }

    /// Tells another component.
    pub fn tell(&mut self, output: O) {
        self.out.push(output);
    }
}
