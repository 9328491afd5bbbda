//! A node's sidecar does not answer, answers late, forgets, or is asked twice.

use super::Blow;
use crate::world::sim::Sim;
use faults::{ClusterFault, SidecarFault, What};
use ports::SidecarAddress;
use simkube::Route;
use std::sync::Arc;
use std::time::Duration;

impl Sim {
    /// Where a call to a node's sidecar leads, faults of the network and of the sidecar included.
    pub(in crate::world) fn route_to_sidecar(&self, address: &SidecarAddress) -> Route {
        for what in self.faults.open() {
            match what {
                What::Cluster(ClusterFault::DnsFails { node, .. }) if *node == address.node => return Route::NoSuchHost,
                What::Cluster(ClusterFault::SidecarCut { node, .. }) if *node == address.node => return Route::Unroutable,
                What::Sidecar(SidecarFault::Unreachable { node, .. }) if *node == address.node => return Route::Refused,
                _ => {}
            }
        }
        self.cluster.resolve(self.now, &api::names::pod_dns(&address.node, &address.namespace))
    }

    /// By how much faults delay a submission to a node's sidecar.
    pub(in crate::world) fn sidecar_delay(&self, submitted_to: &Arc<str>) -> Duration {
        let of = |what: &What| match what {
            What::Sidecar(SidecarFault::Slow { node, by, .. }) if node == submitted_to => by.0,
            _ => Duration::ZERO,
        };
        self.faults.open().map(of).sum()
    }

    pub(super) fn strike_sidecar(&mut self, fault: &SidecarFault) -> Blow {
        match fault {
            SidecarFault::Unreachable { node, lasts } | SidecarFault::Slow { node, lasts, .. } => {
                Blow::lasting(self.exists(node), super::node(node), lasts.0)
            }
            _ => Blow::at_once(false, Vec::new()),
        }
    }

    pub(super) fn heal_sidecar(&mut self, _fault: &SidecarFault) {}
}
