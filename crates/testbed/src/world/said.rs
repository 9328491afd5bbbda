//! What a component says while it acts: events of its own for later, and what others are to know.

use simcore::{Context, Luck, Scheduled, SimTime};

/// What a component has scheduled and told while it acted. Empty between its acts, and kept for its memory.
#[derive(Clone)]
pub(super) struct Said<E, O> {
    pub later: Vec<Scheduled<E>>,
    pub out: Vec<O>,
}

impl<E, O> Default for Said<E, O> {
    fn default() -> Self {
        Self { later: Vec::new(), out: Vec::new() }
    }
}

impl<E, O> Said<E, O> {
    /// What the component acts with.
    pub fn context<'a>(&'a mut self, now: SimTime, luck: &'a mut Luck) -> Context<'a, E, O> {
        Context { now, luck, later: &mut self.later, out: &mut self.out }
    }
}
