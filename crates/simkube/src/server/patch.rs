//! Merge patches, which arrive as typed (base, desired) pairs.
//!
//! A section that the store holds exactly as the caller knew it becomes what the caller wants: pointers, no JSON. One that moved on is
//! merged field by field where its type knows how (`api`'s `merge`), otherwise the difference is made and merged as on the wire.

use super::difference::difference;
use super::refusal::{Refusal, conflict, invalid, no_such_resource, not_found};
use super::{Effect, Server, Stored};
use crate::boundary::Part;
use api::object::{AnySection, Decoded, same_section};
use api::{AnyObject, Labels, Meta};
use ports::Precondition;
use serde_json::Value;
use std::sync::Arc;

type Decoder = fn(&Value) -> Decoded;

impl Server {
    /// PATCH of metadata and spec.
    pub(super) fn decide_patch(&self, base: &AnyObject, desired: &AnyObject, precondition: Precondition) -> Result<Effect, Refusal> {
        let stored = self.to_patch(desired, precondition)?;
        let mut new = stored.object.clone();
        patch_meta(&mut new.meta, &base.meta, &desired.meta);
        new.spec = patched(desired, &stored.object.spec, &base.spec, &desired.spec, desired.info.decode.spec)?;
        self.settle(stored, new, Part::Main)
    }

