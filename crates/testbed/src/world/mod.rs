//! A world: one simulated cluster, one chain and one operator, fully determined by scenario, design and seed.

mod actions;
mod calls;
mod claims;
mod elsewise;
mod events;
mod faults;
mod livelock;
mod marking;
mod metering;
mod parked;
mod ports;
mod process;
mod program;
mod reads;
mod rest;
mod runtime;
mod said;
mod setup;
mod sim;
mod telling;
mod wake;
mod worker;

pub use self::faults::{FaultRecord, Recorder, Struck};
pub use ports::SimPorts;
pub use process::Who;
pub use program::{Faithful, Program, Reconcile};
pub(crate) use rest::Goal;
pub use rest::HORIZON;
pub use setup::Setup;
pub use sim::Sim;
pub use worker::{Outcome, Polls};

use crate::history::Entry;
use crate::marks::Mark;
use api::{Kind, KindInfo, ObjectKey, SeiNode, SeiNodeDeployment};
use controller::{Controller, ReconcileError};
use events::{CallId, Event};
use oracles::{EndVerdicts, ObjectRef};
use simcore::{Rank, SimTime};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

/// A running world: the value [`Sim`] and the reconciles in progress, which hold handles on it.
pub struct World {
    sim: Rc<RefCell<Sim>>,
    reconciles: BTreeMap<Who, Reconcile>,
}

/// Why a world stopped running.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// Nothing but parked polls is to come, and a resync would change nothing.
    Rest,
    /// Its state repeats.
    Livelock {
        /// Since when.
        since: SimTime,
        /// For how long one round takes.
        cycle: std::time::Duration,
        /// What the laws of the end say of a round.
        verdicts: EndVerdicts,
    },
    /// The moment asked for was reached.
    Until,
    /// The guard against endless worlds was reached: a failure of the testbed.
    Horizon,
    /// Something was asked that is not modelled: a failure of the testbed.
    Unmodelled(String),
}

impl World {
    /// A world that goes on from a moment without reconciles in progress.
    pub fn new(sim: Sim) -> Self {
        Self { sim: Rc::new(RefCell::new(sim)), reconciles: BTreeMap::new() }
    }

    /// The world's value, when nothing is in progress.
    pub fn into_sim(self) -> Sim {
        assert!(self.reconciles.is_empty(), "a reconcile in progress cannot be cloned");
        Rc::try_unwrap(self.sim).ok().expect("only reconciles hold handles on a world").into_inner()
    }

    /// Whether no reconcile is in progress, and no call on its way.
    pub(crate) fn is_idle(&self) -> bool {
        self.reconciles.is_empty() && self.look(|sim| sim.calls.is_empty())
    }

    /// A look at the world's value.
    pub fn look<R>(&self, look: impl FnOnce(&Sim) -> R) -> R {
        look(&self.sim.borrow())
    }

    /// Does something to the world's value between two events.
    pub fn act<R>(&mut self, act: impl FnOnce(&mut Sim) -> R) -> R {
        act(&mut self.sim.borrow_mut())
    }

    /// Moves a resting world on to a later moment.
    pub fn advance_to(&mut self, moment: SimTime) {
        while self.look(|sim| sim.queue.next_at()).is_some_and(|next| next < moment) {
            self.step();
        }
        self.act(|sim| sim.now = sim.now.max(moment));
    }

    /// Handles the next event; `false` if there is none.
    fn step(&mut self) -> bool {
        let next = self.act(|sim| sim.pop().map(|next| sim.unless_stalled(next)));
        let Some(event) = next else { return false };
        let Some(event) = event else { return true };
        match event {
            Event::Kube(event) => self.sim.borrow_mut().kube(|cluster, cx| cluster.handle(cx, event)),
            Event::Chain(event) => self.sim.borrow_mut().chain(|chain, cx| chain.handle(cx, event)),
            Event::CallTakesEffect(id) => self.sim.borrow_mut().take_effect(id),
            Event::CallReplies(id) => self.replied(id),
            Event::Timer(who, key, due, subject) => {
                let sim = &mut *self.sim.borrow_mut();
                if sim.worker(who).fire(&key, (due, Rank::Timer, subject.0)) {
                    sim.schedule_pick(who);
                }
            }
            Event::Deadline(who, key, deadline) => {
                let sim = &mut *self.sim.borrow_mut();
                let from = sim.polls_not_made_from(who.controller);
                let mut wishes = Vec::new();
                sim.deadlines_passed += u64::from(sim.worker(who).deadline_passed(&key, deadline, from, &mut wishes));
                sim.grant(who, wishes);
            }
            Event::Pick(who) => self.pick(who),
            Event::Process(event) => {
                self.sim.borrow_mut().process_event(event);
                self.drop_what_is_gone();
            }
            Event::Act(action) => {
                self.sim.borrow_mut().act(action);
                self.drop_what_is_gone();
            }
            Event::Strike(fault) => {
                self.sim.borrow_mut().strike(fault);
                self.drop_what_is_gone();
            }
            Event::Heal(fault) => {
                self.sim.borrow_mut().heal(fault);
                self.drop_what_is_gone();
            }
            Event::Look => {
                let sim = &mut *self.sim.borrow_mut();
                let event = sim.history.last_number();
                sim.show(event, &oracles::Fact::TimePassed);
            }
        }
        true
    }

