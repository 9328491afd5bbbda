//! POST of a pod's `/eviction`: a deletion that asks the pod's disruption budget first.
//!
//! Follows `EvictionREST.Create` of v1.33. A pod that has ended, has not started or is going already needs no budget's leave. Otherwise the
//! budget is charged in its status, so that the next eviction sees it before the disruption controller does, and the pod is told why it goes.
//!
//! Shortcut: the condition and the deletion reach the pod in one write.

use super::delete::Grace;
use super::refusal::Refusal;
use super::{Claim, Effect, Server};
use crate::budgets;
use api::kinds::{Pod, PodDisruptionBudget};
use api::{Kind, Object, ObjectKey, Time};
use k8s_openapi::api::core::v1::{PodCondition, PodStatus};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time as WireTime};
use k8s_openapi::jiff::Timestamp;
use ports::{ApiError, DeleteOptions};
use simcore::SimTime;

impl Server {
    /// POST of an eviction.
    pub(super) fn decide_evict(&self, now: SimTime, key: &ObjectKey) -> Result<Effect, Refusal> {
        let deletion = self.decide_delete(now, &const { Pod::INFO }, key, DeleteOptions::default(), Grace::Default)?;
        let pod = self.typed::<Pod>(key).expect("a deletion was decided of what is stored");
        if needs_no_leave(&pod) {
            return Ok(deletion);
        }
        let charge = self.charge_budget(now, &pod)?;
        let deletion = told(deletion, self.wall(now));
        Ok(match charge {
            Some(charge) => Effect::Several { effects: vec![charge, deletion], answer: Vec::new() },
            None => deletion,
        })
    }

    /// What the pod's budget becomes; `None` if it is not charged.
    fn charge_budget(&self, now: SimTime, pod: &Object<Pod>) -> Result<Option<Effect>, Refusal> {
        let mut budgets = budgets::of(self, pod.namespace(), &pod.meta.labels);
        let Some(budget) = budgets.next() else { return Ok(None) };
        if budgets.next().is_some() {
            let message = "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.";
            return Err(ApiError::Internal(message.into()).into());
        }
        let budget = budget.typed::<PodDisruptionBudget>().expect("a budget is a budget");
        if let Some(what) = budgets::beyond_model(&budget.spec) {
            return Err(Refusal::Unmodelled(format!("PodDisruptionBudget {}: {what}", budget.meta.key)));
        }
        let status = &budget.status;
        if !is_ready(&pod.status) {
            let always = budget.spec.unhealthy_pod_eviction_policy.as_deref() == Some("AlwaysAllow");
            if always || status.current_healthy >= status.desired_healthy && status.desired_healthy > 0 {
                return Ok(None);
            }
        }
        if status.observed_generation.unwrap_or(0) < budget.meta.generation.unwrap_or(0) || status.disruptions_allowed <= 0 {
            return Err(ApiError::TooManyRequests.into());
        }
        let wall = wire(self.wall(now));
        let mut charged = budget.clone();
        let new = charged.status_mut();
        new.disruptions_allowed -= 1;
        new.disrupted_pods.get_or_insert_default().insert(pod.name().to_owned(), wall.clone());
        if new.disruptions_allowed == 0 {
            let generation = budget.meta.generation;
            let none_left = Condition {
                type_: "DisruptionAllowed".to_owned(),
                status: "False".to_owned(),
                reason: "InsufficientPods".to_owned(),
                message: String::new(),
                observed_generation: generation,
                last_transition_time: wall,
            };
            new.conditions = Some(vec![none_left]);
        }
        Ok(Some(Effect::Replace { new: charged.into_any(), claim: Claim::Kept }))
    }
}

/// `canIgnorePDB`.
fn needs_no_leave(pod: &Object<Pod>) -> bool {
    pod.meta.deleting.is_some() || matches!(pod.status.phase.as_deref(), Some("Succeeded" | "Failed" | "Pending"))
}

fn is_ready(status: &PodStatus) -> bool {
    status.conditions.iter().flatten().any(|condition| condition.type_ == "Ready" && condition.status == "True")
}

/// The deletion with the condition that tells the pod why.
fn told(deletion: Effect, wall: Time) -> Effect {
    let Effect::Replace { new, claim } = deletion else { return deletion };
    let Some(mut pod) = new.typed::<Pod>() else { return Effect::Replace { new, claim } };
    let condition = PodCondition {
        type_: "DisruptionTarget".to_owned(),
        status: "True".to_owned(),
        reason: Some("EvictionByEvictionAPI".to_owned()),
        message: Some("Eviction API: evicting".to_owned()),
        last_transition_time: Some(wire(wall)),
        ..PodCondition::default()
    };
    let conditions = pod.status_mut().conditions.get_or_insert_default();
    conditions.retain(|other| other.type_ != condition.type_);
    conditions.push(condition);
    Effect::Replace { new: pod.into_any(), claim }
}

fn wire(wall: Time) -> WireTime {
    WireTime(Timestamp::from_second(wall.unix()).unwrap_or(Timestamp::MAX))
}
