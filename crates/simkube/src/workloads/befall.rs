//! What befalls machines, containers and images, passed on to the parts that it concerns.

use super::Workloads;
use super::controllers::attachments::Delays;
use super::controllers::nodes;
use super::drain;
use super::event::Event;
use super::keys::Controller;
use super::machines::Machine;
use super::pods;
use super::step::Step;
use crate::Context;
use crate::boundary::{ContainerId, Output, PodId};
use crate::profile::{ClusterProfile, NetworkPace};
use crate::server::Server;
use api::kinds::{Node, Pod};
use api::{Kind, ObjectKey};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use k8s_openapi::jiff::Timestamp;
use ports::Propagation;
use simcore::SimTime;
use std::sync::Arc;
use std::time::Duration;

impl Workloads {
    /// Registers the machines that the cluster is built with.
    pub fn furnish(server: &mut Server, profile: &ClusterProfile) {
        let wall = Time(Timestamp::from_second(server.wall(SimTime::ZERO).unix()).unwrap_or(Timestamp::MAX));
        Machine::all(profile).for_each(|machine| server.furnish(nodes::object(machine, profile, wall.clone()).into_any()));
    }

    /// The machine of that name, if the cluster was built with it.
    fn machine(&self, name: &str) -> Option<Machine> {
        Machine::named(name).filter(|machine| Machine::all(&self.profile).any(|other| other == *machine))
    }

    /// A machine loses its power.
    pub fn lose_machine(&mut self, cx: &mut Context<'_>, server: &mut Server, name: &str) -> bool {
        let Some(machine) = self.machine(name).filter(|machine| !self.machines.is_lost(*machine)) else { return false };
        let since = cx.now;
        self.machines.lose(machine, since);
        let step = step!(self, cx, server);
        self.kubelet.power_off(step, machine);
        step.cx.tell(Output::NetworkChanged);
        let node = machine.key();
        step.after(step.profile.machine_lost, &("node silent", &node), Event::NodeSilent { node: node.clone(), since });
        true
    }

    /// Whether a machine has no power.
    pub fn is_lost(&self, name: &str) -> bool {
        self.machine(name).is_some_and(|machine| self.machines.is_lost(machine))
    }

    /// A lost machine has power again, or a new one takes the place of one that was removed.
    pub fn return_machine(&mut self, cx: &mut Context<'_>, server: &mut Server, name: &str) -> bool {
        let Some(machine) = self.machine(name).filter(|machine| self.machines.is_lost(*machine)) else { return false };
        self.machines.give_back(machine);
        let step = step!(self, cx, server);
        step.cx.tell(Output::NetworkChanged);
        let node = machine.key();
        if step.server.object(&Node::INFO, node).is_none() {
            let object = nodes::object(machine, step.profile, step.wall());
            step.create(Controller::Kubelet, object);
        }
        step.mark(Controller::NodeLifecycle, node);
        pods::on_machine(step.server, name).iter().for_each(|pod| step.mark(Controller::Kubelet, &pod.meta.key));
        self.attachments.on_return(step, machine);
        true
    }

    /// A machine is taken away.
    pub fn remove_machine(&mut self, cx: &mut Context<'_>, server: &mut Server, name: &str) -> bool {
        let Some(node) = self.machine(name).and_then(|machine| server.typed::<Node>(machine.key())) else { return false };
        self.lose_machine(cx, server, name);
        if let Some(machine) = self.machine(name) {
            self.kubelet.forget(machine);
        }
        step!(self, cx, server).delete(Controller::NodeLifecycle, &node, Propagation::Background);
        true
    }

    /// A person cordons a machine, or opens it again.
    pub fn cordon(&mut self, cx: &mut Context<'_>, server: &mut Server, name: &str, closed: bool) -> bool {
        self.machine(name).is_some_and(|machine| drain::cordon(step!(self, cx, server), machine.key(), closed))
    }

    /// A person empties a machine.
    pub fn drain(&mut self, cx: &mut Context<'_>, server: &mut Server, name: &str) -> bool {
        let Some(machine) = self.machine(name).filter(|machine| server.object(&Node::INFO, machine.key()).is_some()) else { return false };
        let step = step!(self, cx, server);
        drain::cordon(step, machine.key(), true);
        self.drains.begin(step, name);
        true
    }

    /// A kubelet evicts a pod for want of memory.
    pub fn pressure_evict(&mut self, cx: &mut Context<'_>, server: &mut Server, pod: &ObjectKey) -> bool {
        let Some(id) = uid(server, pod) else { return false };
        self.kubelet.evict(step!(self, cx, server), &self.attachments, id)
    }

    /// The present run of a pod's container.
    pub fn container(&self, server: &Server, pod: &ObjectKey, name: &str) -> Option<ContainerId> {
        self.kubelet.container(uid(server, pod)?, name)
    }

    /// A container's process is killed from outside.
    pub fn kill_container(&mut self, cx: &mut Context<'_>, server: &mut Server, id: ContainerId, out_of_memory: bool) -> bool {
        self.kubelet.kill(step!(self, cx, server), id, out_of_memory)
    }

    /// The kubelet finds a container dead.
    pub fn fail_liveness(&mut self, cx: &mut Context<'_>, server: &mut Server, id: ContainerId) -> bool {
        self.kubelet.fail_liveness(step!(self, cx, server), id)
    }

    /// Volumes move slower from now on.
    pub fn delay_volumes(&mut self, attach: Duration, detach: Duration) {
        self.attachments.delay(Delays { attach, detach });
    }

    /// From now on the network follows at another pace.
    pub fn set_pace(&mut self, pace: NetworkPace) {
        let ClusterProfile { endpoint_slice, data_plane, load_balancer, .. } = &*self.profile;
        if pace != (NetworkPace { endpoint_slice: *endpoint_slice, data_plane: *data_plane, load_balancer: *load_balancer }) {
            let profile = Arc::make_mut(&mut self.profile);
            profile.endpoint_slice = pace.endpoint_slice;
            profile.data_plane = pace.data_plane;
            profile.load_balancer = pace.load_balancer;
        }
    }

    /// Load balancers' addresses that are under way come later.
    pub fn postpone_load_balancers(&mut self, by: Duration) -> bool {
        self.balancers.postpone(by)
    }

    /// Whether the registry lacks an image.
    pub fn lacks_image(&self, image: &str) -> bool {
        self.kubelet.missing_images().contains(image)
    }

    /// The registry has an image from now on, or lacks it.
    pub fn set_image_exists(&mut self, cx: &mut Context<'_>, server: &mut Server, image: &str, exists: bool) {
        self.kubelet.set_image(step!(self, cx, server), image, exists);
    }
}

/// The pod that has this name now.
fn uid(server: &Server, pod: &ObjectKey) -> Option<PodId> {
    server.object(&Pod::INFO, pod)?.meta.uid.map(PodId)
}
