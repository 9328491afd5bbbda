//! The informer caches of client processes: one a process and kind, each following the store with a lag of its own.

mod informer;

use crate::boundary::{Delivery, Output, ProcessId, StoreChange};
use crate::by_kind::ByKind;
use crate::profile::ClusterProfile;
use crate::server::Server;
use crate::{Context, Event};
use api::{AnyObject, KindInfo, Labels, ObjectKey, ResourceVersion};
use informer::{Informer, Release};
use simcore::{SimTime, Subject};
use std::collections::BTreeMap;
use std::sync::Arc;

/// All caches of all processes.
#[derive(Clone)]
pub(crate) struct Caches {
    profile: Arc<ClusterProfile>,
    /// By kind first: a kind that nobody watches costs one look-up a change.
    informers: ByKind<BTreeMap<ProcessId, Informer>>,
}

impl Caches {
    /// No caches yet.
    pub fn new(profile: Arc<ClusterProfile>) -> Self {
        Self { profile, informers: ByKind::default() }
    }

    /// Starts a process's informers: the initial list at once, changes as they come.
    ///
    /// Named shortcut: the list takes no time. How long a process needs until its caches are synced is for whoever starts it.
    pub fn connect(&mut self, cx: &mut Context<'_>, server: &Server, process: ProcessId, kinds: &[&'static KindInfo]) {
        for info in kinds {
            let period = cx.luck.duration("resync period", &(process, info.kind), self.profile.resync_period);
            let mut informer = Informer::new(period);
            tell(cx, process, informer.relist(server.objects(info), server.version()), true);
            self.informers.of_mut(info).insert(process, informer);
            schedule_resync(cx, process, info, period);
        }
    }

    /// Ends a process's informers. What was under way to them finds nobody.
    pub fn disconnect(&mut self, process: ProcessId) {
        self.informers.iter_mut().for_each(|(_, processes)| drop(processes.remove(&process)));
    }

    /// A process's watches broke and it lists again: it sees the difference, not what led there. One that is held does so afterwards.
    pub fn relist(&mut self, cx: &mut Context<'_>, server: &Server, process: ProcessId) {
        for (kind, processes) in self.informers.iter_mut() {
            if let Some(informer) = processes.get_mut(&process)
                && informer.may_relist()
            {
                tell(cx, process, informer.relist(server.of_kind_named(kind), server.version()), false);
            }
        }
    }

    /// Nothing reaches a process's informers, of one kind or of all, before a moment. `false` if there is none.
    pub fn hold(&mut self, process: ProcessId, kind: Option<&str>, until: SimTime, relist: bool) -> bool {
        let meant = self.informers.iter_mut().filter(|(of, _)| kind.is_none_or(|kind| kind == *of));
        let mut held = false;
        for informer in meant.filter_map(|(_, processes)| processes.get_mut(&process)) {
            informer.hold(until, relist);
            held = true;
        }
        held
    }

    /// Informers that were held until this moment hear again: at once, and in order, what was held back.
    pub fn release(&mut self, cx: &mut Context<'_>, server: &Server) {
        for (kind, processes) in self.informers.iter_mut() {
            for (process, informer) in processes {
                let handed = match informer.release(cx.now) {
                    Some(Release::Relist) => informer.relist(server.of_kind_named(kind), server.version()),
                    Some(Release::Arrivals(handed)) => handed,
                    None => continue,
                };
                tell(cx, *process, handed, false);
            }
        }
    }

    /// Sends a change on its way to each cache of its kind.
    pub fn on_change(&mut self, cx: &mut Context<'_>, change: &StoreChange) {
        let object = change.object();
        let info = object.info;
        let version = object.meta.resource_version.expect("what is stored has a version");
        for (process, informer) in self.informers.of_mut(info) {
            let subject = (*process, info.kind);
            let lag = cx.luck.duration("watch lag", &subject, self.profile.watch_lag);
            let due = informer.expect(change, version, cx.now + lag);
            cx.at(due, Subject::of(&("watch", subject)), Event::Deliver { process: *process, info, version });
        }
    }

    /// A change arrives, unless a relist has overtaken it or the process is gone.
    pub fn deliver(&mut self, cx: &mut Context<'_>, process: ProcessId, info: &'static KindInfo, version: ResourceVersion) {
        let delivery = self.informer_mut(process, info).and_then(|informer| informer.deliver(version));
        tell(cx, process, delivery, false);
    }

    /// Every object is handed over again.
    pub fn resync(&mut self, cx: &mut Context<'_>, process: ProcessId, info: &'static KindInfo) {
        if let Some(informer) = self.informer_mut(process, info) {
            let period = informer.resync_period();
            tell(cx, process, informer.again(), true);
            schedule_resync(cx, process, info, period);
        }
    }

    /// The cached object under the key.
    pub fn get(&self, process: ProcessId, info: &KindInfo, key: &ObjectKey) -> Option<&AnyObject> {
        self.informer(process, info)?.get(key)
    }

    /// The cached objects of a namespace that the selector selects, by name.
    pub fn list<'a>(&'a self, process: ProcessId, info: &KindInfo, namespace: &str, selector: &Labels) -> Vec<&'a AnyObject> {
        self.informer(process, info).map(|informer| informer.list(namespace, selector)).unwrap_or_default()
    }

    /// How far the cache has come.
    pub fn version(&self, process: ProcessId, info: &KindInfo) -> u64 {
        self.informer(process, info).map_or(0, Informer::version)
    }

    /// How many changes are under way to each cache, in a fixed order.
    pub fn under_way(&self) -> impl Iterator<Item = (&'static str, ProcessId, usize)> {
        self.informers
            .iter()
            .flat_map(|(kind, processes)| processes.iter().map(move |(process, informer)| (kind, *process, informer.under_way())))
    }

    fn informer(&self, process: ProcessId, info: &KindInfo) -> Option<&Informer> {
        self.informers.of(info).get(&process)
    }

    fn informer_mut(&mut self, process: ProcessId, info: &KindInfo) -> Option<&mut Informer> {
        self.informers.of_mut(info).get_mut(&process)
    }
}

fn schedule_resync(cx: &mut Context<'_>, process: ProcessId, info: &'static KindInfo, period: std::time::Duration) {
    cx.after(period, Subject::of(&("resync", process, info.kind)), Event::Resync { process, info });
}

fn tell(
    cx: &mut Context<'_>,
    process: ProcessId,
    deliveries: impl IntoIterator<Item = (Option<AnyObject>, Option<AnyObject>)>,
    initial: bool,
) {
    for (old, new) in deliveries {
        cx.tell(Output::Informed { process, delivery: Delivery { old, new, initial } });
    }
}
