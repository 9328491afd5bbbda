//! Calls in flight: an effective call takes effect at one moment and is answered at a later one. Faults decide here what becomes of it.

use super::events::{CallId, Event};
use super::faults::{Doom, Fate, SeenCall};
use super::info_of;
use super::process::Who;
use super::sim::Sim;
use crate::history::Entry;
use crate::marks::Mark;
use api::{AnyObject, Kind, Object};
use faults::{Moment, Verb};
use oracles::{Called, EventNumber, ObjectRef, OperatorCall};
use ports::{SidecarError, TaskRequest};
use simcore::{Rank, Span, Subject};
use simkube::{Actor, Answer, PodId, Request};
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// How long a client waits for an address that nothing answers at (kubernetes.md, "DNS").
const CLIENT_TIMEOUT: Duration = Duration::from_secs(10);

/// An effective call.
#[derive(Clone, Debug)]
pub(super) struct Call {
    caller: Who,
    /// The object whose reconcile makes it, as that reconcile has read it.
    primary: AnyObject,
    /// The history's first entry after it was sent.
    sent: EventNumber,
    what: What,
    fate: Fate,
    /// As triggers see it, if any fault waits for a call.
    seen: Option<Box<SeenCall>>,
    answer: Option<Reply>,
    replied: bool,
    /// Whether it is delivered again when it has been answered.
    twice: bool,
}

impl Call {
    /// Adds to a hash who waits for what.
    pub(super) fn add_to(&self, hasher: &mut impl Hasher) {
        (self.caller.controller, &self.primary.meta.key, self.answer.is_some(), self.replied).hash(hasher);
        std::mem::discriminant(&self.what).hash(hasher);
        match &self.what {
            What::Api(request) => (std::mem::discriminant(request), request.info().kind, request.key()).hash(hasher),
            What::Submit(_, request) | What::SubmitInVain(_, request) => request.task.type_name().hash(hasher),
            What::Nowhere => {}
        }
    }
}

#[derive(Clone, Debug)]
enum What {
    Api(Request),
    Submit(PodId, TaskRequest),
    /// To a sidecar that answers only when the client has given up.
    SubmitInVain(PodId, TaskRequest),
    /// To an address that nothing answers at.
    Nowhere,
}

/// What a call is answered.
#[derive(Clone, Debug)]
pub(super) enum Reply {
    Api(Answer),
    Submitted(Result<Uuid, SidecarError>),
}

impl Sim {
    /// Sends an effective request to the API server.
    pub(super) fn send(&mut self, request: Request) -> CallId {
        let span = self.setup.cluster.api_call;
        let delay = self.api_delay();
        let (verb, kind) = (verb_of(&request), request.info().kind);
        let name = request.key().map(|key| key.name.clone());
        let seen = self.seen_call(verb, kind, name.as_ref());
        self.set_off(seen.as_deref(), Moment::Before);
        let fate = if self.is_doomed() { Fate::NeverSent } else { self.next_fate(name.as_deref().unwrap_or(kind)) };
        self.begin_call(What::Api(request), fate, seen, span, delay)
    }

    /// Submits a task to the sidecar of a node, which does not know it.
    pub(super) fn send_task(&mut self, pod: PodId, node: &Arc<str>, request: TaskRequest) -> CallId {
        let span = self.setup.chain.sidecar.post;
        let delay = self.sidecar_delay(node);
        let seen = self.seen_call(Verb::Submit, "Sidecar", Some(node));
        self.set_off(seen.as_deref(), Moment::Before);
        let fate = if self.is_doomed() { Fate::NeverSent } else { Fate::Lands };
        let twice = fate == Fate::Lands && self.is_delivered_twice(node);
        let id = self.begin_call(What::Submit(pod, request), fate, seen, span, delay);
        self.calls.get_mut(&id).expect("it has just begun").twice = twice;
        id
    }

    /// Calls an address that nothing answers at: the client gives up.
    pub(super) fn send_nowhere(&mut self) -> CallId {
        let span = Span::between(CLIENT_TIMEOUT, CLIENT_TIMEOUT).expect("one moment is a range");
        self.begin_call(What::Nowhere, Fate::Lands, None, span, Duration::ZERO)
    }

    /// A sidecar has answered a query otherwise than the last time: faults may wait for it.
    pub(super) fn answered_anew(&mut self, node: &Arc<str>) {
        let seen = self.seen_call(Verb::Get, "Sidecar", Some(node));
        self.set_off(seen.as_deref(), Moment::Before);
        self.set_off(seen.as_deref(), Moment::After);
    }

