//! The faults of a world: what waits to strike, what has struck, and what goes on.
//!
//! A fault strikes once, at its trigger. What it does then is in the file of its group; what it says here is whether there was anything to
//! befall, which objects, and how long it lasts. While it lasts its *window* is open: the places where the world asks (a call, a name, a
//! clock) look at the open windows, of which there are mostly none. In the end it heals. Everything is history.
//!
//! A fault that strikes at a call strikes while a reconcile is in the middle of it. What decides that very call (its answer, or that its
//! process ends before it is sent) is decided there; all else happens as an event of the same moment, before any other.

mod api_server;
mod binary;
mod bootstrap;
mod chain;
mod cluster;
mod controller;
mod diverged;
mod excuses;
mod impossible;
mod irreplaceable;
mod machines;
mod opportunities;
mod person;
mod premature_halt;
mod sidecar;
mod standing;
mod switch_races;
mod triggers;
mod unheard;
mod unmade;
mod unreached;

pub use opportunities::Recorder;

use super::events::Event;
use super::sim::Sim;
use crate::history::Entry;
use crate::marks::Mark;
pub(super) use api_server::Fate;
pub(super) use controller::Doom;
pub(super) use triggers::SeenCall;

use api::{Kind, ObjectKey, SeiNode};
use api_server::Answers;
use excuses::Excuses;
use faults::{BootstrapFault, Fault, PersonFault, Schedule, Trigger, What};
use impossible::cut_off;
use irreplaceable::takes_nodes;
use oracles::{EventNumber, Fact, ObjectRef};
use ports::TaskState;
use simcore::{Rank, SimTime, Subject};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// Before all other events of a moment.
const FIRST: Subject = Subject(0);

/// Within what time a node that follows its peers has what they held back while it had none. Nothing else tells that it has, and a world that rested
/// before would be judged by what the node lacked.
const HANDED_ON: Duration = Duration::from_secs(2);

/// How a fault came out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultRecord {
    /// The fault.
    pub fault: Fault,
    /// When its trigger came, if it did.
    pub struck: Option<Struck>,
}

/// A fault that has struck.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Struck {
    /// When.
    pub at: SimTime,
    /// The entry of the history that tells it.
    pub event: EventNumber,
    /// Whether there was something to befall.
    pub befell: bool,
    /// What it befell.
    pub objects: Vec<ObjectRef>,
    /// When it was over; absent while it lasts, and for a fault without an end.
    pub healed: Option<SimTime>,
}

/// What a fault did when it struck.
pub(super) struct Blow {
    /// Whether there was something to befall.
    pub befell: bool,
    /// What it befell.
    pub objects: Vec<ObjectRef>,
    /// When it ends.
    pub ends: Ends,
}

/// When a fault is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ends {
    /// At once.
    AtOnce,
    /// After a while.
    After(Duration),
    /// When what it waits for has come and it has done its work.
    WhenItGoesOff,
    /// Never.
    Never,
}

impl Blow {
    /// Something that is over at once.
    pub fn at_once(befell: bool, objects: Vec<ObjectRef>) -> Self {
        Self { befell, objects, ends: Ends::AtOnce }
    }

    /// Something that lasts.
    pub fn lasting(befell: bool, objects: Vec<ObjectRef>, lasts: Duration) -> Self {
        Self { befell, objects, ends: if befell { Ends::After(lasts) } else { Ends::AtOnce } }
    }
}

/// The faults of one world.
#[derive(Clone, Debug, Default)]
pub(super) struct Faults {
    records: Vec<FaultRecord>,
    /// How often each trigger's call has been seen, and whether its fault is about to strike.
    waiting: Vec<Waiting>,
    /// Positions of the faults whose windows are open.
    open: Vec<usize>,
    /// What the next calls to the API server are answered.
    pub(super) answers: Option<Answers>,
    /// What is about to happen to a process in the middle of a reconcile.
    pub(super) doom: Option<Doom>,
    /// Faults that still wait for a call, and for a change of an object.
    await_calls: usize,
    await_changes: usize,
    /// Whether something that never ends has made the rollout impossible, whatever the design: it may end in a failure state.
    pub(super) forbid_success: bool,
    /// What each sidecar last said of each task, while anyone wants to know.
    answered: BTreeMap<(Arc<str>, Uuid), Option<TaskState>>,
    /// From how many replicas a person has scaled the group, by fault, until it is scaled back.
    scaled_from: BTreeMap<usize, i32>,
    /// What the excuses of faults that have struck hang on.
    excuses: Excuses,
    /// When the last disturbance by a fault is over, as far as is known.
    calm_from: SimTime,
}

#[derive(Clone, Copy, Debug, Default, Hash)]
struct Waiting {
    seen: u32,
    due: bool,
    /// Whether its fault will not strike, whatever comes.
    called_off: bool,
}

impl Faults {
    /// The faults of a schedule, all waiting.
    pub fn new(schedule: &Schedule) -> Self {
        let records: Vec<_> = schedule.0.iter().map(|fault| FaultRecord { fault: fault.clone(), struck: None }).collect();
        let waiting = vec![Waiting::default(); records.len()];
        let mut faults = Self { records, waiting, ..Self::default() };
        faults.recount();
        faults
    }

