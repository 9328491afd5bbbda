//! The StatefulSet that runs a node.

use super::containers::{HEALTHZ, probe, seid, seid_init, sidecar, words};
use super::{labels, owned, pod};
use crate::design::{Arrival, Design};
use crate::settings::Settings;
use api::kinds::StatefulSet;
use api::names::port;
use api::{Node, Object};
use k8s_openapi::api::apps::v1::StatefulSetSpec;
use k8s_openapi::api::core::v1::{
    Affinity, Container, NodeAffinity, NodeSelector, NodeSelectorRequirement, NodeSelectorTerm, PodTemplateSpec, Probe,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;

/// How many good answers in a row it takes to be ready where nodes have to settle: those of half a minute. A seid that does not know its peers yet
/// answers that it is not behind, and learns better within that time.
const ANSWERS_IN_A_ROW: i32 = 4;

/// One replica, its pod on the node's volume. Update strategy, pod management and grace period are the API's defaults.
pub fn stateful_set(node: &Node, settings: &Settings, design: &Design) -> Object<StatefulSet> {
    let spec = StatefulSetSpec {
        replicas: Some(1),
        selector: LabelSelector { match_labels: Some(labels(node)), ..LabelSelector::default() },
        service_name: Some(node.name().into()),
        template: template(node, settings, design),
        ..StatefulSetSpec::default()
    };
    Object::new(owned(node, node.meta.key.name.clone(), labels(node)), spec)
}

fn template(node: &Node, settings: &Settings, design: &Design) -> PodTemplateSpec {
    let init = vec![seid_init(node, &node.spec.image), probed_sidecar(node, settings)];
    let mut template = pod::template(node, settings, labels(node), init, probed_seid(node, design));
    if let Some(spec) = &mut template.spec {
        spec.affinity = Some(on_node_pool(&settings.node_pool));
    }
    template
}

fn probed_sidecar(node: &Node, settings: &Settings) -> Container {
    let port = node.spec.sidecar_port();
    Container {
        liveness_probe: Some(probe("/v0/livez", port, 5, 10, 3)),
        readiness_probe: Some(probe(HEALTHZ, port, 2, 5, 6)),
        ..sidecar(node, settings)
    }
}

/// seid is given five days until it must have started; it is ready while its lag is small; nothing restarts it for being slow.
fn probed_seid(node: &Node, design: &Design) -> Container {
    let start = match &node.spec.entrypoint {
        Some(entrypoint) => entrypoint.command.iter().chain(&entrypoint.args).cloned().collect(),
        None => words(&["seid", "start", "--home", "/sei"]),
    };
    Container {
        startup_probe: Some(probe(HEALTHZ, node.spec.sidecar_port(), 5, 5, 86_400)),
        readiness_probe: Some(Probe {
            timeout_seconds: Some(5),
            success_threshold: (design.arrival == Arrival::Settled).then_some(ANSWERS_IN_A_ROW),
            ..probe("/lag_status", port::RPC, 30, 10, 3)
        }),
        ..seid(node, &node.spec.image, "exec \"$@\"", start)
    }
}

fn on_node_pool(pool: &str) -> Affinity {
    let requirement =
        NodeSelectorRequirement { key: "karpenter.sh/nodepool".into(), operator: "In".into(), values: Some(vec![pool.into()]) };
    let term = NodeSelectorTerm { match_expressions: Some(vec![requirement]), match_fields: None };
    Affinity {
        node_affinity: Some(NodeAffinity {
            required_during_scheduling_ignored_during_execution: Some(NodeSelector { node_selector_terms: vec![term] }),
            ..NodeAffinity::default()
        }),
        ..Affinity::default()
    }
}
