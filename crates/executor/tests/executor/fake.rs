//! Ports that answer at once: objects in a map, sidecars that say what they are told to, and a log of every call that reached a server.

use api::object::{AnySection, Kind, Section};
use api::{AnyObject, Labels, Object, ObjectKey, ResourceVersion, Time};
use executor::{PlanOwner, advance};
use planner::{Design, Settings};
use ports::{
    ApiError, Clock, Cluster, DeleteOptions, EventKind, Ids, Precondition, Recorder, Resolver, Sidecar, SidecarAddress, SidecarError,
    SidecarState, TaskReport, TaskRequest, TaskState,
};
use serde_json::{Map, Value};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;
use uuid::Uuid;

/// The sidecar of one node. One that is not in the map is unreachable.
#[derive(Default)]
pub struct FakeSidecar {
    pub ready: bool,
    pub submitted: Vec<TaskRequest>,
    pub reports: BTreeMap<Uuid, TaskReport>,
}

#[derive(Default)]
pub struct Fake {
    objects: RefCell<BTreeMap<(&'static str, Arc<str>), AnyObject>>,
    version: Cell<u64>,
    /// Names that the cache does not show yet.
    pub hidden: RefCell<BTreeSet<&'static str>>,
    /// Calls that fail, by the start of their line in the log; reads from the cache are `cached KIND NAME`.
    pub failures: RefCell<BTreeMap<&'static str, ApiError>>,
    pub sidecars: RefCell<BTreeMap<&'static str, FakeSidecar>>,
    pub log: RefCell<Vec<String>>,
    pub now: Cell<i64>,
    /// Since when the process leads.
    pub leads_since: Cell<i64>,
    /// The design; today's if none is set.
    pub design: RefCell<Option<Design>>,
}

impl Fake {
    /// Stores an object as the server would, with uid and version.
    pub fn store<K: Kind>(&self, mut object: Object<K>) -> Object<K> {
        self.version.set(self.version.get() + 1);
        let version = self.version.get();
        let meta = object.meta_mut();
        meta.uid.get_or_insert(Uuid::from_u128(u128::from(version)));
        meta.resource_version = Some(ResourceVersion(version));
        self.objects.borrow_mut().insert((K::INFO.kind, meta.key.name.clone()), object.clone().into_any());
        object
    }

    pub fn stored<K: Kind>(&self, name: &str) -> Option<Object<K>> {
        self.objects.borrow().get(&(K::INFO.kind, name.into())).map(|object| object.typed().expect("stored under its kind"))
    }

    pub fn remove<K: Kind>(&self, name: &str) {
        self.objects.borrow_mut().remove(&(K::INFO.kind, name.into()));
    }

    /// Changes the stored object as somebody else would.
    pub fn change<K: Kind>(&self, name: &str, change: impl FnOnce(&mut Object<K>)) {
        let mut object = self.stored::<K>(name).expect("there is something to change");
        change(&mut object);
        self.store(object);
    }

    pub fn sidecar(&self, node: &'static str) {
        self.sidecars.borrow_mut().insert(node, FakeSidecar::default());
    }

    pub fn report(&self, node: &str, id: Uuid, state: TaskState, error: Option<&str>) {
        let report = TaskReport { state, error: error.map(Into::into) };
        self.sidecars.borrow_mut().get_mut(node).expect("a reachable sidecar").reports.insert(id, report);
    }

    pub fn submitted(&self, node: &str) -> Vec<TaskRequest> {
        self.sidecars.borrow()[node].submitted.clone()
    }

    pub fn fail(&self, call: &'static str, error: ApiError) {
        self.failures.borrow_mut().insert(call, error);
    }

    pub fn take_log(&self) -> Vec<String> {
        self.log.take()
    }

    /// One call of the executor.
    pub fn advance<K: PlanOwner>(&self, owner: &mut Object<K>) -> Result<Option<Duration>, ApiError> {
        let design = self.design.borrow().clone().unwrap_or_else(crate::faithful);
        now(advance(self, &Settings::default(), &design, owner))
    }

