//! Fields that a real cluster would act on and this one would not: asking for them ends the world instead of passing quietly.
//!
//! Here stand the kinds that no controller of their own looks at first; StatefulSets and Jobs are refused by theirs.

use super::refusal::Refusal;
use api::AnyObject;
use api::kinds::{PersistentVolumeClaim, Pod, Service};
use k8s_openapi::api::core::v1::{PersistentVolumeClaimSpec, PodSpec, ServiceSpec};

/// Refuses an object that asks for what nobody here carries out.
pub(super) fn check(object: &AnyObject) -> Result<(), Refusal> {
    let field = match object.info.kind {
        "Service" => object.spec_as::<Service>().and_then(service),
        "Pod" => object.spec_as::<Pod>().and_then(pod),
        "PersistentVolumeClaim" => object.spec_as::<PersistentVolumeClaim>().and_then(claim),
        _ => None,
    };
    let Some(field) = field else {
        return Ok(());
    };
    Err(Refusal::Unmodelled(format!("{field} of {} {}", object.info.kind, object.meta.key)))
}

/// The first field that holds what is not modelled.
fn first(fields: &[(&'static str, bool)]) -> Option<&'static str> {
    fields.iter().find(|(_, asked)| *asked).map(|(field, _)| *field)
}

fn service(spec: &ServiceSpec) -> Option<&'static str> {
    first(&[
        ("spec.type ExternalName", spec.type_.as_deref() == Some("ExternalName")),
        ("spec.sessionAffinity", spec.session_affinity.as_deref() == Some("ClientIP")),
        ("spec.internalTrafficPolicy", spec.internal_traffic_policy.as_deref() == Some("Local")),
        ("spec.externalTrafficPolicy", spec.external_traffic_policy.as_deref() == Some("Local")),
        ("spec.trafficDistribution", spec.traffic_distribution.is_some()),
        ("spec.externalIPs", spec.external_ips.is_some()),
        ("spec.ipFamilies", spec.ip_families.as_ref().is_some_and(|families| families != &["IPv4"])),
        ("spec.selector, absent,", spec.selector.as_ref().is_none_or(|selector| selector.is_empty())),
    ])
}

fn pod(spec: &PodSpec) -> Option<&'static str> {
    let containers = || spec.init_containers.iter().flatten().chain(&spec.containers);
    first(&[
        ("spec.activeDeadlineSeconds", spec.active_deadline_seconds.is_some()),
        ("spec.schedulingGates", spec.scheduling_gates.is_some()),
        ("spec.readinessGates", spec.readiness_gates.is_some()),
        ("spec.resourceClaims", spec.resource_claims.is_some()),
        ("spec.ephemeralContainers", spec.ephemeral_containers.is_some()),
        ("lifecycle hooks", containers().any(|container| container.lifecycle.is_some())),
    ])
}

fn claim(spec: &PersistentVolumeClaimSpec) -> Option<&'static str> {
    first(&[
        ("spec.dataSource", spec.data_source.is_some() || spec.data_source_ref.is_some()),
        ("spec.selector", spec.selector.is_some()),
        ("spec.volumeMode Block", spec.volume_mode.as_deref() == Some("Block")),
        ("spec.accessModes", spec.access_modes.as_ref().is_some_and(|modes| modes != &["ReadWriteOnce"])),
    ])
}
