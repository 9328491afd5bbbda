//! The world without its futures: cluster, chain, queue of events, work queues, history and laws. A plain value that can be cloned.

use super::events::{CallId, Event};
use super::faults::{Faults, Recorder};
use super::process::{CONTROLLERS, Process, Who};
use super::runtime::Runtime;
use super::said::Said;
use super::setup::Setup;
use super::telling::Told;
use crate::history::{Entry, History};
use crate::marks::Mark;
use crate::measure::Counters;
use crate::plans::{PlanRecord, Plans};
use crate::states::States;
use api::Time;
use oracles::{Docket, EndVerdicts, EventNumber, Fact, Laws, ObjectRef, OperatorCall, Sight, Violation};
use simchain::Chain;
use simcore::{Luck, Queue, Rank, Scheduled, Seed, SimTime, Subject};
use simkube::{Cluster, ProcessId};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use super::calls::Call;

/// The operator's process that leads from the beginning.
pub(super) const FIRST: ProcessId = ProcessId(1);

/// A world at a moment.
#[derive(Clone)]
pub struct Sim {
    pub(super) setup: Arc<Setup>,
    pub(super) now: SimTime,
    pub(super) luck: Luck,
    /// The latest place in the order of events that has been come to.
    pub(super) reached: (SimTime, Rank, Subject),
    pub(super) queue: Queue<Event>,
    /// How many events are to come that keep the world awake, and how many more that do so unless what they are for is gone.
    pub(super) awake: usize,
    pub(super) perhaps_awake: usize,
    pub(super) cluster: Cluster,
    cluster_said: Said<simkube::Event, simkube::Output>,
    pub(super) chain: Chain,
    chain_said: Said<simchain::Event, simchain::Output>,
    pub(super) runtime: Runtime,
    /// The operator's processes that lead, or believe that they do; the newest last.
    pub(super) processes: Vec<Process>,
    pub(super) next_process: u32,
    /// Whether a process has started that does not lead yet.
    pub(super) successor_starts: bool,
    /// Until when the operator's Deployment has no replicas, if a person has scaled it down.
    pub(super) operator_paused_until: SimTime,
    /// The worker whose reconcile is being polled.
    pub(super) running: Option<Who>,
    pub(super) calls: BTreeMap<CallId, Call>,
    pub(super) next_call: u64,
    pub(super) arrivals: u64,
    pub(super) told: VecDeque<Told>,
    pub(super) history: History,
    pub(super) plans: Plans,
    /// Whether a process lists anew at this moment.
    pub(super) relists: bool,
    laws: Laws,
    /// The claims, if anybody wants to know of them.
    pub(super) claims: Option<Box<claims::Watch>>,
    /// What measures it, if anybody wants to know.
    pub(super) meter: Option<Box<meter::Meter>>,
    pub(super) faults: Faults,
    pub(super) recorder: Option<Box<Recorder>>,
    /// The abstract states passed through, if they are asked for.
    pub(super) states: Option<Box<States>>,
    pub(super) docket: Docket,
    pub(super) violations: Vec<Violation>,
    pub(super) counters: Counters,
    pub(super) unmodelled: Option<String>,
    /// What the operator has written to or failed on, and when last.
    activity: Vec<(ObjectRef, SimTime, EventNumber)>,
    /// How many reconciles have failed in states that may have been there before.
    pub(super) recurring_errors: u64,
    /// How many deadlines that something waited for have passed.
    pub(super) deadlines_passed: u64,
    /// The operator's call that is taking effect.
    pub(super) in_effect: Option<OperatorCall>,
    /// Whether everything that disturbs the world from outside is over.
    pub(super) calm: bool,
    /// Polls elided before the history began.
    elided_before: u64,
    /// Polls elided by processes that are gone.
    pub(super) elided_by_gone: u64,
}

/// The world as laws see it, with an event told: of the parts that they see, so that the laws themselves may be borrowed beside it.
macro_rules! sight_of {
    ($sim:expr, $event:expr) => {
        Sight {
            now: $sim.now,
            event: $event,
            cluster: &$sim.cluster,
            chain: &$sim.chain,
            profile: $sim.chain.profile(),
            group: &$sim.setup.group,
            external: &$sim.setup.external,
            call: $sim.in_effect.as_ref(),
            calm: $sim.calm,
            failure_allowed: $sim.setup.failure_allowed || $sim.faults.forbid_success,
        }
    };
}

