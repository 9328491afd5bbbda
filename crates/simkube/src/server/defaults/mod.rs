//! What the API server fills in where a request leaves something open: one file a kind.

mod claim;
mod job;
mod pod;
mod sei;
mod service;
mod stateful_set;

use crate::by_kind::ByKind;
use api::kinds::{Job, PersistentVolumeClaim, Pod, Service, StatefulSet};
use api::memo::Memo;
use api::object::AnySection;
use api::{AnyObject, Kind, KindInfo, SeiNode, SeiNodeDeployment};
use serde_json::{Value, json};
use std::cell::OnceCell;
use std::sync::Arc;
use uuid::Uuid;

thread_local! {
    static COMPLETED: ByKind<Memo<Arc<dyn AnySection>, Arc<dyn AnySection>>> = ByKind::default();
}

/// Completes the spec of a new object, or of one that replaces `old`. The worlds of a scenario complete the same ones over and over: but for Services,
/// which keep what they had been given, a completed spec follows from the spec alone.
pub(super) fn complete(old: Option<&AnyObject>, new: &mut AnyObject) {
    if new.info == &Service::INFO {
        let old = old.and_then(|old| old.spec_as::<Service>());
        return edit::<Service>(new, |spec| service::complete(old, spec));
    }
    new.spec = COMPLETED.with(|completed| completed.of(new.info).of(&new.spec, || completed_spec(new)));
}

fn completed_spec(new: &AnyObject) -> Arc<dyn AnySection> {
    let mut new = new.clone();
    match new.info.kind {
        "Pod" => edit::<Pod>(&mut new, |spec| pod::complete(spec, true)),
        "StatefulSet" => edit::<StatefulSet>(&mut new, stateful_set::complete),
        "Job" => edit::<Job>(&mut new, job::complete),
        "PersistentVolumeClaim" => edit::<PersistentVolumeClaim>(&mut new, claim::complete),
        "SeiNode" => edit::<SeiNode>(&mut new, sei::complete_node),
        "SeiNodeDeployment" => edit::<SeiNodeDeployment>(&mut new, sei::complete_group),
        _ => {}
    }
    new.spec
}

/// Completes what depends on the uid that a new object has been given.
pub(super) fn bind_to_uid(new: &mut AnyObject, uid: Uuid) {
    if new.info == &Job::INFO {
        let name = new.meta.key.name.clone();
        edit::<Job>(new, |spec| job::bind_to_uid(spec, &name, uid));
    }
}

/// The finalizers of a new object: those asked for, and `pvc-protection`, which the admission plugin `StorageObjectInUseProtection` adds.
pub(super) fn finalizers(new: &AnyObject) -> Arc<[Arc<str>]> {
    let asked = &new.meta.finalizers;
    if new.info != &PersistentVolumeClaim::INFO || new.meta.has_finalizer(claim::PROTECTION) {
        return asked.clone();
    }
    asked.iter().cloned().chain([claim::PROTECTION.into()]).collect()
}

thread_local! {
    static INITIAL: ByKind<OnceCell<Arc<dyn AnySection>>> = ByKind::default();
}

/// The status of a new object. All of a kind begin with the same one.
pub(super) fn initial_status(info: &KindInfo) -> Arc<dyn AnySection> {
    INITIAL.with(|initial| initial.of(info).get_or_init(|| first_status(info)).clone())
}

fn first_status(info: &KindInfo) -> Arc<dyn AnySection> {
    let status = match info.kind {
        "Pod" | "PersistentVolumeClaim" => json!({ "phase": "Pending" }),
        "Service" => json!({ "loadBalancer": {} }),
        "StatefulSet" => json!({ "replicas": 0, "availableReplicas": 0 }),
        "HTTPRoute" | "AuthorizationPolicy" | "ServiceMonitor" => Value::Null,
        _ => json!({}),
    };
    (info.decode.status)(&status).expect("every kind can begin with this status")
}

fn edit<K: Kind>(object: &mut AnyObject, change: impl FnOnce(&mut K::Spec)) {
    let mut spec = object.spec_as::<K>().expect("an object's spec is of its kind").clone();
    change(&mut spec);
    object.spec = Arc::new(spec);
}
