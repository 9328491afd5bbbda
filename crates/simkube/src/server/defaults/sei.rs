//! Defaults in the schemas of the two custom resources. As in a real server they fill in a field only where its parent is present.

use api::group::{DeletionPolicy, SeiNodeDeploymentSpec, ServiceType};
use api::names::port;
use api::node::SeiNodeSpec;

/// Defaults of a `SeiNode`.
pub(super) fn complete_node(spec: &mut SeiNodeSpec) {
    if let Some(sidecar) = &mut spec.sidecar {
        sidecar.port.get_or_insert(port::SIDECAR);
    }
}

/// Defaults of a `SeiNodeDeployment`.
pub(super) fn complete_group(spec: &mut SeiNodeDeploymentSpec) {
    complete_node(&mut spec.template.spec);
    spec.deletion_policy.get_or_insert(DeletionPolicy::Delete);
    if let Some(genesis) = &mut spec.genesis {
        let balance = "1000000000000000000000usei,1000000000000000000000uusdc,1000000000000000000000uatom";
        genesis.staking_amount.get_or_insert_with(|| "10000000usei".to_owned());
        genesis.account_balance.get_or_insert_with(|| balance.to_owned());
    }
    if let Some(service) = spec.networking.as_mut().and_then(|networking| networking.service.as_mut()) {
        service.kind.get_or_insert(ServiceType::ClusterIP);
    }
    if let Some(monitor) = spec.monitoring.as_mut().and_then(|monitoring| monitoring.service_monitor.as_mut()) {
        monitor.interval.get_or_insert_with(|| "30s".to_owned());
    }
}
