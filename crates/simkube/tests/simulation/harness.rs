//! A cluster with nobody in it but the test.

use api::kinds::{AuthorizationPolicy, PersistentVolumeClaim, Service, StatefulSet};
use api::node::{FullNode, SeiNodeSpec};
use api::{AnyObject, Kind, KindInfo, Labels, Meta, Object, ObjectKey, SeiNode, Time};
use k8s_openapi::api::apps::v1::StatefulSetSpec;
use k8s_openapi::api::core::v1::{Container, PersistentVolumeClaimSpec, PodSpec, PodTemplateSpec, ServicePort, ServiceSpec};
use ports::{ApiError, DeleteOptions, Precondition, Propagation};
use serde_json::json;
use simcore::{Luck, Queue, Seed, SimTime};
use simkube::{Actor, Answer, Cluster, ClusterProfile, Context, Delivery, Event, Output, Preview, ProcessId, Request, StoreChange};
use std::sync::Arc;
use std::time::Duration;

pub const EPOCH: i64 = 1_780_000_000;
pub const PROCESS: ProcessId = ProcessId(1);

pub struct World {
    pub cluster: Cluster,
    pub now: SimTime,
    luck: Luck,
    queue: Queue<Event>,
    out: Vec<Output>,
}

impl World {
    pub fn new() -> Self {
        Self::with(ClusterProfile::default())
    }

    pub fn with(profile: ClusterProfile) -> Self {
        let cluster = Cluster::new(Arc::new(profile), Time::from_unix(EPOCH));
        Self { cluster, now: SimTime::ZERO, luck: Luck::new(Seed(1)), queue: Queue::default(), out: Vec::new() }
    }

    pub fn act<T>(&mut self, act: impl FnOnce(&mut Cluster, &mut Context<'_>) -> T) -> T {
        let mut later = Vec::new();
        let mut cx = Context { now: self.now, luck: &mut self.luck, later: &mut later, out: &mut self.out };
        let result = act(&mut self.cluster, &mut cx);
        later.into_iter().for_each(|event| self.queue.push(event));
        result
    }

    /// Carries a request out, and holds its preview to what it does.
    pub fn ask(&mut self, request: Request) -> Answer {
        let preview = self.cluster.preview(self.now, &request);
        let before = self.changes().len();
        let answer = self.act(|cluster, cx| cluster.carry_out(cx, request, Actor::Person));
        let changed = self.changes().len() > before;
        match preview {
            Preview::Unchanged(foreseen) => {
                assert!(!changed, "a request changed what its preview did not");
                assert_eq!(foreseen, answer, "a preview foresees the answer");
            }
            Preview::Effective => assert!(changed || self.unmodelled().is_some(), "a preview foresaw a change that did not come"),
        }
        answer
    }

    fn one<K: Kind>(&mut self, request: Request) -> Result<Object<K>, ApiError> {
        self.ask(request).map(|answer| answer[0].typed().expect("the answer is of the kind that was asked for"))
    }

    pub fn create<K: Kind>(&mut self, object: Object<K>) -> Result<Object<K>, ApiError> {
        self.one(Request::Create(object.into_any()))
    }

    pub fn update<K: Kind>(&mut self, object: Object<K>) -> Result<Object<K>, ApiError> {
        self.one(Request::Update(object.into_any()))
    }

    pub fn apply<K: Kind>(&mut self, manager: &'static str, object: Object<K>) -> Result<Object<K>, ApiError> {
        self.one(Request::Apply { manager, object: object.into_any() })
    }

    /// Patches metadata and spec.
    pub fn patch<K: Kind>(&mut self, base: &Object<K>, change: impl FnOnce(&mut Object<K>)) -> Result<Object<K>, ApiError> {
        let mut desired = base.clone();
        change(&mut desired);
        self.one(Request::Patch { base: base.clone().into_any(), desired: desired.into_any(), precondition: Precondition::None })
    }

    /// Patches the status, with the base's version as the precondition.
    pub fn patch_status<K: Kind>(&mut self, base: &Object<K>, change: impl FnOnce(&mut Object<K>)) -> Result<Object<K>, ApiError> {
        let mut desired = base.clone();
        change(&mut desired);
        let precondition = Precondition::Version(base.meta.resource_version.expect("the base was stored"));
        self.one(Request::PatchStatus { base: base.clone().into_any(), desired: desired.into_any(), precondition })
    }

    pub fn delete<K: Kind>(&mut self, object: &Object<K>, propagation: Propagation) -> Result<(), ApiError> {
        let options = DeleteOptions { propagation, ..DeleteOptions::default() };
        self.ask(Request::Delete { info: info::<K>(), key: object.meta.key.clone(), options }).map(drop)
    }

    pub fn get<K: Kind>(&self, object: &Object<K>) -> Option<Object<K>> {
        self.cluster.object(info::<K>(), &object.meta.key).and_then(AnyObject::typed)
    }

    pub fn connect(&mut self, kinds: &[&'static KindInfo]) {
        self.act(|cluster, cx| cluster.connect(cx, PROCESS, kinds));
    }

    pub fn cached<K: Kind>(&self, object: &Object<K>) -> Option<Object<K>> {
        self.cluster.cached(PROCESS, info::<K>(), &object.meta.key).and_then(AnyObject::typed)
    }

    /// Lets time pass.
    pub fn run_for(&mut self, wait: Duration) {
        let until = self.now + wait;
        while self.queue.next_at().is_some_and(|at| at <= until) {
            let scheduled = self.queue.pop().expect("there is a next event");
            self.now = scheduled.at;
            self.act(|cluster, cx| cluster.handle(cx, scheduled.event));
        }
        self.now = until;
    }

    /// Lets everything that follows from what was done happen.
    pub fn settle(&mut self) {
        self.run_for(Duration::from_secs(10));
    }

    pub fn changes(&self) -> Vec<StoreChange> {
        self.out
            .iter()
            .filter_map(|output| if let Output::Changed(change) = output { Some(StoreChange::clone(change)) } else { None })
            .collect()
    }

    pub fn deliveries(&self) -> Vec<Delivery> {
        let delivery = |output: &Output| if let Output::Informed { delivery, .. } = output { Some(delivery.clone()) } else { None };
        self.out.iter().filter_map(delivery).collect()
    }

    pub fn unmodelled(&self) -> Option<&str> {
        self.out.iter().find_map(|output| if let Output::Unmodelled(what) = output { Some(what.as_str()) } else { None })
    }
}

pub fn info<K: Kind>() -> &'static KindInfo {
    &const { K::INFO }
}

pub fn meta(name: &str) -> Meta {
    Meta::new(ObjectKey::new("sei", name))
}

pub fn labels<const N: usize>(pairs: [(&str, &str); N]) -> Arc<Labels> {
    Arc::new(pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).into())
}

