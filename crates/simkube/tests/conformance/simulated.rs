//! The simulated cluster behind the suite's trait.

use crate::cluster::{Answer, Cluster, Handed, Status};
use crate::programs::Program;
use api::kinds::{AuthorizationPolicy, HttpRoute, Job, Lease, Node, PersistentVolumeClaim, Pod, PodDisruptionBudget, Service};
use api::kinds::{ServiceMonitor, StatefulSet};
use api::{AnyObject, Kind, KindInfo, Labels, Meta, ObjectKey, OwnerRef, ResourceVersion, SeiNode, SeiNodeDeployment, Time};
use ports::{ApiError, DeleteOptions, Precondition, Propagation};
use serde_json::{Value, json};
use simcore::{Luck, Queue, Rank, Scheduled, Seed, SimTime, Span, Subject};
use simkube::{Actor, ClusterProfile, ContainerId, ContainerStart, Context, Delivery, Event, Output, PodId, ProcessId, Request, Signal};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

const NAMESPACE: &str = "default";

/// Every kind that the cluster knows.
const KINDS: [&KindInfo; 13] = [
    &SeiNodeDeployment::INFO,
    &SeiNode::INFO,
    &Pod::INFO,
    &StatefulSet::INFO,
    &Job::INFO,
    &Service::INFO,
    &PersistentVolumeClaim::INFO,
    &Node::INFO,
    &PodDisruptionBudget::INFO,
    &Lease::INFO,
    &HttpRoute::INFO,
    &AuthorizationPolicy::INFO,
    &ServiceMonitor::INFO,
];

fn info(kind: &str) -> &'static KindInfo {
    KINDS.into_iter().find(|info| info.kind == kind).unwrap_or_else(|| panic!("the suite knows no kind {kind}"))
}

fn key(info: &KindInfo, name: &str) -> ObjectKey {
    ObjectKey::new(if info.kind == Node::INFO.kind { "" } else { NAMESPACE }, name)
}

/// What the programs in containers will do.
enum Item {
    Cluster(Event),
    Exit(ContainerId, i32),
    Answers(ContainerId, bool),
}

/// A cluster with its queue of events and its programs.
pub struct Simulated {
    cluster: simkube::Cluster,
    queue: Queue<Item>,
    luck: Luck,
    now: SimTime,
    running: BTreeMap<ContainerId, Program>,
    client: ProcessId,
    handed: Vec<Handed>,
}

impl Simulated {
    /// An empty cluster in which everything that is drawn takes 10 ms.
    pub fn new() -> Self {
        let moment = Span::millis(10, 10);
        let profile = ClusterProfile {
            controller_view: moment,
            controller_sync: moment,
            endpoint_slice: moment,
            data_plane: moment,
            provisioning: moment,
            attach: moment,
            detach: moment,
            scheduling: moment,
            image_pull: moment,
            load_balancer: moment,
            load_balancer_dns: moment,
            ..ClusterProfile::default()
        };
        Self {
            cluster: simkube::Cluster::new(Arc::new(profile), Time::from_unix(1_780_000_000)),
            queue: Queue::default(),
            luck: Luck::new(Seed(1)),
            now: SimTime::ZERO,
            running: BTreeMap::new(),
            client: ProcessId(0),
            handed: Vec::new(),
        }
    }

