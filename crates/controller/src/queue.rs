//! The work queue of one controller, with the semantics of controller-runtime v0.23's priority queue and one worker.
//!
//! One entry a key. An entry is ready from a *place* on: whatever total order the driver uses for "when" (a deadline, or a position among
//! simulated events). Ready keys run by priority, then in the order in which they became ready. What the queue does not have is a clock:
//! the driver says when a timer has fired, so the same queue serves any source of time.

use crate::ByKey;
use api::ObjectKey;
use std::time::Duration;

/// How urgent an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Priority {
    /// From an initial list or a resync.
    Low,
    /// Everything else.
    Normal,
}

/// After so many failures in a row the back-off grows no longer: 5 ms, 18 times doubled, are beyond its cap.
pub const FAILURES_THAT_COUNT: u32 = 18;

#[derive(Clone, Debug)]
struct Entry<P> {
    priority: Priority,
    place: P,
    ready: bool,
}

/// A queue of keys. `P` orders moments.
#[derive(Clone, Debug)]
pub struct WorkQueue<P> {
    entries: ByKey<Entry<P>>,
    processing: Option<ObjectKey>,
    failures: ByKey<u32>,
}

impl<P> Default for WorkQueue<P> {
    fn default() -> Self {
        Self { entries: ByKey::default(), processing: None, failures: ByKey::default() }
    }
}

impl<P: Ord + Copy> WorkQueue<P> {
    /// Adds a key that is ready as of `place`. It absorbs a pending timer; a key that is ready already keeps its earlier place.
    pub fn add(&mut self, key: ObjectKey, priority: Priority, place: P) {
        match self.entries.get_mut(&key) {
            Some(entry) => {
                entry.priority = entry.priority.max(priority);
                entry.place = if entry.ready { entry.place.min(place) } else { place };
                entry.ready = true;
            }
            None => {
                self.entries.insert(key, Entry { priority, place, ready: true });
            }
        }
    }

    /// Adds a key that becomes ready at `due`, unless it is ready or due sooner already. Returns whether the driver must arm a timer.
    pub fn add_at(&mut self, key: ObjectKey, priority: Priority, due: P) -> bool {
        match self.entries.get_mut(&key) {
            Some(entry) => {
                entry.priority = entry.priority.max(priority);
                if entry.ready || entry.place <= due {
                    return false;
                }
                entry.place = due;
                true
            }
            None => {
                self.entries.insert(key, Entry { priority, place: due, ready: false });
                true
            }
        }
    }

    /// A timer armed for `due` has fired. Returns whether the key became ready by it; a timer that was absorbed does nothing.
    pub fn fire(&mut self, key: &ObjectKey, due: P) -> bool {
        match self.entries.get_mut(key) {
            Some(entry) if !entry.ready && entry.place == due => {
                entry.ready = true;
                true
            }
            _ => false,
        }
    }

    /// The key to run next: the first ready one that is not being processed.
    pub fn first(&self) -> Option<(&ObjectKey, Priority, P)> {
        (self.entries.iter())
            .filter(|(key, entry)| entry.ready && self.processing.as_ref() != Some(key))
            .min_by_key(|(_, entry)| (std::cmp::Reverse(entry.priority), entry.place))
            .map(|(key, entry)| (key, entry.priority, entry.place))
    }

    /// Takes a key out to process it. Panics if one is being processed: there is one worker.
    pub fn begin(&mut self, key: &ObjectKey) {
        assert!(self.processing.is_none(), "a controller has one worker");
        assert!(self.entries.remove(key).is_some_and(|entry| entry.ready), "only a ready key is processed");
        self.processing = Some(key.clone());
    }

    /// The key being processed is done; if it was added meanwhile, it is ready again. Call after its requeue has been added.
    pub fn done(&mut self) {
        let processed = self.processing.take();
        assert!(processed.is_some(), "only what is processed can be done");
    }

    /// Counts a failure of a key and tells how long to back off: 5 ms doubling up to 1000 s.
    pub fn back_off(&mut self, key: &ObjectKey) -> Duration {
        const BASE: Duration = Duration::from_millis(5);
        const CAP: Duration = Duration::from_secs(1000);
        let failures = self.failures(key);
        self.failures.insert(key.clone(), (failures + 1).min(FAILURES_THAT_COUNT));
        BASE.saturating_mul(1 << failures).min(CAP)
    }