impl Sim {
    /// An empty cluster beside a running chain.
    pub fn new(setup: Arc<Setup>, seed: Seed, start: SimTime) -> Self {
        let luck = Luck::new(seed);
        let mut sim = Self {
            now: start,
            reached: (start, Rank::World, Subject(0)),
            queue: Queue::default(),
            awake: 0,
            perhaps_awake: 0,
            cluster: Cluster::new(setup.cluster.clone(), setup.epoch),
            cluster_said: Said::default(),
            chain: Chain::new(setup.chain.clone(), &luck),
            chain_said: Said::default(),
            luck,
            runtime: Runtime::default(),
            processes: Vec::new(),
            next_process: FIRST.0 + 1,
            successor_starts: false,
            operator_paused_until: start,
            running: None,
            calls: BTreeMap::new(),
            next_call: 0,
            arrivals: 0,
            told: VecDeque::new(),
            history: History::default(),
            plans: Plans::default(),
            relists: false,
            laws: Laws::default(),
            claims: None,
            meter: None,
            faults: Faults::default(),
            recorder: None,
            states: None,
            docket: Docket::default(),
            violations: Vec::new(),
            counters: Counters::default(),
            unmodelled: None,
            activity: Vec::new(),
            recurring_errors: 0,
            deadlines_passed: 0,
            in_effect: None,
            calm: false,
            elided_before: 0,
            elided_by_gone: 0,
            setup,
        };
        for binary in sim.setup.chain.clone().binaries.iter().filter(|binary| !binary.exists) {
            sim.kube(|cluster, cx| cluster.set_image_exists(cx, &binary.image, false));
        }
        sim.begin_to_lead(FIRST);
        sim
    }

    /// The same moment under another seed, with nothing told yet. Orders of cached lists hang on the seed, so whatever is parked looks again.
    pub fn reseeded(&self, seed: Seed, history: History) -> Self {
        let luck = Luck::new(seed);
        let mut sim = self.clone();
        sim.chain.reseed(&luck);
        sim.luck = luck;
        sim.history = history;
        sim.plans = Plans::default();
        sim.violations.clear();
        sim.counters = Counters::default();
        for who in sim.workers() {
            let mut wishes = Vec::new();
            sim.worker(who).wake_all(self.now, &mut wishes);
            sim.grant(who, wishes);
        }
        sim.elided_before = 0;
        sim.elided_before = sim.counters().elided_polls;
        sim
    }

    /// What the world is made from.
    pub fn setup(&self) -> &Setup {
        &self.setup
    }

    /// The moment.
    pub fn now(&self) -> SimTime {
        self.now
    }

    /// The history.
    pub fn history(&self) -> &History {
        &self.history
    }

    /// Notes a mark that no entry of the history tells of.
    pub(crate) fn mark(&mut self, mark: Mark) {
        self.history.note(mark);
    }

    /// A process of the operator lists anew what it watches.
    pub(super) fn relist(&mut self, process: ProcessId) {
        self.relists = true;
        self.kube(|cluster, cx| cluster.relist(cx, process));
        self.relists = false;
    }

    /// From now on the world writes down the abstract states that it passes through.
    pub fn record_states(&mut self) {
        self.states = Some(Box::default());
    }

    /// Looks at the abstract state after an event, if that is asked for.
    pub(super) fn look_at_state(&mut self) {
        let Some(mut states) = self.states.take() else { return };
        states.look(&self.sight());
        self.states = Some(states);
    }

    /// The abstract states that it has passed through, in rising order; empty if they were not asked for.
    pub fn states(&self) -> Vec<u64> {
        self.states.as_ref().map_or_else(Vec::new, |states| states.sorted())
    }

    /// The laws that were broken, in order.
    pub fn violations(&self) -> &[Violation] {
        &self.violations
    }

    /// Every plan ever stored, in order.
    pub fn plans(&self) -> &[PlanRecord] {
        self.plans.records()
    }

    /// What has been counted.
    pub fn counters(&self) -> Counters {
        let elided = |process: &Process| {
            CONTROLLERS
                .map(|controller| process.worker(controller).polls_elided_until(self.polls_not_made_from(controller)))
                .iter()
                .sum::<u64>()
        };
        let elided_polls = self.elided_by_gone + self.processes.iter().map(elided).sum::<u64>();
        Counters { elided_polls: elided_polls - self.elided_before, ..self.counters }
    }

    /// Everything that disturbs the world from outside is over from this moment on, before which nothing is to come; as far as is known: a fault
    /// may still strike.
    pub(super) fn begin_calm(&mut self, since: SimTime) {
        self.now = self.now.max(since);
        self.calm = true;
        let sight = sight_of!(self, self.history.last_number());
        self.laws.begin_calm(&sight, &mut self.docket);
        self.take_down();
    }

    /// Writes down what is wrong with the world's end, as of the moment from which on nothing new happens: its last event, or the last block
    /// of a chain for those that wait for a later one. A livelock has its beginning and its cycle.
    pub(crate) fn judge_end(&mut self, verdicts: EndVerdicts, livelock: Option<(SimTime, Duration)>) {
        let at = self.history.last().max(self.waits_for_ever_from().unwrap_or(SimTime::MIN));
        let sight = sight_of!(self, self.history.last_number());
        self.laws.at_end(&sight, at, &mut self.docket);
        verdicts.write(at, &sight, &mut self.docket);
        if let Some((since, cycle)) = livelock {
            let in_cycle = self.activity.iter().filter(|(_, last, _)| *last > since);
            let mut busy_with: Vec<_> = in_cycle.map(|(object, _, event)| (object.clone(), *event)).collect();
            busy_with.sort_unstable();
            oracles::judge_quiet(busy_with, since, cycle, at, &mut self.docket);
        }
        self.take_down();
        self.end_claims();
    }

