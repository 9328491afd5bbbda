//! What the API server costs: reads, writes and the delivery of a watch, with 10 and with 1 000 objects of a kind in the store.
//!
//! As many objects of two other kinds and in another namespace stand beside them: a read must not touch those.

use api::group::{NodeStatus, SeiNodeDeploymentSpec};
use api::kinds::Service;
use api::node::{FullNode, SeiNodeSpec};
use api::plan::{PlannedTask, TaskPlan};
use api::task::{SidecarTask, Task};
use api::{AnyObject, Group, Kind, KindInfo, Labels, Meta, Object, ObjectKey, SeiNode, SeiNodeDeployment, Time};
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use k8s_openapi::api::core::v1::{ServicePort, ServiceSpec};
use ports::Precondition;
use simcore::{Luck, Scheduled, Seed, SimTime};
use simkube::{Actor, Cluster, ClusterProfile, Context, Event, Output, ProcessId, Request};
use std::cell::RefCell;
use std::hint::black_box;
use std::sync::Arc;
use uuid::Uuid;

const SIZES: [usize; 2] = [10, 1_000];
const PROCESS: ProcessId = ProcessId(0);

/// A cluster with nobody in it, and what it asked for and said last.
struct Store {
    cluster: Cluster,
    luck: Luck,
    later: Vec<Scheduled<Event>>,
    out: Vec<Output>,
}

impl Store {
    fn new(size: usize) -> Self {
        let cluster = Cluster::new(Arc::new(ClusterProfile::default()), Time::from_unix(0));
        let mut store = Self { cluster, luck: Luck::new(Seed(1)), later: Vec::new(), out: Vec::new() };
        for n in 0..size {
            store.ask(Request::Create(group("sei", &format!("group-{n}")).into_any()));
            store.ask(Request::Create(group("other", &format!("group-{n}")).into_any()));
            store.ask(Request::Create(node("sei", &format!("node-{n}"), n).into_any()));
            store.ask(Request::Create(service(&format!("service-{n}")).into_any()));
        }
        store
    }

    fn act<T>(&mut self, act: impl FnOnce(&mut Cluster, &mut Context<'_>) -> T) -> T {
        self.later.clear();
        self.out.clear();
        let mut cx = Context { now: SimTime::ZERO, luck: &mut self.luck, later: &mut self.later, out: &mut self.out };
        act(&mut self.cluster, &mut cx)
    }

    fn ask(&mut self, request: Request) -> Vec<AnyObject> {
        self.act(|cluster, cx| cluster.carry_out(cx, request, Actor::Operator(PROCESS))).expect("a valid request")
    }

    fn group(&self, name: &str) -> Group {
        self.cluster.object(info::<SeiNodeDeployment>(), &ObjectKey::new("sei", name)).and_then(AnyObject::typed).expect("a group")
    }
}

fn info<K: Kind>() -> &'static KindInfo {
    &const { K::INFO }
}

fn node(namespace: &str, name: &str, n: usize) -> Object<SeiNode> {
    let full_node = Some(FullNode::default());
    let spec = SeiNodeSpec { chain_id: "pacific-1".into(), image: "sei:v6.3.0".into(), full_node, ..SeiNodeSpec::default() };
    let labels = Labels::from([("sei.io/nodedeployment".into(), format!("group-{}", n / 10))]);
    Object::new(Meta { labels: Arc::new(labels), ..Meta::new(ObjectKey::new(namespace, name)) }, spec)
}

/// A group with a plan under way.
fn group(namespace: &str, name: &str) -> Group {
    let mut spec = SeiNodeDeploymentSpec { replicas: 3, ..SeiNodeDeploymentSpec::default() };
    spec.template.spec = SeiNodeSpec::clone(&node(namespace, name, 0).spec);
    Object::new(Meta::new(ObjectKey::new(namespace, name)), spec)
}

fn service(name: &str) -> Object<Service> {
    let ports = vec![ServicePort { name: Some("rpc".into()), port: 26657, ..ServicePort::default() }];
    let selector = Labels::from([("app".to_owned(), name.to_owned())]);
    Object::new(
        Meta::new(ObjectKey::new("sei", name)),
        ServiceSpec { ports: Some(ports), selector: Some(selector), ..ServiceSpec::default() },
    )
}

/// Gives a group a status as a rollout has it: five tasks, three nodes.
fn begin_plan(group: &mut Group) {
    let task = || PlannedTask::pending(Task::Sidecar(SidecarTask::MarkReady), Uuid::nil(), 0);
    let status = group.status_mut();
    status.plan = Some(TaskPlan::new(Uuid::nil(), (0..5).map(|_| task()).collect()));
    status.nodes = (0..3).map(|n| NodeStatus { name: format!("node-{n}").into(), phase: None }).collect();
}

