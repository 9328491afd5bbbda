//! The disruption controller: how many of a budget's pods may be evicted now.
//!
//! Follows `trySync` and `getExpectedPodCount` of v1.33. With a number as `minAvailable`, the pods that are there are counted; with a percentage
//! or `maxUnavailable`, the replicas of the StatefulSets that own them. A pod whose owner has no scale (a Job) makes the sync fail, and a failed
//! sync allows no disruption; pods without an owner are not counted. An eviction notes its pod in the budget's status until it is seen going.

use crate::boundary::StoreChange;
use crate::budgets;
use crate::workloads::keys::Controller;
use crate::workloads::pods;
use crate::workloads::step::Step;
use api::kinds::{Pod, PodDisruptionBudget, StatefulSet};
use api::{AnyObject, Kind, Labels, Object, ObjectKey};
use k8s_openapi::api::policy::v1::PodDisruptionBudgetStatus;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use std::collections::BTreeMap;
use std::sync::Arc;

const ME: Controller = Controller::Disruption;

/// Has the budgets looked at that a pod's change concerns.
pub(in crate::workloads) fn on_pod(step: &mut Step<'_, '_>, change: &StoreChange) {
    if change.old.as_ref().map(health) == change.new.as_ref().map(health) {
        return;
    }
    let namespace = change.object().meta.key.namespace.clone();
    for pod in [&change.old, &change.new].into_iter().flatten() {
        let keys: Vec<_> = budgets::of(step.server, &namespace, &pod.meta.labels).map(|budget| budget.meta.key.clone()).collect();
        keys.iter().for_each(|key| step.mark(ME, key));
    }
}

/// What of a pod matters to a budget.
fn health(pod: &AnyObject) -> (bool, bool, &Arc<Labels>) {
    (pod.meta.deleting.is_some(), pod.status_as::<Pod>().is_some_and(pods::is_ready), &pod.meta.labels)
}

/// Has the budgets looked at whose pods a StatefulSet owns: its scale may have changed.
pub(in crate::workloads) fn on_scale(step: &mut Step<'_, '_>, change: &StoreChange) {
    let scale = |set: &AnyObject| set.spec_as::<StatefulSet>().and_then(|spec| spec.replicas);
    if change.old.as_ref().map(scale) != change.new.as_ref().map(scale) {
        let namespace = &change.object().meta.key.namespace;
        let budgets = step.server.of_kind::<PodDisruptionBudget>().filter(|budget| budget.meta.key.namespace == *namespace);
        let keys: Vec<_> = budgets.map(|budget| budget.meta.key.clone()).collect();
        keys.iter().for_each(|key| step.mark(ME, key));
    }
}

/// Counts a budget's pods.
pub(in crate::workloads) fn sync(step: &mut Step<'_, '_>, key: &ObjectKey) {
    let Some(budget) = step.server.typed::<PodDisruptionBudget>(key) else { return };
    if let Some(what) = budgets::beyond_model(&budget.spec) {
        return step.unmodelled(format!("PodDisruptionBudget {key}: {what}"));
    }
    let guarded: Vec<Object<Pod>> = budgets::guarded(step.server, key, &budget.spec).filter_map(AnyObject::typed).collect();
    let mut status = PodDisruptionBudgetStatus::clone(&budget.status);
    let expected = expected(step, &budget, &guarded);
    match expected {
        Some((pods, healthy)) => count(&mut status, &guarded, pods, healthy, budget.meta.generation),
        None => status.disruptions_allowed = 0,
    }
    let allowed = status.disruptions_allowed > 0;
    let reason = match (expected, allowed) {
        (None, _) => "SyncFailed",
        (Some(_), true) => "SufficientPods",
        (Some(_), false) => "InsufficientPods",
    };
    let condition = Condition {
        type_: "DisruptionAllowed".to_owned(),
        status: if allowed { "True" } else { "False" }.to_owned(),
        reason: reason.to_owned(),
        message: String::new(),
        observed_generation: budget.meta.generation,
        last_transition_time: step.wall(),
    };
    set_condition(&mut status, condition);
    step.patch_status(ME, &budget, Object { status: Arc::new(status), ..budget.clone() });
}

/// How many pods there should be, and how many of them healthy; `None` if an owner has no scale.
fn expected(step: &Step<'_, '_>, budget: &Object<PodDisruptionBudget>, guarded: &[Object<Pod>]) -> Option<(i32, i32)> {
    let spec = &budget.spec;
    match (&spec.max_unavailable, &spec.min_available) {
        (Some(unavailable), _) => {
            let scale = scale(step, guarded)?;
            Some((scale, (scale - share(unavailable, scale)?).max(0)))
        }
        (None, Some(IntOrString::Int(available))) => Some((i32::try_from(guarded.len()).ok()?, *available)),
        (None, Some(available)) => {
            let scale = scale(step, guarded)?;
            Some((scale, share(available, scale)?))
        }
        (None, None) => Some((0, 0)),
    }
}

/// The replicas of all owners together.
fn scale(step: &Step<'_, '_>, guarded: &[Object<Pod>]) -> Option<i32> {
    let mut owners = BTreeMap::new();
    for pod in guarded {
        let Some(owner) = pod.meta.controller() else { continue };
        let key = ObjectKey::new(pod.meta.key.namespace.clone(), owner.name.clone());
        let set =
            step.server.typed::<StatefulSet>(&key).filter(|set| owner.kind == StatefulSet::INFO.kind && set.meta.uid == Some(owner.uid))?;
        owners.insert(owner.uid, set.spec.replicas.unwrap_or(1));
    }
    Some(owners.values().sum())
}

/// A number, or a percentage of the scale rounded up (`GetScaledValueFromIntOrPercent`).
fn share(value: &IntOrString, scale: i32) -> Option<i32> {
    match value {
        IntOrString::Int(number) => Some(*number),
        IntOrString::String(text) => {
            let percent: i32 = text.strip_suffix('%')?.parse().ok()?;
            Some((scale * percent + 99) / 100)
        }
    }
}

fn count(status: &mut PodDisruptionBudgetStatus, guarded: &[Object<Pod>], expected: i32, desired: i32, generation: Option<i64>) {
    let noted = status.disrupted_pods.take().unwrap_or_default();
    let still = |name: &String| guarded.iter().any(|pod| pod.name() == name && pod.meta.deleting.is_none());
    let disrupted: BTreeMap<_, _> = noted.into_iter().filter(|(name, _)| still(name)).collect();
    let is_healthy = |pod: &&Object<Pod>| pod.meta.deleting.is_none() && !disrupted.contains_key(pod.name()) && pods::is_ready(&pod.status);
    status.current_healthy = i32::try_from(guarded.iter().filter(is_healthy).count()).unwrap_or(i32::MAX);
    status.desired_healthy = desired;
    status.expected_pods = expected;
    status.disruptions_allowed = if expected <= 0 { 0 } else { (status.current_healthy - desired).max(0) };
    status.disrupted_pods = (!disrupted.is_empty()).then_some(disrupted);
    status.observed_generation = generation;
}

fn set_condition(status: &mut PodDisruptionBudgetStatus, new: Condition) {
    let since =
        |old: &Condition| if old.status == new.status { old.last_transition_time.clone() } else { new.last_transition_time.clone() };
    let since = status.conditions.iter().flatten().next().map_or_else(|| new.last_transition_time.clone(), since);
    status.conditions = Some(vec![Condition { last_transition_time: since, ..new }]);
}
