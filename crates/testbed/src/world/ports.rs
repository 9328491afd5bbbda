//! The ports of the operator's process, onto the simulated world.
//!
//! Every read notes what was read, for poll elision. A request that would change nothing is answered at once and takes no time (a shortcut
//! named in `NOT_MODELLED.md`: it narrows races a little); an effective one waits for its reply, which is an event of the world.

use super::calls::Reply;
use super::events::CallId;
use super::sim::Sim;
use super::worker::Topic;
use crate::history::Entry;
use crate::trace;
use api::{AnyObject, Kind, Labels, Object, ObjectKey, SidecarTask, Time};
use ports::{
    ApiError, Clock, Cluster, DeleteOptions, EventKind, Ids, Precondition, Recorder, Resolver, Sidecar, SidecarAddress, SidecarError,
    SidecarState, TaskReport, TaskRequest,
};
use simkube::{Answer, PodId, Preview, ProcessId, Request, Route};
use std::cell::RefCell;
use std::fmt;
use std::future::{Future, poll_fn};
use std::rc::Rc;
use std::sync::Arc;
use std::task::Poll;
use uuid::Uuid;

/// A handle on the world, as a process of the operator holds it.
#[derive(Clone)]
pub struct SimPorts {
    pub(super) sim: Rc<RefCell<Sim>>,
    pub(super) process: ProcessId,
}

impl SimPorts {
    fn note(&self, topic: Topic) {
        self.sim.borrow_mut().busy().reads.note(topic);
    }

    async fn reply(&self, id: CallId) -> Reply {
        poll_fn(|_| match self.sim.borrow_mut().take_reply(id) {
            Some(reply) => Poll::Ready(reply),
            None => Poll::Pending,
        })
        .await
    }

    /// Makes a request whose kind is known at run time only.
    ///
    /// It is made here and now, not when the future is first polled: a future that holds no request is small, and reconciles are made of
    /// such futures, each moved into the one that awaits it.
    pub fn call(&self, request: Request) -> impl Future<Output = Answer> {
        let made = self.make(request);
        async move {
            match made {
                Made::Answered(answer) => answer,
                Made::Sent(id) => match self.reply(id).await {
                    Reply::Api(answer) => answer,
                    Reply::Submitted(_) => unreachable!("an API call is answered by the API server"),
                },
            }
        }
    }

    fn make(&self, request: Request) -> Made {
        let info = request.info();
        let sim = &mut *self.sim.borrow_mut();
        sim.busy().reads.note(request.key().map_or_else(|| Topic::stored_list(info), |key| Topic::stored(info, key)));
        match sim.cluster.preview(sim.now, &request) {
            Preview::Unchanged(answer) => {
                trace::idle_call(sim.now, request.verb(), info.kind, request.key(), &answer);
                sim.busy().refused += u64::from(matches!(answer, Err(ApiError::Conflict(_))));
                Made::Answered(answer)
            }
            Preview::Effective => Made::Sent(sim.send(request)),
        }
    }

    fn call_one<K: Kind>(&self, request: Request) -> impl Future<Output = Result<Object<K>, ApiError>> {
        let call = self.call(request);
        async move {
            let object = call.await?.pop().expect("the server answers a write with the object");
            Ok(object.typed().expect("the server answers with an object of the kind asked for"))
        }
    }

    /// The pod whose sidecar answers at an address.
    async fn sidecar_pod(&self, address: &SidecarAddress) -> Result<PodId, SidecarError> {
        let found = self.look_for_sidecar(address).await;
        if let Err(error) = &found {
            trace::sidecar_unreached(self.sim.borrow().now, &address.node, error);
        }
        found
    }

    async fn look_for_sidecar(&self, address: &SidecarAddress) -> Result<PodId, SidecarError> {
        let service = ObjectKey::new(address.namespace.clone(), address.node.clone());
        self.note(Topic::network());
        self.note(Topic::names(&service));
        let route = {
            let sim = self.sim.borrow();
            sim.route_to_sidecar(&service)
        };
        let pod = match route {
            Route::Pod(pod) => pod,
            Route::NoSuchHost => return Err(SidecarError::Unreachable("no such host")),
            Route::Refused => return Err(SidecarError::Unreachable("connection refused")),
            Route::Unroutable => {
                let id = self.sim.borrow_mut().send_nowhere();
                self.reply(id).await;
                return Err(SidecarError::Unreachable("i/o timeout"));
            }
        };
        self.note(Topic::sidecar(pod));
        let sim = self.sim.borrow();
        if sim.chain.sidecar_answers(simchain::PodId(pod.0)) { Ok(pod) } else { Err(SidecarError::Unreachable("connection refused")) }
    }
}

