//! `lost-update`: nobody's change is overwritten by who has not seen it, and what a person asked for is not forgotten.
//!
//! A write follows from a copy: the base of a patch, the object of an update. When the stored object has moved on since that copy, the
//! fields that the write changes are compared with those that others changed in between: lists as wholes, maps per key. *Another actor*
//! is anyone but the same controller in the same process; the plan executor is part of the controller that calls it. A creation follows
//! from no copy, nor does a delete, nor an apply: that says what is wanted whatever is there. Followed are groups and nodes; of other
//! objects the operator patches only the owner references that Retain takes off.
//!
//! At rest, the newest generation of the group's spec is applied if `replicas` of the nodes that it owns carry the template: all of it but
//! what the operator puts in itself (pod labels, the bootstrap's image and target, the part in a ceremony). A failure that is visible will do.

use crate::at_end::Wrong;
use crate::call::{Called, OperatorCall};
use crate::docket::{Class, Docket, EventNumber, Finding, LawInfo, ObjectRef};
use crate::failure;
use crate::sight::{Fact, Sight};
use api::{AnyObject, Kind, ResourceVersion, SeiNode, SeiNodeDeployment, SeiNodeSpec};
use serde_json::{Value, json};
use simkube::{Actor, ProcessId, StoreChange};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// The law.
pub const LAW: LawInfo = LawInfo {
    id: "lost-update",
    class: Class::Safety,
    law: "a write at r2 based on r1 changes no field that another actor changed in (r1, r2); at rest the newest generation is applied or its failure is visible",
};

/// How many changes of an object are remembered: a copy that is older still is compared with these alone.
const REMEMBERED: usize = 64;

/// The last changes of each group and node.
#[derive(Clone, Debug, Default)]
pub struct LostUpdate {
    changes: BTreeMap<ObjectRef, VecDeque<Change>>,
}

/// One change of an object.
#[derive(Clone, Debug)]
struct Change {
    by: Writer,
    event: EventNumber,
    result: AnyObject,
}

/// Who writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Writer {
    /// A controller, by process and the kind that it reconciles.
    Controller(ProcessId, &'static str),
    /// Somebody else.
    Other(Actor),
}

impl Writer {
    fn of(change: &StoreChange, call: Option<&OperatorCall>) -> Self {
        match (change.actor, call) {
            (Actor::Operator(process), Some(call)) => Self::Controller(process, call.primary.info.kind),
            (actor, _) => Self::Other(actor),
        }
    }
}

impl LostUpdate {
    /// Looks at a fact.
    pub fn observe(&mut self, sight: &Sight<'_>, fact: &Fact<'_>, docket: &mut Docket) {
        let Fact::Stored(change) = fact else { return };
        let object = change.object();
        if object.info.kind != SeiNode::INFO.kind && object.info.kind != SeiNodeDeployment::INFO.kind {
            return;
        }
        let reference = ObjectRef::new(object.info.kind, object.meta.key.name.clone());
        let by = Writer::of(change, sight.call);
        let (Some(old), Some(new)) = (&change.old, &change.new) else {
            self.changes.remove(&reference);
            if let Some(new) = &change.new {
                self.changes.entry(reference).or_default().push_back(Change { by, event: sight.event, result: new.clone() });
            }
            return;
        };
        let base = sight.call.and_then(|call| match call.called {
            Called::Api { base, .. } => base,
            Called::Sidecar => None,
        });
        let changes = self.changes.entry(reference.clone()).or_default();
        if let (Writer::Controller(..), Some(base)) = (by, base)
            && old.meta.resource_version > Some(base)
        {
            judge(sight, &reference, changes, base, by, (old, new), docket);
        }
        if changes.len() == REMEMBERED {
            changes.pop_front();
        }
        changes.push_back(Change { by, event: sight.event, result: new.clone() });
    }
}