pub fn node(name: &str) -> Object<SeiNode> {
    let full_node = Some(FullNode::default());
    let spec = SeiNodeSpec { chain_id: "pacific-1".to_owned(), image: "seid:v6.3.0".to_owned(), full_node, ..SeiNodeSpec::default() };
    Object::new(meta(name), spec)
}

pub fn service(name: &str) -> Object<Service> {
    let ports = vec![ServicePort { name: Some("rpc".to_owned()), port: 26657, ..ServicePort::default() }];
    let selector = Labels::from([("app".to_owned(), name.to_owned())]);
    Object::new(meta(name), ServiceSpec { ports: Some(ports), selector: Some(selector), ..ServiceSpec::default() })
}

pub fn claim(name: &str) -> Object<PersistentVolumeClaim> {
    let spec = PersistentVolumeClaimSpec { access_modes: Some(vec!["ReadWriteOnce".to_owned()]), ..PersistentVolumeClaimSpec::default() };
    Object::new(meta(name), spec)
}

/// An object that nobody in the cluster looks at.
pub fn policy(name: &str) -> Object<AuthorizationPolicy> {
    Object::new(meta(name), json!({ "action": "ALLOW" }))
}

/// The object with a controlling, blocking owner.
pub fn owned<K: Kind, O: Kind>(mut object: Object<K>, owner: &Object<O>) -> Object<K> {
    object.meta_mut().owners = Arc::from([owner.owner_ref()]);
    object
}

pub fn stateful_set(name: &str) -> Object<StatefulSet> {
    let labels = Labels::from([("app".to_owned(), name.to_owned())]);
    let container = Container { name: "main".to_owned(), image: Some("seid:v6.3.0".to_owned()), ..Container::default() };
    let template =
        PodTemplateSpec { spec: Some(PodSpec { containers: vec![container], ..PodSpec::default() }), ..PodTemplateSpec::default() };
    let mut spec = StatefulSetSpec { service_name: Some(name.to_owned()), template, ..StatefulSetSpec::default() };
    spec.selector.match_labels = Some(labels.clone());
    spec.template.metadata.get_or_insert_default().labels = Some(labels);
    Object::new(meta(name), spec)
}
