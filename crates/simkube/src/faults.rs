//! What can befall a cluster from outside: machines, containers and images that fail, a network that follows late, and people who empty
//! machines.
//!
//! Machines go by the names of their Node objects, whose labels tell the zone; a pod's machine is its `spec.nodeName`. Each of these tells
//! whether there was something to befall.

use crate::boundary::ContainerId;
use crate::profile::NetworkPace;
use crate::{Cluster, Context};
use api::ObjectKey;
use std::time::Duration;

impl Cluster {
    /// A machine loses its power: everything on it ends at once (`SIGKILL`), and nobody reports it. The cluster notices after
    /// `machine_lost`, and deletes its pods `eviction` later; they stay, terminating, until the machine returns or is removed.
    pub fn lose_machine(&mut self, cx: &mut Context<'_>, machine: &str) -> bool {
        let befell = self.workloads.lose_machine(cx, &mut self.server, machine);
        self.pass_on(cx);
        befell
    }

    /// Whether a machine has no power.
    pub fn is_lost(&self, machine: &str) -> bool {
        self.workloads.is_lost(machine)
    }

    /// A lost machine has power again: its kubelet reports, starts its pods anew and lets go of those that were deleted. In place of a machine
    /// that was removed, an empty one of the same name joins.
    pub fn return_machine(&mut self, cx: &mut Context<'_>, machine: &str) -> bool {
        let befell = self.workloads.return_machine(cx, &mut self.server, machine);
        self.pass_on(cx);
        befell
    }

    /// A machine is taken away for good, lost before or not: its Node object goes, and with it, after a while, its pods.
    pub fn remove_machine(&mut self, cx: &mut Context<'_>, machine: &str) -> bool {
        let befell = self.workloads.remove_machine(cx, &mut self.server, machine);
        self.pass_on(cx);
        befell
    }

    /// A person closes a machine to new pods (`kubectl cordon`), or opens it again (`kubectl uncordon`).
    pub fn cordon(&mut self, cx: &mut Context<'_>, machine: &str, closed: bool) -> bool {
        let befell = self.workloads.cordon(cx, &mut self.server, machine, closed);
        self.pass_on(cx);
        befell
    }

    /// A person empties a machine (`kubectl drain`): cordons it and evicts its pods, trying again every 5 s while a budget forbids it.
    pub fn drain(&mut self, cx: &mut Context<'_>, machine: &str) -> bool {
        let befell = self.workloads.drain(cx, &mut self.server, machine);
        self.pass_on(cx);
        befell
    }

    /// A machine's kubelet evicts a pod because memory is low: it becomes Failed, whatever its budget says.
    pub fn pressure_evict(&mut self, cx: &mut Context<'_>, pod: &ObjectKey) -> bool {
        let befell = self.workloads.pressure_evict(cx, &mut self.server, pod);
        self.pass_on(cx);
        befell
    }

    /// The present run of a pod's container, by the container's name.
    pub fn container(&self, pod: &ObjectKey, name: &str) -> Option<ContainerId> {
        self.workloads.container(&self.server, pod, name)
    }

    /// The kernel kills a container's process for want of memory: 137, OOMKilled.
    pub fn oom_kill(&mut self, cx: &mut Context<'_>, id: ContainerId) -> bool {
        let befell = self.workloads.kill_container(cx, &mut self.server, id, true);
        self.pass_on(cx);
        befell
    }

    /// Someone kills a container's process behind the kubelet's back: 137, Error.
    pub fn kill_container(&mut self, cx: &mut Context<'_>, id: ContainerId) -> bool {
        let befell = self.workloads.kill_container(cx, &mut self.server, id, false);
        self.pass_on(cx);
        befell
    }

    /// A container's liveness probe fails for the last time: the kubelet ends it as it ends any that it finds dead, with the pod's grace
    /// period, and starts it again as its pod's policy says. A container without such a probe is taken to have one.
    pub fn fail_liveness(&mut self, cx: &mut Context<'_>, id: ContainerId) -> bool {
        let befell = self.workloads.fail_liveness(cx, &mut self.server, id);
        self.pass_on(cx);
        befell
    }

    /// Volumes whose attaching or detaching begins from now on take so much longer than usual.
    pub fn delay_volumes(&mut self, attach: Duration, detach: Duration) {
        self.workloads.delay_volumes(attach, detach);
    }

    /// From now on the network follows at another pace; what is under way already comes as it was to.
    pub fn set_network_pace(&mut self, pace: NetworkPace) {
        self.workloads.set_pace(pace);
    }

    /// Every load balancer's address that is under way comes so much later.
    pub fn postpone_load_balancers(&mut self, by: Duration) -> bool {
        self.workloads.postpone_load_balancers(by)
    }

    /// Whether the registry lacks an image.
    pub fn lacks_image(&self, image: &str) -> bool {
        self.workloads.lacks_image(image)
    }

    /// The registry has an image from now on, or lacks it. Every image exists until it is said to be missing.
    pub fn set_image_exists(&mut self, cx: &mut Context<'_>, image: &str, exists: bool) {
        self.workloads.set_image_exists(cx, &mut self.server, image, exists);
        self.pass_on(cx);
    }
}
