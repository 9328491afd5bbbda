//! How a world ends: at rest, in a livelock, at a horizon.
//!
//! *Rest*: only parked polls, background resyncs and chain pieces are to come, and handing every key to its reconciler once more changes
//! nothing. Where polls are elided the last part is known; where they are made, it is tried on a copy of the world, so that it leaves no
//! trace. On a copy, too, a livelock's cycle is played once more, for the laws that are judged throughout it.

use super::events::Event;
use super::livelock::{Awaited, Livelock};
use super::process::CONTROLLERS;
use super::sim::Sim;
use super::worker::Worker;
use super::{Stop, World};
use controller::queue::Priority;
use oracles::{EndVerdicts, EventNumber};
use simcore::{Rank, SimTime};
use std::time::Duration;

/// How long a world may go on after the last thing that disturbed it: longer than a node takes through all deadlines of a design, which are hours
/// each. Only a guard: reaching it is a failure of the testbed.
pub const HORIZON: Duration = Duration::from_secs(72 * 3600);

/// How far a world is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Goal {
    /// To its end.
    End,
    /// To a moment; events of that very moment are still to come then.
    Moment(SimTime),
    /// Until an entry of its history has been told, and with it all that is told in the same breath.
    Past(EventNumber),
    /// Until the trigger of the last of its faults has come; that one is yet to strike then.
    LastFault,
}

impl Goal {
    /// Whether the world gets as far as a moment.
    fn goes_beyond(self, moment: SimTime) -> bool {
        !matches!(self, Self::Moment(until) if until <= moment)
    }
}

impl World {
    /// Runs until the world ends.
    pub fn run(&mut self) -> Stop {
        self.run_within(HORIZON, Goal::End)
    }

    /// Runs until the world ends or a moment is reached; events of that very moment are still to come then.
    pub fn run_until(&mut self, until: Option<SimTime>) -> Stop {
        self.run_within(HORIZON, until.map_or(Goal::End, Goal::Moment))
    }

    /// Runs within another horizon than usual.
    pub(crate) fn run_within(&mut self, horizon: Duration, goal: Goal) -> Stop {
        let (mut livelock, mut repeats_since) = (Livelock::default(), None);
        let halted = self.look(Sim::last_halt);
        let mut calm_since = self.look(Sim::last_disturbance);
        let mut faults_over = self.look(|sim| sim.faults.calm_from());
        let mut calm = self.look(|sim| sim.calm);
        loop {
            let (unmodelled, rests, next) = self.look(|sim| (sim.unmodelled.clone(), sim.rests(), sim.queue.next_at()));
            if let Some(what) = unmodelled {
                return Stop::Unmodelled(what);
            }
            if rests && self.resync_changes_nothing() {
                return Stop::Rest;
            }
            let next = next.unwrap_or(SimTime::MAX);
            if !calm && next > calm_since && goal.goes_beyond(calm_since) {
                calm = true;
                self.act(|sim| sim.begin_calm(calm_since));
            }
            match goal {
                Goal::Moment(until) if next >= until => {
                    self.act(|sim| sim.now = until);
                    return Stop::Until;
                }
                Goal::Past(event) if self.look(|sim| sim.history().next_number()) > event => return Stop::Until,
                Goal::LastFault if self.look(|sim| sim.faults.last_is_due()) => return Stop::Until,
                _ => {}
            }
            if next > calm_since.max(halted) + horizon {
                return Stop::Horizon;
            }
            let step = crate::trace::step();
            assert!(self.step(), "a world without events rests");
            drop(step);
            let (now, calm_from) = self.act(|sim| {
                sim.look_at_state();
                sim.note_standing();
                (sim.now, sim.faults.calm_from())
            });
            if calm_from != faults_over {
                faults_over = calm_from;
                calm_since = self.look(Sim::last_disturbance);
                (livelock, repeats_since, calm) = (Livelock::default(), None, false);
                self.act(|sim| sim.calm = false);
            }
            if now > calm_since && self.look(|sim| sim.chain.peers_upgraded()).is_none_or(|at| now > at) && repeats_since.is_none() {
                repeats_since = self.look(|sim| livelock.look(sim)).map(|since| (since, now.since(since)));
            }
            if let Some((since, cycle)) = repeats_since.filter(|_| self.reconciles.is_empty()) {
                return Stop::Livelock { since, cycle, verdicts: self.verdicts_throughout(cycle) };
            }
        }
    }

