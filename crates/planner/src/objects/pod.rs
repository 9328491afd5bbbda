//! What the two pods of a node have in common, the StatefulSet's and the bootstrap Job's.

use super::containers::DATA_VOLUME;
use super::size;
use crate::settings::Settings;
use api::names::data_claim;
use api::{Labels, Node};
use k8s_openapi::api::core::v1::{
    Container, PersistentVolumeClaimVolumeSource, PodSpec, PodTemplateSpec, ResourceRequirements, Toleration, Volume,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

/// The pod with these containers on the node's volume, on machines that are kept for nodes and not consolidated away.
pub(super) fn template(node: &Node, settings: &Settings, labels: Labels, init: Vec<Container>, seid: Container) -> PodTemplateSpec {
    let claim = PersistentVolumeClaimVolumeSource { claim_name: data_claim(node.name()), read_only: None };
    PodTemplateSpec {
        metadata: Some(ObjectMeta {
            labels: Some(labels),
            annotations: Some([("karpenter.sh/do-not-disrupt".to_owned(), "true".to_owned())].into()),
            ..ObjectMeta::default()
        }),
        spec: Some(PodSpec {
            init_containers: Some(init),
            containers: vec![Container { resources: Some(resources(node, settings)), ..seid }],
            share_process_namespace: Some(true),
            tolerations: Some(vec![Toleration {
                key: Some(settings.toleration_key.clone()),
                operator: Some("Exists".into()),
                effect: Some("NoSchedule".into()),
                ..Toleration::default()
            }]),
            volumes: Some(vec![Volume { name: DATA_VOLUME.into(), persistent_volume_claim: Some(claim), ..Volume::default() }]),
            ..PodSpec::default()
        }),
    }
}

fn resources(node: &Node, settings: &Settings) -> ResourceRequirements {
    let size = size(node, settings);
    let requests = [("cpu".to_owned(), Quantity(size.cpu.clone())), ("memory".to_owned(), Quantity(size.memory.clone()))];
    ResourceRequirements { requests: Some(requests.into()), ..ResourceRequirements::default() }
}