fn reads(criterion: &mut Criterion) {
    for size in SIZES {
        let mut store = Store::new(size);
        let key = ObjectKey::new("sei", format!("group-{}", size / 2));
        criterion.bench_function(&format!("get a stored object among {size}"), |bencher| {
            bencher.iter(|| black_box(store.cluster.object(info::<SeiNodeDeployment>(), black_box(&key))));
        });
        let request = Request::Get { info: info::<SeiNodeDeployment>(), key: key.clone() };
        criterion.bench_function(&format!("answer a GET among {size}"), |bencher| {
            bencher.iter(|| black_box(store.cluster.preview(SimTime::ZERO, black_box(&request))));
        });
        let selector = Labels::from([("sei.io/nodedeployment".into(), "group-0".into())]);
        let request = Request::List { info: info::<SeiNode>(), namespace: "sei".into(), selector };
        criterion.bench_function(&format!("list 10 of {size} by label"), |bencher| {
            bencher.iter(|| black_box(store.cluster.preview(SimTime::ZERO, black_box(&request))));
        });
        store.act(|cluster, cx| cluster.connect(cx, PROCESS, &[info::<SeiNodeDeployment>()]));
        criterion.bench_function(&format!("get from a cache of {size}"), |bencher| {
            bencher.iter(|| black_box(store.cluster.cached(PROCESS, info::<SeiNodeDeployment>(), black_box(&key))));
        });
    }
}

fn writes(criterion: &mut Criterion) {
    for size in SIZES {
        let store = RefCell::new(Store::new(size));
        let mut n = 0u64;
        criterion.bench_function(&format!("create and delete a SeiNode beside {size}"), |bencher| {
            bencher.iter_batched(
                || {
                    n += 1;
                    node("sei", &format!("new-{}", n % 64), 0).into_any()
                },
                |object| {
                    let key = object.meta.key.clone();
                    let store = &mut *store.borrow_mut();
                    store.ask(Request::Create(object));
                    store.ask(Request::Delete { info: info::<SeiNode>(), key, options: ports::DeleteOptions::default() });
                },
                BatchSize::SmallInput,
            );
        });
        let name = format!("group-{}", size / 2);
        let base = store.borrow().group(&name);
        let mut desired = base.clone();
        begin_plan(&mut desired);
        store.borrow_mut().ask(Request::PatchStatus {
            base: base.into_any(),
            desired: desired.into_any(),
            precondition: Precondition::None,
        });
        criterion.bench_function(&format!("patch the status of a SeiNodeDeployment among {size}"), |bencher| {
            bencher.iter_batched(
                || {
                    let base = store.borrow().group(&name);
                    let mut desired = base.clone();
                    let replicas = desired.status.ready_replicas.unwrap_or(0);
                    desired.status_mut().ready_replicas = Some((replicas + 1) % 4);
                    let precondition = Precondition::Version(base.meta.resource_version.expect("it is stored"));
                    Request::PatchStatus { base: base.into_any(), desired: desired.into_any(), precondition }
                },
                |request| black_box(store.borrow_mut().ask(request)),
                BatchSize::PerIteration,
            );
        });
    }
}

fn deliveries(criterion: &mut Criterion) {
    for size in SIZES {
        let store = RefCell::new(Store::new(size));
        store.borrow_mut().act(|cluster, cx| cluster.connect(cx, PROCESS, &[info::<SeiNodeDeployment>()]));
        let name = format!("group-{}", size / 2);
        criterion.bench_function(&format!("deliver a change to a cache of {size}"), |bencher| {
            bencher.iter_batched(
                || {
                    let store = &mut *store.borrow_mut();
                    let base = store.group(&name);
                    let mut desired = base.clone();
                    desired.status_mut().ready_replicas = Some((base.status.ready_replicas.unwrap_or(0) + 1) % 4);
                    let (base, desired) = (base.into_any(), desired.into_any());
                    store.ask(Request::PatchStatus { base, desired, precondition: Precondition::None });
                    let deliver = |event: &Scheduled<Event>| matches!(event.event, Event::Deliver { .. });
                    let place = store.later.iter().position(deliver).expect("the change is on its way");
                    store.later.swap_remove(place).event
                },
                |event| store.borrow_mut().act(|cluster, cx| cluster.handle(cx, event)),
                BatchSize::PerIteration,
            );
        });
    }
}

criterion_group!(benches, reads, writes, deliveries);
criterion_main!(benches);
