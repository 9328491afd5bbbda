//! One controller's worker: its queue, the key it is busy with, and the keys that are parked instead of polled.
//!
//! **Known outcomes.** A reconcile that took no time and changed nothing, whether it succeeded or failed, will come to exactly that again
//! until something it read changes. The worker remembers what was read and what came of it, and tells the outcome instead of running.
//!
//! **Poll elision.** If it was a timer that started it and it asked for another, then not even its turns need be events. Its key is *parked*:
//! the worker remembers when the polls would be (a grid). When something read changes, the key becomes an ordinary timer at its first poll
//! at or after the change. A parked poll costs nothing, and yet it has its place: while the worker is busy with another key, polls that fall
//! due wait and run when it is free, which moves their grid. `Worker::materialise` puts those into the queue, so that the order is the one
//! that real polls would have had.
//!
//! With elision off the same outcomes are known and the same keys parked, all is really run, and each must turn out as it was known to.

pub use super::reads::{Outcome, ReadSet, Topic};

use super::parked::Parked;
use super::reads::Known;
use api::{AnyObject, ObjectKey, Time};
use controller::queue::{FAILURES_THAT_COUNT, Priority, WorkQueue};
use controller::{ByKey, Controller, ReconcileError, Requeue};
use simcore::{Grid, Rank, SimTime};
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::time::Duration;

/// When a key became ready, in the order of the world's events.
pub type Place = (SimTime, Rank, u64);

/// The reconcile in progress.
#[derive(Clone, Debug)]
pub struct Busy {
    /// The key.
    pub key: ObjectKey,
    /// The object, as its cache has it when it begins.
    pub primary: Option<AnyObject>,
    /// Its priority, kept by its requeue.
    pub priority: Priority,
    /// When it began.
    pub since: SimTime,
    /// Whether its timer alone started it.
    pub by_timer: bool,
    /// Whether it did anything that a poll does not: an effective call, an event.
    pub effective: bool,
    /// How many effective calls it has made.
    pub calls: u32,
    /// How many of them have taken effect.
    pub landed: u32,
    /// What it has read.
    pub reads: ReadSet,
    /// How many of its calls were refused as conflicts.
    pub refused: u64,
    /// The error in words that it comes to, once somebody has asked for them.
    told: Option<Arc<str>>,
    /// What it is known to come to: it need not run, and if it does, then to check that.
    known: Option<Known>,
}

impl Busy {
    /// The error in words that it comes to. One that it comes to again is not put into words again.
    pub fn tell(&mut self, error: &ReconcileError) -> Arc<str> {
        self.told.get_or_insert_with(|| error.to_string().into()).clone()
    }

    /// Whether it will come to the same if it runs again before anything changes that it read.
    fn repeats(&self, now: SimTime) -> bool {
        !self.effective && self.since == now
    }
}

/// What the worker wants of the world's queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    /// A timer for a key, which becomes ready at this place.
    Timer(ObjectKey, Place),
    /// A look at a deadline for a parked key.
    Deadline(ObjectKey, Time),
}

/// How a poll is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Polls {
    /// Idle polls are computed.
    Elided,
    /// Every poll is made.
    Made,
}

/// A controller's only worker.
#[derive(Clone, Debug)]
pub struct Worker {
    controller: Controller,
    queue: WorkQueue<Place>,
    polls: Polls,
    known: ByKey<Known>,
    /// Keys with a known outcome whose timer does not fire.
    parked: ByKey<Parked>,
    by_timer: ByKey<()>,
    busy: Option<Busy>,
    /// From when on parked polls wait: the start of the reconcile that has just ended, until the worker picks again.
    blocked_since: Option<SimTime>,
    /// Whether a pick is scheduled.
    pub pick_scheduled: bool,
    /// Polls of keys no longer parked that were computed instead of made.
    elided: u64,
}