    /// The operator has written to an object, or failed to reconcile it.
    pub(super) fn note_activity(&mut self, object: ObjectRef, event: EventNumber) {
        match self.activity.iter_mut().find(|(of, ..)| *of == object) {
            Some(known) => (known.1, known.2) = (self.now, event),
            None => self.activity.push((object, self.now, event)),
        }
    }

    /// The wall clock, in whole seconds.
    pub(super) fn wall(&self) -> Time {
        self.setup.epoch.plus_seconds(self.now.seconds())
    }

    pub(super) fn push(&mut self, at: SimTime, rank: Rank, subject: Subject, event: Event) {
        self.count(&event, |count| count + 1);
        self.queue.push(Scheduled { at, rank, subject, event });
    }

    /// How many events the world has handled.
    pub(crate) fn events_handled(&self) -> u64 {
        self.queue.added() - self.queue.len() as u64
    }

    pub(super) fn pop(&mut self) -> Option<Scheduled<Event>> {
        let next = self.queue.pop()?;
        assert!(next.at >= self.now, "time never runs backwards");
        self.now = next.at;
        self.reached = self.reached.max((next.at, next.rank, next.subject));
        self.count(&next.event, |count| count - 1);
        Some(next)
    }

    /// Counts an event that comes into the queue or goes from it.
    fn count(&mut self, event: &Event, step: fn(usize) -> usize) {
        if event.keeps_awake() {
            let count = if event.may_be_moot() { &mut self.perhaps_awake } else { &mut self.awake };
            *count = step(*count);
        }
    }

    /// Lets the cluster act and passes on what follows.
    pub(super) fn kube<R>(&mut self, act: impl FnOnce(&mut Cluster, &mut simkube::Context<'_>) -> R) -> R {
        let result = self.kube_only(act);
        self.pass_on();
        result
    }

    /// Lets the cluster act while something is being passed on already.
    pub(super) fn kube_only<R>(&mut self, act: impl FnOnce(&mut Cluster, &mut simkube::Context<'_>) -> R) -> R {
        let mut said = std::mem::take(&mut self.cluster_said);
        let result = act(&mut self.cluster, &mut said.context(self.now, &mut self.luck));
        self.keep(&mut said, Event::Kube, Told::Kube);
        self.cluster_said = said;
        result
    }

    /// Lets the chain act and passes on what follows.
    pub fn chain<R>(&mut self, act: impl FnOnce(&mut Chain, &mut simchain::Context<'_>) -> R) -> R {
        let result = self.chain_only(act);
        self.pass_on();
        result
    }

    /// Lets the chain act while something is being passed on already.
    pub(super) fn chain_only<R>(&mut self, act: impl FnOnce(&mut Chain, &mut simchain::Context<'_>) -> R) -> R {
        let mut said = std::mem::take(&mut self.chain_said);
        let result = act(&mut self.chain, &mut said.context(self.now, &mut self.luck));
        self.keep(&mut said, Event::Chain, Told::Chain);
        self.chain_said = said;
        result
    }

    /// Queues what a component has scheduled and keeps what it has told.
    fn keep<E, O>(&mut self, said: &mut Said<E, O>, event: fn(E) -> Event, told: fn(O) -> Told) {
        for Scheduled { at, rank, subject, event: inner } in said.later.drain(..) {
            self.push(at, rank, subject, event(inner));
        }
        self.told.extend(said.out.drain(..).map(told));
    }

    pub(super) fn unmodelled(&mut self, what: String) {
        self.unmodelled.get_or_insert(what);
    }

    /// Shows the laws a fact, told by an entry of the history, and takes down what they say.
    pub(super) fn show(&mut self, event: EventNumber, fact: &Fact<'_>) {
        let sight = sight_of!(self, event);
        self.laws.observe(&sight, fact, &mut self.docket);
        self.take_down();
        if self.claims.is_some() {
            self.show_claims(event, fact);
        }
        if self.meter.is_some() {
            self.show_meter(event, fact);
        }
    }

    /// Takes violations and wishes from the docket.
    pub(super) fn take_down(&mut self) {
        if self.docket.is_empty() {
            return;
        }
        for mut violation in self.docket.take_violations() {
            violation.excused = self.excuse(&violation);
            self.history.push(violation.at, Entry::Violated(violation.clone()));
            self.violations.push(violation);
        }
        for at in self.docket.take_looks() {
            self.push(at, Rank::World, Subject::of("laws"), Event::Look);
        }
    }

    /// The world as laws see it.
    pub fn sight(&self) -> Sight<'_> {
        sight_of!(self, self.history.last_number())
    }
}
