//! The headless Service through which a node's pod has its name.

use super::{labels, owned};
use api::kinds::Service;
use api::names::port;
use api::{Labels, Node, Object};
use k8s_openapi::api::core::v1::{ServicePort, ServiceSpec};

/// The Service named like the node, with its seven ports.
pub fn headless_service(node: &Node) -> Object<Service> {
    let ports = port::ALL.map(|(name, port)| service_port(name, port)).into();
    Object::new(owned(node, node.meta.key.name.clone(), labels(node)), headless(labels(node), ports))
}

/// A Service without an address of its own, whose names resolve also while the pod is not ready.
pub(super) fn headless(selector: Labels, ports: Vec<ServicePort>) -> ServiceSpec {
    ServiceSpec {
        cluster_ip: Some("None".into()),
        selector: Some(selector),
        ports: Some(ports),
        publish_not_ready_addresses: Some(true),
        ..ServiceSpec::default()
    }
}

pub(super) fn service_port(name: &str, port: i32) -> ServicePort {
    ServicePort { name: Some(name.into()), port, ..ServicePort::default() }
}