    /// The reconciles of a process end with it, wherever they are.
    fn drop_what_is_gone(&mut self) {
        let sim = self.sim.clone();
        self.reconciles.retain(|who, _| sim.borrow().process(who.process).is_some());
    }

    fn replied(&mut self, id: CallId) {
        let caller = self.sim.borrow_mut().reply(id);
        if let Some(caller) = caller {
            self.poll(caller);
        }
    }

    /// A free worker takes its next key and begins to reconcile it.
    fn pick(&mut self, who: Who) {
        let key = {
            let sim = &mut *self.sim.borrow_mut();
            let now = sim.now;
            let worker = sim.worker(who);
            worker.pick_scheduled = false;
            worker.pick(now)
        };
        let Some(key) = key else { return };
        let known = self.sim.borrow_mut().reconcile_begins(who, &key);
        if let Some(outcome) = known {
            self.sim.borrow_mut().reconciled(who, outcome);
            return;
        }
        let reconcile = self.reconcile(who, key);
        self.reconciles.insert(who, reconcile);
        self.poll(who);
    }

    fn reconcile(&self, who: Who, key: ObjectKey) -> Reconcile {
        let ports = SimPorts { sim: self.sim.clone(), process: who.process };
        let setup = self.look(|sim| sim.setup.clone());
        setup.program.reconcile(ports, setup.operator.clone(), who.controller, key)
    }

    /// Lets a reconcile in progress go on until it waits or ends.
    fn poll(&mut self, who: Who) {
        self.sim.borrow_mut().running = Some(who);
        let reconcile = self.reconciles.get_mut(&who).expect("a reply is for a reconcile in progress");
        let polled = reconcile.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        self.sim.borrow_mut().running = None;
        if let Poll::Ready(result) = polled {
            self.reconciles.remove(&who);
            self.sim.borrow_mut().reconciled(who, result);
        }
    }
}

impl Sim {
    /// A reconcile begins; what it comes to if that is known. What it finds in its cache is noted: whatever it does, it does in that one's name.
    fn reconcile_begins(&mut self, who: Who, key: &ObjectKey) -> Option<Outcome> {
        crate::trace::reconcile_starts(self.now, who.process, who.controller, key);
        self.counters.reconciles += 1;
        if self.processes.len() > 1 {
            self.mark(Mark::TwoProcesses);
        }
        let known = self.worker(who).comes_to();
        if known.is_some() {
            crate::trace::reconcile_repeats(self.now, who.controller, key);
        } else {
            let primary = self.cluster.cached(who.process, info_of(who.controller), key).cloned();
            self.worker(who).busy_mut().expect("it has just begun").primary = primary;
        }
        known
    }

    /// A reconcile has ended.
    fn reconciled(&mut self, who: Who, outcome: Outcome) {
        let (now, late) = (self.now, self.requeue_delay());
        let busy = self.worker(who).busy_mut().expect("a reconcile that ends was in progress");
        let (key, refused) = (busy.key.clone(), busy.refused);
        self.counters.refused_calls += refused;
        crate::trace::reconcile_ends(now, who.controller, &key, &outcome);
        if let Err(error) = &outcome {
            self.counters.reconcile_errors += 1;
            self.recurring_errors += u64::from(self.worker(who).failure_may_recur());
            let (kind, event) = (info_of(who.controller).kind, self.history.next_number());
            self.note_activity(ObjectRef::new(kind, key.name.clone()), event);
            let conflict = matches!(error, ReconcileError::Api(::ports::ApiError::Conflict(_)));
            let error = self.worker(who).busy_mut().expect("it is just ending").tell(error);
            self.history.push(now, Entry::ReconcileFailed { controller: who.controller, name: key.name, error, conflict });
        }
        let mut wishes = Vec::new();
        self.worker(who).ended(now, outcome, late, &mut wishes);
        self.grant(who, wishes);
        self.schedule_pick(who);
    }
}

/// The kind that a controller reconciles.
fn info_of(controller: Controller) -> &'static KindInfo {
    match controller {
        Controller::Group => &const { SeiNodeDeployment::INFO },
        Controller::Node => &const { SeiNode::INFO },
    }
}
