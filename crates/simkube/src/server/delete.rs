//! DELETE: finalizers, grace periods and what becomes of dependents.
//!
//! Follows the registry's `BeforeDelete` and `deletionFinalizersForGarbageCollection`: propagation is nothing but a finalizer that the
//! garbage collector later removes.

use super::refusal::{Refusal, failed_precondition, not_found};
use super::{Claim, Effect, Server};
use crate::selector::Selector;
use api::kinds::Pod;
use api::{AnyObject, KindInfo, Meta, ObjectKey, Time};
use ports::{ApiError, DeleteOptions, Propagation};
use simcore::SimTime;
use std::sync::Arc;

/// Holds an object until its blocking dependents are gone.
pub(crate) const FOREGROUND: &str = "foregroundDeletion";
/// Holds an object until its dependents have lost their reference to it.
pub(crate) const ORPHAN: &str = "orphan";

/// What a graceful deletion may still wait for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Grace {
    /// What the kind and the object say.
    Default,
    /// Nothing: it is over.
    Over,
}

impl Server {
    /// DELETE.
    pub(super) fn decide_delete(
        &self,
        now: SimTime,
        info: &'static KindInfo,
        key: &ObjectKey,
        options: DeleteOptions,
        grace: Grace,
    ) -> Result<Effect, Refusal> {
        let stored = self.stored(info, key).ok_or_else(|| not_found(info, key))?;
        let old = &stored.object;
        check_preconditions(old, options)?;
        let mut meta = Meta::clone(&old.meta);
        meta.finalizers = finalizers_for(info, &old.meta, options.propagation);
        let seconds = match (grace, meta.deletion_grace_seconds) {
            (Grace::Over, _) => 0,
            (Grace::Default, Some(already)) => options.grace_seconds.map_or(already, |_| grace_seconds(old, options).min(already)),
            (Grace::Default, None) => grace_seconds(old, options),
        };
        mark(&mut meta, self.wall(now), seconds);
        if meta == *old.meta {
            return Ok(Effect::Nothing(vec![old.clone()]));
        }
        let new = AnyObject { meta: Arc::new(meta), ..old.clone() };
        Ok(if may_go(&new.meta) { Effect::Remove(new) } else { Effect::Replace { new, claim: Claim::Kept } })
    }

    /// DELETE of a collection: of each of its objects on its own. One that is refused is left out, as one that someone else was faster
    /// with.
    pub(super) fn decide_delete_collection(
        &self,
        now: SimTime,
        info: &'static KindInfo,
        namespace: &str,
        selector: &Selector,
        options: DeleteOptions,
    ) -> Result<Effect, Refusal> {
        if namespace.is_empty() {
            return Err(ApiError::MethodNotAllowed.into());
        }
        let selected: Vec<AnyObject> = self.selected(info, namespace, selector).cloned().collect();
        let mut effects = Vec::new();
        for object in &selected {
            match self.decide_delete(now, info, &object.meta.key, options, Grace::Default) {
                Ok(Effect::Nothing(_)) | Err(Refusal::Api(_)) => {}
                Ok(effect) => effects.push(effect),
                Err(refusal) => return Err(refusal),
            }
        }
        Ok(if effects.is_empty() { Effect::Nothing(selected) } else { Effect::Several { effects, answer: selected } })
    }
}

/// `Preconditions.Check`.
fn check_preconditions(old: &AnyObject, options: DeleteOptions) -> Result<(), Refusal> {
    let (info, key) = (old.info, &old.meta.key);
    if let (Some(asked), Some(found)) = (options.uid, old.meta.uid)
        && asked != found
    {
        return Err(failed_precondition(info, key, "UID", asked, found).into());
    }
    if let (Some(asked), Some(found)) = (options.resource_version, old.meta.resource_version)
        && asked != found
    {
        return Err(failed_precondition(info, key, "ResourceVersion", asked.0, found.0).into());
    }
    Ok(())
}

/// Whether a terminating object has nothing left to wait for.
pub(super) fn may_go(meta: &Meta) -> bool {
    meta.deleting.is_some() && meta.finalizers.is_empty() && meta.deletion_grace_seconds == Some(0)
}

/// Marks for deletion. A deletion that has begun can only become shorter.
fn mark(meta: &mut Meta, wall: Time, seconds: i64) {
    match meta.deletion_grace_seconds {
        Some(already) if already <= seconds => {}
        Some(already) => {
            meta.deleting = meta.deleting.map(|at| at.plus_seconds(seconds - already));
            meta.deletion_grace_seconds = Some(seconds);
        }
        None => {
            meta.deleting = Some(wall.plus_seconds(seconds));
            meta.deletion_grace_seconds = Some(seconds);
        }
    }
}

/// Only pods are deleted gracefully, and of those only such as a kubelet may be running.
fn grace_seconds(object: &AnyObject, options: DeleteOptions) -> i64 {
    let (Some(spec), Some(status)) = (object.spec_as::<Pod>(), object.status_as::<Pod>()) else {
        return 0;
    };
    let over = matches!(status.phase.as_deref(), Some("Succeeded" | "Failed"));
    if over || spec.node_name.is_none() {
        return 0;
    }
    match options.grace_seconds.or(spec.termination_grace_period_seconds).unwrap_or(30) {
        negative if negative < 0 => 1,
        seconds => seconds,
    }
}

/// The finalizers of an object once its deletion has been asked for.
fn finalizers_for(info: &KindInfo, meta: &Meta, propagation: Propagation) -> Arc<[Arc<str>]> {
    let wanted = match propagation {
        Propagation::Foreground => Some(FOREGROUND),
        Propagation::Orphan => Some(ORPHAN),
        Propagation::Background => None,
        Propagation::Default if meta.has_finalizer(ORPHAN) => Some(ORPHAN),
        Propagation::Default if meta.has_finalizer(FOREGROUND) => Some(FOREGROUND),
        Propagation::Default => (info.kind == "Job").then_some(ORPHAN),
    };
    let kept = meta.finalizers.iter().filter(|name| wanted == Some(&***name) || ![FOREGROUND, ORPHAN].contains(&&***name));
    let added = wanted.filter(|name| !meta.has_finalizer(name)).map(Arc::from);
    kept.cloned().chain(added).collect()
}
