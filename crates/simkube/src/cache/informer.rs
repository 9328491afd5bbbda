//! One informer: the objects it knows, and the changes that are on their way to it.

use crate::boundary::StoreChange;
use crate::server::Table;
use api::meta::selects;
use api::{AnyObject, Labels, ObjectKey, ResourceVersion};
use simcore::SimTime;
use std::collections::VecDeque;
use std::time::Duration;

/// What an event handler is given: the object before and after.
pub(super) type Handed = (Option<AnyObject>, Option<AnyObject>);

/// What an informer that hears again does first.
pub(super) enum Release {
    /// It lists.
    Relist,
    /// It takes what was held back.
    Arrivals(Vec<Handed>),
}

/// The cache of one kind in one process.
#[derive(Clone)]
pub(super) struct Informer {
    objects: Table<AnyObject>,
    version: u64,
    /// Changes under way, in the order of their versions, which is that of their arrivals.
    coming: VecDeque<Coming>,
    last_due: SimTime,
    resync_period: Duration,
    /// Until when nothing reaches it, if something keeps it from hearing.
    held_until: Option<SimTime>,
    /// Whether it lists again once it hears.
    must_relist: bool,
}

#[derive(Clone)]
struct Coming {
    version: ResourceVersion,
    /// When it arrives, if nothing holds it.
    due: SimTime,
    /// The object after the change, or as it last was.
    object: AnyObject,
    removed: bool,
}

impl Informer {
    /// An informer that has not listed yet.
    pub fn new(resync_period: Duration) -> Self {
        let last_due = SimTime::from_micros(i64::MIN);
        Self {
            objects: Table::default(),
            version: 0,
            coming: VecDeque::new(),
            last_due,
            resync_period,
            held_until: None,
            must_relist: false,
        }
    }

    /// Takes over the store's state and drops what is under way: what differs, deletions last.
    ///
    /// An object deleted and made anew meanwhile shows as one update with another uid.
    pub fn relist<'a>(&mut self, stored: impl Iterator<Item = &'a AnyObject>, version: u64) -> Vec<Handed> {
        let mut before = std::mem::take(&mut self.objects);
        let mut handed = Vec::new();
        for new in stored {
            let old = before.remove(&new.meta.key);
            if old.as_ref().is_none_or(|old| old.meta.resource_version != new.meta.resource_version) {
                handed.push((old, Some(new.clone())));
            }
            self.objects.insert(&new.meta.key, new.clone());
        }
        handed.extend(before.iter().map(|gone| (Some(gone.clone()), None)));
        self.version = version;
        self.coming.clear();
        handed
    }

    /// Notes a change that is on its way, and says when it arrives: never before an earlier one.
    pub fn expect(&mut self, change: &StoreChange, version: ResourceVersion, earliest: SimTime) -> SimTime {
        self.last_due = self.last_due.max(earliest);
        let due = self.last_due;
        self.coming.push_back(Coming { version, due, object: change.object().clone(), removed: change.new.is_none() });
        due
    }

    /// Nothing reaches it before a moment; then comes what was held, or with `relist` only the difference.
    pub fn hold(&mut self, until: SimTime, relist: bool) {
        self.held_until = self.held_until.max(Some(until));
        self.must_relist |= relist;
    }

    /// Whether nothing reaches it for now.
    pub fn is_held(&self) -> bool {
        self.held_until.is_some()
    }

    /// It is to list again. `false` if it cannot: it will, once it hears.
    pub fn may_relist(&mut self) -> bool {
        self.must_relist = self.is_held();
        !self.must_relist
    }

    /// It hears again, if its time has come.
    pub fn release(&mut self, now: SimTime) -> Option<Release> {
        self.held_until.take_if(|until| *until <= now)?;
        Some(if std::mem::take(&mut self.must_relist) { Release::Relist } else { Release::Arrivals(self.overdue(now)) })
    }

    /// What would have arrived by now, in order.
    fn overdue(&mut self, now: SimTime) -> Vec<Handed> {
        let mut handed = Vec::new();
        while let Some(front) = self.coming.front().filter(|front| front.due <= now) {
            let version = front.version;
            handed.extend(self.deliver(version));
        }
        handed
    }

    /// The change with this version arrives, if it is still expected and nothing holds it. A removal hands over the object's last state, not the cached one.
    pub fn deliver(&mut self, version: ResourceVersion) -> Option<Handed> {
        if self.is_held() {
            return None;
        }
        let Coming { object, removed, .. } = self.coming.pop_front_if(|coming| coming.version == version)?;
        self.version = version.0;
        if removed {
            return self.objects.remove(&object.meta.key).map(|_| (Some(object), None));
        }
        let old = self.objects.insert(&object.meta.key, object.clone());
        Some((old, Some(object)))
    }

    /// Every object as an update from itself to itself.
    pub fn again(&self) -> Vec<Handed> {
        self.objects.iter().map(|object| (Some(object.clone()), Some(object.clone()))).collect()
    }

    /// The object under the key.
    pub fn get(&self, key: &ObjectKey) -> Option<&AnyObject> {
        self.objects.get(key)
    }

    /// The objects of a namespace that the selector selects, by name.
    pub fn list(&self, namespace: &str, selector: &Labels) -> Vec<&AnyObject> {
        self.objects.within(namespace).filter(|object| selects(selector, &object.meta.labels)).collect()
    }

    /// The version up to which this cache has come.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// How many changes are under way.
    pub fn under_way(&self) -> usize {
        self.coming.len()
    }

    /// How far apart its resyncs are.
    pub fn resync_period(&self) -> Duration {
        self.resync_period
    }
}