    fn call(&self, line: String) -> Result<(), ApiError> {
        let failure = self.failures.borrow().iter().find(|(call, _)| line.starts_with(**call)).map(|(_, error)| error.clone());
        self.log.borrow_mut().push(line);
        failure.map_or(Ok(()), Err)
    }

    fn read<K: Kind>(&self, key: &ObjectKey) -> Result<Object<K>, ApiError> {
        self.stored(&key.name).ok_or_else(|| ApiError::NotFound(key.name.clone()))
    }

    fn select<K: Kind>(&self, selector: &Labels) -> Vec<Object<K>> {
        let of_kind = |((kind, _), object): (&(&str, Arc<str>), &AnyObject)| (*kind == K::INFO.kind).then(|| object.typed()).flatten();
        let mut found: Vec<Object<K>> = self.objects.borrow().iter().filter_map(of_kind).collect();
        found.retain(|object| api::meta::selects(selector, &object.meta.labels));
        found
    }

    fn check<K: Kind>(&self, stored: &Object<K>, precondition: Precondition) -> Result<(), ApiError> {
        match precondition {
            Precondition::Version(version) if stored.meta.resource_version != Some(version) => {
                Err(ApiError::Conflict(stored.meta.key.name.clone()))
            }
            Precondition::Version(_) | Precondition::None => Ok(()),
        }
    }
}

/// The result of a future that never waits.
pub fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("nothing here waits"),
    }
}

/// RFC 7386: the patch that makes `desired` of `base`.
fn difference(base: &Value, desired: &Value) -> Value {
    let (Value::Object(base), Value::Object(desired)) = (base, desired) else { return desired.clone() };
    let gone = base.keys().filter(|key| !desired.contains_key(*key)).map(|key| (key.clone(), Value::Null));
    let changed = desired.iter().filter(|(key, value)| base.get(*key) != Some(value));
    let changed = changed.map(|(key, value)| (key.clone(), base.get(key).map_or_else(|| value.clone(), |old| difference(old, value))));
    Value::Object(gone.chain(changed).collect::<Map<_, _>>())
}

fn patched<T: Section>(stored: &T, base: &T, desired: &T) -> Arc<T> {
    let mut document = stored.to_json();
    json_patch::merge(&mut document, &difference(&base.to_json(), &desired.to_json()));
    Arc::new(serde_json::from_value(document).expect("a patched section still reads"))
}

impl Cluster for Fake {
    fn cached<K: Kind>(&self, key: &ObjectKey) -> Result<Object<K>, ApiError> {
        let line = format!("cached {} {}", K::INFO.kind, key.name);
        if let Some(error) = self.failures.borrow().get(&*line) {
            return Err(error.clone());
        }
        if self.hidden.borrow().contains(&*key.name) {
            return Err(ApiError::NotFound(key.name.clone()));
        }
        self.read(key)
    }

    fn cached_list<K: Kind>(&self, _: &str, selector: &Labels) -> Result<Vec<Object<K>>, ApiError> {
        let mut found = self.select(selector);
        found.reverse(); // the cache's order is not the names'
        Ok(found)
    }

    async fn get<K: Kind>(&self, key: &ObjectKey) -> Result<Object<K>, ApiError> {
        self.call(format!("get {} {}", K::INFO.kind, key.name))?;
        self.read(key)
    }

    async fn list<K: Kind>(&self, _: &str, selector: &Labels) -> Result<Vec<Object<K>>, ApiError> {
        self.call(format!("list {}", K::INFO.kind))?;
        Ok(self.select(selector))
    }

    async fn create<K: Kind>(&self, object: Object<K>) -> Result<Object<K>, ApiError> {
        self.call(format!("create {} {}", K::INFO.kind, object.name()))?;
        if self.stored::<K>(object.name()).is_some() {
            return Err(ApiError::AlreadyExists(object.meta.key.name.clone()));
        }
        Ok(self.store(object))
    }

    async fn update<K: Kind>(&self, object: Object<K>) -> Result<Object<K>, ApiError> {
        self.call(format!("update {} {}", K::INFO.kind, object.name()))?;
        Ok(self.store(object))
    }

