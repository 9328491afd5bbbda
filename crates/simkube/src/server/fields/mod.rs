//! Who owns which field of an object: `metadata.managedFields`.
//!
//! A create, an update or a patch owns what it sets (operation Update); an apply owns what it names (operation Apply). Only an apply asks
//! who owns what, so writes are put down as they are, two objects and a name, and sets of paths are made of them when an apply meets
//! them, or when too many have come together. A run of writes of one manager is put down as one, from its first state to its last.
//!
//! Named shortcut: so a field that a manager changed and changed back within such a run is not its own by that.

mod compare;
mod merge;
mod owned;
mod remembered;
mod set;
mod shape;

use crate::boundary::{Actor, Part};
use api::{AnyObject, Meta};
use compare::{Difference, compare, fields_of};
use owned::Owned;
use serde_json::{Value, json};
use set::Fields;
use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

/// How many writes are put down before they are made into sets.
const LONGEST_LOG: usize = 16;

/// A field manager's name.
pub(super) type Manager = Cow<'static, str>;

/// The manager as which a client writes without naming one: for a process, its own name.
pub(super) fn manager_of(actor: Actor) -> Manager {
    Cow::Borrowed(match actor {
        Actor::Operator(_) => "manager",
        Actor::Person => "kubectl",
        Actor::System(name) => name,
    })
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operation {
    Apply,
    Update,
}

/// What a manager owns by one operation on one part.
#[derive(Clone, Debug, PartialEq)]
struct Entry {
    manager: Manager,
    operation: Operation,
    part: Part,
    fields: Fields,
}

impl Entry {
    fn is(&self, manager: &str, operation: Operation, part: Part) -> bool {
        self.manager == manager && self.operation == operation && self.part == part
    }
}

/// A write that has not been made into sets yet.
#[derive(Clone, Debug, PartialEq)]
struct Write {
    manager: Manager,
    operation: Operation,
    part: Part,
    /// Absent for a creation.
    before: Option<AnyObject>,
    /// For an apply, what was applied.
    after: AnyObject,
}

/// The field managers of one object.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Managers {
    entries: Arc<Vec<Entry>>,
    log: Vec<Write>,
    /// The entries with the log in them, once an apply has asked for them.
    settled: OnceLock<Arc<Vec<Entry>>>,
    /// Who applied last and what, until anyone writes metadata or spec: the same apply again finds everything as it left it. What is found
    /// to change nothing stands too.
    standing: OnceLock<(Manager, AnyObject)>,
}

/// What an apply comes to.
#[derive(Clone, PartialEq)]
pub(super) struct Applied {
    /// The part as it is to be, or why it cannot be read.
    pub owned: Result<Owned, String>,
    /// Its managers from then on.
    pub managers: Managers,
    /// Whether any manager has other fields than before.
    pub ownership_changed: bool,
    /// The fields of others that it would take over.
    pub conflicts: Vec<Conflict>,
}

/// A field that another manager owns.
#[derive(Clone, PartialEq)]
pub(super) struct Conflict {
    /// The owner, as messages call it.
    pub manager: String,
    /// The field.
    pub path: String,
}

impl Managers {
    /// Those of an object created by an apply.
    pub fn created_by(manager: Manager, wanted: &AnyObject) -> Self {
        let write = Write { manager: manager.clone(), operation: Operation::Apply, part: Part::Main, before: None, after: wanted.clone() };
        Self { log: vec![write], standing: OnceLock::from((manager, wanted.clone())), ..Self::default() }
    }

    /// Puts a write down.
    pub fn note(&mut self, manager: Manager, part: Part, before: Option<&AnyObject>, after: &AnyObject) {
        if part == Part::Main {
            self.standing.take();
        }
        self.settled.take();
        let last = self.log.iter_mut().rev().find(|write| write.part == part);
        // What the server gave a new object after its creator's write stands between that and the creator's next.
        if let Some(last) = last.filter(|last| last.manager == manager && last.before.is_some()) {
            last.after = after.clone();
            return;
        }
        if self.log.len() >= LONGEST_LOG {
            self.settle();
        }
        self.log.push(Write { manager, operation: Operation::Update, part, before: before.cloned(), after: after.clone() });
    }

    /// Whether the manager's same apply again would find everything as it left it.
    pub fn stands(&self, manager: &str, wanted: &AnyObject) -> bool {
        self.standing.get().is_some_and(|(last, before)| last == manager && same_wish(before, wanted))
    }

    /// Whether what stands is made of the very parts of this.
    pub fn stands_as(&self, wanted: &AnyObject) -> bool {
        self.standing
            .get()
            .is_some_and(|(_, standing)| Arc::ptr_eq(&standing.spec, &wanted.spec) && Arc::ptr_eq(&standing.meta, &wanted.meta))
    }

