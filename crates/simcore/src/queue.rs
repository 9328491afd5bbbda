//! The one order of events: by moment, then world changes before controller timers before workers, then subject, then sequence.

use crate::hash::stable_hash;
use crate::time::SimTime;
use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::hash::Hash;

/// Which kind of event goes first at the same moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rank {
    /// A change of the world: cluster, chain, replies, operators.
    World,
    /// A timer of a controller.
    Timer,
    /// A free worker takes its next key.
    Worker,
}

/// What an event is about: a stable number, so that order at one moment does not depend on who was scheduled first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subject(pub u64);

impl Subject {
    /// The subject with this description.
    pub fn of(description: &(impl Hash + ?Sized)) -> Self {
        Self(stable_hash(description))
    }
}

/// An event with its place in the order.
#[derive(Clone, Debug)]
pub struct Scheduled<E> {
    /// When.
    pub at: SimTime,
    /// In which rank.
    pub rank: Rank,
    /// About what.
    pub subject: Subject,
    /// What.
    pub event: E,
}

/// Where an event stands in the order, and where it is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    at: SimTime,
    rank: Rank,
    subject: Subject,
    /// How many events were added up to it.
    added: u64,
    slot: usize,
}

/// The first place is the greatest, for a heap that gives its greatest. The moment mostly decides.
impl Ord for Place {
    #[inline]
    fn cmp(&self, other: &Self) -> Ordering {
        let rest = |place: &Self| (place.rank, place.subject, place.added);
        other.at.cmp(&self.at).then_with(|| rest(other).cmp(&rest(self)))
    }
}

impl PartialOrd for Place {
    #[inline]
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Why a slot that the heap names is never empty.
const TAKEN: &str = "a place in the heap has its event until it is popped";

/// Events that are still to come. The heap orders their places only: the events themselves are large and stay in their slots.
#[derive(Clone, Debug)]
pub struct Queue<E> {
    heap: BinaryHeap<Place>,
    slots: Vec<Option<E>>,
    free: Vec<usize>,
    sequence: u64,
}

impl<E> Default for Queue<E> {
    fn default() -> Self {
        Self { heap: BinaryHeap::new(), slots: Vec::new(), free: Vec::new(), sequence: 0 }
    }
}

impl<E> Queue<E> {
    /// Adds an event.
    pub fn push(&mut self, scheduled: Scheduled<E>) {
        self.sequence += 1;
        let Scheduled { at, rank, subject, event } = scheduled;
        let slot = self.free.pop().unwrap_or_else(|| {
            self.slots.push(None);
            self.slots.len() - 1
        });
        self.slots[slot] = Some(event);
        self.heap.push(Place { at, rank, subject, added: self.sequence, slot });
    }

    /// Takes the first event.
    pub fn pop(&mut self) -> Option<Scheduled<E>> {
        let Place { at, rank, subject, slot, .. } = self.heap.pop()?;
        let event = self.slots[slot].take().expect(TAKEN);
        self.free.push(slot);
        Some(Scheduled { at, rank, subject, event })
    }

    /// The first event.
    pub fn first(&self) -> Option<&E> {
        self.heap.peek().map(|place| self.event(place.slot))
    }

    /// When the first event is due.
    pub fn next_at(&self) -> Option<SimTime> {
        self.heap.peek().map(|place| place.at)
    }

    /// All events, in no particular order.
    pub fn iter(&self) -> impl Iterator<Item = (SimTime, &E)> {
        self.heap.iter().map(|place| (place.at, self.event(place.slot)))
    }

    /// How many events have ever been added.
    pub fn added(&self) -> u64 {
        self.sequence
    }

    /// The events that were among the first so many ever added, in no particular order.
    pub fn added_before(&self, count: u64) -> impl Iterator<Item = &E> {
        self.heap.iter().filter(move |place| place.added <= count).map(|place| self.event(place.slot))
    }

    /// How many events are to come.
    pub fn len(&self) -> usize {
        self.heap.len()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.heap.is_empty()
    }

    fn event(&self, slot: usize) -> &E {
        self.slots[slot].as_ref().expect(TAKEN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_added_early_and_is_still_to_come_can_be_told_from_the_rest() {
        let mut queue = Queue::default();
        let push = |queue: &mut Queue<_>, at, event| {
            queue.push(Scheduled { at: SimTime::from_micros(at), rank: Rank::World, subject: Subject(0), event });
            queue.added()
        };
        push(&mut queue, 1, "soon");
        let added = push(&mut queue, 9, "late");
        push(&mut queue, 5, "added later");
        queue.pop();
        assert_eq!(queue.added_before(added).collect::<Vec<_>>(), [&"late"]);
    }

    #[test]
    fn events_order_by_moment_then_rank_then_subject_then_sequence() {
        let mut queue = Queue::default();
        let mut push = |at, rank, subject, event| {
            queue.push(Scheduled { at: SimTime::from_micros(at), rank, subject: Subject(subject), event });
        };
        push(2, Rank::World, 1, "later");
        push(1, Rank::Worker, 0, "worker");
        push(1, Rank::Timer, 0, "timer");
        push(1, Rank::World, 9, "other subject");
        push(1, Rank::World, 3, "first of two");
        push(1, Rank::World, 3, "second of two");
        let order: Vec<_> = std::iter::from_fn(|| queue.pop()).map(|s| s.event).collect();
        assert_eq!(order, ["first of two", "second of two", "other subject", "timer", "worker", "later"]);
    }
}
