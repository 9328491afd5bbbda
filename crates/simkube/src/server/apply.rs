//! Server-side apply, always with force.
//!
//! Named shortcut: ownership is kept for appliers only, as what each of them last applied, not as a set of field paths for every
//! writer. It tells which fields an applier has given up; a field given up goes unless another applier still wants it. Creates, updates
//! and patches own nothing, so a field that such a writer shares with an applier goes with the applier.

use super::apply_merge::{Lists, merge_applied};
use super::refusal::{Refusal, conflict, invalid};
use super::{Effect, Server, Stored};
use api::object::{AnySection, same_section};
use api::{AnyObject, Labels, Meta, OwnerRef};
use std::sync::Arc;

/// What a field manager last applied to an object, and what came of it.
#[derive(Clone, Debug)]
pub(crate) struct Applied {
    manager: &'static str,
    wanted: AnyObject,
    /// Spec and metadata right after: while they are still the same, nobody touched them. Absent until the effect is carried out.
    result: Option<(Arc<dyn AnySection>, Arc<Meta>)>,
}

impl Applied {
    /// Whether the same apply again would find everything as it left it.
    fn still_stands(&self, wanted: &AnyObject, stored: &AnyObject) -> bool {
        let Some((spec, meta)) = &self.result else {
            return false;
        };
        same_wish(&self.wanted, wanted)
            && same_section(spec, &stored.spec)
            && meta.labels == stored.meta.labels
            && meta.annotations == stored.meta.annotations
            && meta.owners == stored.meta.owners
            && meta.finalizers == stored.meta.finalizers
    }
}

/// Whether two applied configurations name the same fields with the same values.
fn same_wish(a: &AnyObject, b: &AnyObject) -> bool {
    same_section(&a.spec, &b.spec)
        && a.meta.labels == b.meta.labels
        && a.meta.annotations == b.meta.annotations
        && a.meta.owners == b.meta.owners
        && a.meta.finalizers == b.meta.finalizers
}

impl Server {
    /// PATCH with `application/apply-patch+yaml` and `force=true`.
    pub(super) fn decide_apply(&self, manager: &'static str, wanted: &AnyObject) -> Result<Effect, Refusal> {
        let (info, key) = (wanted.info, &wanted.meta.key);
        let Some(stored) = self.stored(info, key) else {
            return self.decide_create(wanted, Arc::from([Applied { manager, wanted: wanted.clone(), result: None }]));
        };
        let old = &stored.object;
        if wanted.meta.resource_version.is_some_and(|version| old.meta.resource_version != Some(version)) {
            return Err(conflict(info, key).into());
        }
        let last = stored.applied.iter().find(|applied| applied.manager == manager);
        if last.is_some_and(|last| last.still_stands(wanted, old)) {
            return Ok(Effect::Nothing(vec![old.clone()]));
        }
        let mut new = old.clone();
        new.meta = merged_meta(stored, manager, &wanted.meta);
        new.spec = merged_spec(stored, manager, wanted).map_err(|error| invalid(info, &key.name, &[format!("spec: {error}")]))?;
        let applied = with(stored, Applied { manager, wanted: wanted.clone(), result: None });
        Ok(match self.settle(stored, new)? {
            Effect::Replace { new, .. } => Effect::Replace { new, applied },
            // Ownership is part of the object: a change of it alone is a write.
            Effect::Nothing(_) if !last.is_some_and(|last| same_wish(&last.wanted, wanted)) => {
                Effect::Replace { new: old.clone(), applied }
            }
            effect => effect,
        })
    }
}

/// The appliers of a stored object, with this one's wish in place of its last.
fn with(stored: &Stored, applied: Applied) -> Arc<[Applied]> {
    let manager = applied.manager;
    let others = stored.applied.iter().filter(|other| other.manager != manager).cloned();
    others.chain([applied]).collect()
}