    async fn patch<K: Kind>(&self, base: &Object<K>, desired: &Object<K>, precondition: Precondition) -> Result<Object<K>, ApiError> {
        self.call(format!("patch {} {} {precondition:?}", K::INFO.kind, base.name()))?;
        let mut stored = self.read::<K>(&base.meta.key)?;
        self.check(&stored, precondition)?;
        stored.spec = patched(&*stored.spec, &base.spec, &desired.spec);
        Ok(self.store(stored))
    }

    async fn patch_status<K: Kind>(
        &self,
        base: &Object<K>,
        desired: &Object<K>,
        precondition: Precondition,
    ) -> Result<Object<K>, ApiError> {
        self.call(format!("patch status {} {} {precondition:?}", K::INFO.kind, base.name()))?;
        let mut stored = self.read::<K>(&base.meta.key)?;
        self.check(&stored, precondition)?;
        stored.status = patched(&*stored.status, &base.status, &desired.status);
        Ok(self.store(stored))
    }

    async fn apply<K: Kind>(&self, manager: &'static str, object: Object<K>) -> Result<Object<K>, ApiError> {
        self.call(format!("apply {manager} {} {}", K::INFO.kind, object.name()))?;
        Ok(self.store(object))
    }

    async fn delete<K: Kind>(&self, key: &ObjectKey, options: DeleteOptions) -> Result<(), ApiError> {
        self.call(format!("delete {} {} {:?}", K::INFO.kind, key.name, options.propagation))?;
        self.read::<K>(key)?;
        self.remove::<K>(&key.name);
        Ok(())
    }
}

impl Sidecar for Fake {
    async fn submit(&self, address: &SidecarAddress, request: TaskRequest) -> Result<Uuid, SidecarError> {
        self.log.borrow_mut().push(format!("submit {} {}", address.node, request.task.type_name()));
        let mut sidecars = self.sidecars.borrow_mut();
        let sidecar = sidecars.get_mut(&*address.node).ok_or(SidecarError::Unreachable("connection refused"))?;
        let id = request.id.expect("tasks of a plan have ids");
        sidecar.submitted.push(request);
        sidecar.reports.entry(id).or_insert(TaskReport { state: TaskState::Running, error: None });
        Ok(id)
    }

    async fn task(&self, address: &SidecarAddress, id: Uuid) -> Result<TaskReport, SidecarError> {
        let sidecars = self.sidecars.borrow();
        let sidecar = sidecars.get(&*address.node).ok_or(SidecarError::Unreachable("connection refused"))?;
        sidecar.reports.get(&id).cloned().ok_or(SidecarError::NotFound)
    }

    async fn state(&self, address: &SidecarAddress) -> Result<SidecarState, SidecarError> {
        let sidecars = self.sidecars.borrow();
        let sidecar = sidecars.get(&*address.node).ok_or(SidecarError::Unreachable("connection refused"))?;
        Ok(if sidecar.ready { SidecarState::Ready } else { SidecarState::Initializing })
    }

    async fn node_id(&self, address: &SidecarAddress) -> Result<Arc<str>, SidecarError> {
        let sidecars = self.sidecars.borrow();
        sidecars.get(&*address.node).ok_or(SidecarError::Unreachable("connection refused"))?;
        Ok(format!("id-of-{}", address.node).into())
    }
}

impl Clock for Fake {
    fn now(&self) -> Time {
        Time::from_unix(self.now.get())
    }

    fn passed(&self, deadline: Time) -> bool {
        deadline.unix() <= self.now.get()
    }

    fn leads_since(&self) -> Time {
        Time::from_unix(self.leads_since.get())
    }
}

impl Ids for Fake {
    fn uuid(&self) -> Uuid {
        Uuid::nil()
    }
}

impl Recorder for Fake {
    fn event(&self, _: &'static str, _: &ObjectKey, _: EventKind, _: &'static str, _: std::fmt::Arguments<'_>) {}
}

impl Resolver for Fake {
    fn resolves(&self, _: &str) -> bool {
        false
    }
}
