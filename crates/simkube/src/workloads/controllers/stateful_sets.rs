//! The StatefulSet controller: one replica, OrderedReady.
//!
//! Follows `defaultStatefulSetControl.updateStatefulSet` of v1.33: a pod that has ended is deleted, a missing one created, and under
//! OrderedReady nothing else happens while the pod is terminating or not Running and Ready. So a pod that never becomes ready blocks every
//! later revision. ControllerRevision objects do not exist here: a revision is the hash of its template, which also makes an identical
//! template find its earlier revision again (a named shortcut).

use crate::workloads::keys::Controller;
use crate::workloads::pods;
use crate::workloads::step::Step;
use api::kinds::{Pod, StatefulSet};
use api::memo::{Grounds, Memo};
use api::{Labels, Meta, Object, ObjectKey};
use k8s_openapi::api::apps::v1::{StatefulSetSpec, StatefulSetStatus};
use k8s_openapi::api::core::v1::PodSpec;
use ports::Propagation;
use simcore::stable_hash;
use std::sync::Arc;

const ME: Controller = Controller::StatefulSet;
/// The label that tells which template a pod was made from.
const REVISION: &str = "controller-revision-hash";

thread_local! {
    static REVISIONS: Memo<(Template, Arc<str>), Revision> = const { Memo::new() };
}

/// What a revision follows from, beside the set's name.
#[derive(Clone)]
struct Template(Arc<StatefulSetSpec>);

impl Grounds for Template {
    fn same(&self, other: &Self) -> bool {
        let (a, b) = (&self.0, &other.0);
        Arc::ptr_eq(a, b) || a.template == b.template && a.service_name == b.service_name
    }
}

/// A template under its name, and the pod with ordinal 0 that is made from it, with its stable identity.
#[derive(Clone, PartialEq)]
struct Revision {
    name: Arc<str>,
    labels: Arc<Labels>,
    annotations: Arc<Labels>,
    spec: Arc<PodSpec>,
}

impl Revision {
    /// That of a set's template. The worlds of a scenario make the same ones over and over.
    fn of(set: &Object<StatefulSet>) -> Self {
        let grounds = (Template(set.spec.clone()), set.meta.key.name.clone());
        REVISIONS.with(|memo| memo.of(&grounds, || Self::new(set)))
    }

    fn new(set: &Object<StatefulSet>) -> Self {
        let template = serde_json::to_string(&set.spec.template).expect("a template has a wire form");
        let name = format!("{}-{:010x}", set.name(), stable_hash(&template));
        let metadata = set.spec.template.metadata.clone().unwrap_or_default();
        let pod = pod_name(set);
        let mut labels = metadata.labels.unwrap_or_default();
        labels.insert(REVISION.to_owned(), name.clone());
        labels.insert("statefulset.kubernetes.io/pod-name".to_owned(), pod.clone());
        labels.insert("apps.kubernetes.io/pod-index".to_owned(), "0".to_owned());
        let spec = set.spec.template.spec.clone().unwrap_or_default();
        let spec = PodSpec { hostname: Some(pod), subdomain: set.spec.service_name.clone(), ..spec };
        let annotations = metadata.annotations.unwrap_or_default();
        Self { name: name.into(), labels: Arc::new(labels), annotations: Arc::new(annotations), spec: Arc::new(spec) }
    }

    fn pod(self, set: &Object<StatefulSet>, key: ObjectKey) -> Object<Pod> {
        let owners = Arc::from([set.owner_ref()]);
        let meta = Meta { labels: self.labels, annotations: self.annotations, owners, ..Meta::new(key) };
        Object { meta: Arc::new(meta), spec: self.spec, status: Arc::default() }
    }
}

fn pod_name(set: &Object<StatefulSet>) -> String {
    [set.name(), "-0"].concat()
}

