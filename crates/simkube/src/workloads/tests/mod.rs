//! Tests of what works inside the cluster, against a whole cluster whose containers are made-up programs.

mod drains;
mod images;
mod jobs;
mod kills;
mod machines;
mod names;
mod network;
mod pods;
mod storms;
mod together;
mod volumes;

use crate::{Actor, Cluster, ClusterProfile, ContainerId, ContainerStart, Context, Event, Output, PodId, Request, Route, Signal};
use api::kinds::{Job, PersistentVolumeClaim, Pod, Service, StatefulSet};
use api::{AnyObject, Kind, Labels, Meta, Object, ObjectKey, Time};
use k8s_openapi::api::apps::v1::StatefulSetSpec;
use k8s_openapi::api::batch::v1::JobSpec;
use k8s_openapi::api::core::v1::{
    Container, HTTPGetAction, PersistentVolumeClaimSpec, PersistentVolumeClaimVolumeSource, PodSpec, PodTemplateSpec, Probe, ServicePort,
    ServiceSpec, Volume,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use ports::{DeleteOptions, Precondition, Propagation};
use simcore::{Luck, Queue, Rank, Scheduled, Seed, SimTime, Span, Subject};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

const NAMESPACE: &str = "default";

/// What a container does in each of its runs.
#[derive(Clone)]
struct Program {
    /// Exit code and when, per run; later runs do not end by themselves.
    exits: Vec<(u64, i32)>,
    /// HTTP endpoint and the seconds after which it answers well.
    serves: Vec<(i32, &'static str, u64)>,
    /// Seconds from SIGTERM to the exit with 143; a program without one waits for SIGKILL.
    obeys: Option<u64>,
}

impl Default for Program {
    fn default() -> Self {
        Self { exits: Vec::new(), serves: Vec::new(), obeys: Some(1) }
    }
}

enum Item {
    Cluster(Event),
    Exit(ContainerId, i32),
    Answer(PodId, i32, &'static str, bool),
}

/// A cluster with its queue and its programs by container name.
struct World {
    cluster: Cluster,
    queue: Queue<Item>,
    luck: Luck,
    now: SimTime,
    programs: BTreeMap<&'static str, Program>,
    running: BTreeMap<ContainerId, String>,
    /// Everything the cluster said.
    told: Vec<(SimTime, Output)>,
}

fn seconds(n: u64) -> SimTime {
    SimTime::ZERO + Duration::from_secs(n)
}

fn key(name: &str) -> ObjectKey {
    ObjectKey::new(NAMESPACE, name)
}

impl World {
    /// A cluster in which nothing but what is stated takes a noticeable time.
    fn new(profile: ClusterProfile) -> Self {
        Self {
            cluster: Cluster::new(Arc::new(profile), Time::from_unix(1_800_000_000)),
            queue: Queue::default(),
            luck: Luck::new(Seed(1)),
            now: SimTime::ZERO,
            programs: BTreeMap::new(),
            running: BTreeMap::new(),
            told: Vec::new(),
        }
    }

    fn program(mut self, container: &'static str, program: Program) -> Self {
        self.programs.insert(container, program);
        self
    }

    fn act<T>(&mut self, action: impl FnOnce(&mut Cluster, &mut Context<'_>) -> T) -> T {
        let (mut later, mut out) = (Vec::new(), Vec::new());
        let mut cx = Context { now: self.now, luck: &mut self.luck, later: &mut later, out: &mut out };
        let result = action(&mut self.cluster, &mut cx);
        for Scheduled { at, rank, subject, event } in later {
            self.queue.push(Scheduled { at, rank, subject, event: Item::Cluster(event) });
        }
        for output in out {
            self.hear(&output);
            self.told.push((self.now, output));
        }
        result
    }

    fn later(&mut self, after: u64, item: Item) {
        let at = self.now + Duration::from_secs(after);
        self.queue.push(Scheduled { at, rank: Rank::World, subject: Subject(0), event: item });
    }

    fn hear(&mut self, output: &Output) {
        match output {
            Output::Start(start) => self.start(start),
            Output::Signal { id, signal } => {
                let obeys = self.running.get(id).map(|name| self.programs.get(name.as_str()).cloned().unwrap_or_default().obeys);
                match (signal, obeys) {
                    (Signal::Terminate, Some(Some(after))) => self.later(after, Item::Exit(*id, 143)),
                    (Signal::Kill, Some(_)) => self.later(0, Item::Exit(*id, 137)),
                    _ => {}
                }
            }
            Output::Unmodelled(what) => panic!("not modelled: {what}"),
            _ => {}
        }
    }

    fn start(&mut self, start: &ContainerStart) {
        let program = self.programs.get(start.container.name.as_str()).cloned().unwrap_or_default();
        self.running.insert(start.id, start.container.name.clone());
        if let Some((after, code)) = program.exits.get(start.id.run as usize) {
            self.later(*after, Item::Exit(start.id, *code));
        }
        for (port, path, after) in program.serves {
            self.later(after, Item::Answer(start.id.pod, port, path, true));
        }
    }

    fn step(&mut self) {
        let Scheduled { at, event, .. } = self.queue.pop().expect("there is an event");
        self.now = at;
        match event {
            Item::Cluster(event) => self.act(|cluster, cx| cluster.handle(cx, event)),
            Item::Answer(pod, port, path, ok) => self.act(|cluster, cx| cluster.probe_answer(cx, pod, port, path, ok)),
            Item::Exit(id, code) => {
                if let Some(name) = self.running.remove(&id) {
                    for (port, path, _) in self.programs.get(name.as_str()).cloned().unwrap_or_default().serves {
                        self.act(|cluster, cx| cluster.probe_answer(cx, id.pod, port, path, false));
                    }
                    self.act(|cluster, cx| cluster.container_exited(cx, id, code));
                }
            }
        }
    }

    /// Runs until the moment.
    fn run_until(&mut self, until: SimTime) {
        while self.queue.next_at().is_some_and(|at| at <= until) {
            self.step();
        }
        self.now = until;
    }

    /// Runs on for a while.
    fn run_for(&mut self, seconds: u64) {
        self.run_until(self.now + Duration::from_secs(seconds));
    }

    /// Runs until nothing is left to happen.
    fn rest(&mut self) {
        let limit = self.now + Duration::from_secs(30 * 86_400);
        while !self.queue.is_empty() {
            self.step();
            assert!(self.now < limit, "the world does not come to rest");
        }
    }

    /// Runs until something holds.
    fn run_until_holds(&mut self, what: &str, holds: impl Fn(&Self) -> bool) {
        while !holds(self) {
            assert!(!self.queue.is_empty(), "the world rests before {what}");
            self.step();
        }
    }

    fn request(&mut self, request: Request) -> Vec<AnyObject> {
        self.act(|cluster, cx| cluster.carry_out(cx, request, Actor::Person)).expect("the request is accepted")
    }

    fn create<K: Kind>(&mut self, object: Object<K>) {
        self.request(Request::Create(object.into_any()));
    }

    fn change<K: Kind>(&mut self, name: &str, change: impl FnOnce(&mut Object<K>)) {
        let base = self.get::<K>(name);
        let mut desired = base.clone();
        change(&mut desired);
        self.request(Request::Patch { base: base.into_any(), desired: desired.into_any(), precondition: Precondition::None });
    }

    fn delete<K: Kind>(&mut self, name: &str) {
        self.delete_with::<K>(name, Propagation::Background);
    }

    fn delete_with<K: Kind>(&mut self, name: &str, propagation: Propagation) {
        let options = DeleteOptions { propagation, ..DeleteOptions::default() };
        self.request(Request::Delete { info: &const { K::INFO }, key: key(name), options });
    }

    fn find<K: Kind>(&self, name: &str) -> Option<Object<K>> {
        self.cluster.object(&const { K::INFO }, &key(name))?.typed()
    }

    fn get<K: Kind>(&self, name: &str) -> Object<K> {
        self.find(name).unwrap_or_else(|| panic!("there is no {} {name}", K::INFO.kind))
    }

    fn pods(&self) -> Vec<Object<Pod>> {
        self.cluster.objects(&const { Pod::INFO }).filter_map(|pod| pod.typed()).collect()
    }

    fn is_ready(&self, pod: &str) -> bool {
        self.find::<Pod>(pod).is_some_and(|pod| super::pods::is_ready(&pod.status))
    }

    fn phase(&self, pod: &str) -> Option<String> {
        self.find::<Pod>(pod)?.status.phase.clone()
    }

    /// When the runs of a container began.
    fn starts(&self, container: &str) -> Vec<SimTime> {
        let began = |(at, output): &(SimTime, Output)| match output {
            Output::Start(start) if start.container.name == container => Some(*at),
            _ => None,
        };
        self.told.iter().filter_map(began).collect()
    }

    /// Signals by container name.
    fn signals(&self) -> Vec<(SimTime, String, Signal)> {
        let name = |id: &ContainerId| {
            let start = self.told.iter().find_map(|(_, output)| match output {
                Output::Start(start) if start.id == *id => Some(start.container.name.clone()),
                _ => None,
            });
            start.expect("only what was started is signalled")
        };
        let signal = |(at, output): &(SimTime, Output)| match output {
            Output::Signal { id, signal } => Some((*at, name(id), *signal)),
            _ => None,
        };
        self.told.iter().filter_map(signal).collect()
    }

    /// The moments at which a pod's readiness turned, and to what.
    fn readiness(&self, name: &str) -> Vec<(SimTime, bool)> {
        let mut turns: Vec<(SimTime, bool)> = Vec::new();
        for (at, output) in &self.told {
            let Output::Changed(change) = output else { continue };
            let Some(pod) = change.new.as_ref().filter(|pod| pod.meta.key == key(name)) else { continue };
            let Some(status) = pod.status_as::<Pod>() else { continue };
            let ready = super::pods::is_ready(status);
            if turns.last().map_or(ready, |(_, last)| *last != ready) {
                turns.push((*at, ready));
            }
        }
        turns
    }
}

/// Everything that is drawn from a range takes the same short time.
fn quick() -> ClusterProfile {
    let moment = Span::millis(10, 10);
    ClusterProfile {
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
    }
}

fn labels(app: &str) -> Labels {
    Labels::from([("app".to_owned(), app.to_owned())])
}

fn container(name: &str) -> Container {
    Container { name: name.to_owned(), image: Some("image:1".to_owned()), ..Container::default() }
}

fn sidecar(name: &str) -> Container {
    Container { restart_policy: Some("Always".to_owned()), ..container(name) }
}

/// A probe every 5 s from the 10th second on.
fn probe(port: i32, path: &str) -> Probe {
    Probe {
        http_get: Some(HTTPGetAction { port: IntOrString::Int(port), path: Some(path.to_owned()), ..HTTPGetAction::default() }),
        initial_delay_seconds: Some(10),
        period_seconds: Some(5),
        failure_threshold: Some(3),
        ..Probe::default()
    }
}

fn with_claim(mut spec: PodSpec, claim: &str) -> PodSpec {
    let source = PersistentVolumeClaimVolumeSource { claim_name: claim.to_owned(), ..PersistentVolumeClaimVolumeSource::default() };
    spec.volumes = Some(vec![Volume { name: "data".to_owned(), persistent_volume_claim: Some(source), ..Volume::default() }]);
    spec
}

fn pod_spec(main: Container) -> PodSpec {
    PodSpec { containers: vec![main], ..PodSpec::default() }
}

fn pod(name: &str, spec: PodSpec) -> Object<Pod> {
    Object::new(Meta { labels: Arc::new(labels("web")), ..Meta::new(key(name)) }, spec)
}

fn template(spec: PodSpec) -> PodTemplateSpec {
    let metadata = ObjectMeta { labels: Some(labels("web")), ..ObjectMeta::default() };
    PodTemplateSpec { metadata: Some(metadata), spec: Some(spec) }
}

/// A StatefulSet `web` with the headless Service's name.
fn stateful_set(spec: PodSpec) -> Object<StatefulSet> {
    let spec = StatefulSetSpec {
        replicas: Some(1),
        service_name: Some("web".to_owned()),
        selector: LabelSelector { match_labels: Some(labels("web")), ..LabelSelector::default() },
        template: template(spec),
        ..StatefulSetSpec::default()
    };
    Object::new(Meta::new(key("web")), spec)
}

/// A Job `work` with no second try.
fn job(mut spec: PodSpec) -> Object<Job> {
    spec.restart_policy = Some("Never".to_owned());
    let spec = JobSpec { backoff_limit: Some(0), ttl_seconds_after_finished: Some(3600), template: template(spec), ..JobSpec::default() };
    Object::new(Meta::new(key("work")), spec)
}

fn claim(name: &str) -> Object<PersistentVolumeClaim> {
    let spec = PersistentVolumeClaimSpec { access_modes: Some(vec!["ReadWriteOnce".to_owned()]), ..PersistentVolumeClaimSpec::default() };
    Object::new(Meta::new(key(name)), spec)
}

fn service(name: &str, change: impl FnOnce(&mut ServiceSpec)) -> Object<Service> {
    let port = ServicePort { port: 80, ..ServicePort::default() };
    let mut spec = ServiceSpec { selector: Some(labels("web")), ports: Some(vec![port]), ..ServiceSpec::default() };
    change(&mut spec);
    Object::new(Meta::new(key(name)), spec)
}
