//! `foreign-object`: controllers keep their hands off what is not theirs.
//!
//! *Owned*: the object that is reconciled, or one with a controller ownerReference to its uid; told apart by uid, so that a namesake of a
//! later life is another object. What counts is who owned the object before the write: an apply that takes over an object that somebody
//! else made changes a foreign object. A creation changes nothing that was there. Submissions to sidecars are no change of an object.

use crate::call::{Called, OperatorCall};
use crate::docket::{Class, Docket, Finding, LawInfo, ObjectRef};
use crate::sight::{Fact, Sight};
use api::AnyObject;
use simkube::Actor;
use std::collections::BTreeSet;
use uuid::Uuid;

/// The law.
pub const LAW: LawInfo =
    LawInfo { id: "foreign-object", class: Class::Safety, law: "a controller never changes or deletes an object it does not own" };

/// The uids of objects that have been told of, each with the controller's own: writing to one again and again is one wrong.
#[derive(Clone, Debug, Default)]
pub struct ForeignObject {
    told: BTreeSet<(Uuid, Uuid)>,
}

impl ForeignObject {
    /// Looks at a fact.
    pub fn observe(&mut self, sight: &Sight<'_>, fact: &Fact<'_>, docket: &mut Docket) {
        let (Fact::Stored(change), Some(call)) = (fact, sight.call) else { return };
        let (Called::Api { verb, .. }, Actor::Operator(_)) = (call.called, change.actor) else { return };
        let Some(object) = change.old.as_ref().filter(|object| !is_owned(call, object)) else { return };
        let uids = call.primary.meta.uid.zip(object.meta.uid);
        if uids.is_some_and(|uids| self.told.insert(uids)) {
            let written = ObjectRef::new(object.info.kind, object.meta.key.name.clone());
            let primary = ObjectRef::new(call.primary.info.kind, call.primary.meta.key.name.clone());
            let message = format!("the reconcile of {primary} writes to {written}, which it does not own: {verb:?}");
            let objects = vec![written, primary];
            docket.violated(&LAW, sight.now, Finding { since: sight.now, objects, events: vec![sight.event], message });
        }
    }
}

fn is_owned(call: &OperatorCall, object: &AnyObject) -> bool {
    let primary = &call.primary.meta;
    (object.meta.uid.is_some() && object.meta.uid == primary.uid) || object.meta.is_controlled_by(primary.uid)
}
