//! What every write goes through before it takes effect: defaults, the question whether anything changes, validation.

use super::delete::may_go;
use super::fields::with_managed_meta;
use super::refusal::{Refusal, already_exists, bad_request, conflict, failed_precondition, invalid, no_such_resource, not_found};
use super::{Claim, Effect, Server, Stored, defaults, immutable, unmodelled, validation};
use crate::boundary::Part;
use api::object::{same_section, shared_eq};
use api::{AnyObject, Meta};
use std::sync::Arc;

impl Server {
    /// POST. What the server gives (uid, generated name, addresses) comes when the effect is carried out.
    pub(super) fn decide_create(&self, object: &AnyObject, claim: Claim) -> Result<Effect, Refusal> {
        let info = object.info;
        let mut meta = Meta {
            finalizers: defaults::finalizers(object),
            uid: None,
            deleting: None,
            deletion_grace_seconds: None,
            ..Meta::clone(&object.meta)
        };
        if meta.resource_version.take().is_some() {
            return Err(bad_request("resourceVersion should not be set on objects to be created"));
        }
        let mut new = AnyObject { meta: Arc::new(meta), ..object.clone() };
        if info.has_status {
            new.status = defaults::initial_status(info);
        }
        defaults::complete(None, &mut new);
        unmodelled::check(&new)?;
        validation::check(None, &new)?;
        let key = &new.meta.key;
        match self.object(info, key) {
            Some(old) if !key.name.is_empty() => Err(already_exists(info, key, old.meta.deleting.is_some()).into()),
            _ => Ok(Effect::Create { new, claim }),
        }
    }

    /// PUT of metadata and spec.
    pub(super) fn decide_update(&self, object: &AnyObject) -> Result<Effect, Refusal> {
        let stored = self.to_update(object)?;
        let old = &stored.object;
        let mut new = old.clone();
        new.meta = Arc::new(with_managed_meta(&old.meta, &object.meta));
        new.spec = object.spec.clone();
        if !object.info.has_status {
            new.status = object.status.clone();
        }
        self.settle(stored, new, Part::Main)
    }

    /// PUT of `/status`: everything else of the object is ignored but its version and uid.
    pub(super) fn decide_update_status(&self, object: &AnyObject) -> Result<Effect, Refusal> {
        if !object.info.has_status {
            return Err(no_such_resource());
        }
        let stored = self.to_update(object)?;
        let new = AnyObject { status: object.status.clone(), ..stored.object.clone() };
        self.settle(stored, new, Part::Status)
    }

    /// What a PUT replaces, if it may.
    fn to_update(&self, object: &AnyObject) -> Result<&Stored, Refusal> {
        let (info, key) = (object.info, &object.meta.key);
        let stored = self.stored(info, key).ok_or_else(|| not_found(info, key))?;
        let old = &stored.object.meta;
        if let (Some(asked), Some(found)) = (object.meta.uid, old.uid)
            && asked != found
        {
            return Err(failed_precondition(info, key, "UID", asked, found).into());
        }
        match object.meta.resource_version {
            None if info.custom => {
                let cause = "metadata.resourceVersion: Invalid value: 0x0: must be specified for an update".to_owned();
                Err(invalid(info, &key.name, &[cause]).into())
            }
            Some(version) if old.resource_version != Some(version) => Err(conflict(info, key).into()),
            _ => Ok(stored),
        }
    }

    /// Brings a change of a part of a stored object to its effect.
    pub(super) fn settle(&self, stored: &Stored, mut new: AnyObject, part: Part) -> Result<Effect, Refusal> {
        let old = &stored.object;
        if !Arc::ptr_eq(&old.spec, &new.spec) {
            defaults::complete(Some(old), &mut new);
        }
        let same_spec = same_section(&old.spec, &new.spec);
        if same_spec {
            new.spec = old.spec.clone();
        } else {
            unmodelled::check(&new)?;
            immutable::check(old, &new)?;
        }
        if same_spec && shared_eq(&old.meta, &new.meta) && same_section(&old.status, &new.status) {
            return Ok(Effect::Nothing(vec![old.clone()]));
        }
        validation::check(Some(old), &new)?;
        Ok(match may_go(&new.meta) {
            true => Effect::Remove(new),
            false => Effect::Replace { new, claim: Claim::Written(part) },
        })
    }
}