/// Remembers what came of an apply: called with the object as it was stored.
pub(super) fn note_result(applied: &mut Arc<[Applied]>, stored: &AnyObject) {
    if applied.iter().any(|applied| applied.result.is_none()) {
        for applied in Arc::make_mut(applied).iter_mut().filter(|applied| applied.result.is_none()) {
            applied.result = Some((stored.spec.clone(), stored.meta.clone()));
        }
    }
}

fn merged_spec(stored: &Stored, manager: &str, wanted: &AnyObject) -> Result<Arc<dyn AnySection>, serde_json::Error> {
    let mut live = stored.object.spec.to_json();
    let applied = wanted.spec.to_json();
    let lists = if wanted.info.custom { Lists::Atomic } else { Lists::Keyed };
    let given_up = stored.applied.iter().find(|last| last.manager == manager).map(|last| last.wanted.spec.to_json());
    let kept = stored.applied.iter().filter(|other| other.manager != manager).map(|other| other.wanted.spec.to_json()).collect::<Vec<_>>();
    merge_applied(&mut live, given_up.as_ref(), &applied, &kept, lists);
    (wanted.info.decode.spec)(&live)
}

fn merged_meta(stored: &Stored, manager: &str, wanted: &Meta) -> Arc<Meta> {
    let last = stored.applied.iter().find(|last| last.manager == manager).map(|last| &*last.wanted.meta);
    let others: Vec<&Meta> = stored.applied.iter().filter(|other| other.manager != manager).map(|other| &*other.wanted.meta).collect();
    let mut new = Meta::clone(&stored.object.meta);
    merge_map(&mut new.labels, last.map(|last| &*last.labels), &wanted.labels, |key| others.iter().any(|o| o.labels.contains_key(key)));
    merge_map(&mut new.annotations, last.map(|last| &*last.annotations), &wanted.annotations, |key| {
        others.iter().any(|o| o.annotations.contains_key(key))
    });
    new.owners = merged_owners(&new.owners, last.map_or(&[], |last| &last.owners), &wanted.owners);
    new.finalizers = merged_finalizers(&new.finalizers, last.map_or(&[], |last| &last.finalizers), &wanted.finalizers);
    if new == *stored.object.meta { stored.object.meta.clone() } else { Arc::new(new) }
}

fn merge_map(live: &mut Arc<Labels>, last: Option<&Labels>, wanted: &Labels, still_wanted: impl Fn(&str) -> bool) {
    let gone = |key: &String| last.is_some_and(|last| last.contains_key(key)) && !wanted.contains_key(key) && !still_wanted(key);
    if !live.keys().any(gone) && wanted.iter().all(|(key, value)| live.get(key) == Some(value)) {
        return;
    }
    let map = Arc::make_mut(live);
    map.retain(|key, _| !gone(key));
    map.extend(wanted.iter().map(|(key, value)| (key.clone(), value.clone())));
}

/// `ownerReferences` merge by uid.
fn merged_owners(live: &[OwnerRef], last: &[OwnerRef], wanted: &[OwnerRef]) -> Arc<[OwnerRef]> {
    let stays = |owner: &&OwnerRef| !last.iter().chain(wanted).any(|other| other.uid == owner.uid);
    let replaced = live.iter().filter_map(|owner| wanted.iter().find(|w| w.uid == owner.uid).or(Some(owner).filter(stays)));
    let added = wanted.iter().filter(|owner| !live.iter().any(|other| other.uid == owner.uid));
    replaced.chain(added).cloned().collect()
}

/// `finalizers` are a set.
fn merged_finalizers(live: &[Arc<str>], last: &[Arc<str>], wanted: &[Arc<str>]) -> Arc<[Arc<str>]> {
    let kept = live.iter().filter(|name| wanted.contains(name) || !last.contains(name));
    let added = wanted.iter().filter(|name| !live.contains(name));
    kept.chain(added).cloned().collect()
}
