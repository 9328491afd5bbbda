//! The volume that holds a node's state.

use super::{owned, size};
use crate::settings::Settings;
use api::kinds::PersistentVolumeClaim;
use api::names;
use api::{Labels, Node, Object};
use k8s_openapi::api::core::v1::{PersistentVolumeClaimSpec, VolumeResourceRequirements};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

/// `data-{node}`: ReadWriteOnce, of the mode's size, owned by the node.
pub fn data_claim(node: &Node, settings: &Settings) -> Object<PersistentVolumeClaim> {
    let requests = [("storage".to_owned(), Quantity(size(node, settings).storage.clone()))];
    let spec = PersistentVolumeClaimSpec {
        access_modes: Some(vec!["ReadWriteOnce".into()]),
        resources: Some(VolumeResourceRequirements { requests: Some(requests.into()), limits: None }),
        storage_class_name: Some(settings.storage_class.clone()),
        ..PersistentVolumeClaimSpec::default()
    };
    Object::new(owned(node, names::data_claim(node.name()), Labels::new()), spec)
}
