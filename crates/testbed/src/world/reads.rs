//! What a reconcile has read, and what it came to: as long as nothing of the one changes, the other does not.

use api::{KindInfo, ObjectKey, Time};
use controller::{ReconcileError, Requeue};
use rustc_hash::FxHasher;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// Something that a reconcile can read, as a number: equal things have equal numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Topic(u64);

impl Topic {
    /// An object in the process's cache, present or not.
    pub fn cached(info: &KindInfo, key: &ObjectKey) -> Self {
        Self::of(&Read::Cached(info.place, key))
    }

    /// A list from the process's cache; any change of the kind may reorder it.
    pub fn cached_list(info: &KindInfo) -> Self {
        Self::of(&Read::CachedList(info.place))
    }

    /// An object on the server, present or not.
    pub fn stored(info: &KindInfo, key: &ObjectKey) -> Self {
        Self::of(&Read::Stored(info.place, key))
    }

    /// A list from the server.
    pub fn stored_list(info: &KindInfo) -> Self {
        Self::of(&Read::StoredList(info.place))
    }

    /// Who is reachable, and what names of load balancers resolve to.
    pub fn network() -> Self {
        Self::of(&Read::Network)
    }

    /// What the names of the pods behind a Service resolve to.
    pub fn names(service: &ObjectKey) -> Self {
        Self::of(&Read::Names(service))
    }

    /// What the names of the pods behind any Service resolve to.
    pub fn all_names() -> Self {
        Self::of(&Read::AllNames)
    }

    /// What a sidecar tells.
    pub fn sidecar(pod: simkube::PodId) -> Self {
        Self::of(&Read::Sidecar(pod))
    }

    /// What the process has kept under a purpose and a name.
    pub fn memory(purpose: &'static str, name: &str) -> Self {
        Self::of(&Read::Memory(purpose, name))
    }

    fn of(read: &Read<'_>) -> Self {
        let mut hasher = FxHasher::default();
        read.hash(&mut hasher);
        Self(hasher.finish())
    }
}

/// What a topic is the number of. A kind is named by its place.
#[derive(Hash)]
enum Read<'a> {
    Cached(usize, &'a ObjectKey),
    CachedList(usize),
    Stored(usize, &'a ObjectKey),
    StoredList(usize),
    Network,
    Names(&'a ObjectKey),
    AllNames,
    Sidecar(simkube::PodId),
    Memory(&'static str, &'a str),
}

/// What a reconcile has read.
#[derive(Clone, Debug, Default)]
pub struct ReadSet {
    topics: Vec<Topic>,
    /// The deadlines that had not passed.
    pub deadlines: Vec<Time>,
}

impl ReadSet {
    /// Notes a read.
    pub fn note(&mut self, topic: Topic) {
        if !self.topics.contains(&topic) {
            self.topics.push(topic);
        }
    }

    /// Whether any of these was read.
    pub fn holds_any(&self, topics: &[Topic]) -> bool {
        topics.iter().any(|topic| self.topics.contains(topic))
    }

    /// Notes a deadline that has not passed.
    pub fn note_deadline(&mut self, deadline: Time) {
        if !self.deadlines.contains(&deadline) {
            self.deadlines.push(deadline);
        }
    }
}

/// What a reconcile comes to.
pub type Outcome = Result<Requeue, ReconcileError>;

/// What a reconcile came to that took no time and did nothing: until something that it read changes, it comes to that again.
#[derive(Clone, Debug)]
pub struct Known {
    /// What it read.
    pub reads: ReadSet,
    /// What it came to.
    pub outcome: Outcome,
    /// How many of its calls were refused as conflicts.
    pub refused: u64,
    /// The error in words, if it came to one.
    pub told: Option<Arc<str>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_deadline_that_has_not_passed_is_awaited_and_not_the_next_alone() {
        let mut reads = ReadSet::default();
        [20, 10, 20].map(Time::from_unix).into_iter().for_each(|deadline| reads.note_deadline(deadline));
        assert_eq!(reads.deadlines, [20, 10].map(Time::from_unix));
    }
}