    /// PATCH of `/status`: everything else of the pair is ignored.
    pub(super) fn decide_patch_status(&self, base: &AnyObject, desired: &AnyObject, precondition: Precondition) -> Result<Effect, Refusal> {
        if !desired.info.has_status {
            return Err(no_such_resource());
        }
        let stored = self.to_patch(desired, precondition)?;
        let mut new = stored.object.clone();
        new.status = patched(desired, &stored.object.status, &base.status, &desired.status, desired.info.decode.status)?;
        self.settle(stored, new, Part::Status)
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
    if same_section(stored, base) {
        return Ok(desired.clone());
    }
    if same_section(base, desired) {
        return Ok(stored.clone());
    }
    if let Some(merged) = stored.merged(&**base, &**desired) {
        return Ok(merged);
    }
    over_the_wire(stored, base, desired, decode).map_err(|error| invalid(object.info, object.meta.name(), &[error.to_string()]).into())
}

/// The way over the wire forms.
fn over_the_wire(stored: &Arc<dyn AnySection>, base: &Arc<dyn AnySection>, desired: &Arc<dyn AnySection>, decode: Decoder) -> Decoded {
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
    use api::group::{Deployment, GroupPhase};
    use api::kinds::{AuthorizationPolicy, Service};
    use api::node::NodePhase;
    use api::plan::{PlanPhase, PlannedTask, TaskStatus};
    use api::task::{SidecarTask, Task};
    use api::{Kind, SeiNode, SeiNodeDeployment, SeiNodeDeploymentStatus, SeiNodeStatus, TaskPlan};
    use k8s_openapi::api::core::v1::{ServicePort, ServiceSpec};
    use proptest::prelude::*;
    use uuid::Uuid;

    fn shared<T: api::object::Section>(section: T) -> Arc<dyn AnySection> {
        Arc::new(section)
    }

    /// Plans that often have parts in common.
    fn plan() -> impl Strategy<Value = Option<TaskPlan>> {
        let status = prop_oneof![Just(TaskStatus::Pending), Just(TaskStatus::Complete), Just(TaskStatus::Failed)];
        let phase = prop_oneof![Just(PlanPhase::Active), Just(PlanPhase::Complete), Just(PlanPhase::Failed)];
        let plan = (0..2u128, phase, prop::collection::vec(status, 1..3), prop::option::of(0..2i64));
        prop::option::weighted(
            0.8,
            plan.prop_map(|(id, phase, statuses, failed_task_index)| {
                let task = |status| PlannedTask { status, ..PlannedTask::pending(Task::Sidecar(SidecarTask::MarkReady), Uuid::nil(), 0) };
                let tasks = statuses.into_iter().map(task).collect();
                TaskPlan { phase, failed_task_index, ..TaskPlan::new(Uuid::from_u128(id), tasks) }
            }),
        )
    }

    fn node_status() -> impl Strategy<Value = SeiNodeStatus> {
        let phase = prop::option::of(prop_oneof![Just(NodePhase::Pending), Just(NodePhase::Running), Just(NodePhase::Failed)]);
        let peers = prop::collection::vec("[ab]", 0..3);
        (phase, plan(), peers, prop::option::of("[ab]")).prop_map(|(phase, plan, resolved_peers, external_address)| SeiNodeStatus {
            phase,
            plan,
            resolved_peers: resolved_peers.into_iter().map(Into::into).collect(),
            external_address,
            ..SeiNodeStatus::default()
        })
    }

    fn group_status() -> impl Strategy<Value = SeiNodeDeploymentStatus> {
        let phase = prop::option::of(prop_oneof![Just(GroupPhase::Ready), Just(GroupPhase::Upgrading)]);
        let deployment = prop::option::of(("[12]", prop::option::of("[ab]")).prop_map(|(revision, image)| Deployment {
            entrant_revision: revision.into(),
            incumbent_image: image.map(Into::into),
            ..Deployment::default()
        }));
        let names = prop::collection::vec("[ab]".prop_map(Into::into), 0..3);
        (phase, plan(), deployment, names, prop::option::of(0..2i32)).prop_map(|(phase, plan, deployment, incumbent_nodes, replicas)| {
            SeiNodeDeploymentStatus { phase, plan, deployment, incumbent_nodes, replicas, ..SeiNodeDeploymentStatus::default() }
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

    /// A patch of what the caller knew exactly gives what the caller wants.
    fn both_ways_agree<T: api::object::Section>(base: &T, desired: &T, decode: Decoder) -> Result<(), TestCaseError> {
        let (base, desired) = (shared(base.clone()), shared(desired.clone()));
        let wire = over_the_wire(&base, &base, &desired, decode).expect("it decodes");
        prop_assert!(same_section(&wire, &desired), "{wire:?} is not {desired:?}");
        Ok(())
    }

    /// A patch of what has moved on gives the same without a wire and over it; says whether it could be told without.
    fn merges_agree<T: api::object::Section>(stored: T, base: T, desired: T, decode: Decoder) -> Result<bool, TestCaseError> {
        let (stored, base, desired) = (shared(stored), shared(base), shared(desired));
        let Some(typed) = stored.merged(&*base, &*desired) else { return Ok(false) };
        let wire = over_the_wire(&stored, &base, &desired, decode).expect("it decodes");
        prop_assert!(same_section(&wire, &typed), "{typed:?} is not {wire:?}");
        Ok(true)
    }

    proptest! {
        #[test]
        fn a_patch_of_what_the_caller_knew_gives_what_the_caller_wants(
            statuses in (node_status(), node_status()), services in (service(), service()), documents in (json(), json()),
        ) {
            both_ways_agree(&statuses.0, &statuses.1, SeiNode::INFO.decode.status)?;
            both_ways_agree(&services.0, &services.1, Service::INFO.decode.spec)?;
            both_ways_agree(&documents.0, &documents.1, AuthorizationPolicy::INFO.decode.spec)?;
        }

        #[test]
        fn the_typed_merge_and_the_wire_give_the_same_node_status((stored, base, desired) in (node_status(), node_status(), node_status())) {
            merges_agree(stored, base, desired, SeiNode::INFO.decode.status)?;
        }

        #[test]
        fn the_typed_merge_and_the_wire_give_the_same_group_status(
            (stored, base, desired) in (group_status(), group_status(), group_status()),
        ) {
            merges_agree(stored, base, desired, SeiNodeDeployment::INFO.decode.status)?;
        }

        /// What a plan's step does: the caller's copy has noted something that was never stored.
        #[test]
        fn a_step_of_a_plan_takes_no_wire(stored in node_status(), address in "[cd]", phase in Just(NodePhase::Running)) {
            let base = SeiNodeStatus { external_address: Some(address), ..stored.clone() };
            let desired = SeiNodeStatus { phase: Some(phase), ..base.clone() };
            prop_assert!(merges_agree(stored, base, desired, SeiNode::INFO.decode.status)?);
        }
    }

    #[test]
    fn a_patch_over_a_section_that_moved_on_keeps_what_the_patch_does_not_name() {
        let base = SeiNodeStatus::default();
        let desired = SeiNodeStatus { phase: Some(NodePhase::Running), ..base.clone() };
        let stored = SeiNodeStatus { external_address: Some("1.2.3.4:26656".to_owned()), ..base.clone() };
        let new = over_the_wire(&shared(stored.clone()), &shared(base), &shared(desired), SeiNode::INFO.decode.status).expect("it decodes");
        assert!(new.same(&SeiNodeStatus { phase: Some(NodePhase::Running), ..stored }));
    }
}
