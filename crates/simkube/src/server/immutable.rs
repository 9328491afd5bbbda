//! What may not change once it is stored: 422 with the real messages.

use super::refusal::{Refusal, invalid};
use api::AnyObject;
use api::kinds::{Job, PersistentVolumeClaim, Pod, Service, StatefulSet};
use k8s_openapi::api::apps::v1::StatefulSetSpec;
use k8s_openapi::api::batch::v1::JobSpec;
use k8s_openapi::api::core::v1::{PersistentVolumeClaimSpec, PodSpec, ServiceSpec, Toleration};

/// Refuses a change of a spec that its kind does not allow.
pub(super) fn check(old: &AnyObject, new: &AnyObject) -> Result<(), Refusal> {
    let cause = match new.info.kind {
        "StatefulSet" => old.spec_as::<StatefulSet>().zip(new.spec_as::<StatefulSet>()).and_then(|(old, new)| stateful_set(old, new)),
        "Job" => old.spec_as::<Job>().zip(new.spec_as::<Job>()).and_then(|(old, new)| job(old, new)),
        "PersistentVolumeClaim" => {
            let specs = old.spec_as::<PersistentVolumeClaim>().zip(new.spec_as::<PersistentVolumeClaim>());
            return specs.map_or(Ok(()), |(old, spec)| claim(old, spec, new));
        }
        "Service" => old.spec_as::<Service>().zip(new.spec_as::<Service>()).and_then(|(old, new)| service(old, new)),
        "Pod" => old.spec_as::<Pod>().zip(new.spec_as::<Pod>()).and_then(|(old, new)| pod(old, new)),
        _ => None,
    };
    cause.map_or(Ok(()), |cause| Err(invalid(new.info, new.meta.name(), &[cause]).into()))
}

fn stateful_set(old: &StatefulSetSpec, new: &StatefulSetSpec) -> Option<String> {
    let allowed = StatefulSetSpec {
        replicas: new.replicas,
        ordinals: new.ordinals.clone(),
        template: new.template.clone(),
        update_strategy: new.update_strategy.clone(),
        revision_history_limit: new.revision_history_limit,
        persistent_volume_claim_retention_policy: new.persistent_volume_claim_retention_policy.clone(),
        min_ready_seconds: new.min_ready_seconds,
        ..old.clone()
    };
    (allowed != *new).then(|| {
        "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', \
         'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"
            .to_owned()
    })
}

fn job(old: &JobSpec, new: &JobSpec) -> Option<String> {
    let changed = [
        ("completions", old.completions != new.completions),
        ("selector", old.selector != new.selector),
        ("template", old.template != new.template),
        ("completionMode", old.completion_mode != new.completion_mode),
        ("podFailurePolicy", old.pod_failure_policy != new.pod_failure_policy),
        ("backoffLimitPerIndex", old.backoff_limit_per_index != new.backoff_limit_per_index),
        ("managedBy", old.managed_by != new.managed_by),
        ("successPolicy", old.success_policy != new.success_policy),
    ];
    changed.iter().find(|(_, changed)| *changed).map(|(field, _)| format!("spec.{field}: Invalid value: field is immutable"))
}

/// A claim's volume is bound once; its size alone may change afterwards, and what that does is not modelled.
fn claim(old: &PersistentVolumeClaimSpec, spec: &PersistentVolumeClaimSpec, new: &AnyObject) -> Result<(), Refusal> {
    let mut allowed = PersistentVolumeClaimSpec { resources: spec.resources.clone(), ..old.clone() };
    if old.volume_name.is_none() {
        allowed.volume_name = spec.volume_name.clone();
    }
    if allowed != *spec {
        let cause =
            "spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims";
        return Err(invalid(new.info, new.meta.name(), &[cause.to_owned()]).into());
    }
    if old.resources != spec.resources {
        return Err(Refusal::Unmodelled(format!("resizing the PersistentVolumeClaim {}", new.meta.key)));
    }
    Ok(())
}

fn service(old: &ServiceSpec, new: &ServiceSpec) -> Option<String> {
    (old.cluster_ip != new.cluster_ip).then(|| {
        let address = new.cluster_ip.as_deref().unwrap_or_default();
        format!("spec.clusterIPs[0]: Invalid value: [{address:?}]: may not change once set")
    })
}

/// A pod's machine is chosen once; its images and deadline may change, and tolerations may be added.
fn pod(old: &PodSpec, new: &PodSpec) -> Option<String> {
    let mut allowed = PodSpec { active_deadline_seconds: new.active_deadline_seconds, tolerations: new.tolerations.clone(), ..old.clone() };
    if old.node_name.is_none() {
        allowed.node_name = new.node_name.clone();
    }
    let images = new.init_containers.iter().flatten().chain(&new.containers).map(|container| container.image.clone());
    for (container, image) in allowed.init_containers.iter_mut().flatten().chain(&mut allowed.containers).zip(images) {
        container.image = image;
    }
    let kept = |old: &Toleration| new.tolerations.iter().flatten().any(|new| new == old);
    let only_additions = old.tolerations.iter().flatten().all(kept);
    (allowed != *new || !only_additions).then(|| {
        "spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`, `spec.initContainers[*].image`, \
         `spec.activeDeadlineSeconds`, `spec.tolerations` (only additions to existing tolerations)"
            .to_owned()
    })
}