    fn act<T>(&mut self, act: impl FnOnce(&mut simkube::Cluster, &mut Context<'_>) -> T) -> T {
        let (mut later, mut out) = (Vec::new(), Vec::new());
        let result = act(&mut self.cluster, &mut Context { now: self.now, luck: &mut self.luck, later: &mut later, out: &mut out });
        for Scheduled { at, rank, subject, event } in later {
            self.queue.push(Scheduled { at, rank, subject, event: Item::Cluster(event) });
        }
        out.iter().for_each(|output| self.hear(output));
        result
    }

    fn hear(&mut self, output: &Output) {
        match output {
            Output::Start(start) => self.start(start),
            Output::Signal { id, signal } => {
                let deaf = self.running.get(id).is_none_or(|program| program.deaf);
                match signal {
                    Signal::Terminate if deaf => {}
                    Signal::Terminate => self.later(1, Item::Exit(*id, 143)),
                    Signal::Kill => self.later(0, Item::Exit(*id, 137)),
                }
            }
            Output::Informed { process, delivery } if *process == self.client => self.handed.push(handed(delivery)),
            Output::Unmodelled(what) => panic!("not modelled: {what}"),
            _ => {}
        }
    }

    fn start(&mut self, start: &ContainerStart) {
        let variables = start.container.env.clone().unwrap_or_default();
        let program = Program::read(|name| variables.iter().find(|variable| variable.name == name)?.value.clone());
        if let Some((after, code)) = program.exits {
            self.later(after, Item::Exit(start.id, code));
        }
        for (after, ok) in [(program.serves_after, true), (program.fails_after, false)] {
            after.into_iter().for_each(|after| self.later(after, Item::Answers(start.id, ok)));
        }
        self.running.insert(start.id, program);
    }

    fn later(&mut self, after: u64, event: Item) {
        let at = self.now + Duration::from_secs(after);
        self.queue.push(Scheduled { at, rank: Rank::World, subject: Subject(0), event });
    }

    fn handle(&mut self, item: Item) {
        match item {
            Item::Cluster(event) => self.act(|cluster, cx| cluster.handle(cx, event)),
            Item::Answers(id, ok) if self.running.contains_key(&id) => self.answer(id.pod, ok),
            Item::Exit(id, code) if self.running.remove(&id).is_some() => {
                self.answer(id.pod, false);
                self.act(|cluster, cx| cluster.container_exited(cx, id, code));
            }
            Item::Answers(..) | Item::Exit(..) => {}
        }
    }

    fn answer(&mut self, pod: PodId, ok: bool) {
        self.act(|cluster, cx| cluster.probe_answer(cx, pod, 8080, "/ok", ok));
    }

    fn request(&mut self, request: Request) -> Result<Vec<AnyObject>, Status> {
        self.act(|cluster, cx| cluster.carry_out(cx, request, Actor::Person)).map_err(|error| status(&error))
    }

    fn one(&mut self, request: Request) -> Answer {
        self.request(request).map(|answer| answer[0].to_wire())
    }

    fn stored(&self, kind: &str, name: &str) -> Result<AnyObject, Status> {
        let info = info(kind);
        let found = self.cluster.object(info, &key(info, name)).cloned();
        found.ok_or_else(|| status(&ApiError::NotFound(format!("{} \"{name}\"", info.plural).into())))
    }

    fn patched(&self, kind: &str, name: &str, patch: &Value) -> Result<(AnyObject, AnyObject, Precondition), Status> {
        let base = self.stored(kind, name)?;
        let mut document = base.to_wire();
        json_patch::merge(&mut document, patch);
        let version = patch["metadata"]["resourceVersion"].as_str().and_then(|version| version.parse().ok());
        let precondition = version.map_or(Precondition::None, |version| Precondition::Version(ResourceVersion(version)));
        Ok((base, from_wire(&document), precondition))
    }
}

impl Cluster for Simulated {
    fn create(&mut self, manifest: Value) -> Answer {
        self.one(Request::Create(from_wire(&manifest)))
    }

    fn get(&mut self, kind: &str, name: &str) -> Answer {
        let info = info(kind);
        self.one(Request::Get { info, key: key(info, name) })
    }

    fn list(&mut self, kind: &str, selector: &str) -> Result<Vec<Value>, Status> {
        let pairs = selector.split(',').filter_map(|pair| pair.split_once('='));
        let selector: Labels = pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let list = Request::List { info: info(kind), namespace: NAMESPACE.into(), selector };
        Ok(self.request(list)?.iter().map(AnyObject::to_wire).collect())
    }

    fn update(&mut self, object: Value) -> Answer {
        self.one(Request::Update(from_wire(&object)))
    }

    fn merge_patch(&mut self, kind: &str, name: &str, patch: Value) -> Answer {
        let (base, desired, precondition) = self.patched(kind, name, &patch)?;
        self.one(Request::Patch { base, desired, precondition })
    }

    fn merge_patch_status(&mut self, kind: &str, name: &str, patch: Value) -> Answer {
        let (base, desired, precondition) = self.patched(kind, name, &patch)?;
        self.one(Request::PatchStatus { base, desired, precondition })
    }

    fn apply(&mut self, manager: &'static str, manifest: Value) -> Answer {
        self.one(Request::Apply { manager, object: from_wire(&manifest) })
    }

    fn delete(&mut self, kind: &str, name: &str, options: Value) -> Result<(), Status> {
        let propagation = match options["propagationPolicy"].as_str() {
            Some("Foreground") => Propagation::Foreground,
            Some("Orphan") => Propagation::Orphan,
            Some("Background") => Propagation::Background,
            _ => Propagation::Default,
        };
        let uid = options["preconditions"]["uid"].as_str().map(|uid| uid.parse().expect("a uid"));
        let info = info(kind);
        self.request(Request::Delete { info, key: key(info, name), options: DeleteOptions { propagation, uid } }).map(|_| ())
    }

