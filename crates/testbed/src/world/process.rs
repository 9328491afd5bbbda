//! The operator's processes: the one that leads, and what happens when it dies, is stopped or stalls.
//!
//! The operator runs with one replica and leader election (`kubernetes.md`, "Watches and caches"): a lease of 15 s, renewed within 10 s, tried
//! for every 2 s. A process that dies takes its queue, timers, caches and reconciles with it; the calls it had sent still land. Its successor
//! must wait until the lease that it finds has not been renewed for 15 s of its own observation, unless the lease was given back. Then it
//! lists everything, and every object arrives as a create event.
//!
//! Two processes are effective at the same time only when one comes back from a stall: it goes on with what it was doing, and sends what it
//! was about to send, until it notices that it could not renew its lease.
//!
//! Named shortcuts: the lease is no object in the store, and its renewals are no calls; a process that waits for the lease has no caches yet;
//! what reached the caches of a stalled process is there all at once when it comes back.

use super::events::Event;
use super::program::Memory;
use super::sim::Sim;
use super::worker::Worker;
use crate::history::Entry;
use api::Time;
use controller::Controller;
use simcore::{Rank, Scheduled, SimTime, Span, Subject};
use simkube::ProcessId;
use std::time::Duration;

/// Both controllers, in the order in which they are served.
pub(super) const CONTROLLERS: [Controller; 2] = [Controller::Group, Controller::Node];

/// How long a lease is good that nobody renews (client-go, `LeaseDuration`).
const LEASE: Duration = Duration::from_secs(15);
/// How long a leader tries to renew before it gives up (client-go, `RenewDeadline`).
const RENEW_DEADLINE: Duration = Duration::from_secs(10);
/// From one try for the lease to the next: `RetryPeriod` of 2 s, with a jitter of up to 1.2 times that.
const RETRY: Span = Span::millis(2000, 4400);
/// From the start of the operator's container to its first try for the lease `[m]`.
const BOOT: Span = Span::millis(1000, 3000);
/// How long a process that comes back from a long stall goes on before it has noticed `[m]`.
const NOTICE: Span = Span::millis(1, 50);
/// How long a machine on which everything stalls keeps the only replica's pod: NotReady after 50 s, evicted 300 s later.
const REPLACED_AFTER: Duration = Duration::from_secs(350);

/// One worker of one process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Who {
    /// Which run of the operator's process.
    pub process: ProcessId,
    /// Which of its controllers.
    pub controller: Controller,
}

/// One run of the operator's process, leading.
#[derive(Clone, Debug)]
pub(super) struct Process {
    id: ProcessId,
    /// Since when it leads, by its own clock.
    since: Time,
    group: Worker,
    node: Worker,
    /// What its program has kept.
    pub memory: Memory,
    /// While it stalls: since when and until when.
    stalled: Option<(SimTime, SimTime)>,
}

impl Process {
    /// A process that has just begun to lead.
    pub fn new(id: ProcessId, since: Time, polls: super::Polls) -> Self {
        let worker = |controller| Worker::new(controller, polls);
        Self { id, since, group: worker(Controller::Group), node: worker(Controller::Node), memory: Memory::default(), stalled: None }
    }

    /// Its id.
    pub fn id(&self) -> ProcessId {
        self.id
    }

    /// Since when it leads.
    pub fn since(&self) -> Time {
        self.since
    }

    /// One of its workers.
    pub fn worker(&self, controller: Controller) -> &Worker {
        match controller {
            Controller::Group => &self.group,
            Controller::Node => &self.node,
        }
    }

    /// One of its workers, to change.
    pub fn worker_mut(&mut self, controller: Controller) -> &mut Worker {
        match controller {
            Controller::Group => &mut self.group,
            Controller::Node => &mut self.node,
        }
    }

    /// Until when it does nothing, if it stalls.
    pub fn stalled_until(&self) -> Option<SimTime> {
        self.stalled.map(|(_, until)| until)
    }
}

/// How a process ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// It gives its lease back.
    Graceful,
    /// It is gone, and its lease runs out.
    Crash,
}

/// What happens to the operator's processes.
#[derive(Clone, Copy, Debug)]
pub enum ProcessEvent {
    /// A process has the lease.
    Leads(ProcessId),
    /// A process comes back from a stall.
    Resumes(ProcessId),
    /// A process that could not renew its lease ends itself.
    LosesLease(ProcessId),
    /// The pod of a process that still stalls is replaced elsewhere.
    Replaced(ProcessId),
}

impl Sim {
    /// The process that leads: the newest.
    pub(super) fn leader(&self) -> Option<ProcessId> {
        self.processes.last().map(Process::id)
    }

    /// Lets something happen to a process; nothing, if it is gone.
    pub(super) fn process_event(&mut self, event: ProcessEvent) {
        match event {
            ProcessEvent::Leads(id) if self.now < self.operator_paused_until => self.boots_again(id),
            ProcessEvent::Leads(id) => self.begin_to_lead(id),
            ProcessEvent::Resumes(id) => self.resume(id),
            ProcessEvent::LosesLease(id) if self.process(id).is_some() => {
                self.tell_operator("loses its lease and ends");
                // Giving the lease back succeeds only while nobody else has taken it.
                let ending = if self.leader() == Some(id) { Ending::Graceful } else { Ending::Crash };
                self.end_process(id, ending, Duration::ZERO);
            }
            // One that no longer leads has been replaced before.
            ProcessEvent::Replaced(id)
                if self.leader() == Some(id) && self.process(id).is_some_and(|process| process.stalled.is_some()) =>
            {
                self.start_successor(Ending::Crash, Duration::ZERO);
            }
            ProcessEvent::LosesLease(_) | ProcessEvent::Replaced(_) => {}
        }
    }