    /// What is going on.
    pub fn open(&self) -> impl Iterator<Item = &What> {
        self.open.iter().map(|index| &self.records[*index].fault.what)
    }

    /// What open faults of a sort befall.
    fn befallen(&self, sort: impl Fn(&What) -> bool) -> impl Iterator<Item = &ObjectRef> {
        let open = self.open.iter().map(|index| &self.records[*index]).filter(move |record| sort(&record.fault.what));
        open.filter_map(|record| record.struck.as_ref()).flat_map(|struck| &struck.objects)
    }

    /// The moment from which on no fault that has struck disturbs the world.
    pub fn calm_from(&self) -> SimTime {
        self.calm_from
    }

    /// Whether a fault that has struck still shows: it goes on, it can excuse violations, or it has made success impossible.
    fn leave_their_mark(&self, now: SimTime) -> bool {
        now < self.calm_from || !self.open.is_empty() || self.forbid_success || !self.excuses.are_none() || self.changed_binary()
    }

    /// Whether the wanted binary is not what the scenario says.
    fn changed_binary(&self) -> bool {
        self.records.iter().any(|record| record.struck.is_some() && matches!(record.fault.what, What::Binary(_)))
    }

    /// Triggers as far as they have come: part of a world's state while they wait.
    pub fn progress(&self) -> impl Iterator<Item = u32> {
        self.waiting.iter().map(|waiting| waiting.seen)
    }

    /// Whether the last fault is to strike at this very moment.
    pub fn last_is_due(&self) -> bool {
        self.waiting.last().is_some_and(|waiting| waiting.due)
    }

    fn waits(&self, index: usize) -> bool {
        self.records[index].struck.is_none() && !self.waiting[index].due && !self.waiting[index].called_off
    }

    /// No fault strikes any more that waits.
    pub fn call_off(&mut self) {
        for index in 0..self.records.len() {
            self.waiting[index].called_off = self.waits(index);
        }
        self.recount();
    }

    fn recount(&mut self) {
        let waits = |index: &usize| self.waits(*index);
        let when = |index: usize| &self.records[index].fault.when;
        let all = 0..self.records.len();
        let calls = all.clone().filter(waits).filter(|index| when(*index).is_call()).count();
        let changes = all.filter(waits).filter(|index| matches!(when(*index), Trigger::Task(_) | Trigger::Phase(_))).count();
        (self.await_calls, self.await_changes) = (calls, changes);
    }
}

impl Sim {
    /// How each fault came out.
    pub fn faults(&self) -> &[FaultRecord] {
        &self.faults.records
    }

    /// Gives the world its faults. Those that strike at a moment or a height are scheduled.
    pub fn meet(&mut self, schedule: &Schedule) {
        assert!(self.faults.records.is_empty(), "a world meets one schedule");
        self.faults = Faults::new(schedule);
        self.note_first_nodes();
        for index in 0..self.faults.records.len() {
            if let Trigger::At(after) = self.faults.records[index].fault.when {
                let at = SimTime::ZERO + after.0;
                self.faults.calm_from = self.faults.calm_from.max(at);
                self.push(at, Rank::World, FIRST, Event::Strike(index));
            }
        }
        self.expect_heights();
    }

    /// Gives a world on its way one fault more, which waits for something that has not happened yet, after the calls that it has made.
    pub(crate) fn meet_one_more(&mut self, fault: &Fault, calls: &Recorder) {
        assert!(!fault.when.is_set(), "its world would have known from the beginning when it is over");
        let seen = if let Trigger::Call(trigger) = &fault.when { calls.seen(trigger) } else { 0 };
        self.faults.records.push(FaultRecord { fault: fault.clone(), struck: None });
        self.faults.waiting.push(Waiting { seen, ..Waiting::default() });
        self.faults.recount();
    }

    /// A fault is to strike at this very moment.
    pub(super) fn strike_now(&mut self, index: usize) {
        self.faults.waiting[index].due = true;
        self.faults.recount();
        self.push(self.now, Rank::World, FIRST, Event::Strike(index));
    }