    /// Remembers that the manager has applied this.
    pub fn set_standing(&mut self, manager: Manager, wanted: &AnyObject) {
        self.standing = OnceLock::from((manager, wanted.clone()));
    }

    /// Remembers that an apply of this would change nothing.
    pub fn found_standing(&self, manager: Manager, wanted: &AnyObject) {
        self.standing.get_or_init(|| (manager, wanted.clone()));
    }

    /// What an apply of `wanted`, in the form of [`document`], to the stored object would come to.
    pub fn apply(&self, stored: &AnyObject, manager: &Manager, part: Part, wanted: &Value) -> Applied {
        let custom = stored.info.custom;
        let before = self.settled();
        let mut entries = Vec::clone(before);
        let mine = Entry { manager: manager.clone(), operation: Operation::Apply, part, fields: fields_of(custom, "", wanted).below() };
        let live = document(stored, part);
        let mut merged = live.clone();
        merge::merge(custom, "", &mut merged, wanted);
        let last = entries.iter().position(|entry| entry.is(manager, Operation::Apply, part));
        let last = last.map(|place| entries.remove(place));
        if let Some(last) = last {
            let mut kept = mine.fields.clone();
            entries.iter().filter(|entry| entry.part == part).for_each(|entry| kept.unite(&entry.fields));
            merge::prune(custom, "", &mut merged, &last.fields, &kept);
        }
        let difference = compare(custom, "", &live, &merged);
        let others = entries.iter().filter(|entry| entry.part == part);
        let conflicts = others.flat_map(|entry| conflicts(stored, entry, &difference.changed)).collect();
        lose(&mut entries, part, &difference);
        if !mine.fields.is_empty() {
            entries.push(mine);
        }
        sort(&mut entries);
        let ownership_changed = entries != **before;
        let managers = Self { entries: Arc::new(entries), ..Self::default() };
        Applied { owned: Owned::read(stored, part, &merged), managers, ownership_changed, conflicts }
    }

    /// `metadata.managedFields`, without times.
    pub fn to_wire(&self, object: &AnyObject) -> Value {
        let entries = self.settled().iter().map(|entry| {
            let mut wire = json!({
                "manager": entry.manager,
                "operation": if entry.operation == Operation::Apply { "Apply" } else { "Update" },
                "apiVersion": object.info.api_version,
                "fieldsType": "FieldsV1",
                "fieldsV1": entry.fields.to_wire(),
            });
            if entry.part == Part::Status {
                wire["subresource"] = "status".into();
            }
            wire
        });
        entries.collect()
    }

    /// The entries with what was put down made into sets.
    fn settled(&self) -> &Arc<Vec<Entry>> {
        if self.log.is_empty() {
            return &self.entries;
        }
        self.settled.get_or_init(|| {
            let mut settled = Self { entries: self.entries.clone(), log: self.log.clone(), ..Self::default() };
            settled.settle();
            settled.entries
        })
    }

    /// Makes sets of what was put down.
    fn settle(&mut self) {
        let entries = Arc::make_mut(&mut self.entries);
        for write in std::mem::take(&mut self.log) {
            let Write { manager, operation, part, before, after } = write;
            let custom = after.info.custom;
            let new = document(&after, part);
            let difference = match before {
                Some(before) => compare(custom, "", &document(&before, part), &new),
                None => Difference { changed: fields_of(custom, "", &new).below(), removed: Fields::default() },
            };
            lose(entries, part, &difference);
            let place = entries.iter().position(|entry| entry.is(&manager, operation, part));
            let place = place.unwrap_or_else(|| {
                entries.push(Entry { manager, operation, part, fields: Fields::default() });
                entries.len() - 1
            });
            entries[place].fields.unite(&difference.changed);
            entries.retain(|entry| !entry.fields.is_empty());
        }
        sort(entries);
    }
}

/// Takes from every manager what a write has changed or removed.
fn lose(entries: &mut Vec<Entry>, part: Part, difference: &Difference) {
    for entry in entries.iter_mut().filter(|entry| entry.part == part) {
        entry.fields.subtract(&difference.changed);
        entry.fields.subtract(&difference.removed);
    }
    entries.retain(|entry| !entry.fields.is_empty());
}

/// Gives the entries a fixed order, so that equal ownership is equal.
fn sort(entries: &mut [Entry]) {
    entries.sort_by(|a, b| {
        let key = |entry: &Entry| (entry.operation != Operation::Apply, entry.part);
        key(a).cmp(&key(b)).then_with(|| a.manager.cmp(&b.manager))
    });
}