impl Worker {
    /// An idle worker with an empty queue.
    pub fn new(controller: Controller, polls: Polls) -> Self {
        Self {
            controller,
            queue: WorkQueue::default(),
            polls,
            known: ByKey::default(),
            parked: ByKey::default(),
            by_timer: ByKey::default(),
            busy: None,
            blocked_since: None,
            pick_scheduled: false,
            elided: 0,
        }
    }

    /// Whether it has nothing to do but parked polls.
    pub fn rests(&self) -> bool {
        self.busy.is_none() && self.queue.entries().all(|(key, ..)| self.parked.contains(key))
    }

    /// Whether a key waits to be picked and the worker is free.
    pub fn wants_pick(&self) -> bool {
        self.busy.is_none() && (self.blocked_since.is_some() || self.queue.first().is_some())
    }

    /// The reconcile in progress.
    pub fn busy_mut(&mut self) -> Option<&mut Busy> {
        self.busy.as_mut()
    }

    /// Adds a key at once: a watch event. Polls that are due before `from` have been made, here and below, unless the worker was busy.
    pub fn add(&mut self, key: &ObjectKey, priority: Priority, place: Place, from: SimTime) {
        if let Some(parked) = self.parked.remove(key) {
            let due = self.first_poll_not_made(&parked, from);
            self.elided += parked.polls_before(due);
            if due < place.0 {
                self.queue.add(key.clone(), parked.priority, self.timer_place(key, due));
            }
        }
        self.by_timer.remove(key);
        self.queue.add(key.clone(), priority, place);
    }

    /// Its process stalls: polls wait, as they do while the worker is busy.
    pub fn stall(&mut self, from: SimTime) {
        if self.busy.is_none() {
            self.blocked_since.get_or_insert(from - Duration::from_micros(1));
        }
    }

    /// A timer has fired. Returns whether its key became ready.
    pub fn fire(&mut self, key: &ObjectKey, place: Place) -> bool {
        let due = place.0;
        if let Some(parked) = self.parked.get_mut(key) {
            if self.polls == Polls::Elided || parked.waiting.is_some() || parked.poll_at_or_after(due) != due {
                return false;
            }
            parked.waiting = Some(due);
            self.queue.add(key.clone(), parked.priority, place);
            return true;
        }
        let fired = self.queue.fire(key, place);
        if fired {
            self.by_timer.insert(key.clone(), ());
        }
        fired
    }

    /// Whether any outcome is known.
    pub fn knows_any(&self) -> bool {
        !self.known.is_empty()
    }

    /// Whether polls are elided, and it is known what every parked key comes to.
    pub fn knows_all_parked(&self) -> bool {
        self.polls == Polls::Elided && self.parked.keys().all(|key| self.known.contains(key))
    }

    /// Something has changed: whoever read any of it may come to something else. Parked keys that did get a timer at their next poll.
    pub fn changed(&mut self, topics: &[Topic], from: SimTime, wishes: &mut Vec<Wish>) {
        let hit: Vec<_> = (self.known.iter()).filter(|(_, known)| known.reads.holds_any(topics)).map(|(key, _)| key.clone()).collect();
        for key in hit {
            self.forget(&key, from, wishes);
        }
    }

    /// Everything may have changed: every parked key gets a timer at its next poll.
    pub fn wake_all(&mut self, from: SimTime, wishes: &mut Vec<Wish>) {
        for (key, _) in std::mem::take(&mut self.known).iter() {
            self.wake_parked(key, from, wishes);
        }
    }

    /// A deadline has passed. Returns whether a reconcile with a known outcome looked at it.
    pub fn deadline_passed(&mut self, key: &ObjectKey, deadline: Time, from: SimTime, wishes: &mut Vec<Wish>) -> bool {
        let awaited = self.awaits_deadline(key, deadline);
        if awaited {
            self.forget(key, from, wishes);
        }
        awaited
    }

