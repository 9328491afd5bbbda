//! The simulated cluster behind the suite's trait.

use crate::cluster::{Answer, Cluster, Handed, Status};
use crate::programs::Program;
use api::kinds::{self, Node};
use api::{AnyObject, Kind, KindInfo, ObjectKey, ResourceVersion, Time};
use ports::{ApiError, DeleteOptions, Propagation};
use serde_json::Value;
use simcore::{Luck, Queue, Rank, Scheduled, Seed, SimTime, Span, Subject};
use simkube::{
    Actor, ClusterProfile, ContainerId, ContainerStart, Context, Delivery, Event, Output, Part, PatchBody, PodId, Preview, ProcessId,
    Request, Selector, Signal, WatchEvent,
};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

const NAMESPACE: &str = "default";

fn info(kind: &str) -> &'static KindInfo {
    kinds::ALL.into_iter().find(|info| info.kind == kind).unwrap_or_else(|| panic!("the suite knows no kind {kind}"))
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
    /// How many changes of the store there have been.
    changes: usize,
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
        let mut cluster = simkube::Cluster::new(Arc::new(profile), Time::from_unix(1_780_000_000));
        cluster.keep_history(100);
        Self {
            cluster,
            queue: Queue::default(),
            luck: Luck::new(Seed(1)),
            now: SimTime::ZERO,
            running: BTreeMap::new(),
            client: ProcessId(0),
            handed: Vec::new(),
            changes: 0,
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
            Output::Changed(_) => self.changes += 1,
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

    /// Carries a request out, and holds its preview to what it does.
    fn request(&mut self, request: Request) -> Result<Vec<AnyObject>, Status> {
        let preview = self.cluster.preview(self.now, &request);
        let before = self.changes;
        let answer = self.act(|cluster, cx| cluster.carry_out(cx, request, Actor::Person));
        let changed = self.changes > before;
        match preview {
            Preview::Unchanged(foreseen) => {
                assert!(!changed, "a request changed what its preview did not");
                assert_eq!(foreseen, answer, "a preview foresees the answer");
            }
            Preview::Effective => assert!(changed, "a preview foresaw a change that did not come"),
        }
        answer.map_err(|error| status(&error))
    }

    fn one(&mut self, request: Request) -> Answer {
        self.request(request).map(|answer| answer[0].to_wire())
    }

    fn patch(&mut self, kind: &str, name: &str, part: Part, body: PatchBody) -> Answer {
        let info = info(kind);
        self.one(Request::PatchJson { info, key: key(info, name), part, body })
    }
}

impl Cluster for Simulated {
    fn create(&mut self, manifest: Value) -> Answer {
        self.one(Request::Create(read(&manifest)?))
    }

    fn create_dry(&mut self, manifest: Value) -> Answer {
        self.one(Request::DryRun(Box::new(Request::Create(read(&manifest)?))))
    }

    fn get(&mut self, kind: &str, name: &str) -> Answer {
        let info = info(kind);
        self.one(Request::Get { info, key: key(info, name) })
    }

    fn list(&mut self, kind: &str, selector: &str) -> Result<Vec<Value>, Status> {
        let list = Request::Select { info: info(kind), namespace: NAMESPACE.into(), selector: selected(selector)? };
        Ok(self.request(list)?.iter().map(AnyObject::to_wire).collect())
    }

    fn update(&mut self, object: Value) -> Answer {
        self.one(Request::Update(read(&object)?))
    }

    fn update_dry(&mut self, object: Value) -> Answer {
        self.one(Request::DryRun(Box::new(Request::Update(read(&object)?))))
    }

    fn update_status(&mut self, object: Value) -> Answer {
        self.one(Request::UpdateStatus(read(&object)?))
    }

    fn merge_patch(&mut self, kind: &str, name: &str, patch: Value) -> Answer {
        self.patch(kind, name, Part::Main, PatchBody::Merge(patch))
    }

    fn merge_patch_status(&mut self, kind: &str, name: &str, patch: Value) -> Answer {
        self.patch(kind, name, Part::Status, PatchBody::Merge(patch))
    }

    fn json_patch(&mut self, kind: &str, name: &str, operations: Value) -> Answer {
        self.patch(kind, name, Part::Main, PatchBody::Operations(operations))
    }

    fn apply(&mut self, manager: &'static str, manifest: Value) -> Answer {
        self.one(apply(manager, manifest, Part::Main, true))
    }

    fn apply_gently(&mut self, manager: &'static str, manifest: Value) -> Answer {
        self.one(apply(manager, manifest, Part::Main, false))
    }

    fn apply_status(&mut self, manager: &'static str, manifest: Value) -> Answer {
        self.one(apply(manager, manifest, Part::Status, true))
    }

