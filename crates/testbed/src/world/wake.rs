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
use std::sync::LazyLock;
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
        let turn = (self.now, Rank::Worker, turn_of(controller));
        if self.reached < turn { self.now } else { self.now + Duration::from_micros(1) }
    }

    /// Something has changed that any process may have read.
    pub(super) fn changed(&mut self, topics: &[Topic]) {
        for at in 0..self.processes.len() {
            self.changed_for(self.processes[at].id(), topics);
        }
    }

    pub(super) fn changed_for(&mut self, process: ProcessId, topics: &[Topic]) {
        for controller in CONTROLLERS {
            let who = Who { process, controller };
            if !self.worker(who).knows_any() {
                continue;
            }
            let from = self.polls_not_made_from(controller);
            let mut wishes = Vec::new();
            self.worker(who).changed(topics, from, &mut wishes);
            self.grant(who, wishes);
        }
    }

    /// Puts a worker's wishes into the queue of events.
    pub(super) fn grant(&mut self, who: Who, wishes: Vec<Wish>) {
        for wish in wishes {
            match wish {
                Wish::Timer(key, (at, rank, subject)) => {
                    let subject = Subject(subject);
                    self.push(at, rank, subject, Event::Timer(who, key, at, subject));
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
        if !worker.pick_scheduled && worker.wants_pick() {
            worker.pick_scheduled = true;
            self.push(self.now, Rank::Worker, turn_of(who.controller), Event::Pick(who));
        }
    }
}

/// The subject of a controller's picks.
fn turn_of(controller: Controller) -> Subject {
    static TURNS: LazyLock<[Subject; 2]> = LazyLock::new(|| CONTROLLERS.map(|controller| Subject::of(&controller)));
    TURNS[usize::from(controller != CONTROLLERS[0])]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::History;
    use crate::{Settled, scenario};
    use controller::Controller;

    /// The moments at which deadlines are looked at.
    fn looks(sim: &Sim) -> Vec<SimTime> {
        let deadline = |(at, event): (SimTime, &Event)| matches!(event, Event::Deadline(..)).then_some(at);
        let mut looks: Vec<_> = sim.queue.iter().filter_map(deadline).collect();
        looks.sort_unstable();
        looks
    }

    /// No plan that is rehearsed has a deadline, so this looks at the place where one would be noted.
    #[test]
    fn a_deadline_is_looked_at_when_the_operators_own_clock_shows_it() {
        let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios/hardfork/planned-upgrade.yaml");
        let scenario = scenario::read(&file, &std::fs::read(&file).expect("a scenario")).expect("a good one");
        let settled = Settled::new(&scenario, &scenario.runs[0].design, super::super::Polls::Elided).expect("it settles");
        let skew = r#"[{"when": {"at": "1h"}, "what": {"cluster": {"clock-skew": {"by": "10min", "ahead": true, "lasts": "20min"}}}}]"#;
        let skew = serde_json::from_str(skew).expect("a schedule");
        let mut sim = settled.world_under(1, &skew, History::default()).into_sim();
        let who = sim.workers().into_iter().find(|who| who.controller == Controller::Group).expect("a leader's worker");
        let (key, deadline) = (sim.setup.group.clone(), sim.setup.epoch.plus_seconds(1000));
        let seconds = |seconds| SimTime::ZERO + Duration::from_secs(seconds);
        let note = |sim: &mut Sim| sim.grant(who, vec![Wish::Deadline(key.clone(), deadline)]);
        note(&mut sim);
        assert_eq!(looks(&sim), [seconds(1000)]);
        sim.strike(0);
        note(&mut sim);
        assert_eq!(looks(&sim), [seconds(400), seconds(1000)], "its clock is ten minutes ahead");
        sim.heal(0);
        note(&mut sim);
        assert_eq!(looks(&sim), [seconds(400), seconds(1000), seconds(1000)]);
        let parked = |sim: &mut Sim| sim.worker(who).parked_keys();
        assert!(parked(&mut sim).is_empty(), "whatever was parked looks at the clock again");
    }
}