    /// Nothing is known any more of what every key comes to; all stays parked. For a synthetic resync, which runs everything.
    pub fn forget_outcomes(&mut self) {
        self.known.clear();
    }

    /// Whether a known outcome hangs on this deadline, which is still to come: what is parked until then does not rest.
    pub fn awaits_deadline(&self, key: &ObjectKey, deadline: Time) -> bool {
        self.known.get(key).is_some_and(|known| known.reads.deadlines.contains(&deadline))
    }

    fn forget(&mut self, key: &ObjectKey, from: SimTime, wishes: &mut Vec<Wish>) {
        self.known.remove(key);
        self.wake_parked(key, from, wishes);
    }

    fn wake_parked(&mut self, key: &ObjectKey, from: SimTime, wishes: &mut Vec<Wish>) {
        let Some(parked) = self.parked.remove(key) else { return };
        let due = self.first_poll_not_made(&parked, from);
        self.elided += parked.polls_before(due);
        let place = self.timer_place(key, due);
        if parked.waiting.is_some() || due < from {
            self.by_timer.insert(key.clone(), ());
            self.queue.add(key.clone(), parked.priority, place);
        } else if self.queue.add_at(key.clone(), parked.priority, place) {
            wishes.push(Wish::Timer(key.clone(), place));
        }
    }

    /// The first poll of a parked key that the worker has not come to: polls wait while it is busy.
    fn first_poll_not_made(&self, parked: &Parked, from: SimTime) -> SimTime {
        let busy_since = self.busy.as_ref().map(|busy| busy.since).or(self.blocked_since);
        parked.waiting.unwrap_or_else(|| parked.poll_at_or_after(busy_since.map_or(from, |since| since + Duration::from_micros(1))))
    }

    fn timer_place(&self, key: &ObjectKey, due: SimTime) -> Place {
        (due, Rank::Timer, subject_of(self.controller, key))
    }

    /// Puts every parked poll into the queue that has fallen due and was not made.
    fn materialise(&mut self, now: SimTime) {
        if self.polls == Polls::Made {
            return;
        }
        let due: Vec<_> = (self.parked.iter())
            .filter(|(_, parked)| parked.waiting.is_none())
            .map(|(key, parked)| (key, parked.priority, self.first_poll_not_made(parked, now)))
            .filter(|(_, _, due)| *due <= now)
            .map(|(key, priority, due)| (key.clone(), priority, due))
            .collect();
        for (key, priority, due) in due {
            self.queue.add(key.clone(), priority, self.timer_place(&key, due));
            self.parked.get_mut(&key).expect("listed above").waiting = Some(due);
        }
    }

    /// Takes the next key that really must run, passing over parked polls, which run in no time at their place.
    pub fn pick(&mut self, now: SimTime) -> Option<ObjectKey> {
        assert!(self.busy.is_none(), "a worker picks when it is free");
        self.materialise(now);
        self.blocked_since = None;
        loop {
            let (key, priority, _) = self.queue.first()?;
            let key = key.clone();
            self.queue.begin(&key);
            if self.polls == Polls::Elided
                && let Some(parked) = self.parked.get_mut(&key)
            {
                let due = parked.waiting.take().expect("a parked key is in the queue because its poll waits");
                self.elided += parked.polls_before(due) + 1;
                parked.grid.anchor = now;
                self.queue.done();
                continue;
            }
            let was_parked = self.parked.remove(&key).is_some();
            let by_timer = self.by_timer.remove(&key).is_some() || was_parked;
            let known = self.known.remove(&key);
            self.busy = Some(Busy {
                key: key.clone(),
                primary: None,
                priority,
                since: now,
                by_timer,
                effective: false,
                calls: 0,
                landed: 0,
                reads: ReadSet::default(),
                refused: 0,
                told: None,
                known,
            });
            return Some(key);
        }
    }