/// Brings one StatefulSet forward by one action.
pub(in crate::workloads) fn sync(step: &mut Step<'_, '_>, key: &ObjectKey) {
    let Some(set) = step.server.typed::<StatefulSet>(key) else { return };
    if set.meta.deleting.is_some() {
        return;
    }
    if let Some(what) = beyond_model(&set.spec) {
        return step.unmodelled(format!("StatefulSet {key}: {what}"));
    }
    let update = Revision::of(&set);
    let pod_key = ObjectKey::new(key.namespace.clone(), pod_name(&set));
    match step.server.typed::<Pod>(&pod_key) {
        None if replicas(&set.spec) == 0 => {}
        None => step.create(ME, update.clone().pod(&set, pod_key.clone())),
        Some(pod) if pod.meta.controller().is_none() => step.unmodelled(format!("StatefulSet {key}: adopting the pod {pod_key}")),
        // The pod of a set that had this name before: creating ours fails until it is gone, and its removal wakes us.
        Some(pod) if !pod.meta.is_controlled_by(set.meta.uid) => {}
        Some(pod) => act(step, &set, &pod, &update.name),
    }
    write_status(step, &set, &pod_key, &update.name);
}

fn replicas(spec: &StatefulSetSpec) -> i32 {
    spec.replicas.unwrap_or(1)
}

/// What of the spec this controller does not know how to honour.
fn beyond_model(spec: &StatefulSetSpec) -> Option<&'static str> {
    let update = spec.update_strategy.as_ref();
    let partition = update.and_then(|strategy| strategy.rolling_update.as_ref()).and_then(|rolling| rolling.partition);
    if !(0..=1).contains(&replicas(spec)) {
        Some("more than one replica")
    } else if spec.volume_claim_templates.as_ref().is_some_and(|templates| !templates.is_empty()) {
        Some("volumeClaimTemplates")
    } else if spec.pod_management_policy.as_deref().is_some_and(|policy| policy != "OrderedReady") {
        Some("podManagementPolicy other than OrderedReady")
    } else if partition.unwrap_or(0) != 0 || spec.min_ready_seconds.unwrap_or(0) != 0 || spec.ordinals.is_some() {
        Some("partition, minReadySeconds or ordinals")
    } else {
        None
    }
}

/// The one action that an existing pod of the set calls for, if any.
fn act(step: &mut Step<'_, '_>, set: &Object<StatefulSet>, pod: &Object<Pod>, update: &str) {
    if pod.meta.deleting.is_some() {
        return;
    }
    let ended = pods::is_terminal(&pod.status);
    if ended || replicas(&set.spec) == 0 {
        return step.delete(ME, pod, Propagation::Background);
    }
    let outdated = revision(pod) != Some(update);
    let rolls = set.spec.update_strategy.as_ref().is_none_or(|strategy| strategy.type_.as_deref() != Some("OnDelete"));
    if is_running_and_ready(pod) && outdated && rolls {
        step.delete(ME, pod, Propagation::Background);
    }
}

fn revision(pod: &Object<Pod>) -> Option<&str> {
    pod.meta.labels.get(REVISION).map(String::as_str)
}

fn is_running_and_ready(pod: &Object<Pod>) -> bool {
    pod.status.phase.as_deref() == Some("Running") && pods::is_ready(&pod.status)
}

/// Writes what is to be seen of the pod, as `updateStatefulSet` and `completeRollingUpdate` count it.
fn write_status(step: &mut Step<'_, '_>, set: &Object<StatefulSet>, pod_key: &ObjectKey, update: &str) {
    let pod = step.server.typed::<Pod>(pod_key).filter(|pod| pod.meta.is_controlled_by(set.meta.uid));
    let current = set.status.current_revision.clone().unwrap_or_else(|| update.to_owned());
    let count = |holds: &dyn Fn(&Object<Pod>) -> bool| i32::from(pod.as_ref().is_some_and(holds));
    let of = |pod: &Object<Pod>, wanted: &str| pod.meta.deleting.is_none() && revision(pod) == Some(wanted);
    let ready = count(&is_running_and_ready);
    let mut status = StatefulSetStatus {
        observed_generation: set.meta.generation,
        replicas: count(&|_| true),
        ready_replicas: Some(ready),
        available_replicas: Some(ready),
        updated_replicas: Some(count(&|pod| of(pod, update))),
        current_replicas: Some(count(&|pod| of(pod, &current))),
        current_revision: Some(current),
        update_revision: Some(update.to_owned()),
        collision_count: Some(0),
        conditions: None,
    };
    if status.updated_replicas == Some(status.replicas) && status.ready_replicas == Some(status.replicas) {
        status.current_replicas = status.updated_replicas;
        status.current_revision = Some(update.to_owned());
    }
    step.patch_status(ME, set, Object { status: Arc::new(status), ..set.clone() });
}