/// A request that was made.
enum Made {
    /// It would change nothing, and is answered already.
    Answered(Answer),
    /// Its reply is to come.
    Sent(CallId),
}

fn only<K: Kind>(object: &AnyObject) -> Object<K> {
    object.typed().expect("a cache of a kind holds objects of that kind")
}

impl Cluster for SimPorts {
    fn cached<K: Kind>(&self, key: &ObjectKey) -> Result<Object<K>, ApiError> {
        self.note(Topic::cached(&K::INFO, key));
        let sim = self.sim.borrow();
        sim.cluster.cached(self.process, &K::INFO, key).map(only).ok_or_else(|| ApiError::NotFound(key.name.clone()))
    }

    /// The order is fixed by seed, process, query and the cache's last resourceVersion: a controller must not depend on it.
    fn cached_list<K: Kind>(&self, namespace: &str, selector: &Labels) -> Result<Vec<Object<K>>, ApiError> {
        self.note(Topic::cached_list(&K::INFO));
        let sim = self.sim.borrow();
        let mut found: Vec<Object<K>> =
            sim.cluster.cached_list(self.process, &K::INFO, namespace, selector).into_iter().map(only).collect();
        if found.len() < 2 {
            return Ok(found);
        }
        let query = (self.process, K::INFO.kind, namespace, selector, sim.cluster.cache_version(self.process, &K::INFO));
        let order = sim.luck.fixed("list order", &query);
        found.sort_by_cached_key(|object| simcore::stable_hash(&(order, object.name())));
        Ok(found)
    }

    async fn get<K: Kind>(&self, key: &ObjectKey) -> Result<Object<K>, ApiError> {
        let object: Object<K> = self.call_one(Request::Get { info: &const { K::INFO }, key: key.clone() }).await?;
        self.sim.borrow_mut().found_by_get(&object);
        Ok(object)
    }

    async fn list<K: Kind>(&self, namespace: &str, selector: &Labels) -> Result<Vec<Object<K>>, ApiError> {
        let request = Request::List { info: &const { K::INFO }, namespace: namespace.into(), selector: selector.clone() };
        Ok(self.call(request).await?.iter().map(only).collect())
    }

    fn create<K: Kind>(&self, object: Object<K>) -> impl Future<Output = Result<Object<K>, ApiError>> {
        self.call_one(Request::Create(object.into_any()))
    }

    fn update<K: Kind>(&self, object: Object<K>) -> impl Future<Output = Result<Object<K>, ApiError>> {
        self.call_one(Request::Update(object.into_any()))
    }

    fn patch<K: Kind>(
        &self,
        base: &Object<K>,
        desired: &Object<K>,
        precondition: Precondition,
    ) -> impl Future<Output = Result<Object<K>, ApiError>> {
        let (base, desired) = (base.clone().into_any(), desired.clone().into_any());
        self.call_one(Request::Patch { base, desired, precondition })
    }

    fn patch_status<K: Kind>(
        &self,
        base: &Object<K>,
        desired: &Object<K>,
        precondition: Precondition,
    ) -> impl Future<Output = Result<Object<K>, ApiError>> {
        let (base, desired) = (base.clone().into_any(), desired.clone().into_any());
        self.call_one(Request::PatchStatus { base, desired, precondition })
    }

    fn apply<K: Kind>(&self, manager: &'static str, object: Object<K>) -> impl Future<Output = Result<Object<K>, ApiError>> {
        self.call_one(Request::Apply { manager, object: object.into_any() })
    }

    async fn delete<K: Kind>(&self, key: &ObjectKey, options: DeleteOptions) -> Result<(), ApiError> {
        self.call(Request::Delete { info: &const { K::INFO }, key: key.clone(), options }).await.map(|_| ())
    }
}

