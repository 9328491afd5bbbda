//! Machines, zones, volumes, containers, clocks, names and networks fail.

use super::Blow;
use crate::world::sim::Sim;
use api::Time;
use faults::{ClusterFault, What};
use oracles::ObjectRef;

impl Sim {
    /// The wall clock of the operator's machine, in whole seconds.
    pub(in crate::world) fn operator_wall(&self) -> Time {
        let skew = |what: &What| match what {
            What::Cluster(ClusterFault::ClockSkew { by, ahead, .. }) => {
                let seconds = i64::try_from(by.0.as_secs()).unwrap_or(i64::MAX);
                if *ahead { seconds } else { -seconds }
            }
            _ => 0,
        };
        let skew: i64 = self.faults.open().map(skew).sum();
        self.wall().plus_seconds(skew)
    }

    pub(super) fn strike_cluster(&mut self, fault: &ClusterFault) -> Blow {
        match fault {
            ClusterFault::DnsFails { node, lasts } | ClusterFault::SidecarCut { node, lasts } => {
                Blow::lasting(self.exists(node), super::node(node), lasts.0)
            }
            ClusterFault::ClockSkew { lasts, .. } => Blow::lasting(true, Vec::new(), lasts.0),
            _ => Blow::at_once(false, Vec::new()),
        }
    }

    pub(super) fn heal_cluster(&mut self, _fault: &ClusterFault, _objects: &[ObjectRef]) {}
}
