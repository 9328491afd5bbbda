//! The garbage collector: whoever has owners goes with the last of them.
//!
//! Level-triggered, as the real one: a change only says which objects to look at, and a look decides by what is stored then. Owners are
//! told apart by uid, so a dependent of a namesake counts as a dependent of nobody.

use crate::boundary::{Actor, Output, Request, StoreChange};
use crate::profile::ClusterProfile;
use crate::server::{FOREGROUND, ORPHAN, Server};
use crate::{Context, Event as ClusterEvent};
use api::{AnyObject, KindInfo, Meta, ObjectKey, OwnerRef};
use ports::{DeleteOptions, Precondition, Propagation};
use simcore::Subject;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use uuid::Uuid;

const ACTOR: Actor = Actor::System("garbage-collector");

/// An object to look at.
#[derive(Clone, Debug)]
pub struct Event(Item);

/// An object by kind and key.
#[derive(Clone, Debug)]
struct Item {
    info: &'static KindInfo,
    key: ObjectKey,
}

impl Item {
    fn of(object: &AnyObject) -> Self {
        Self { info: object.info, key: object.meta.key.clone() }
    }

    fn place(&self) -> (&'static str, &ObjectKey) {
        (self.info.kind, &self.key)
    }
}

impl PartialEq for Item {
    fn eq(&self, other: &Self) -> bool {
        self.place() == other.place()
    }
}
impl Eq for Item {}
impl PartialOrd for Item {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Item {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.place().cmp(&other.place())
    }
}

/// The garbage collector: who depends on whom, and what it is about to look at.
#[derive(Clone)]
pub(crate) struct GarbageCollector {
    profile: Arc<ClusterProfile>,
    /// Dependents by the uid of an owner.
    dependents: BTreeMap<Uuid, BTreeSet<Item>>,
    waiting: BTreeSet<Item>,
}

impl GarbageCollector {
    /// A collector of an empty store.
    pub fn new(profile: Arc<ClusterProfile>) -> Self {
        Self { profile, dependents: BTreeMap::new(), waiting: BTreeSet::new() }
    }

    /// Keeps the graph, and takes up what the change may have decided.
    pub fn on_change(&mut self, cx: &mut Context<'_>, server: &Server, change: &StoreChange) {
        let object = change.object();
        let before = change.old.as_ref().map_or(&[][..], |old| &old.meta.owners);
        let after = change.new.as_ref().map_or(&[][..], |new| &new.meta.owners);
        if change.old.is_none() || !std::ptr::eq(before, after) && before != after {
            self.link(&Item::of(object), before, after);
            if !after.is_empty() {
                self.take_up(cx, Item::of(object));
            }
            self.take_up_waiting_owners(cx, server, object, before);
        }
        match &change.new {
            None => self.take_up_dependents(cx, object),
            Some(new) if begins_to_wait(change.old.as_ref(), new) => {
                self.take_up_dependents(cx, new);
                self.take_up(cx, Item::of(new));
            }
            Some(_) => {}
        }
    }

    /// What is about to be looked at.
    pub fn waiting(&self) -> impl Iterator<Item = (&'static str, &ObjectKey)> {
        self.waiting.iter().map(Item::place)
    }

    fn link(&mut self, item: &Item, before: &[OwnerRef], after: &[OwnerRef]) {
        for owner in before {
            if let Some(items) = self.dependents.get_mut(&owner.uid) {
                items.remove(item);
                if items.is_empty() {
                    self.dependents.remove(&owner.uid);
                }
            }
        }
        for owner in after {
            self.dependents.entry(owner.uid).or_default().insert(item.clone());
        }
    }

    /// Owners that are deleted in the foreground may have waited for this dependent.
    fn take_up_waiting_owners(&mut self, cx: &mut Context<'_>, server: &Server, dependent: &AnyObject, owners: &[OwnerRef]) {
        for owner in owners {
            if let Some(owner) = owner_of(server, dependent, owner).filter(|owner| is_foreground(owner)).map(Item::of) {
                self.take_up(cx, owner);
            }
        }
    }

    fn dependents_of(&self, owner: &AnyObject) -> Vec<Item> {
        let items = owner.meta.uid.and_then(|uid| self.dependents.get(&uid));
        items.into_iter().flatten().cloned().collect()
    }

    fn take_up_dependents(&mut self, cx: &mut Context<'_>, owner: &AnyObject) {
        for item in self.dependents_of(owner) {
            self.take_up(cx, item);
        }
    }

    /// Looks at an object after its own delays; once, however many changes asked for it meanwhile.
    fn take_up(&mut self, cx: &mut Context<'_>, item: Item) {
        if !self.waiting.insert(item.clone()) {
            return;
        }
        let view = cx.luck.duration("garbage collector view", &item.place(), self.profile.controller_view);
        let sync = cx.luck.duration("garbage collector sync", &item.place(), self.profile.controller_sync);
        cx.after(view + sync, Subject::of(&("garbage collector", item.place())), ClusterEvent::Collect(Event(item)));
    }

    /// Looks at an object and does what is due.
    pub fn handle(&mut self, cx: &mut Context<'_>, server: &mut Server, Event(item): Event) {
        self.waiting.remove(&item);
        let Some(object) = server.object(item.info, &item.key).cloned() else {
            return;
        };
        if object.meta.deleting.is_some() {
            if object.meta.has_finalizer(ORPHAN) {
                self.orphan_dependents(cx, server, &object);
            } else if object.meta.has_finalizer(FOREGROUND) {
                self.finish_foreground(cx, server, &object);
            }
            return;
        }
        self.judge(cx, server, &object);
    }