    /// Stalls a process for a while, or for longer: nothing of it runs, and its lease is not renewed.
    pub(super) fn stall_process(&mut self, id: ProcessId, wait: Duration) {
        let (now, until) = (self.now, self.now + wait);
        let process = self.process_mut(id).expect("only a process that is there stalls");
        let (since, before) = process.stalled.unwrap_or((now, until));
        process.stalled = Some((since, before.max(until)));
        for controller in CONTROLLERS {
            let from = self.polls_not_made_from(controller);
            self.worker(Who { process: id, controller }).stall(from);
        }
        self.push_process(until, ProcessEvent::Resumes(id));
        if wait > REPLACED_AFTER {
            self.push_process(now + REPLACED_AFTER, ProcessEvent::Replaced(id));
        }
        self.note_operator();
    }

    /// Ends a process. If it led, another starts in its place once the operator has been `down` for so long.
    pub(super) fn end_process(&mut self, id: ProcessId, ending: Ending, down: Duration) {
        if ending == Ending::Crash {
            self.mark_death(id);
        }
        let was_leader = self.leader() == Some(id);
        let gone = self.processes.iter().position(|process| process.id == id).map(|at| self.processes.remove(at));
        let gone = gone.expect("only a process that is there ends");
        self.elided_by_gone += CONTROLLERS
            .map(|controller| gone.worker(controller).polls_elided_until(self.polls_not_made_from(controller)))
            .iter()
            .sum::<u64>();
        self.cluster.disconnect(id);
        if was_leader {
            self.start_successor(ending, down);
        }
        self.note_operator();
    }

    /// A person scales the operator's Deployment to zero for a while: every process ends, and none starts. `false` if it was zero already.
    pub(super) fn pause_operator(&mut self, lasts: Duration) -> bool {
        if self.now < self.operator_paused_until {
            return false;
        }
        self.operator_paused_until = self.now + lasts;
        for id in self.processes.iter().rev().map(Process::id).collect::<Vec<_>>() {
            self.end_process(id, Ending::Graceful, lasts);
        }
        true
    }

    /// A process that was about to lead has ended before, since its Deployment was scaled to zero: one starts in its place after that.
    fn boots_again(&mut self, id: ProcessId) {
        let boot = self.luck.duration("operator boot", &id, BOOT);
        self.push_process(self.operator_paused_until + boot, ProcessEvent::Leads(id));
    }

    /// A new process starts, after the operator has been down for a while; it leads when it has the lease.
    fn start_successor(&mut self, ending: Ending, down: Duration) {
        if std::mem::replace(&mut self.successor_starts, true) {
            return;
        }
        let id = ProcessId(self.next_process);
        self.next_process += 1;
        let mut wait = self.luck.duration("operator boot", &id, BOOT);
        if ending == Ending::Crash && down < LEASE {
            let mut observed = Duration::ZERO;
            while observed < LEASE {
                observed += self.luck.duration("operator election", &id, RETRY);
            }
            wait += observed;
        }
        self.push_process(self.now + down + wait, ProcessEvent::Leads(id));
    }

    /// A process leads: it lists what it watches.
    pub(super) fn begin_to_lead(&mut self, id: ProcessId) {
        self.successor_starts = false;
        self.processes.push(Process::new(id, self.operator_wall(), self.setup.polls));
        self.note_operator();
        if id != super::sim::FIRST {
            self.tell_operator("is started again and leads");
        }
        self.kube(|cluster, cx| cluster.connect(cx, id, &controller::WATCHED));
    }

    fn resume(&mut self, id: ProcessId) {
        let now = self.now;
        let Some(process) = self.process_mut(id) else { return };
        let Some((since, _)) = process.stalled.take_if(|(_, until)| *until <= now) else { return };
        self.note_operator();
        for controller in CONTROLLERS {
            self.schedule_pick(Who { process: id, controller });
        }
        if now.since(since) >= RENEW_DEADLINE {
            let notices = self.luck.duration("operator notices", &id, NOTICE);
            self.push_process(now + notices, ProcessEvent::LosesLease(id));
        }
    }

    /// The event, if it is not for a process that is gone or stalls; for one that stalls it waits until that is over.
    pub(super) fn unless_stalled(&mut self, next: Scheduled<Event>) -> Option<Event> {
        let Scheduled { rank, subject, event, .. } = next;
        let who = match &event {
            Event::Timer(who, ..) | Event::Deadline(who, ..) | Event::Pick(who) => *who,
            Event::CallReplies(id) => self.caller(*id),
            _ => return Some(event),
        };
        match self.process(who.process).map(Process::stalled_until) {
            Some(Some(until)) if self.now < until => self.push(until, rank, subject, event),
            Some(_) => return Some(event),
            None if matches!(event, Event::CallReplies(_)) => return Some(event),
            None => {}
        }
        None
    }

    fn tell_operator(&mut self, what: &'static str) {
        self.history.push(self.now, Entry::Operator { what });
    }

    fn push_process(&mut self, at: SimTime, event: ProcessEvent) {
        self.push(at, Rank::World, Subject::of("operator process"), Event::Process(event));
    }
}
