//! Calls in flight: an effective call takes effect at one moment and is answered at a later one.

use super::events::{CallId, Event};
use super::process::Who;
use super::sim::Sim;
use crate::history::Entry;
use ports::{SidecarError, TaskRequest};
use simcore::{Rank, Span, Subject};
use simkube::{Actor, Answer, PodId, Request};
use uuid::Uuid;

/// An effective call.
#[derive(Clone, Debug)]
pub(super) struct Call {
    caller: Who,
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
        self.busy().effective = true;
        let whole = self.luck.duration("call", &caller.controller, span);
        let until_effect = Span::between(std::time::Duration::ZERO, whole).expect("a call takes time");
        let effect = self.luck.duration("call effect", &caller.controller, until_effect);
        let subject = Subject::of(&("call", caller.controller));
        self.push(self.now + effect, Rank::World, subject, Event::CallTakesEffect(id));
        self.push(self.now + whole, Rank::World, subject, Event::CallReplies(id));
        self.calls.insert(id, Call { caller, what, answer: None, replied: false });
        id
    }

    /// A call takes effect.
    pub(super) fn take_effect(&mut self, id: CallId) {
        let call = self.calls.get(&id).expect("a call in flight");
        let (what, process) = (call.what.clone(), call.caller.process);
        let reply = match what {
            What::Api(request) => {
                self.counters.api_calls += 1;
                let (verb, kind) = (request.verb(), request.info().kind);
                let name = request.key().map(|key| key.name.clone());
                let answer = self.kube(|cluster, cx| cluster.carry_out(cx, request, Actor::Operator(process)));
                let error = answer.as_ref().err().map(|error| error.to_string().into());
                self.history.push(self.now, Entry::Call { verb, kind, name, error });
                Reply::Api(answer)
            }
            What::Submit(pod, request) => {
                self.counters.sidecar_calls += 1;
                Reply::Submitted(self.chain(|chain, cx| chain.submit(cx, simchain::PodId(pod.0), request)))
            }
        };
        self.calls.get_mut(&id).expect("a call in flight").answer = Some(reply);
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