    /// `attemptToDeleteItem`: by what has become of the owners.
    fn judge(&self, cx: &mut Context<'_>, server: &mut Server, object: &AnyObject) {
        let (mut solid, mut waiting, mut gone) = (0, 0, 0);
        for owner in object.meta.owners.iter() {
            match owner_of(server, object, owner) {
                None => gone += 1,
                Some(owner) if is_foreground(owner) => waiting += 1,
                Some(_) => solid += 1,
            }
        }
        if solid > 0 {
            if waiting + gone > 0 {
                let is_solid = |owner: &OwnerRef| owner_of(server, object, owner).is_some_and(|owner| !is_foreground(owner));
                let kept: Arc<[OwnerRef]> = object.meta.owners.iter().filter(|owner| is_solid(owner)).cloned().collect();
                patch_meta(cx, server, object, |meta| meta.owners = kept);
            }
            return;
        }
        let propagation = match (waiting, gone) {
            (0, 0) => return,
            (1.., _) if !self.dependents_of(object).is_empty() => Propagation::Foreground,
            _ if object.meta.has_finalizer(ORPHAN) => Propagation::Orphan,
            _ if object.meta.has_finalizer(FOREGROUND) => Propagation::Foreground,
            _ => Propagation::Background,
        };
        let options = DeleteOptions { propagation, uid: object.meta.uid, ..DeleteOptions::default() };
        act(cx, server, Request::Delete { info: object.info, key: object.meta.key.clone(), options });
    }

    /// `processDeletingDependentsItem`: the owner goes once no dependent blocks it.
    fn finish_foreground(&mut self, cx: &mut Context<'_>, server: &mut Server, owner: &AnyObject) {
        let blocks = |dependent: &AnyObject| {
            dependent.meta.owners.iter().any(|reference| Some(reference.uid) == owner.meta.uid && reference.block_owner_deletion)
        };
        let dependents = self.dependents_of(owner);
        let blocking: Vec<&AnyObject> =
            dependents.iter().filter_map(|item| server.object(item.info, &item.key)).filter(|object| blocks(object)).collect();
        if blocking.is_empty() {
            return remove_finalizer(cx, server, owner, FOREGROUND);
        }
        let undecided: Vec<Item> = blocking.into_iter().filter(|object| object.meta.deleting.is_none()).map(Item::of).collect();
        for item in undecided {
            self.take_up(cx, item);
        }
    }

    /// `attemptToOrphan`: dependents lose their reference, then the owner its finalizer.
    fn orphan_dependents(&self, cx: &mut Context<'_>, server: &mut Server, owner: &AnyObject) {
        for item in self.dependents_of(owner) {
            let Some(dependent) = server.object(item.info, &item.key).cloned() else {
                continue;
            };
            let others = dependent.meta.owners.iter().filter(|reference| Some(reference.uid) != owner.meta.uid);
            let kept: Arc<[OwnerRef]> = others.cloned().collect();
            patch_meta(cx, server, &dependent, |meta| meta.owners = kept);
        }
        remove_finalizer(cx, server, owner, ORPHAN);
    }
}

/// The owner that a dependent's reference means, if it is still there: it lives in the dependent's namespace and has the very uid.
fn owner_of<'a>(server: &'a Server, dependent: &AnyObject, owner: &OwnerRef) -> Option<&'a AnyObject> {
    let key = ObjectKey { namespace: dependent.meta.key.namespace.clone(), name: owner.name.clone() };
    server.of_kind_at(owner.kind, &key).filter(|found| found.meta.uid == Some(owner.uid))
}

/// Whether the object has just come to wait for its dependents, to go or to let go of it.
fn begins_to_wait(old: Option<&AnyObject>, new: &AnyObject) -> bool {
    let waits = new.meta.deleting.is_some() && (new.meta.has_finalizer(FOREGROUND) || new.meta.has_finalizer(ORPHAN));
    waits && old.is_none_or(|old| old.meta.deleting.is_none() || old.meta.finalizers != new.meta.finalizers)
}

/// Whether the object is being deleted in the foreground.
fn is_foreground(object: &AnyObject) -> bool {
    object.meta.deleting.is_some() && object.meta.has_finalizer(FOREGROUND)
}

fn remove_finalizer(cx: &mut Context<'_>, server: &mut Server, object: &AnyObject, name: &str) {
    let kept: Arc<[Arc<str>]> = object.meta.finalizers.iter().filter(|finalizer| &***finalizer != name).cloned().collect();
    patch_meta(cx, server, object, |meta| meta.finalizers = kept);
}

fn patch_meta(cx: &mut Context<'_>, server: &mut Server, base: &AnyObject, change: impl FnOnce(&mut Meta)) {
    let mut desired = base.clone();
    change(Arc::make_mut(&mut desired.meta));
    act(cx, server, Request::Patch { base: base.clone(), desired, precondition: Precondition::None });
}

/// The collector acts on what is stored at this very moment, so nobody can have come in between: a refusal is something that the collector's
/// model does not know.
fn act(cx: &mut Context<'_>, server: &mut Server, request: Request) {
    if let Err(error) = server.perform(cx, request, ACTOR) {
        cx.tell(Output::Unmodelled(format!("garbage collector: {error}")));
    }
}