    fn wait(&mut self, seconds: u64) {
        let until = self.now + Duration::from_secs(seconds);
        while self.queue.next_at().is_some_and(|at| at <= until) {
            let Scheduled { at, event, .. } = self.queue.pop().expect("there is an event");
            self.now = at;
            self.handle(event);
        }
        self.now = until;
    }

    fn reached(&mut self, service: &str) -> Vec<String> {
        let pods = self.cluster.data_plane(&ObjectKey::new(NAMESPACE, service));
        pods.iter().map(|(pod, _)| pod.name.to_string()).collect()
    }

    fn resolves(&mut self, host: &str) -> bool {
        self.cluster.resolves(self.now, host)
    }

    fn start_client(&mut self, kinds: &[&str]) {
        self.cluster.disconnect(self.client);
        self.client.0 += 1;
        self.handed.clear();
        let (client, kinds) = (self.client, kinds.iter().map(|kind| info(kind)).collect::<Vec<_>>());
        self.act(|cluster, cx| cluster.connect(cx, client, &kinds));
    }

    fn relist(&mut self) {
        let client = self.client;
        self.act(|cluster, cx| cluster.relist(cx, client));
    }

    fn cached(&mut self, kind: &str, name: &str) -> Option<Value> {
        let info = info(kind);
        self.cluster.cached(self.client, info, &key(info, name)).map(AnyObject::to_wire)
    }

    fn handed(&mut self) -> Vec<Handed> {
        std::mem::take(&mut self.handed)
    }
}

fn handed(delivery: &Delivery) -> Handed {
    match (&delivery.old, &delivery.new) {
        (None, Some(new)) => Handed::Added(new.to_wire()),
        (Some(old), Some(new)) => Handed::Updated { old: old.to_wire(), new: new.to_wire() },
        (Some(old), None) => Handed::Deleted(old.to_wire()),
        (None, None) => unreachable!("a delivery is of an object"),
    }
}

fn status(error: &ApiError) -> Status {
    let (code, reason) = match error {
        ApiError::NotFound(_) | ApiError::NoSuchKind(_) => (404, "NotFound"),
        ApiError::AlreadyExists(_) => (409, "AlreadyExists"),
        ApiError::Conflict(_) => (409, "Conflict"),
        ApiError::Invalid(_) => (422, "Invalid"),
        ApiError::TooManyRequests => (429, "TooManyRequests"),
        ApiError::Internal(_) => (500, "InternalError"),
        ApiError::Unavailable => (503, "ServiceUnavailable"),
        ApiError::Timeout => (504, "Timeout"),
    };
    Status { code, reason: reason.to_owned(), message: error.to_string() }
}

/// Reads an object as it comes over the wire.
fn from_wire(object: &Value) -> AnyObject {
    let info = info(object["kind"].as_str().expect("a kind"));
    let metadata = &object["metadata"];
    let text = |name: &str| metadata[name].as_str().map(str::to_owned);
    let map = |name: &str| -> Arc<Labels> { Arc::new(serde_json::from_value(metadata[name].clone()).unwrap_or_default()) };
    let list = |name: &str| metadata[name].as_array().cloned().unwrap_or_default();
    let meta = Meta {
        generate_name: text("generateName").map(Into::into),
        uid: text("uid").map(|uid| uid.parse().expect("a uid")),
        resource_version: text("resourceVersion").map(|version| ResourceVersion(version.parse().expect("a version"))),
        labels: map("labels"),
        annotations: map("annotations"),
        finalizers: list("finalizers").iter().map(|name| Arc::from(name.as_str().expect("a finalizer"))).collect(),
        owners: list("ownerReferences").iter().map(owner).collect(),
        ..Meta::new(key(info, &text("name").unwrap_or_default()))
    };
    let or_empty = |section: &Value| if section.is_null() { json!({}) } else { section.clone() };
    let spec = (info.decode.spec)(&or_empty(&object["spec"])).expect("a spec");
    let status = (info.decode.status)(&or_empty(&object["status"])).expect("a status");
    AnyObject { info, meta: Arc::new(meta), spec, status }
}

fn owner(reference: &Value) -> OwnerRef {
    let info = info(reference["kind"].as_str().expect("a kind"));
    let flag = |name: &str| reference[name].as_bool().unwrap_or(false);
    OwnerRef {
        api_version: info.api_version,
        kind: info.kind,
        name: reference["name"].as_str().expect("a name").into(),
        uid: reference["uid"].as_str().and_then(|uid| uid.parse().ok()).expect("a uid"),
        controller: flag("controller"),
        block_owner_deletion: flag("blockOwnerDeletion"),
    }
}