    /// A reconcile that reads its own object from the server goes by that, not by what its cache had when it began.
    pub(super) fn found_by_get<K: Kind>(&mut self, object: &Object<K>) {
        let caller = self.running.expect("calls are made by a reconcile");
        let busy = self.busy();
        if busy.calls == 0 && K::INFO.kind == info_of(caller.controller).kind && busy.key == object.meta.key {
            busy.primary = Some(object.clone().into_any());
        }
    }

    fn begin_call(&mut self, what: What, fate: Fate, seen: Option<Box<SeenCall>>, span: Span, delay: Duration) -> CallId {
        self.next_call += 1;
        let id = CallId(self.next_call);
        let caller = self.running.expect("calls are made by a reconcile");
        let busy = self.busy();
        busy.effective = true;
        let primary = busy.primary.clone().expect("a reconcile that calls has found its object");
        let begins = self.now + self.postponed(caller);
        let whole = self.luck.duration("call", &caller.controller, span);
        let until_effect = Span::between(Duration::ZERO, whole).expect("a call takes time");
        let effect = self.luck.duration("call effect", &caller.controller, until_effect);
        let (delay, effect, whole, what) = match what {
            What::Submit(pod, request) if delay + whole >= CLIENT_TIMEOUT => {
                (Duration::ZERO, CLIENT_TIMEOUT.min(delay + effect), CLIENT_TIMEOUT, What::SubmitInVain(pod, request))
            }
            what => (delay, effect, whole, what),
        };
        let subject = Subject::of(&("call", caller.controller));
        let sent = self.history.next_number();
        self.push(begins + delay + effect, Rank::World, subject, Event::CallTakesEffect(id));
        self.push(begins + delay + whole, Rank::World, subject, Event::CallReplies(id));
        self.calls.insert(id, Call { caller, primary, sent, what, fate, seen, answer: None, replied: false, twice: false });
        id
    }

    /// How much later a call is sent because its process is about to stall.
    fn postponed(&self, caller: Who) -> Duration {
        match self.faults.doom {
            Some(Doom::Stalls(process, wait)) if process == caller.process => wait,
            _ => Duration::ZERO,
        }
    }

    /// The call as triggers see it, if anyone looks: a fault that waits for a call, or a recorder.
    fn seen_call(&mut self, verb: Verb, kind: &'static str, name: Option<&Arc<str>>) -> Option<Box<SeenCall>> {
        let who = self.running.expect("calls are made by a reconcile");
        let busy = self.busy();
        busy.calls += u32::from(verb != Verb::Get);
        let (key, place) = (busy.key.clone(), if verb == Verb::Get { 0 } else { busy.calls });
        if !self.faults.await_calls() && self.recorder.is_none() {
            return None;
        }
        let call = SeenCall { who, task: self.current_task(who.controller, &key), key, verb, kind, name: name.cloned(), place };
        if let Some(recorder) = &mut self.recorder {
            recorder.note(self.now, &call);
        }
        Some(Box::new(call))
    }

    /// Sets off the faults that wait for this side of a call; whether one of them decides what the call is answered.
    fn set_off(&mut self, seen: Option<&SeenCall>, moment: Moment) -> bool {
        let Some(call) = seen else { return false };
        let mut decided = false;
        for index in self.set_off_by_call(call, moment) {
            decided |= self.befall_calls(index, moment);
            self.doom(index, call.who.process);
            self.strike_now(index);
        }
        decided
    }

    /// Whether the process whose reconcile runs is about to end: it sends nothing any more.
    fn is_doomed(&self) -> bool {
        let process = self.running.map(|who| who.process);
        matches!(self.faults.doom, Some(Doom::Ends(doomed)) if process == Some(doomed))
    }

    /// A call takes effect.
    pub(super) fn take_effect(&mut self, id: CallId) {
        let call = self.calls.get(&id).expect("a call in flight");
        let (what, fate, seen) = (call.what.clone(), call.fate.clone(), call.seen.clone());
        let (caller, primary, sent) = (call.caller, call.primary.clone(), call.sent);
        if fate == Fate::NeverSent {
            return;
        }
        self.mark_landing(caller);
        let by = |called| OperatorCall { process: caller.process, primary, called, sent };
        let reply = match what {
            What::Api(request) => {
                let call = by(Called::of(&request));
                Reply::Api(self.carry_out_as_fated(request, call, fate, seen.as_deref()))
            }
            What::Submit(pod, request) => {
                let answer = self.deliver(pod, request, by(Called::Sidecar));
                self.set_off(seen.as_deref(), Moment::After);
                Reply::Submitted(answer)
            }
            What::SubmitInVain(pod, request) => {
                let _ = self.deliver(pod, request, by(Called::Sidecar));
                self.set_off(seen.as_deref(), Moment::After);
                Reply::Submitted(Err(SidecarError::Unreachable("i/o timeout")))
            }
            What::Nowhere => {
                self.mark(Mark::SidecarTimedOut);
                Reply::Submitted(Err(SidecarError::Unreachable("i/o timeout")))
            }
        };
        if self.process(caller.process).is_some() {
            self.worker(caller).busy_mut().into_iter().for_each(|busy| busy.landed += 1);
        }
        self.calls.get_mut(&id).expect("a call in flight").answer = Some(reply);
    }

