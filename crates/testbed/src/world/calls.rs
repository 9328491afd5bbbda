//! Calls in flight: an effective call takes effect at one moment and is answered at a later one.

use super::events::{CallId, Event};
use super::process::Who;
use super::sim::Sim;
use crate::history::Entry;
use api::AnyObject;
use oracles::{Called, ObjectRef, OperatorCall};
use ports::{SidecarError, TaskRequest};
use simcore::{Rank, Span, Subject};
use simkube::{Actor, Answer, PodId, Request};
use uuid::Uuid;

/// An effective call.
#[derive(Clone, Debug)]
pub(super) struct Call {
    caller: Who,
    /// The object whose reconcile makes it, as that reconcile has read it.
    primary: AnyObject,
    what: What,
    answer: Option<Reply>,
    replied: bool,
}

#[derive(Clone, Debug)]
enum What {
    Api(Request),
    Submit(PodId, TaskRequest),
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
        self.begin_call(What::Api(request), span)
    }

    /// Submits a task to a sidecar that does not know it.
    pub(super) fn send_task(&mut self, pod: PodId, request: TaskRequest) -> CallId {
        let span = self.setup.chain.sidecar.post;
        self.begin_call(What::Submit(pod, request), span)
    }

    fn begin_call(&mut self, what: What, span: Span) -> CallId {
        self.next_call += 1;
        let id = CallId(self.next_call);
        let caller = self.running.expect("calls are made by a reconcile");
        let busy = self.busy();
        busy.effective = true;
        let primary = busy.primary.clone().expect("a reconcile that calls has found its object");
        let whole = self.luck.duration("call", &caller.controller, span);
        let until_effect = Span::between(std::time::Duration::ZERO, whole).expect("a call takes time");
        let effect = self.luck.duration("call effect", &caller.controller, until_effect);
        let subject = Subject::of(&("call", caller.controller));
        self.push(self.now + effect, Rank::World, subject, Event::CallTakesEffect(id));
        self.push(self.now + whole, Rank::World, subject, Event::CallReplies(id));
        self.calls.insert(id, Call { caller, primary, what, answer: None, replied: false });
        id
    }

    /// A call takes effect.
    pub(super) fn take_effect(&mut self, id: CallId) {
        let call = self.calls.get(&id).expect("a call in flight");
        let (what, process) = (call.what.clone(), call.caller.process);
        let called = match &what {
            What::Api(request) => Called::of(request),
            What::Submit(..) => Called::Sidecar,
        };
        let primary = call.primary.clone();
        let reply = match what {
            What::Api(request) => Reply::Api(self.carry_out(request, OperatorCall { process, primary, called })),
            What::Submit(pod, request) => {
                self.counters.sidecar_calls += 1;
                let event = self.history.next_number();
                self.note_activity(ObjectRef::new(primary.info.kind, primary.meta.key.name.clone()), event);
                self.in_effect = Some(OperatorCall { process, primary, called });
                let answer = self.chain(|chain, cx| chain.submit(cx, simchain::PodId(pod.0), request));
                self.in_effect = None;
                Reply::Submitted(answer)
            }
        };
        self.calls.get_mut(&id).expect("a call in flight").answer = Some(reply);
    }

    /// Carries out a request at once, as one that a reconcile of the operator makes.
    pub fn carry_out(&mut self, request: Request, call: OperatorCall) -> Answer {
        self.counters.api_calls += 1;
        let (verb, kind) = (request.verb(), request.info().kind);
        let name = request.key().map(|key| key.name.clone());
        let actor = Actor::Operator(call.process);
        self.in_effect = Some(call);
        let answer = self.kube(|cluster, cx| cluster.carry_out(cx, request, actor));
        self.in_effect = None;
        if let Some(name) = &name {
            self.note_activity(ObjectRef::new(kind, name.clone()), self.history.next_number());
        }
        let error = answer.as_ref().err().map(|error| error.to_string().into());
        self.history.push(self.now, Entry::Call { verb, kind, name, error });
        answer
    }

    /// Who waits for a call's reply.
    pub(super) fn caller(&self, id: CallId) -> Who {
        self.calls.get(&id).expect("a call in flight").caller
    }

    /// A call's reply has arrived: its caller, who is told, may take it. `None` if the caller's process is gone.
    pub(super) fn reply(&mut self, id: CallId) -> Option<Who> {
        let caller = self.caller(id);
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
