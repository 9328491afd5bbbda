//! The cluster as one value: the server, the caches of its clients, and everything that works inside.

use crate::boundary::{Actor, Answer, ContainerId, Output, PodId, Preview, ProcessId, Request, Route, WatchEvent};
use crate::cache::Caches;
use crate::gc::GarbageCollector;
use crate::profile::ClusterProfile;
use crate::server::Server;
use crate::workloads::Workloads;
use crate::{Context, Event, Selector, StoreState};
use api::{AnyObject, KindInfo, Labels, ObjectKey, Time};
use ports::ApiError;
use simcore::{SimTime, StableHasher};
use std::hash::Hash;
use std::sync::Arc;

/// A cluster. Its clones go their own ways.
#[derive(Clone)]
pub struct Cluster {
    pub(crate) server: Server,
    caches: Caches,
    collector: GarbageCollector,
    pub(crate) workloads: Workloads,
}

impl Cluster {
    /// A cluster of machines with nothing on them, whose wall clock shows `epoch` at [`SimTime::ZERO`].
    pub fn new(profile: Arc<ClusterProfile>, epoch: Time) -> Self {
        let mut server = Server::new(profile.clone(), epoch);
        Workloads::furnish(&mut server, &profile);
        Self {
            server,
            caches: Caches::new(profile.clone()),
            collector: GarbageCollector::new(profile.clone()),
            workloads: Workloads::new(profile),
        }
    }

    /// What the request would do if it took effect now. Changes nothing that anyone can see, and draws nothing.
    pub fn preview(&mut self, now: SimTime, request: &Request) -> Preview {
        self.server.preview(now, request)
    }

    /// Carries a request out at this moment.
    pub fn carry_out(&mut self, cx: &mut Context<'_>, request: Request, actor: Actor) -> Answer {
        let answer = self.server.perform(cx, request, actor);
        self.pass_on(cx);
        answer
    }

    /// Lets an event of the cluster's own happen.
    pub fn handle(&mut self, cx: &mut Context<'_>, event: Event) {
        match event {
            Event::Deliver { process, info, version } => self.caches.deliver(cx, process, info, version),
            Event::Resync { process, info } => self.caches.resync(cx, process, info),
            Event::Collect(event) => self.collector.handle(cx, &mut self.server, event),
            Event::Workload(event) => self.workloads.handle(cx, &mut self.server, event),
        }
        self.pass_on(cx);
    }

    /// Hands each change of the store to whoever must know, until none is left.
    pub(crate) fn pass_on(&mut self, cx: &mut Context<'_>) {
        while let Some(change) = self.server.next_change() {
            cx.tell(Output::Changed(change.clone()));
            self.caches.on_change(cx, &change);
            self.collector.on_change(cx, &self.server, &change);
            self.workloads.on_change(cx, &mut self.server, &change);
        }
    }

