//! Patches as they come over the wire: merge patches and lists of operations.
//!
//! As in a real server a patch is worked into the stored document, and what comes of it is an update: of the version that stands in it
//! afterwards. So a resourceVersion in the patch is a precondition, and one that it removes is missing.
//!
//! Source: Kubernetes API Concepts, "Patch"; `apiserver/pkg/endpoints/handlers/patch.go`.

use super::refusal::{Refusal, bad_request, invalid, no_such_resource, not_found};
use super::{Effect, Server};
use crate::boundary::{Part, PatchBody};
use api::{AnyObject, KindInfo, ObjectKey};
use ports::ApiError;
use serde_json::Value;

impl Server {
    /// PATCH with `application/merge-patch+json` or `application/json-patch+json`.
    pub(super) fn decide_patch_json(
        &self,
        info: &'static KindInfo,
        key: &ObjectKey,
        part: Part,
        body: &PatchBody,
    ) -> Result<Effect, Refusal> {
        if part == Part::Status && !info.has_status {
            return Err(no_such_resource());
        }
        let stored = self.stored(info, key).ok_or_else(|| not_found(info, key))?;
        let mut document = stored.object.to_wire();
        work_in(&mut document, body)?;
        let patched = AnyObject::from_wire(info, &document).map_err(|error| invalid(info, &key.name, &[format!("patch: {error}")]))?;
        for (what, asked, found) in
            [("name", &patched.meta.key.name, &key.name), ("namespace", &patched.meta.key.namespace, &key.namespace)]
        {
            if asked != found {
                return Err(bad_request(&format!("the {what} of the object ({asked}) does not match the {what} on the URL ({found})")));
            }
        }
        match part {
            Part::Main => self.decide_update(&patched),
            Part::Status => self.decide_update_status(&patched),
        }
    }
}

fn work_in(document: &mut Value, body: &PatchBody) -> Result<(), Refusal> {
    match body {
        PatchBody::Merge(patch) if patch.is_object() => json_patch::merge(document, patch),
        PatchBody::Merge(_) => return Err(bad_request("error decoding patch: a merge patch is an object")),
        PatchBody::Operations(operations) => {
            let patch: json_patch::Patch =
                serde_json::from_value(operations.clone()).map_err(|error| bad_request(&format!("error decoding patch: {error}")))?;
            // A path that does not exist and a test that fails are answered alike, without a word on which.
            json_patch::patch(document, &patch)
                .map_err(|_| ApiError::Invalid("the server rejected our request due to an error in our request".into()))?;
        }
    }
    Ok(())
}
