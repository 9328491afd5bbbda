//! Machines, zones, volumes, containers, clocks, names and networks fail.

use super::Blow;
use crate::history::{Entry, display_name};
use crate::world::sim::Sim;
use api::kinds::Pod;
use api::{Object, Time};
use faults::{BootstrapFault, ClusterFault, Container, What};
use oracles::ObjectRef;
use planner::objects::{SEID, SIDECAR};
use simchain::Interference;
use simkube::ContainerId;
use std::sync::Arc;
use std::time::Duration;

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
            ClusterFault::MachineLost { under, returns_after } => {
                let machines = self.machine_of(under).into_iter().collect();
                self.lose_machines(machines, returns_after.0)
            }
            ClusterFault::ZoneLost { under, returns_after } => {
                let machines = self.machine_of(under).map(|machine| self.machines_beside(&machine)).unwrap_or_default();
                self.lose_machines(machines, returns_after.0)
            }
            ClusterFault::MachineDrained { under, reopens_after } => self.drain_machine(under, reopens_after.0),
            ClusterFault::SlowAttach { lasts, .. } | ClusterFault::SlowDetach { lasts, .. } => {
                self.delay_volumes(Some(fault));
                Blow::lasting(true, Vec::new(), lasts.0)
            }
            ClusterFault::ContainerKilled { node, container } => self.kill_container_of(node, *container),
            ClusterFault::LivenessKill { node, container } => self.fail_liveness_of(node, *container),
            ClusterFault::ClockSkew { lasts, .. } => Blow::lasting(true, Vec::new(), lasts.0),
            ClusterFault::DnsFails { node, lasts } | ClusterFault::SidecarCut { node, lasts } => {
                Blow::lasting(self.exists(node), super::node(node), lasts.0)
            }
            ClusterFault::PeersCut { node, lasts } => {
                let befell = self.exists(node);
                if befell {
                    self.cut_off_from_peers(node);
                }
                Blow::lasting(befell, super::node(node), lasts.0)
            }
        }
    }

    pub(super) fn heal_cluster(&mut self, fault: &ClusterFault, objects: &[ObjectRef]) {
        match fault {
            ClusterFault::MachineLost { .. } | ClusterFault::ZoneLost { .. } => self.return_machines(objects),
            ClusterFault::MachineDrained { .. } => self.reopen_machines(objects),
            ClusterFault::SlowAttach { .. } | ClusterFault::SlowDetach { .. } => self.delay_volumes(None),
            ClusterFault::PeersCut { node, .. } => self.reconnect_to_peers(node),
            ClusterFault::ContainerKilled { .. }
            | ClusterFault::LivenessKill { .. }
            | ClusterFault::ClockSkew { .. }
            | ClusterFault::DnsFails { .. }
            | ClusterFault::SidecarCut { .. } => {}
        }
    }

    /// Sets how much longer volumes take to move, by the open windows and one that is about to open. Moves that have begun are not touched (a
    /// named shortcut).
    fn delay_volumes(&mut self, opening: Option<&ClusterFault>) {
        let open = self.faults.open().filter_map(|what| if let What::Cluster(fault) = what { Some(fault) } else { None });
        let (mut attach, mut detach) = (Duration::ZERO, Duration::ZERO);
        for fault in open.chain(opening) {
            match fault {
                ClusterFault::SlowAttach { by, .. } => attach += by.0,
                ClusterFault::SlowDetach { by, .. } => detach += by.0,
                _ => {}
            }
        }
        self.cluster.delay_volumes(attach, detach);
    }

    /// A node reaches no peer from now on.
    pub(super) fn cut_off_from_peers(&mut self, node: &Arc<str>) {
        self.interfere(Interference::PeersCut { node: node.clone(), cut: true });
    }

    /// A node reaches its peers again, unless another fault goes on cutting it off.
    pub(super) fn reconnect_to_peers(&mut self, node: &Arc<str>) {
        let cuts = |what: &What| match what {
            What::Cluster(ClusterFault::PeersCut { node: cut, .. }) | What::Bootstrap(BootstrapFault::Stalls { node: cut, .. }) => {
                cut == node
            }
            _ => false,
        };
        if !self.faults.open().any(cuts) {
            self.interfere(Interference::PeersCut { node: node.clone(), cut: false });
        }
    }

    /// Kills the process of a container of a node's pod.
    pub(super) fn kill_container_of(&mut self, node: &Arc<str>, container: Container) -> Blow {
        let Some((pod, id)) = self.container_of(node, container) else { return Blow::at_once(false, Vec::new()) };
        let befell = self.kube(|cluster, cx| cluster.kill_container(cx, id));
        Blow::at_once(befell, vec![ObjectRef::node(node.clone()), ObjectRef::new("Pod", pod.meta.key.name.clone())])
    }

    /// The kubelet ends a container that it finds dead, and says so in an event.
    fn fail_liveness_of(&mut self, node: &Arc<str>, container: Container) -> Blow {
        let Some((pod, id)) = self.container_of(node, container) else { return Blow::at_once(false, Vec::new()) };
        let befell = self.kube(|cluster, cx| cluster.fail_liveness(cx, id));
        if befell {
            let is_restarted = container == Container::Sidecar || pod.spec.restart_policy.as_deref() != Some("Never");
            let then = if is_restarted { ", will be restarted" } else { "" };
            let message = format!("Container {} failed liveness probe{then}", name_of(container)).into();
            let entry = Entry::Event { kind: "Pod", name: display_name(&pod.meta), reason: "Killing", message };
            self.history.push(self.now, entry);
        }
        Blow::at_once(befell, vec![ObjectRef::node(node.clone()), ObjectRef::new("Pod", pod.meta.key.name.clone())])
    }

    /// The present run of a container of a node's pod, with the pod.
    fn container_of(&self, node: &Arc<str>, container: Container) -> Option<(Object<Pod>, ContainerId)> {
        let pod = self.pod_of(node)?;
        let id = self.cluster.container(&pod.meta.key, name_of(container))?;
        Some((pod, id))
    }
}

/// A container's name in the pods of the operator.
fn name_of(container: Container) -> &'static str {
    match container {
        Container::Seid => SEID,
        Container::Sidecar => SIDECAR,
    }
}