impl Sidecar for SimPorts {
    async fn submit(&self, address: &SidecarAddress, request: TaskRequest) -> Result<Uuid, SidecarError> {
        let pod = self.sidecar_pod(address).await?;
        let task = request.task.type_name();
        let id = {
            let sim = &mut *self.sim.borrow_mut();
            if is_ceremony(&request.task) {
                sim.unmodelled(format!("the genesis ceremony's task {}", request.task.type_name()));
            }
            match sim.chain.preview_submit(simchain::PodId(pod.0), &request) {
                Some(answer) => {
                    trace::sidecar_call(sim.now, "submit", &address.node, task, &answer);
                    return answer;
                }
                None => sim.send_task(pod, &address.node, request),
            }
        };
        match self.reply(id).await {
            Reply::Submitted(answer) => {
                trace::sidecar_call(self.sim.borrow().now, "submit", &address.node, task, &answer);
                answer
            }
            Reply::Api(_) => unreachable!("a sidecar call is answered by the sidecar"),
        }
    }

    async fn task(&self, address: &SidecarAddress, id: Uuid) -> Result<TaskReport, SidecarError> {
        let pod = self.sidecar_pod(address).await?;
        let sim = &mut *self.sim.borrow_mut();
        let report = sim.chain.task(simchain::PodId(pod.0), id);
        trace::sidecar_call(sim.now, "task", &address.node, id, &report);
        sim.note_answer(&address.node, id, report.as_ref().ok().map(|report| report.state));
        report
    }

    async fn state(&self, address: &SidecarAddress) -> Result<SidecarState, SidecarError> {
        let pod = self.sidecar_pod(address).await?;
        let sim = self.sim.borrow();
        let state = sim.chain.sidecar_state(simchain::PodId(pod.0));
        trace::sidecar_call(sim.now, "state", &address.node, "", &state);
        state
    }

    async fn node_id(&self, address: &SidecarAddress) -> Result<Arc<str>, SidecarError> {
        let pod = self.sidecar_pod(address).await?;
        let sim = self.sim.borrow();
        let id = sim.chain.node_id(simchain::PodId(pod.0));
        trace::sidecar_call(sim.now, "node id", &address.node, "", &id);
        id
    }
}

/// Plans of the genesis ceremony are not rehearsed yet: asking for one ends the world.
fn is_ceremony(task: &SidecarTask) -> bool {
    matches!(
        task,
        SidecarTask::GenerateIdentity(_)
            | SidecarTask::GenerateGentx(_)
            | SidecarTask::UploadGenesisArtifacts(_)
            | SidecarTask::SetGenesisPeers
            | SidecarTask::AssembleAndUploadGenesis(_)
            | SidecarTask::AssembleGenesisFork(_)
            | SidecarTask::ExportState(_)
    )
}

impl Clock for SimPorts {
    fn now(&self) -> Time {
        self.sim.borrow().operator_wall()
    }

    fn passed(&self, deadline: Time) -> bool {
        let sim = &mut *self.sim.borrow_mut();
        let passed = sim.operator_wall() >= deadline;
        if !passed {
            sim.busy().reads.note_deadline(deadline);
        }
        passed
    }

    fn leads_since(&self) -> Time {
        let sim = self.sim.borrow();
        sim.process(self.process).expect("a process that asks is there").since()
    }
}

impl Ids for SimPorts {
    /// The next id is another one: a reconcile that takes one does not repeat itself.
    fn uuid(&self) -> Uuid {
        let sim = &mut *self.sim.borrow_mut();
        sim.busy().effective = true;
        sim.luck.uuid("operator's ids", &self.process)
    }
}

impl Recorder for SimPorts {
    /// An event is no call, but it is no silence either: a reconcile that records one is not idle.
    fn event(&self, kind: &'static str, object: &ObjectKey, _severity: EventKind, reason: &'static str, message: fmt::Arguments<'_>) {
        let sim = &mut *self.sim.borrow_mut();
        sim.busy().effective = true;
        let entry = Entry::Event { kind, name: object.name.clone(), reason, message: message.to_string().into() };
        sim.history.push(sim.now, entry);
    }
}

impl Resolver for SimPorts {
    fn resolves(&self, host: &str) -> bool {
        self.note(Topic::network());
        self.note(Topic::all_names());
        let sim = self.sim.borrow();
        sim.cluster.resolves(host)
    }
}