    fn managed_fields(&mut self, kind: &str, name: &str) -> Value {
        let info = info(kind);
        self.cluster.managed_fields(info, &key(info, name)).unwrap_or_default()
    }

    fn delete(&mut self, kind: &str, name: &str, options: Value) -> Result<(), Status> {
        let info = info(kind);
        let delete = Request::Delete { info, key: key(info, name), options: delete_options(&options) };
        let dry = options["dryRun"].as_array().is_some_and(|dry| dry.iter().any(|stage| stage == "All"));
        self.request(if dry { Request::DryRun(Box::new(delete)) } else { delete }).map(|_| ())
    }

    fn delete_collection(&mut self, kind: &str, selector: &str, options: Value) -> Result<(), Status> {
        let (info, selector) = (info(kind), selected(selector)?);
        let options = delete_options(&options);
        self.request(Request::DeleteCollection { info, namespace: NAMESPACE.into(), selector, options }).map(|_| ())
    }

    fn watch(&mut self, kind: &str, selector: &str, version: &str) -> Result<Vec<(&'static str, Value)>, Status> {
        let version = version.parse().expect("a version");
        let events = self.cluster.watch(info(kind), NAMESPACE, &selected(selector)?, version).map_err(|error| status(&error))?;
        let wire = |event: &WatchEvent| match event {
            WatchEvent::Added(object) => ("ADDED", object.to_wire()),
            WatchEvent::Modified(object) => ("MODIFIED", object.to_wire()),
            WatchEvent::Deleted(object) => ("DELETED", object.to_wire()),
        };
        Ok(events.iter().map(wire).collect())
    }

    fn evict(&mut self, pod: &str) -> Result<(), Status> {
        self.request(Request::Evict { key: ObjectKey::new(NAMESPACE, pod) }).map(|_| ())
    }

    fn lose_machine(&mut self, machine: &str) {
        assert!(self.act(|cluster, cx| cluster.lose_machine(cx, machine)), "{machine} is not to be lost");
    }

    fn return_machine(&mut self, machine: &str) {
        assert!(self.act(|cluster, cx| cluster.return_machine(cx, machine)), "{machine} is not lost");
    }

    fn remove_machine(&mut self, machine: &str) {
        assert!(self.act(|cluster, cx| cluster.remove_machine(cx, machine)), "{machine} is not there");
    }

    fn drain(&mut self, machine: &str) {
        assert!(self.act(|cluster, cx| cluster.drain(cx, machine)), "{machine} is not there");
    }

    fn oom_kill(&mut self, pod: &str, container: &str) {
        let run = self.cluster.container(&ObjectKey::new(NAMESPACE, pod), container).expect("the container runs");
        assert!(self.act(|cluster, cx| cluster.oom_kill(cx, run)));
    }

    fn pressure_evict(&mut self, pod: &str) {
        assert!(self.act(|cluster, cx| cluster.pressure_evict(cx, &ObjectKey::new(NAMESPACE, pod))), "{pod} does not run");
    }

    fn set_image_exists(&mut self, image: &str, exists: bool) {
        self.act(|cluster, cx| cluster.set_image_exists(cx, image, exists));
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
        self.cluster.resolves(host)
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
    Status { code: error.code(), reason: error.reason().to_owned(), message: error.message() }
}

fn selected(selector: &str) -> Result<Selector, Status> {
    Selector::parse(selector).map_err(|error| status(&error))
}

/// Reads an object as it comes over the wire.
fn read(object: &Value) -> Result<AnyObject, Status> {
    let info = info(object["kind"].as_str().expect("a kind"));
    AnyObject::from_wire(info, object).map_err(|error| status(&simkube::unreadable(info, object, &error)))
}

fn apply(manager: &'static str, body: Value, part: Part, force: bool) -> Request {
    let info = info(body["kind"].as_str().expect("a kind"));
    let key = key(info, body["metadata"]["name"].as_str().expect("a name"));
    Request::ApplyJson { info, key, part, manager: manager.into(), body, force }
}

/// `DeleteOptions` as on the wire.
fn delete_options(options: &Value) -> DeleteOptions {
    let propagation = match options["propagationPolicy"].as_str() {
        Some("Foreground") => Propagation::Foreground,
        Some("Orphan") => Propagation::Orphan,
        Some("Background") => Propagation::Background,
        _ => Propagation::Default,
    };
    let precondition = |name: &str| options["preconditions"][name].as_str();
    DeleteOptions {
        propagation,
        uid: precondition("uid").map(|uid| uid.parse().expect("a uid")),
        resource_version: precondition("resourceVersion").map(|version| ResourceVersion(version.parse().expect("a version"))),
        grace_seconds: options["gracePeriodSeconds"].as_i64(),
    }
}
