//! What everyone reads from a pod.

use api::kinds::{PersistentVolumeClaim, Pod};
use api::{AnyObject, Object, ObjectKey};
use k8s_openapi::api::core::v1::{PodCondition, PodSpec, PodStatus};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;

use crate::boundary::PodId;
use crate::server::Server;

/// The pod's uid, as its identity.
pub(super) fn id(pod: &Object<Pod>) -> PodId {
    PodId(pod.meta.uid.expect("a stored pod has a uid"))
}

/// Whether the pod has ended: it will never run again.
pub(super) fn is_terminal(status: &PodStatus) -> bool {
    matches!(status.phase.as_deref(), Some("Succeeded" | "Failed"))
}

/// Whether the condition is there and True.
pub(super) fn has_condition(status: &PodStatus, kind: &str) -> bool {
    status.conditions.iter().flatten().any(|c| c.type_ == kind && c.status == "True")
}

/// Whether the pod's Ready condition is True.
pub(super) fn is_ready(status: &PodStatus) -> bool {
    has_condition(status, "Ready")
}

/// Sets a condition; the transition time moves only when the status does.
pub(super) fn set_condition(status: &mut PodStatus, new: PodCondition) {
    let conditions = status.conditions.get_or_insert_default();
    match conditions.iter_mut().find(|c| c.type_ == new.type_) {
        None => conditions.push(new),
        Some(old) => {
            let since = if old.status == new.status { old.last_transition_time.clone() } else { new.last_transition_time };
            *old = PodCondition { last_transition_time: since, ..new };
        }
    }
}

/// The condition that tells a pod's loss from its own end.
pub(super) fn disruption_target(wall: Time, reason: &str, message: &str) -> PodCondition {
    PodCondition {
        type_: "DisruptionTarget".to_owned(),
        status: "True".to_owned(),
        reason: Some(reason.to_owned()),
        message: Some(message.to_owned()),
        last_transition_time: Some(wall),
        ..PodCondition::default()
    }
}

/// The pods that are bound to a machine.
pub(super) fn on_machine(server: &Server, machine: &str) -> Vec<Object<Pod>> {
    let bound = |pod: &&AnyObject| pod.spec_as::<Pod>().is_some_and(|spec| spec.node_name.as_deref() == Some(machine));
    server.of_kind::<Pod>().filter(bound).filter_map(AnyObject::typed).collect()
}

/// Names of the claims that the pod mounts.
pub(super) fn claim_names(spec: &PodSpec) -> impl Iterator<Item = &str> {
    spec.volumes.iter().flatten().filter_map(|volume| volume.persistent_volume_claim.as_ref()).map(|source| source.claim_name.as_str())
}

/// Keys of the claims that the pod mounts.
pub(super) fn claims(pod: &AnyObject) -> Vec<ObjectKey> {
    let spec = pod.spec_as::<Pod>().expect("only pods are asked for their claims");
    claim_names(spec).map(|name| ObjectKey::new(pod.meta.key.namespace.clone(), name)).collect()
}

/// The claim behind the volume named `data`, if it is stored.
pub(super) fn data_claim(server: &Server, pod: &Object<Pod>) -> Option<Object<PersistentVolumeClaim>> {
    let volume = pod.spec.volumes.iter().flatten().find(|volume| volume.name == "data")?;
    let name = volume.persistent_volume_claim.as_ref()?.claim_name.as_str();
    server.typed(&ObjectKey::new(pod.meta.key.namespace.clone(), name))
}

/// The pods that mount the claim.
pub(super) fn of_claim<'a>(server: &'a Server, claim: &'a ObjectKey) -> impl Iterator<Item = &'a AnyObject> {
    server.of_kind::<Pod>().filter(move |pod| {
        pod.meta.key.namespace == claim.namespace
            && pod.spec_as::<Pod>().is_some_and(|spec| claim_names(spec).any(|name| name == &*claim.name))
    })
}