    fn deliver(&mut self, pod: PodId, request: TaskRequest, call: OperatorCall) -> Result<Uuid, SidecarError> {
        self.counters.sidecar_calls += 1;
        let event = self.history.next_number();
        self.note_activity(ObjectRef::new(call.primary.info.kind, call.primary.meta.key.name.clone()), event);
        self.in_effect = Some(call);
        let answer = self.chain(|chain, cx| chain.submit(cx, simchain::PodId(pod.0), request));
        self.in_effect = None;
        answer
    }

    fn carry_out_as_fated(&mut self, request: Request, call: OperatorCall, fate: Fate, seen: Option<&SeenCall>) -> Answer {
        let (verb, kind) = (request.verb(), request.info().kind);
        let name = request.key().map(|key| key.name.clone());
        let answer = match fate {
            Fate::Fails(error) => {
                self.counters.api_calls += 1;
                self.mark(Mark::CallRefused);
                Err(error)
            }
            fate => {
                self.mark_stale(&request);
                let landed = self.land(request, call);
                let fate = if self.set_off(seen, Moment::After) { self.next_fate(name.as_deref().unwrap_or(kind)) } else { fate };
                if matches!(fate, Fate::LandsUnknown(_)) {
                    self.mark(Mark::LostReply);
                }
                fate.answer(landed)
            }
        };
        self.tell_call(verb, kind, name, &answer);
        answer
    }

    /// Carries out a request at once, as one that a reconcile of the operator makes.
    pub fn carry_out(&mut self, request: Request, call: OperatorCall) -> Answer {
        self.carry_out_as_fated(request, call, Fate::Lands, None)
    }

    fn land(&mut self, request: Request, call: OperatorCall) -> Answer {
        self.counters.api_calls += 1;
        let actor = Actor::Operator(call.process);
        self.in_effect = Some(call);
        let answer = self.kube(|cluster, cx| cluster.carry_out(cx, request, actor));
        self.in_effect = None;
        answer
    }

    fn tell_call(&mut self, verb: simkube::Verb, kind: &'static str, name: Option<Arc<str>>, answer: &Answer) {
        if let Some(name) = &name {
            self.note_activity(ObjectRef::new(kind, name.clone()), self.history.next_number());
        }
        let error = answer.as_ref().err().map(|error| error.to_string().into());
        self.history.push(self.now, Entry::Call { verb, kind, name, error });
    }

    /// Who waits for a call's reply.
    pub(super) fn caller(&self, id: CallId) -> Who {
        self.calls.get(&id).expect("a call in flight").caller
    }

    /// A call's reply has arrived: its caller, who is told, may take it. `None` if the caller's process is gone.
    pub(super) fn reply(&mut self, id: CallId) -> Option<Who> {
        let caller = self.caller(id);
        let call = self.calls.get(&id).expect("a call in flight");
        if let What::Submit(pod, request) | What::SubmitInVain(pod, request) = &call.what
            && call.twice
        {
            // The network's doing: no call of the operator's is in effect.
            let (pod, request) = (simchain::PodId(pod.0), request.clone());
            self.counters.sidecar_calls += 1;
            let _ = self.chain(|chain, cx| chain.submit(cx, pod, request));
        }
        if self.process(caller.process).is_none() {
            self.calls.remove(&id);
            return None;
        }
        self.calls.get_mut(&id).expect("a call in flight").replied = true;
        Some(caller)
    }

    /// Takes a reply that has arrived.
    pub(super) fn take_reply(&mut self, id: CallId) -> Option<Reply> {
        if !self.calls.get(&id)?.replied {
            return None;
        }
        let answer = self.calls.remove(&id)?.answer;
        Some(answer.expect("a call takes effect before its reply arrives"))
    }
}

/// The verb as triggers name it.
fn verb_of(request: &Request) -> Verb {
    match request {
        Request::Create(_) => Verb::Create,
        Request::Update(_) => Verb::Update,
        Request::Patch { .. } => Verb::Patch,
        Request::PatchStatus { .. } => Verb::PatchStatus,
        Request::Apply { .. } => Verb::Apply,
        Request::Delete { .. } => Verb::Delete,
        _ => unreachable!("the operator's ports make no other effective requests"),
    }
}
