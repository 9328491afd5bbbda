//! Merge patches, which arrive as typed (base, desired) pairs.
//!
//! A section that the store holds exactly as the caller knew it becomes what the caller wants: pointers, no JSON. Otherwise the
//! difference is made and merged as on the wire.

use super::difference::difference;
use super::refusal::{Refusal, conflict, invalid, not_found};
use super::{Effect, Server, Stored};
use api::object::{AnySection, same_section};
use api::{AnyObject, Labels, Meta};
use ports::Precondition;
use serde_json::Value;
use std::sync::Arc;

type Decoder = fn(&Value) -> Result<Arc<dyn AnySection>, serde_json::Error>;

impl Server {
    /// PATCH of metadata and spec.
    pub(super) fn decide_patch(&self, base: &AnyObject, desired: &AnyObject, precondition: Precondition) -> Result<Effect, Refusal> {
        let stored = self.to_patch(desired, precondition)?;
        let mut new = stored.object.clone();
        patch_meta(&mut new.meta, &base.meta, &desired.meta);
        new.spec = patched(desired, &stored.object.spec, &base.spec, &desired.spec, desired.info.decode.spec)?;
        self.settle(stored, new)
    }

    /// PATCH of `/status`: everything else of the pair is ignored.
    pub(super) fn decide_patch_status(&self, base: &AnyObject, desired: &AnyObject, precondition: Precondition) -> Result<Effect, Refusal> {
        let stored = self.to_patch(desired, precondition)?;
        let mut new = stored.object.clone();
        new.status = patched(desired, &stored.object.status, &base.status, &desired.status, desired.info.decode.status)?;
        self.settle(stored, new)
    }

    fn to_patch(&self, desired: &AnyObject, precondition: Precondition) -> Result<&Stored, Refusal> {
        let key = &desired.meta.key;
        let stored = self.stored(desired.info, key).ok_or_else(|| not_found(desired.info, key))?;
        match precondition {
            Precondition::Version(version) if stored.object.meta.resource_version != Some(version) => {
                Err(conflict(desired.info, key).into())
            }
            _ => Ok(stored),
        }
    }
}

/// The stored section with the difference from `base` to `desired` merged in. `object` is named in errors.
fn patched(
    object: &AnyObject,
    stored: &Arc<dyn AnySection>,
    base: &Arc<dyn AnySection>,
    desired: &Arc<dyn AnySection>,
    decode: Decoder,
) -> Result<Arc<dyn AnySection>, Refusal> {
    if same_section(base, desired) {
        return Ok(stored.clone());
    }
    if same_section(stored, base) {
        return Ok(desired.clone());
    }
    merged(stored, base, desired, decode).map_err(|error| invalid(object.info, object.meta.name(), &[error.to_string()]).into())
}

/// The way over the wire form.
fn merged(
    stored: &Arc<dyn AnySection>,
    base: &Arc<dyn AnySection>,
    desired: &Arc<dyn AnySection>,
    decode: Decoder,
) -> Result<Arc<dyn AnySection>, serde_json::Error> {
    let Some(patch) = difference(&base.to_json(), &desired.to_json()) else {
        return Ok(stored.clone());
    };
    let mut document = stored.to_json();
    json_patch::merge(&mut document, &patch);
    decode(&document)
}

/// The part of metadata that clients may patch: maps per key, lists whole.
fn patch_meta(stored: &mut Arc<Meta>, base: &Meta, desired: &Meta) {
    let mut new = Meta::clone(stored);
    patch_map(&mut new.labels, &base.labels, &desired.labels);
    patch_map(&mut new.annotations, &base.annotations, &desired.annotations);
    if base.finalizers != desired.finalizers {
        new.finalizers = desired.finalizers.clone();
    }
    if base.owners != desired.owners {
        new.owners = desired.owners.clone();
    }
    if new != **stored {
        *stored = Arc::new(new);
    }
}

fn patch_map(stored: &mut Arc<Labels>, base: &Arc<Labels>, desired: &Arc<Labels>) {
    if base == desired {
        return;
    }
    if stored == base {
        *stored = desired.clone();
        return;
    }
    let map = Arc::make_mut(stored);
    for key in base.keys().filter(|key| !desired.contains_key(*key)) {
        map.remove(key);
    }
    for (key, value) in desired.iter().filter(|(key, value)| base.get(*key) != Some(value)) {
        map.insert(key.clone(), value.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use api::kinds::{AuthorizationPolicy, Service};
    use api::{Kind, SeiNode, SeiNodeStatus, node::NodePhase};
    use k8s_openapi::api::core::v1::{ServicePort, ServiceSpec};
    use proptest::prelude::*;

    fn shared<T: api::object::Section>(section: T) -> Arc<dyn AnySection> {
        Arc::new(section)
    }

    fn status() -> impl Strategy<Value = SeiNodeStatus> {
        let phase = prop::option::of(prop_oneof![Just(NodePhase::Pending), Just(NodePhase::Running), Just(NodePhase::Failed)]);
        let peers = prop::collection::vec("[ab]", 0..3);
        (phase, peers, prop::option::of("[ab]")).prop_map(|(phase, resolved_peers, external_address)| SeiNodeStatus {
            phase,
            resolved_peers,
            external_address,
            ..SeiNodeStatus::default()
        })
    }

    fn service() -> impl Strategy<Value = ServiceSpec> {
        let selector = prop::option::of(prop::collection::btree_map("[ab]", "[xy]", 0..3));
        let ports =
            prop::option::of(prop::collection::vec((1..4i32).prop_map(|port| ServicePort { port, ..ServicePort::default() }), 0..3));
        (selector, ports).prop_map(|(selector, ports)| ServiceSpec { selector, ports, ..ServiceSpec::default() })
    }

    fn json() -> impl Strategy<Value = Value> {
        prop::collection::btree_map("[ab]", prop::collection::btree_map("[ab]", 0..3i64, 0..3), 0..3)
            .prop_map(|map| serde_json::to_value(map).expect("a document"))
    }

    fn both_ways_agree<T: api::object::Section>(base: &T, desired: &T, decode: Decoder) -> Result<(), TestCaseError> {
        let (base, desired) = (shared(base.clone()), shared(desired.clone()));
        let over_the_wire = merged(&base, &base, &desired, decode).expect("it decodes");
        prop_assert!(same_section(&over_the_wire, &desired), "{over_the_wire:?} is not {desired:?}");
        Ok(())
    }

    proptest! {
        #[test]
        fn the_typed_way_and_the_wire_give_the_same_section(
            statuses in (status(), status()), services in (service(), service()), documents in (json(), json()),
        ) {
            both_ways_agree(&statuses.0, &statuses.1, SeiNode::INFO.decode.status)?;
            both_ways_agree(&services.0, &services.1, Service::INFO.decode.spec)?;
            both_ways_agree(&documents.0, &documents.1, AuthorizationPolicy::INFO.decode.spec)?;
        }
    }

    #[test]
    fn a_patch_over_a_section_that_moved_on_keeps_what_the_patch_does_not_name() {
        let base = SeiNodeStatus::default();
        let desired = SeiNodeStatus { phase: Some(NodePhase::Running), ..base.clone() };
        let stored = SeiNodeStatus { external_address: Some("1.2.3.4:26656".to_owned()), ..base.clone() };
        let new = merged(&shared(stored.clone()), &shared(base), &shared(desired), SeiNode::INFO.decode.status).expect("it decodes");
        assert!(new.same(&SeiNodeStatus { phase: Some(NodePhase::Running), ..stored }));
    }
}
