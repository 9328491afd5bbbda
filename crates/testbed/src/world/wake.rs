//! The workers of the operator's processes, and how they are woken: by keys that are added, and by what parked keys have read.

use super::events::Event;
use super::process::{CONTROLLERS, Process, Who};
use super::sim::Sim;
use super::worker::{Busy, Place, Topic, Wish, Worker, subject_of};
use api::ObjectKey;
use controller::Controller;
use controller::queue::Priority;
use simcore::{Rank, SimTime, Subject};
use simkube::ProcessId;
use std::time::Duration;

impl Sim {
    /// A process of the operator, if it is still there.
    pub(super) fn process(&self, id: ProcessId) -> Option<&Process> {
        self.processes.iter().find(|process| process.id() == id)
    }

    pub(super) fn process_mut(&mut self, id: ProcessId) -> Option<&mut Process> {
        self.processes.iter_mut().find(|process| process.id() == id)
    }

    /// Every worker of every process, in a fixed order.
    pub(super) fn workers(&self) -> Vec<Who> {
        let both = |process: &Process| CONTROLLERS.map(|controller| Who { process: process.id(), controller });
        self.processes.iter().flat_map(both).collect()
    }

    /// A worker of a process that is there.
    pub(super) fn worker(&mut self, who: Who) -> &mut Worker {
        self.process_mut(who.process).expect("a process that is there").worker_mut(who.controller)
    }

    /// The reconcile that is being polled.
    pub(super) fn busy(&mut self) -> &mut Busy {
        let who = self.running.expect("ports are used by a reconcile");
        self.worker(who).busy_mut().expect("a running reconcile is its worker's")
    }

    /// Adds a key to a work queue at once.
    pub(super) fn enqueue(&mut self, who: Who, key: &ObjectKey, priority: Priority) {
        self.arrivals += 1;
        let place: Place = (self.now, Rank::World, self.arrivals);
        let from = self.polls_not_made_from(who.controller);
        self.worker(who).add(key, priority, place, from);
        self.schedule_pick(who);
    }

    /// The first moment whose polls a free worker of a controller has not made: this one, unless its turn at this moment has been already.
    pub(super) fn polls_not_made_from(&self, controller: Controller) -> SimTime {
        let turn = (self.now, Rank::Worker, Subject::of(&controller));
        if self.reached < turn { self.now } else { self.now + Duration::from_micros(1) }
    }

    /// Something has changed that any process may have read.
    pub(super) fn changed(&mut self, topic: Topic) {
        for at in 0..self.processes.len() {
            self.changed_for(self.processes[at].id(), topic);
        }
    }

    pub(super) fn changed_for(&mut self, process: ProcessId, topic: Topic) {
        for controller in CONTROLLERS {
            let (who, from) = (Who { process, controller }, self.polls_not_made_from(controller));
            let mut wishes = Vec::new();
            self.worker(who).changed(topic, from, &mut wishes);
            self.grant(who, wishes);
        }
    }

    /// Puts a worker's wishes into the queue of events.
    pub(super) fn grant(&mut self, who: Who, wishes: Vec<Wish>) {
        for wish in wishes {
            match wish {
                Wish::Timer(key, at) => {
                    let subject = Subject(subject_of(who.controller, &key));
                    self.push(at, Rank::Timer, subject, Event::Timer(who, key, at));
                }
                Wish::Deadline(key, deadline) => {
                    let skew = self.operator_wall().unix() - self.wall().unix();
                    let at = SimTime::from_micros((deadline.unix() - self.setup.epoch.unix() - skew) * 1_000_000).max(self.now);
                    let subject = Subject(subject_of(who.controller, &key));
                    self.push(at, Rank::World, subject, Event::Deadline(who, key, deadline));
                }
            }
        }
    }

    /// Schedules a pick at this moment, if the worker wants one and none is scheduled.
    pub(super) fn schedule_pick(&mut self, who: Who) {
        let worker = self.worker(who);
        if worker.wants_pick() && !worker.pick_scheduled {
            worker.pick_scheduled = true;
            self.push(self.now, Rank::Worker, Subject::of(&who.controller), Event::Pick(who));
        }
    }
}
