//! Defaults of Services, and what an update keeps of the addresses given before.

use super::super::addresses::has_node_ports;
use super::pod::set;
use k8s_openapi::api::core::v1::ServiceSpec;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

/// `SetDefaults_Service`; then, for an update, `patchAllocatedValues` and `dropTypeDependentFields`.
pub(super) fn complete(old: Option<&ServiceSpec>, spec: &mut ServiceSpec) {
    set(&mut spec.type_, "ClusterIP");
    set(&mut spec.session_affinity, "None");
    set(&mut spec.internal_traffic_policy, "Cluster");
    set(&mut spec.ip_family_policy, "SingleStack");
    spec.ip_families.get_or_insert_with(|| vec!["IPv4".to_owned()]);
    for port in spec.ports.iter_mut().flatten() {
        set(&mut port.protocol, "TCP");
        port.target_port.get_or_insert(IntOrString::Int(port.port));
    }
    if spec.type_.as_deref() == Some("LoadBalancer") {
        set(&mut spec.external_traffic_policy, "Cluster");
        spec.allocate_load_balancer_node_ports.get_or_insert(true);
    }
    if spec.cluster_ip.as_deref() == Some("None") {
        spec.cluster_ips.get_or_insert_with(|| vec!["None".to_owned()]);
    }
    if let Some(old) = old {
        keep_allocated(old, spec);
    }
}

fn keep_allocated(old: &ServiceSpec, spec: &mut ServiceSpec) {
    if spec.cluster_ip.as_deref().is_none_or(str::is_empty) {
        spec.cluster_ip = old.cluster_ip.clone();
        spec.cluster_ips = old.cluster_ips.clone();
    }
    let wants_node_ports = has_node_ports(spec);
    for port in spec.ports.iter_mut().flatten() {
        let before = old.ports.iter().flatten().find(|o| o.port == port.port && o.protocol == port.protocol).and_then(|o| o.node_port);
        match (wants_node_ports, port.node_port) {
            (true, None) => port.node_port = before,
            (false, Some(_)) if has_node_ports(old) && port.node_port == before => port.node_port = None,
            _ => {}
        }
    }
    if spec.type_.as_deref() == Some("ClusterIP") && old.type_ != spec.type_ {
        spec.external_traffic_policy = None;
        spec.allocate_load_balancer_node_ports = None;
    }
}