    /// What the laws of the end say of the round that follows.
    fn verdicts_throughout(&self, cycle: Duration) -> EndVerdicts {
        let mut copy = World::new(self.look(Sim::clone));
        let end = copy.look(|sim| sim.now) + cycle;
        let mut verdicts = EndVerdicts::default();
        copy.look(|sim| verdicts.look(&sim.sight()));
        while copy.look(|sim| sim.queue.next_at()).is_some_and(|next| next <= end) {
            let is_inward = copy.look(|sim| sim.queue.first().is_some_and(Event::is_inward));
            copy.step();
            if !is_inward {
                copy.look(|sim| verdicts.look(&sim.sight()));
            }
        }
        verdicts
    }

    /// Whether handing every key over once more leads to no effective call and to nothing newly kept. Of a parked key it is known that it
    /// comes to the same again while nothing changes that it has read, and that this does nothing.
    fn resync_changes_nothing(&self) -> bool {
        if !self.reconciles.is_empty() {
            return false;
        }
        if self.look(Sim::knows_what_a_resync_comes_to) {
            return true;
        }
        let mut copy = World::new(self.look(Sim::clone));
        let changes = |sim: &Sim| (sim.next_call, sim.processes.iter().map(|process| process.memory.changes).sum::<u64>());
        let before = copy.look(changes);
        copy.act(|sim| {
            for who in sim.workers() {
                sim.worker(who).forget_outcomes();
                for key in sim.worker(who).parked_keys() {
                    sim.enqueue(who, &key, Priority::Low);
                }
            }
        });
        let end = copy.look(|sim| sim.now);
        while copy.look(|sim| sim.queue.next_at()) == Some(end) {
            copy.step();
        }
        copy.look(|sim| changes(sim) == before && sim.unmodelled.is_none())
    }
}

impl Sim {
    /// Whether polls are elided, and it is known what each parked key comes to.
    fn knows_what_a_resync_comes_to(&self) -> bool {
        let mut workers = self.processes.iter().flat_map(|process| CONTROLLERS.map(|controller| process.worker(controller)));
        workers.all(Worker::knows_all_parked)
    }

    /// Whether only parked polls and background events are to come; events of programs that have ended do not count.
    pub(super) fn rests(&self) -> bool {
        if self.awake > 0 || (self.perhaps_awake > 0 && self.queue.iter().any(|(_, event)| self.counts(event))) {
            return false;
        }
        self.processes.iter().all(|process| CONTROLLERS.iter().all(|controller| process.worker(*controller).rests()))
    }

    /// What is to come that was already to come when so many events had been added.
    pub(super) fn still_awaited(&self, added: u64) -> Awaited {
        let awaited = |event: &Event| match event {
            event if self.counts(event) => Awaited::World,
            event if self.is_retry(event) => Awaited::Retry,
            _ => Awaited::Nothing,
        };
        self.queue.added_before(added).map(awaited).max().unwrap_or(Awaited::Nothing)
    }

    /// Whether it is the timer for which a key waits that has failed.
    fn is_retry(&self, event: &Event) -> bool {
        let Event::Timer(who, key, due, subject) = event else { return false };
        let place = (*due, Rank::Timer, subject.0);
        self.process(who.process).is_some_and(|process| process.worker(who.controller).awaits_retry(key, place))
    }

    /// Whether the world is not at rest while an event is to come.
    fn counts(&self, event: &Event) -> bool {
        match event {
            Event::Chain(event) => event.keeps_awake() && self.chain.counts(event),
            Event::Deadline(who, key, deadline) => self
                .processes
                .iter()
                .any(|process| process.id() == who.process && process.worker(who.controller).awaits_deadline(key, *deadline)),
            event => event.keeps_awake(),
        }
    }

    /// The last moment at which something disturbs the world from outside: an action; a fault that strikes or ends; the chain passing an
    /// upgrade or a code fork; the chain going on after a late block or as fast as ever after a slow phase.
    fn last_disturbance(&self) -> SimTime {
        let chain = self.chain.profile();
        let upgraded = chain.upgrades.iter().filter_map(|upgrade| Some(upgrade.applies_at()?.plus(1)));
        let forked = chain.code_forks.iter().map(|fork| fork.height.plus(1));
        let resumed = chain.stalls.iter().map(|stall| stall.height).chain(chain.slow_phases.iter().map(|phase| phase.to));
        let passed = upgraded.chain(forked).chain(resumed).filter_map(|height| self.chain.time_of(height));
        let acted = self.setup.timeline.iter().map(crate::scenario::Action::at);
        acted.chain(passed).max().unwrap_or(SimTime::ZERO).max(self.faults.calm_from())
    }
    /// When the chain passes the last of the scenario's halt heights. A rollout may wait for it without anything to disturb it.
    fn last_halt(&self) -> SimTime {
        self.setup.halt_heights.iter().filter_map(|height| self.chain.time_of(*height)).max().unwrap_or(SimTime::ZERO)
    }
}
