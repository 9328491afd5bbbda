//! The addresses and ports that the API server gives to Services.
//!
//! Named shortcut: they are counted up and never given out again, so two Services never share one, however old. (A real server draws them
//! at random from its ranges and releases them.)

use api::AnyObject;
use api::kinds::Service;
use k8s_openapi::api::core::v1::ServiceSpec;
use std::sync::Arc;

/// The first node port.
pub(super) const FIRST_NODE_PORT: i32 = 30_000;

/// Gives a Service what it still lacks.
pub(super) fn allocate(next_address: &mut u32, next_node_port: &mut i32, object: &mut AnyObject) {
    let Some(spec) = object.spec_as::<Service>() else {
        return;
    };
    if spec.cluster_ip.is_some() && !lacks_node_port(spec) {
        return;
    }
    let mut spec = spec.clone();
    if spec.cluster_ip.is_none() {
        *next_address += 1;
        let [_, high, middle, low] = next_address.to_be_bytes();
        spec.cluster_ip = Some(format!("10.{}.{middle}.{low}", 96 + high));
        spec.cluster_ips = spec.cluster_ip.clone().map(|address| vec![address]);
    }
    if has_node_ports(&spec) {
        for port in spec.ports.iter_mut().flatten().filter(|port| port.node_port.is_none()) {
            port.node_port = Some(*next_node_port);
            *next_node_port += 1;
        }
    }
    object.spec = Arc::new(spec);
}

/// Whether a Service of this type has a port on every machine.
pub(super) fn has_node_ports(spec: &ServiceSpec) -> bool {
    match spec.type_.as_deref() {
        Some("NodePort") => true,
        Some("LoadBalancer") => spec.allocate_load_balancer_node_ports != Some(false),
        _ => false,
    }
}

fn lacks_node_port(spec: &ServiceSpec) -> bool {
    has_node_ports(spec) && spec.ports.iter().flatten().any(|port| port.node_port.is_none())
}