    /// A fault strikes, if its moment has come and it has not struck before.
    pub(super) fn strike(&mut self, index: usize) {
        if self.faults.records[index].struck.is_some() || self.faults.waiting[index].called_off || !self.height_has_come(index) {
            return;
        }
        let what = self.faults.records[index].fault.what.clone();
        let event = self.history.next_number();
        if !self.faults.open.is_empty() {
            self.mark(Mark::TwoFaultsAtOnce);
        }
        self.tell_fault(index, "strikes");
        self.calm = false;
        let before = self.before_blow(event, &what);
        let blow = self.blow(index, &what);
        if !blow.befell {
            self.tell_fault(index, "finds nothing to befall");
        }
        self.faults.forbid_success |= blow.befell && blow.ends == Ends::Never && forbids_success(&what);
        let healed = (blow.ends == Ends::AtOnce).then_some(self.now);
        self.faults.records[index].struck = Some(Struck { at: self.now, event, befell: blow.befell, objects: blow.objects, healed });
        self.after_blow(before, &what, blow.befell);
        self.faults.recount();
        self.show(event, &Fact::Disturbed);
        self.faults.calm_from = self.faults.calm_from.max(self.now);
        match blow.ends {
            Ends::After(lasts) => {
                self.faults.open.push(index);
                self.faults.calm_from = self.faults.calm_from.max(self.now + lasts);
                self.push(self.now + lasts, Rank::World, FIRST, Event::Heal(index));
                self.windows_changed();
            }
            Ends::WhenItGoesOff => self.faults.open.push(index),
            Ends::AtOnce | Ends::Never => {}
        }
    }

    /// What some open faults wait for has come: they do their work and are over, as the next event. Whether there were any.
    pub(super) fn go_off(&mut self, waits_for_it: impl Fn(&What) -> bool) -> bool {
        let records = &self.faults.records;
        let goes_off = |index: &usize| waits_for_it(&records[*index].fault.what);
        let going_off: Vec<_> = self.faults.open.iter().copied().filter(goes_off).collect();
        self.faults.open.retain(|index| !going_off.contains(index));
        for index in &going_off {
            self.push(self.now, Rank::World, FIRST, Event::Heal(*index));
        }
        !going_off.is_empty()
    }

    fn blow(&mut self, index: usize, what: &What) -> Blow {
        match what {
            What::Bootstrap(fault) => self.strike_bootstrap(fault),
            What::PrematureHalt(fault) => self.strike_halt(fault),
            What::SwitchRaces(fault) => self.strike_switch(fault),
            What::Controller(fault) => self.strike_controller(fault),
            What::ApiServer(fault) => self.strike_api_server(fault),
            What::Cluster(fault) => self.strike_cluster(fault),
            What::Sidecar(fault) => self.strike_sidecar(fault),
            What::Chain(fault) => self.strike_chain(fault),
            What::Binary(fault) => self.strike_binary(fault),
            What::Person(fault) => self.strike_person(index, fault),
        }
    }

    /// A fault that lasted is over.
    pub(super) fn heal(&mut self, index: usize) {
        self.faults.open.retain(|open| *open != index);
        let what = self.faults.records[index].fault.what.clone();
        let now = self.now;
        let struck = self.faults.records[index].struck.as_mut().expect("what heals has struck");
        struck.healed = Some(now);
        let objects = struck.objects.clone();
        self.faults.calm_from = self.faults.calm_from.max(now);
        self.tell_fault(index, "is over");
        if matches!(what, What::Person(PersonFault::Scales { .. })) {
            self.faults.excuses.scaled_back = Some((now, self.history.last_number()));
        }
        match &what {
            What::Bootstrap(fault) => self.heal_bootstrap(fault, &objects),
            What::PrematureHalt(fault) => self.heal_halt(fault),
            What::Controller(fault) => self.heal_controller(fault),
            What::Cluster(fault) => self.heal_cluster(fault, &objects),
            What::Sidecar(fault) => self.heal_sidecar(fault),
            What::Person(fault) => self.heal_person(index, fault),
            What::SwitchRaces(_) | What::ApiServer(_) | What::Chain(_) | What::Binary(_) => {}
        }
        self.note_returns();
        if takes_nodes(&what) {
            self.note_models();
        }
        if cut_off(&what).is_some() {
            self.push(now + HANDED_ON, Rank::World, FIRST, Event::Look);
        }
        self.windows_changed();
        self.show(self.history.last_number(), &Fact::Disturbed);
    }

    /// A window has opened or closed: whatever is parked looks again, since it may have read through one.
    fn windows_changed(&mut self) {
        self.follow_windows();
        self.all_look_again();
    }

    /// Whatever is parked looks again at its next poll.
    pub(super) fn all_look_again(&mut self) {
        for who in self.workers() {
            let (from, mut wishes) = (self.polls_not_made_from(who.controller), Vec::new());
            self.worker(who).wake_all(from, &mut wishes);
            self.grant(who, wishes);
        }
    }

    /// Whether a node of that name exists.
    fn exists(&self, node: &Arc<str>) -> bool {
        let key = ObjectKey::new(self.setup.group.namespace.clone(), node.clone());
        self.cluster.object(&const { SeiNode::INFO }, &key).is_some()
    }

    fn tell_fault(&mut self, index: usize, how: &'static str) {
        let what = self.faults.records[index].fault.what.to_string().into();
        self.history.push(self.now, Entry::Fault { what, how });
    }
}

/// Whether no rollout can succeed while this goes on.
fn forbids_success(what: &What) -> bool {
    excuses::is_defect(what) || matches!(what, What::Bootstrap(BootstrapFault::SidecarTaskFails { .. }))
}

/// The objects of one node.
pub(super) fn node(name: &Arc<str>) -> Vec<ObjectRef> {
    vec![ObjectRef::node(name.clone())]
}