    /// Forgets the failures of a key after a success.
    pub fn forget(&mut self, key: &ObjectKey) {
        self.failures.remove(key);
    }

    /// How often a key has failed in a row, as far as it makes a difference: no further than [`FAILURES_THAT_COUNT`].
    pub fn failures(&self, key: &ObjectKey) -> u32 {
        self.failures.get(key).copied().unwrap_or(0)
    }

    /// The place of the timer that a key waits for, if it does.
    pub fn due(&self, key: &ObjectKey) -> Option<P> {
        self.entries.get(key).filter(|entry| !entry.ready).map(|entry| entry.place)
    }

    /// Keys with an entry, with whether it is ready and its place.
    pub fn entries(&self) -> impl Iterator<Item = (&ObjectKey, bool, P)> {
        self.entries.iter().map(|(key, entry)| (key, entry.ready, entry.place))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str) -> ObjectKey {
        ObjectKey::new("default", name)
    }

    fn order(queue: &mut WorkQueue<u64>) -> Vec<String> {
        let mut names = Vec::new();
        while let Some((first, _, _)) = queue.first() {
            let first = first.clone();
            queue.begin(&first);
            queue.done();
            names.push(first.name.to_string());
        }
        names
    }

    #[test]
    fn ready_keys_run_in_the_order_in_which_they_became_ready() {
        let mut queue = WorkQueue::default();
        queue.add(key("b"), Priority::Normal, 1);
        queue.add(key("a"), Priority::Normal, 2);
        queue.add(key("b"), Priority::Normal, 3);
        assert_eq!(order(&mut queue), ["b", "a"]);
    }

    #[test]
    fn keys_of_an_initial_list_let_others_pass() {
        let mut queue = WorkQueue::default();
        queue.add(key("listed"), Priority::Low, 1);
        queue.add(key("changed"), Priority::Normal, 2);
        assert_eq!(order(&mut queue), ["changed", "listed"]);
    }

    #[test]
    fn an_immediate_add_absorbs_a_pending_timer() {
        let mut queue = WorkQueue::default();
        assert!(queue.add_at(key("a"), Priority::Normal, 30));
        queue.add(key("a"), Priority::Normal, 5);
        assert!(!queue.fire(&key("a"), 30), "the timer is gone");
        assert_eq!(order(&mut queue), ["a"]);
    }

    #[test]
    fn the_earlier_of_two_timers_wins() {
        let mut queue = WorkQueue::default();
        assert!(queue.add_at(key("a"), Priority::Normal, 30));
        assert!(queue.add_at(key("a"), Priority::Normal, 10));
        assert!(!queue.add_at(key("a"), Priority::Normal, 20));
        assert_eq!(queue.due(&key("a")), Some(10));
        assert!(!queue.fire(&key("a"), 30));
        assert!(queue.fire(&key("a"), 10));
        assert_eq!(queue.due(&key("a")), None, "it waits for none any more");
    }

    #[test]
    fn a_key_added_while_processed_runs_again_and_absorbs_the_timer_its_reconcile_asks_for() {
        let mut queue = WorkQueue::default();
        queue.add(key("a"), Priority::Normal, 1);
        queue.begin(&key("a"));
        queue.add(key("a"), Priority::Normal, 2);
        assert!(queue.first().is_none(), "a key is never processed twice at a time");
        assert!(!queue.add_at(key("a"), Priority::Normal, 30));
        queue.done();
        assert_eq!(order(&mut queue), ["a"]);
    }

    #[test]
    fn failures_back_off_by_key_until_a_success() {
        let mut queue = WorkQueue::<u64>::default();
        let waits: Vec<_> = (0..20).map(|_| queue.back_off(&key("a")).as_millis()).collect();
        assert_eq!(waits[..4], [5, 10, 20, 40]);
        assert_eq!(waits[18..], [1_000_000, 1_000_000]);
        assert_eq!(queue.back_off(&key("b")).as_millis(), 5);
        queue.forget(&key("a"));
        assert_eq!(queue.back_off(&key("a")).as_millis(), 5);
    }
}
