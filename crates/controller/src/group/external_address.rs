//! The external P2P address: from the Service's load balancer onto the status of the nodes that serve.

use super::{children, external_service};
use crate::Operator;
use api::Group;
use api::kinds::Service;
use api::names::port;
use executor::read;
use ports::{ApiError, Ports, Precondition};

/// Writes the address where it differs; no address removes it. The Service's type does not matter.
pub async fn reconcile<P: Ports>(ports: &P, operator: &Operator, group: &Group) -> Result<(), ApiError> {
    let address = address(ports, operator, group).await;
    for node in children::selected(ports, operator, group).await? {
        if node.status.external_address != address {
            let mut desired = node.clone();
            desired.status_mut().external_address.clone_from(&address);
            ports.patch_status(&node, &desired, Precondition::None).await?;
        }
    }
    Ok(())
}

/// The first hostname, else the first IP, of the load balancer. None if the Service cannot be read or the hostname does not resolve.
async fn address<P: Ports>(ports: &P, operator: &Operator, group: &Group) -> Option<String> {
    let service = read::one::<P, Service>(ports, operator.design.reads, &external_service::key(group)).await.ok()?;
    let ingress = external_service::ingress(&service);
    let given = |text: &&String| !text.is_empty();
    if let Some(hostname) = ingress.iter().filter_map(|entry| entry.hostname.as_ref()).find(given) {
        return ports.resolves(hostname).then(|| format!("{hostname}:{}", port::P2P));
    }
    let ip = ingress.iter().filter_map(|entry| entry.ip.as_ref()).find(given)?;
    Some(format!("{ip}:{}", port::P2P))
}