    /// What the reconcile that begins is known to come to; it has come to it then. `None` if it must run.
    pub fn comes_to(&mut self) -> Option<Outcome> {
        let busy = self.busy.as_mut().expect("a reconcile has begun");
        if self.polls == Polls::Made {
            return None;
        }
        let Known { reads, outcome, refused, told } = busy.known.take()?;
        (busy.reads, busy.refused, busy.told) = (reads, refused, told);
        Some(outcome)
    }

    /// The reconcile in progress has ended. If it wants to be called again it is, so much later than it says.
    pub fn ended(&mut self, now: SimTime, outcome: Outcome, late: Duration, wishes: &mut Vec<Wish>) {
        let busy = self.busy.take().expect("only a reconcile in progress ends");
        let repeats = busy.repeats(now);
        if let Some(known) = &busy.known {
            assert!(repeats && known.outcome == outcome, "{} would have come to {outcome:?} instead of {:?}", busy.key, known.outcome);
        }
        let again = match &outcome {
            Ok(requeue) => {
                self.queue.forget(&busy.key);
                match requeue {
                    Requeue::Done => None,
                    Requeue::After(wait) => Some(*wait + late),
                }
            }
            Err(_) => Some(self.queue.back_off(&busy.key) + late),
        };
        if let Some(period) = again {
            let parks = repeats && busy.by_timer && outcome.is_ok();
            if parks {
                let grid = Grid { anchor: now, period };
                self.parked.insert(busy.key.clone(), Parked { grid, priority: busy.priority, waiting: None });
            }
            if !parks || self.polls == Polls::Made {
                let place = self.timer_place(&busy.key, now + period);
                if parks || self.queue.add_at(busy.key.clone(), busy.priority, place) {
                    wishes.push(Wish::Timer(busy.key.clone(), place));
                }
            }
        }
        if repeats {
            wishes.extend(busy.reads.deadlines.iter().map(|deadline| Wish::Deadline(busy.key.clone(), *deadline)));
            self.known.insert(busy.key, Known { reads: busy.reads, outcome, refused: busy.refused, told: busy.told });
        }
        self.queue.done();
        // What took no time held no poll up.
        self.blocked_since = (busy.since < now).then_some(busy.since);
    }

    /// Whether the state may have been there before when the reconcile in progress fails: not while its back-off grows from failure to failure.
    pub fn failure_may_recur(&self) -> bool {
        let busy = self.busy.as_ref().expect("a reconcile in progress");
        matches!(self.queue.failures(&busy.key), 0 | FAILURES_THAT_COUNT)
    }

    /// Whether a key that has failed waits for its timer at this place.
    pub fn awaits_retry(&self, key: &ObjectKey, place: Place) -> bool {
        self.queue.failures(key) > 0 && self.queue.due(key) == Some(place)
    }

    /// How many polls have been computed instead of made; those that wait for a busy worker are not among them.
    pub fn polls_elided_until(&self, from: SimTime) -> u64 {
        let made = |(_, parked): (&ObjectKey, &Parked)| parked.polls_before(self.first_poll_not_made(parked, from));
        match self.polls {
            Polls::Elided => self.elided + self.parked.iter().map(made).sum::<u64>(),
            Polls::Made => 0,
        }
    }

    /// Every key the worker knows of, for a synthetic resync.
    pub fn parked_keys(&self) -> Vec<ObjectKey> {
        self.parked.keys().cloned().collect()
    }

    /// Keys with their failures in a row, and whether they are parked: what a livelock's state holds of a queue.
    pub fn fingerprint(&self, hasher: &mut impl Hasher) {
        for (key, ready, _) in self.queue.entries() {
            (key, ready, self.queue.failures(key)).hash(hasher);
        }
        for key in self.parked.keys() {
            key.hash(hasher);
        }
    }
}

/// The subject number of a key's timers: stable, whichever order keys appear in.
pub fn subject_of(controller: Controller, key: &ObjectKey) -> u64 {
    simcore::stable_hash(&(controller, key))
}
