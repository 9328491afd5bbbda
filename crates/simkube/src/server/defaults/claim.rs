//! Defaults of PersistentVolumeClaims.

use super::pod::set;
use k8s_openapi::api::core::v1::PersistentVolumeClaimSpec;

/// Keeps a claim while a pod uses it; the claim-protection controller takes it away.
pub(super) const PROTECTION: &str = "kubernetes.io/pvc-protection";

/// `SetDefaults_PersistentVolumeClaimSpec`, and the default class that the admission plugin `DefaultStorageClass` sets.
pub(super) fn complete(spec: &mut PersistentVolumeClaimSpec) {
    set(&mut spec.volume_mode, "Filesystem");
    spec.storage_class_name.get_or_insert_with(|| "standard".to_owned());
}