/// Compares what a write from an old copy changes with what others have changed since that copy.
fn judge(
    sight: &Sight<'_>,
    object: &ObjectRef,
    changes: &VecDeque<Change>,
    base: ResourceVersion,
    by: Writer,
    (old, new): (&AnyObject, &AnyObject),
    docket: &mut Docket,
) {
    let written = changed_fields(old, new);
    let since_base = changes.iter().zip(changes.iter().skip(1)).filter(|(_, change)| change.result.meta.resource_version > Some(base));
    let theirs = since_base.filter(|(_, change)| change.by != by);
    let mut overwritten = theirs.filter_map(|(before, change)| {
        let fields = changed_fields(&before.result, &change.result);
        Some((fields.intersection(&written).next()?.clone(), change.event))
    });
    if let Some((field, event)) = overwritten.next() {
        let message = format!("{object}: {field} is written from a copy of before another's change of it");
        docket.violated(
            &LAW,
            sight.now,
            Finding { since: sight.now, objects: vec![object.clone()], events: vec![event, sight.event], message },
        );
    }
}

/// The fields in which two versions of an object differ: lists as wholes, maps per key.
fn changed_fields(old: &AnyObject, new: &AnyObject) -> BTreeSet<String> {
    let mut fields = BTreeSet::new();
    collect("", Some(&wire(old)), Some(&wire(new)), &mut fields);
    fields
}

fn wire(object: &AnyObject) -> Value {
    let meta = &object.meta;
    let owners: Vec<String> = meta.owners.iter().map(|owner| format!("{owner:?}")).collect();
    let finalizers: Vec<&str> = meta.finalizers.iter().map(AsRef::as_ref).collect();
    let metadata = json!({ "labels": *meta.labels, "annotations": *meta.annotations, "finalizers": finalizers, "ownerReferences": owners });
    json!({ "metadata": metadata, "spec": object.spec.to_json(), "status": object.status.to_json() })
}

fn collect(path: &str, old: Option<&Value>, new: Option<&Value>, fields: &mut BTreeSet<String>) {
    if old == new {
        return;
    }
    let maps = |value: Option<&Value>| value.is_none_or(Value::is_object);
    if !(maps(old) && maps(new)) {
        fields.insert(path.to_owned());
        return;
    }
    let keys: BTreeSet<&String> = [old, new].into_iter().flatten().filter_map(Value::as_object).flat_map(serde_json::Map::keys).collect();
    for key in keys {
        let deeper = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        collect(&deeper, old.and_then(|old| old.get(key)), new.and_then(|new| new.get(key)), fields);
    }
}

/// What the newest generation lacks at rest.
pub fn at_rest(sight: &Sight<'_>) -> Vec<Wrong> {
    let Some(group) = sight.group().filter(|group| group.meta.deleting.is_none()) else { return Vec::new() };
    let nodes = sight.nodes();
    let template = &group.spec.template.spec;
    let carry = nodes.iter().filter(|node| node.meta.deleting.is_none() && carries(&node.spec, template)).count();
    let wanted = usize::try_from(group.spec.replicas).unwrap_or(0);
    if carry >= wanted || failure::is_told_by(&group.status) || nodes.iter().any(failure::is_failed) {
        return Vec::new();
    }
    let generation = group.meta.generation.unwrap_or_default();
    let message =
        format!("generation {generation} of the group is neither applied ({carry} of {wanted} nodes carry its template) nor failed");
    vec![Wrong::about(sight.group_ref(), message)]
}

/// Whether a node's spec is the template's, but for what the operator puts in itself.
fn carries(spec: &SeiNodeSpec, template: &SeiNodeSpec) -> bool {
    let labelled = template.pod_labels.iter().all(|(key, value)| spec.pod_labels.get(key) == Some(value));
    let mut spec = spec.clone();
    spec.pod_labels.clone_from(&template.pod_labels);
    if let (Some(own), Some(wanted)) = (spec.snapshot_mut(), template.snapshot()) {
        own.bootstrap_image.clone_from(&wanted.bootstrap_image);
        own.s3.clone_from(&wanted.s3);
    }
    if let (Some(own), Some(wanted)) = (&mut spec.validator, &template.validator) {
        own.genesis_ceremony.clone_from(&wanted.genesis_ceremony);
    }
    labelled && spec == *template
}
