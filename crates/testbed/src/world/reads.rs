//! What a reconcile has read, and what it came to: as long as nothing of the one changes, the other does not.

use api::{ObjectKey, Time};
use controller::{ReconcileError, Requeue};
use rustc_hash::FxHasher;
use std::hash::{Hash, Hasher};

/// Something that a reconcile can read, as a number: equal things have equal numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Topic(u64);

impl Topic {
    /// An object in the process's cache, present or not.
    pub fn cached(kind: &'static str, key: &ObjectKey) -> Self {
        Self::of(&("cached", kind, key))
    }

    /// A list from the process's cache; any change of the kind may reorder it.
    pub fn cached_list(kind: &'static str) -> Self {
        Self::of(&("cached list", kind))
    }

    /// An object on the server, present or not.
    pub fn stored(kind: &'static str, key: &ObjectKey) -> Self {
        Self::of(&("stored", kind, key))
    }

    /// A list from the server.
    pub fn stored_list(kind: &'static str) -> Self {
        Self::of(&("stored list", kind))
    }

    /// Who is reachable, and what names of load balancers resolve to.
    pub fn network() -> Self {
        Self::of("network")
    }

    /// What the names of the pods behind a Service resolve to.
    pub fn names(service: &ObjectKey) -> Self {
        Self::of(&("names", service))
    }

    /// What the names of the pods behind any Service resolve to.
    pub fn all_names() -> Self {
        Self::of("all names")
    }

    /// What a sidecar tells.
    pub fn sidecar(pod: simkube::PodId) -> Self {
        Self::of(&("sidecar", pod.0))
    }

    /// What the process has kept under a purpose and a name.
    pub fn memory(purpose: &'static str, name: &str) -> Self {
        Self::of(&("memory", purpose, name))
    }

    fn of(thing: &(impl Hash + ?Sized)) -> Self {
        let mut hasher = FxHasher::default();
        thing.hash(&mut hasher);
        Self(hasher.finish())
    }
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