/// Whether two applied objects name the same fields with the same values.
fn same_wish(a: &AnyObject, b: &AnyObject) -> bool {
    api::object::same_section(&a.spec, &b.spec) && same_managed_meta(&a.meta, &b.meta)
}

/// Whether the part of metadata that has owners is the same.
pub(super) fn same_managed_meta(a: &Arc<Meta>, b: &Arc<Meta>) -> bool {
    let same = || a.labels == b.labels && a.annotations == b.annotations && a.owners == b.owners && a.finalizers == b.finalizers;
    Arc::ptr_eq(a, b) || same()
}

/// Metadata with the part that has owners taken from elsewhere.
pub(super) fn with_managed_meta(meta: &Meta, from: &Meta) -> Meta {
    Meta {
        labels: from.labels.clone(),
        annotations: from.annotations.clone(),
        owners: from.owners.clone(),
        finalizers: from.finalizers.clone(),
        ..meta.clone()
    }
}

/// What of an object has owners, in its wire form.
pub(super) fn document(object: &AnyObject, part: Part) -> Value {
    let mut document = object.to_wire();
    keep_owned(&mut document, part, object.info.has_status);
    document
}

/// Leaves of a wire form only what has owners.
pub(super) fn keep_owned(document: &mut Value, part: Part, has_status: bool) {
    let Some(fields) = document.as_object_mut() else { return };
    fields.retain(|name, _| match name.as_str() {
        "apiVersion" | "kind" => false,
        "metadata" => part == Part::Main,
        "status" => part == Part::Status || !has_status,
        _ => part == Part::Main,
    });
    if let Some(meta) = fields.get_mut("metadata").and_then(Value::as_object_mut) {
        meta.retain(|name, _| ["labels", "annotations", "finalizers", "ownerReferences"].contains(&name.as_str()));
        if meta.is_empty() {
            fields.remove("metadata");
        }
    }
}

/// The fields of an entry that a write would take over.
fn conflicts(stored: &AnyObject, entry: &Entry, changed: &Fields) -> Vec<Conflict> {
    let status = if entry.part == Part::Status { " with subresource \"status\"" } else { "" };
    let manager = format!("{:?}{status} using {}", entry.manager, stored.info.api_version);
    entry.fields.common(changed).into_iter().map(|path| Conflict { manager: manager.clone(), path }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use api::kinds::AuthorizationPolicy;
    use api::{Labels, Object, ObjectKey};
    use proptest::prelude::*;

    fn object(labels: &Labels) -> AnyObject {
        let meta = Meta { labels: Arc::new(labels.clone()), ..Meta::new(ObjectKey::new("n", "p")) };
        Object::<AuthorizationPolicy>::new(meta, json!({})).into_any()
    }

    /// Writes of three managers that each give some label a value which it never had before.
    fn writes() -> impl Strategy<Value = Vec<(usize, String)>> {
        prop::collection::vec((0..3usize, "[abcd]"), 0..60)
    }

    proptest! {
        #[test]
        fn it_makes_no_difference_when_sets_are_made_of_writes(writes in writes()) {
            let (mut late, mut soon) = (Managers::default(), Managers::default());
            let mut labels = Labels::new();
            for (count, (manager, label)) in writes.into_iter().enumerate() {
                let manager = Manager::Borrowed(["x", "y", "z"][manager]);
                let before = object(&labels);
                labels.insert(label, count.to_string());
                let after = object(&labels);
                late.note(manager.clone(), Part::Main, Some(&before), &after);
                soon.note(manager, Part::Main, Some(&before), &after);
                soon.settle();
                prop_assert!(late.log.len() <= LONGEST_LOG);
            }
            let last = object(&labels);
            prop_assert_eq!(late.to_wire(&last), soon.to_wire(&last));
        }

        #[test]
        fn every_label_has_exactly_the_manager_that_wrote_it_last(writes in writes()) {
            let (mut managers, mut labels) = (Managers::default(), Labels::new());
            let mut last = std::collections::BTreeMap::new();
            for (count, (manager, label)) in writes.into_iter().enumerate() {
                let manager = ["x", "y", "z"][manager];
                let before = object(&labels);
                labels.insert(label.clone(), count.to_string());
                last.insert(label, manager);
                managers.note(Manager::Borrowed(manager), Part::Main, Some(&before), &object(&labels));
            }
            managers.settle();
            for (label, manager) in last {
                let owns = |entry: &&Entry| {
                    entry.fields.to_wire()["f:metadata"]["f:labels"].get(format!("f:{label}")).is_some()
                };
                let owners: Vec<&str> = managers.entries.iter().filter(owns).map(|entry| &*entry.manager).collect();
                prop_assert_eq!(owners, [manager]);
            }
        }
    }
}
