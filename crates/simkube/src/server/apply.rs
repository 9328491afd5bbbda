//! Server-side apply: a manager says all it wants, and gets it unless that takes fields from others without force.
//!
//! Source: Kubernetes documentation, "Server-Side Apply".

use super::fields::{self, Applied, Conflict, Manager, Managers};
use super::refusal::{Refusal, bad_request, conflict, invalid, no_such_resource, not_found, unreadable};
use super::{Claim, Effect, Server, Stored};
use crate::boundary::Part;
use api::memo::is_spot_checked;
use api::{AnyObject, KindInfo, Meta, ObjectKey, ResourceVersion};
use ports::ApiError;
use serde_json::Value;
use std::sync::Arc;

/// An apply as it comes over the wire.
pub(super) struct Apply<'a> {
    pub info: &'static KindInfo,
    pub key: &'a ObjectKey,
    pub part: Part,
    pub manager: &'a Manager,
    pub body: &'a Value,
    pub force: bool,
}

impl Server {
    /// PATCH with `application/apply-patch+yaml` and `force=true`, of an object with its types.
    pub(super) fn decide_apply(&self, manager: &'static str, wanted: &AnyObject) -> Result<Effect, Refusal> {
        let (info, key) = (wanted.info, &wanted.meta.key);
        let manager = Manager::Borrowed(manager);
        let Some(stored) = self.stored(info, key) else {
            return self.decide_create(wanted, Claim::Settled(Arc::new(Managers::created_by(manager, wanted))));
        };
        check_version(stored, wanted.meta.resource_version)?;
        if stored.managers.stands(&manager, wanted) {
            let changes_nothing = || matches!(self.apply_anew(stored, &manager, wanted), Ok(Effect::Nothing(_)));
            debug_assert!(!is_spot_checked() || changes_nothing(), "what stands is not as it was applied");
            return Ok(Effect::Nothing(vec![stored.object.clone()]));
        }
        let effect = self.apply_anew(stored, &manager, wanted)?;
        if matches!(effect, Effect::Nothing(_)) {
            stored.managers.found_standing(manager, wanted);
        }
        Ok(effect)
    }

    fn apply_anew(&self, stored: &Stored, manager: &Manager, wanted: &AnyObject) -> Result<Effect, Refusal> {
        let mut applied = stored.managers.apply_object(&stored.object, manager, wanted);
        applied.managers.set_standing(manager.clone(), wanted);
        self.settle_applied(stored, Part::Main, applied)
    }

    /// The answer to an apply that stands, if it does. From then on what stands is this very wish, so that asking again compares pointers.
    pub(super) fn standing_apply(&mut self, manager: &'static str, wanted: &AnyObject) -> Option<AnyObject> {
        let stored = self.tables.of_mut(wanted.info).get_mut(&wanted.meta.key)?;
        if wanted.meta.resource_version.is_some() || !stored.managers.stands(manager, wanted) {
            return None;
        }
        if !stored.managers.stands_as(wanted) {
            Arc::make_mut(&mut stored.managers).set_standing(Manager::Borrowed(manager), wanted);
        }
        Some(stored.object.clone())
    }

    /// The same with a body, of any part, with or without force.
    pub(super) fn decide_apply_json(&self, apply: &Apply<'_>) -> Result<Effect, Refusal> {
        let Apply { info, key, part, manager, body, force } = *apply;
        if manager.is_empty() {
            return Err(bad_request("PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is required for apply patch"));
        }
        if part == Part::Status && !info.has_status {
            return Err(no_such_resource());
        }
        let meta = body.get("metadata").map(Meta::from_wire).transpose().map_err(|error| bad_request(&error.to_string()))?;
        if let Some(name) = meta.as_ref().map(|meta| meta.name()).filter(|name| !name.is_empty() && **name != *key.name) {
            let url = &key.name;
            return Err(bad_request(&format!("the name of the object ({name}) does not match the name on the URL ({url})")));
        }
        let Some(stored) = self.stored(info, key) else {
            if part == Part::Status {
                return Err(not_found(info, key).into());
            }
            return self.create_applied(apply);
        };
        check_version(stored, meta.and_then(|meta| meta.resource_version))?;
        let mut wanted = api::pruned(info, body);
        fields::keep_owned(&mut wanted, part, info.has_status);
        let applied = stored.managers.apply(&stored.object, manager, part, &wanted);
        if !force && !applied.conflicts.is_empty() {
            return Err(ApiError::ApplyConflict(message(&applied.conflicts).into()).into());
        }
        self.settle_applied(stored, part, applied)
    }

    fn create_applied(&self, apply: &Apply<'_>) -> Result<Effect, Refusal> {
        let Apply { info, key, manager, body, .. } = *apply;
        let mut new = AnyObject::from_wire(info, body).map_err(|error| unreadable(info, body, &error))?;
        Arc::make_mut(&mut new.meta).key = key.clone();
        let mut wanted = api::pruned(info, body);
        fields::keep_owned(&mut wanted, Part::Main, info.has_status);
        // An empty object owns nothing: what an apply to it comes to is what the new object's managers are.
        let managers = Managers::default().apply(&new, manager, Part::Main, &wanted).managers;
        self.decide_create(&new, Claim::Settled(Arc::new(managers)))
    }

    fn settle_applied(&self, stored: &Stored, part: Part, applied: Applied) -> Result<Effect, Refusal> {
        let old = &stored.object;
        let Applied { owned, managers, ownership_changed, .. } = applied;
        let owned = owned.map_err(|problem| invalid(old.info, old.meta.name(), &[problem]))?;
        Ok(match self.settle(stored, owned.over(old), part)? {
            Effect::Replace { new, .. } => Effect::Replace { new, claim: Claim::Settled(Arc::new(managers)) },
            // Ownership is part of the object: a change of it alone is a write.
            Effect::Nothing(_) if ownership_changed => Effect::Replace { new: old.clone(), claim: Claim::Settled(Arc::new(managers)) },
            effect => effect,
        })
    }
}

fn check_version(stored: &Stored, version: Option<ResourceVersion>) -> Result<(), Refusal> {
    let meta = &stored.object.meta;
    match version.is_some_and(|version| meta.resource_version != Some(version)) {
        true => Err(conflict(stored.object.info, &meta.key).into()),
        false => Ok(()),
    }
}

/// The message of a refused apply, as `kubectl` prints it.
fn message(conflicts: &[Conflict]) -> String {
    if let [Conflict { manager, path }] = conflicts {
        return format!("Apply failed with 1 conflict: conflict with {manager}: {path}");
    }
    let mut lines = Vec::new();
    let mut last = None;
    for Conflict { manager, path } in conflicts {
        if last != Some(manager) {
            lines.push(format!("conflicts with {manager}:"));
            last = Some(manager);
        }
        lines.push(format!("- {path}"));
    }
    format!("Apply failed with {} conflicts: {}", conflicts.len(), lines.join("\n"))
}
