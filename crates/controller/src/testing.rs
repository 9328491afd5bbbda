//! A cluster in memory for this crate's tests: one store, resourceVersions, conflicts, a log of calls, errors on demand.
//!
//! Nothing waits: every future is ready at its first poll. The cache is the store itself, unless it was frozen.

pub mod fixtures;
mod server;

use crate::{Controller, Operator, ReconcileError, Requeue, reconcile};
use api::{AnyObject, Kind, Object, ObjectKey, Time};
use planner::{Design, Settings};
use ports::{
    ApiError, Clock, EventKind, Ids, Recorder, Resolver, Sidecar, SidecarAddress, SidecarError, SidecarState, TaskReport, TaskRequest,
    TaskState,
};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fmt;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use uuid::Uuid;

/// The namespace of every test object.
pub const NAMESPACE: &str = "default";

/// A key in the test namespace.
pub fn key(name: &str) -> ObjectKey {
    ObjectKey::new(NAMESPACE, name)
}

/// An operator of a preset design, changed as told.
pub fn operator(design: &str, changes: &[&str]) -> Operator {
    let mut design = Design::preset(design).unwrap();
    for change in changes {
        design = design.with(change).unwrap();
    }
    Operator { design: Arc::new(design), settings: Arc::new(Settings::default()) }
}

type Store = BTreeMap<(&'static str, ObjectKey), AnyObject>;

/// The cluster, the sidecars and the clock.
pub struct Fake {
    store: RefCell<Store>,
    frozen: RefCell<Option<Store>>,
    versions: Cell<u64>,
    uuids: Cell<u128>,
    log: RefCell<Vec<String>>,
    faults: RefCell<Vec<(String, ApiError)>>,
    /// What every sidecar says of every task.
    pub report: RefCell<Result<TaskReport, SidecarError>>,
    /// Whether hostnames resolve.
    pub dns: Cell<bool>,
    /// Seconds since 1970.
    pub time: Cell<i64>,
    /// Kinds that are not installed.
    pub not_installed: RefCell<Vec<&'static str>>,
}

impl Default for Fake {
    fn default() -> Self {
        Self {
            store: RefCell::default(),
            frozen: RefCell::default(),
            versions: Cell::new(0),
            uuids: Cell::new(0),
            log: RefCell::default(),
            faults: RefCell::default(),
            report: RefCell::new(Ok(TaskReport { state: TaskState::Running, error: None })),
            dns: Cell::new(true),
            time: Cell::new(1_000_000),
            not_installed: RefCell::default(),
        }
    }
}

/// What tests do to the cluster, and see of it.
impl Fake {
    /// Runs one reconcile.
    pub fn reconcile(&self, operator: &Operator, controller: Controller, name: &str) -> Result<Requeue, ReconcileError> {
        now(reconcile(self, operator, controller, &key(name)))
    }

    /// Stores an object as somebody else would.
    pub fn put<K: Kind>(&self, object: Object<K>) -> Object<K> {
        self.stored(object.into_any()).unwrap().typed().unwrap()
    }

    /// The object as the server has it.
    pub fn have<K: Kind>(&self, name: &str) -> Object<K> {
        self.find(name).unwrap_or_else(|| panic!("there is no {} {name}", K::INFO.kind))
    }

    /// The object as the server has it, if it has it.
    pub fn find<K: Kind>(&self, name: &str) -> Option<Object<K>> {
        self.store.borrow().get(&(K::INFO.kind, key(name)))?.typed()
    }

    /// Names of all objects of a kind.
    pub fn names<K: Kind>(&self) -> Vec<String> {
        let store = self.store.borrow();
        store.keys().filter(|(kind, _)| *kind == K::INFO.kind).map(|(_, key)| key.name.to_string()).collect()
    }

    /// Changes an object as somebody else would, its status and spec alike.
    pub fn change<K: Kind>(&self, name: &str, change: impl FnOnce(&mut Object<K>)) {
        let mut object = self.have::<K>(name);
        change(&mut object);
        self.replace(&object.into_any());
    }

    /// Removes an object at once, as somebody else would.
    pub fn remove<K: Kind>(&self, name: &str) {
        self.store.borrow_mut().remove(&(K::INFO.kind, key(name))).unwrap();
    }

    /// From now on, caches stay as they are.
    pub fn freeze(&self) {
        *self.frozen.borrow_mut() = Some(self.store.borrow().clone());
    }

    /// Caches follow again.
    pub fn thaw(&self) {
        *self.frozen.borrow_mut() = None;
    }

    /// Fails the next call whose log line is `call`.
    pub fn fail(&self, call: &str, error: ApiError) {
        self.faults.borrow_mut().push((call.to_owned(), error));
    }

    /// Calls and events since the last look.
    pub fn log(&self) -> Vec<String> {
        self.log.take()
    }

    fn note(&self, line: String) -> Result<(), ApiError> {
        let mut faults = self.faults.borrow_mut();
        let fault = faults.iter().position(|(call, _)| *call == line).map(|index| faults.remove(index).1);
        self.log.borrow_mut().push(line);
        fault.map_or(Ok(()), Err)
    }
}

/// Drives a future that never waits.
fn now<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("nothing in a fake cluster waits"),
    }
}

impl Sidecar for Fake {
    async fn submit(&self, address: &SidecarAddress, request: TaskRequest) -> Result<Uuid, SidecarError> {
        let id = if request.id.is_some() { " with id" } else { "" };
        self.log.borrow_mut().push(format!("submit {} to {}{id}", request.task.type_name(), address.node));
        Ok(request.id.unwrap_or_else(|| self.uuid()))
    }

    async fn task(&self, _: &SidecarAddress, _: Uuid) -> Result<TaskReport, SidecarError> {
        self.report.borrow().clone()
    }

    async fn state(&self, _: &SidecarAddress) -> Result<SidecarState, SidecarError> {
        Ok(SidecarState::Ready)
    }

    async fn node_id(&self, address: &SidecarAddress) -> Result<Arc<str>, SidecarError> {
        Ok(address.node.clone())
    }
}

impl Clock for Fake {
    fn now(&self) -> Time {
        Time::from_unix(self.time.get())
    }

    fn passed(&self, deadline: Time) -> bool {
        deadline <= self.now()
    }

    fn leads_since(&self) -> Time {
        Time::from_unix(0)
    }
}

impl Ids for Fake {
    fn uuid(&self) -> Uuid {
        self.uuids.set(self.uuids.get() + 1);
        Uuid::from_u128(self.uuids.get())
    }
}

impl Recorder for Fake {
    fn event(&self, _: &'static str, object: &ObjectKey, _: EventKind, reason: &'static str, _: fmt::Arguments<'_>) {
        self.log.borrow_mut().push(format!("event {reason} {}", object.name));
    }
}

impl Resolver for Fake {
    fn resolves(&self, _: &str) -> bool {
        self.dns.get()
    }
}