    /// Starts a process's informers. Each object that exists arrives as an initial creation, and changes from then on with a lag.
    pub fn connect(&mut self, cx: &mut Context<'_>, process: ProcessId, kinds: &[&'static KindInfo]) {
        self.caches.connect(cx, &self.server, process, kinds);
    }

    /// Ends a process's informers: its caches are gone.
    pub fn disconnect(&mut self, process: ProcessId) {
        self.caches.disconnect(process);
    }

    /// A process's watches broke and it lists again: all at once it knows what is stored, without what led there.
    pub fn relist(&mut self, cx: &mut Context<'_>, process: ProcessId) {
        self.caches.relist(cx, &self.server, process);
    }

    /// Nothing reaches a process's caches, of one kind or of all, before a moment, at which [`Self::release_caches`] is to be called. Then what
    /// was held back arrives, in order; with `relist` the process lists again instead. `false` if there is no such cache.
    pub fn hold_caches(&mut self, process: ProcessId, kind: Option<&str>, until: SimTime, relist: bool) -> bool {
        self.caches.hold(process, kind, until, relist)
    }

    /// Caches that were held until this moment hear again.
    pub fn release_caches(&mut self, cx: &mut Context<'_>) {
        self.caches.release(cx, &self.server);
    }

    /// GET from a process's cache.
    pub fn cached(&self, process: ProcessId, info: &'static KindInfo, key: &ObjectKey) -> Option<&AnyObject> {
        self.caches.get(process, info, key)
    }

    /// LIST from a process's cache, by name. (A real cache has no order: whoever asks on behalf of a controller permutes.)
    pub fn cached_list<'a>(
        &'a self,
        process: ProcessId,
        info: &'static KindInfo,
        namespace: &str,
        selector: &Labels,
    ) -> Vec<&'a AnyObject> {
        self.caches.list(process, info, namespace, selector)
    }

    /// The resourceVersion up to which a process's cache of a kind has come; 0 if there is no such cache.
    pub fn cache_version(&self, process: ProcessId, info: &'static KindInfo) -> u64 {
        self.caches.version(process, info)
    }

    /// The stored object under the key.
    pub fn object(&self, info: &'static KindInfo, key: &ObjectKey) -> Option<&AnyObject> {
        self.server.object(info, key)
    }

    /// All stored objects of a kind, by namespace and name.
    pub fn objects<'a>(&'a self, info: &'static KindInfo) -> impl Iterator<Item = &'a AnyObject> {
        self.server.objects(info)
    }

    /// All stored objects, by kind, namespace and name.
    pub fn all(&self) -> impl Iterator<Item = &AnyObject> {
        self.server.all()
    }

    /// The version of the last write to anything: from here a client that has just listed may watch.
    pub fn version(&self) -> u64 {
        self.server.version()
    }

    /// Keeps the last `window` changes of each kind from now on, for [`Self::watch`]. Until then, and with 0, none are kept.
    pub fn keep_history(&mut self, window: usize) {
        self.server.keep_history(window);
    }

    /// WATCH of a kind in a namespace (in all, if it is empty): every event after a version, up to now.
    ///
    /// # Errors
    /// `Expired` (410) if events after that version are no longer kept, `Timeout` (504) if the version lies in the future.
    pub fn watch(&self, info: &'static KindInfo, namespace: &str, selector: &Selector, version: u64) -> Result<Vec<WatchEvent>, ApiError> {
        self.server.watch(info, namespace, selector, version)
    }

    /// `metadata.managedFields` of a stored object: which manager owns which fields. Without times.
    pub fn managed_fields(&self, info: &'static KindInfo, key: &ObjectKey) -> Option<serde_json::Value> {
        self.server.managed_fields(info, key)
    }

    /// A container has ended with this exit code.
    pub fn container_exited(&mut self, cx: &mut Context<'_>, id: ContainerId, code: i32) {
        self.workloads.container_exited(cx, &mut self.server, id, code);
        self.pass_on(cx);
    }

    /// What a probe of this port and path of a pod answers has changed.
    pub fn probe_answer(&mut self, cx: &mut Context<'_>, pod: PodId, port: i32, path: &str, ok: bool) {
        self.workloads.probe_answer(cx, &mut self.server, pod, port, path, ok);
        self.pass_on(cx);
    }

    /// Where a connection to a host name leads at this moment.
    pub fn resolve(&self, host: &str) -> Route {
        self.workloads.resolve(host)
    }

    /// Where one to `{hostname}.{service}.{namespace}.svc.cluster.local` leads: the same, for who has the parts of the name.
    pub fn route(&self, service: &ObjectKey, hostname: &str) -> Route {
        self.workloads.route(service, hostname)
    }

    /// Whether a host name has an address, a pod's or a load balancer's.
    pub fn resolves(&self, host: &str) -> bool {
        self.workloads.resolves(host)
    }

    /// The pods that clients of a Service are sent to, by name.
    pub fn data_plane(&self, service: &ObjectKey) -> &[(ObjectKey, PodId)] {
        self.workloads.data_plane(service)
    }

    /// What the store holds. `before` is an earlier state, best the last one.
    pub fn store_state(&self, before: &StoreState) -> StoreState {
        before.next(&self.server)
    }

    /// Adds the abstract state of the cluster but for its store: the same for two states that differ only in ids, versions, counts and
    /// moments.
    pub fn fingerprint(&self, now: SimTime, hasher: &mut StableHasher) {
        self.caches.under_way().for_each(|under_way| under_way.hash(hasher));
        self.collector.waiting().for_each(|item| item.hash(hasher));
        self.workloads.fingerprint(now, hasher);
    }
}
