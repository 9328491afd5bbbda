//! Everything that works inside the cluster without being asked: built-in controllers, the scheduler, the kubelets, the network.
//!
//! A change of the store is passed to [`Workloads::on_change`], which says in one place what it means to whom. Each part then looks at what
//! it was told of after its own delay and acts through the API server like any client. Nothing here ticks.

/// The step that a part of `$self` takes; the other parts can still be borrowed.
macro_rules! step {
    ($self:ident, $cx:ident, $server:ident) => {
        &mut Step { cx: $cx, server: $server, profile: &$self.profile, keys: &mut $self.keys, machines: &$self.machines }
    };
}

mod befall;
mod controllers;
mod drain;
mod event;
mod fingerprint;
mod keys;
mod kubelet;
mod machines;
mod names;
mod pods;
mod scheduler;
mod step;
mod taints;
#[cfg(test)]
mod tests;

pub use event::Event;

use crate::Context;
use crate::boundary::{Actor, ContainerId, PodId, Route, StoreChange};
use crate::profile::ClusterProfile;
use crate::server::Server;
use api::kinds::{Job, Node, PersistentVolumeClaim, Pod, PodDisruptionBudget, Service, StatefulSet};
use api::{AnyObject, Kind, ObjectKey};
use controllers::attachments::Attachments;
use controllers::endpoints::Endpoints;
use controllers::load_balancers::LoadBalancers;
use controllers::{claims, disruption, jobs, nodes, pod_gc, stateful_sets};
use drain::Drains;
use keys::{Controller, Keys};
use kubelet::Kubelet;
use machines::{Machine, Machines};
use names::StaleNames;
use scheduler::Scheduler;
use simcore::SimTime;
use std::sync::Arc;
use step::Step;

/// What the parts remember beyond the store.
#[derive(Clone)]
pub(crate) struct Workloads {
    profile: Arc<ClusterProfile>,
    keys: Keys,
    machines: Machines,
    drains: Drains,
    scheduler: Scheduler,
    attachments: Attachments,
    kubelet: Kubelet,
    endpoints: Endpoints,
    names: StaleNames,
    balancers: LoadBalancers,
}

impl Workloads {
    /// An empty cluster's.
    pub fn new(profile: Arc<ClusterProfile>) -> Self {
        Self {
            profile,
            keys: Keys::default(),
            machines: Machines::default(),
            drains: Drains::default(),
            scheduler: Scheduler::default(),
            attachments: Attachments::default(),
            kubelet: Kubelet::default(),
            endpoints: Endpoints::default(),
            names: StaleNames::default(),
            balancers: LoadBalancers::default(),
        }
    }

    /// Tells whom a change of the store concerns.
    pub fn on_change(&mut self, cx: &mut Context<'_>, server: &mut Server, change: &StoreChange) {
        let step = step!(self, cx, server);
        let key = &change.object().meta.key;
        match change.object().info.kind {
            kind if kind == StatefulSet::INFO.kind => {
                step.mark(Controller::StatefulSet, key);
                disruption::on_scale(step, change);
            }
            kind if kind == PodDisruptionBudget::INFO.kind => {
                if change.actor != Actor::System(Controller::Disruption.name()) {
                    step.mark(Controller::Disruption, key);
                }
                self.drains.on_change(step, change);
            }
            kind if kind == Job::INFO.kind => step.mark(Controller::Job, key),
            kind if kind == Service::INFO.kind => {
                step.mark(Controller::Endpoints, key);
                if [&change.old, &change.new].into_iter().flatten().any(is_load_balancer) {
                    step.mark(Controller::LoadBalancer, key);
                }
            }
            kind if kind == PersistentVolumeClaim::INFO.kind => {
                claims::on_change(step, change);
                if let (None, Some(uid)) = (&change.new, change.object().meta.uid) {
                    self.attachments.forget(uid);
                }
                step.mark(Controller::Attachment, key);
                self.scheduler.wake(step);
            }
            kind if kind == Pod::INFO.kind => self.on_pod(cx, server, change),
            kind if kind == Node::INFO.kind => self.on_node(cx, server, change),
            _ => {}
        }
    }

    fn on_pod(&mut self, cx: &mut Context<'_>, server: &mut Server, change: &StoreChange) {
        let step = step!(self, cx, server);
        let pod = change.object();
        let key = &pod.meta.key;
        Endpoints::on_pod(step, change);
        disruption::on_pod(step, change);
        self.drains.on_change(step, change);
        if let Some(owner) = pod.meta.controller() {
            let owner_key = ObjectKey::new(key.namespace.clone(), owner.name.clone());
            match owner.kind {
                kind if kind == StatefulSet::INFO.kind => step.mark(Controller::StatefulSet, &owner_key),
                kind if kind == Job::INFO.kind => step.mark(Controller::Job, &owner_key),
                _ => {}
            }
        }
        if !change.old.as_ref().is_some_and(is_scheduled)
            && let Some(bound) = change.new.as_ref().filter(|pod| is_scheduled(pod)).and_then(AnyObject::typed)
        {
            nodes::on_bound(step, &bound);
        }
        if !is_scheduled(pod) {
            step.mark(Controller::Scheduler, key);
        } else if change.actor != Actor::System(Controller::Kubelet.name()) || change.new.is_none() {
            step.mark(Controller::Kubelet, key);
        }
        if change.old.as_ref().is_some_and(holds_machine) != change.new.as_ref().is_some_and(holds_machine) {
            pods::claims(pod).iter().for_each(|claim| step.mark(Controller::Attachment, claim));
            self.scheduler.wake(step);
        }
        if change.new.is_none() {
            pods::claims(pod).iter().for_each(|claim| step.mark(Controller::ClaimProtection, claim));
        }
    }

    fn on_node(&mut self, cx: &mut Context<'_>, server: &mut Server, change: &StoreChange) {
        let step = step!(self, cx, server);
        let key = &change.object().meta.key;
        match change.new {
            Some(_) if change.actor != Actor::System(Controller::NodeLifecycle.name()) => step.mark(Controller::NodeLifecycle, key),
            Some(_) => {}
            None => step.mark(Controller::PodGc, key),
        }
        self.scheduler.wake(step);
    }

    /// Lets an event happen.
    pub fn handle(&mut self, cx: &mut Context<'_>, server: &mut Server, event: Event) {
        let step = step!(self, cx, server);
        match event {
            Event::Sync { controller, key } => self.sync(cx, server, controller, &key),
            Event::DataPlane { service } => self.endpoints.follow(step, &service),
            Event::Provisioned { claim, uid } => claims::provisioned(step, &claim, uid),
            Event::VolumeMoved { claim, uid } => {
                if let Some(machine) = self.attachments.moved(uid) {
                    self.kubelet.volume_attached(step, &self.attachments, &claim, machine);
                }
                self.attachments.sync(step, &claim);
            }
            Event::BalancerReady { service, uid } => self.balancers.ready(step, &service, uid),
            Event::BalancerResolves { service, uid } => self.balancers.resolve(step, &service, uid),
            Event::JobExpired { job, uid } => jobs::expire(step, &job, uid),
            Event::NodeSilent { node, since } => self.node_silent(cx, server, &node, since),
            Event::TaintEviction { pod, uid, since } => nodes::evict(step, &pod, uid, since),
            Event::ForcedDetach { claim: _, uid, since } => self.attachments.force(step, uid, since),
            Event::DrainAgain { pod, uid } => self.drains.again(step, &pod, uid),
            Event::NameForgotten { service, hostname } => self.names.forget(step, &(service, hostname)),
            Event::Kubelet(event) => self.kubelet.handle(step, &self.attachments, event),
        }
    }

    /// A machine has been silent for the grace period, if it is still the same silence.
    fn node_silent(&mut self, cx: &mut Context<'_>, server: &mut Server, node: &ObjectKey, since: SimTime) {
        let Some(machine) = Machine::named(&node.name) else { return };
        if self.machines.lost_since(machine) == Some(since) {
            self.machines.give_up(machine);
            nodes::unreachable(step!(self, cx, server), node, since);
        }
    }

    fn sync(&mut self, cx: &mut Context<'_>, server: &mut Server, controller: Controller, key: &ObjectKey) {
        let step = step!(self, cx, server);
        step.keys.unmark(controller, key);
        match controller {
            Controller::StatefulSet => stateful_sets::sync(step, key),
            Controller::Job => jobs::sync(step, key),
            Controller::Endpoints => self.endpoints.sync(step, &mut self.names, key),
            Controller::LoadBalancer => self.balancers.sync(step, key),
            Controller::ClaimProtection => claims::sync(step, key),
            Controller::Attachment => self.attachments.sync(step, key),
            Controller::Scheduler => self.scheduler.sync(step, key),
            Controller::Disruption => disruption::sync(step, key),
            Controller::NodeLifecycle => nodes::sync(step, key),
            Controller::PodGc => pod_gc::sync(step, key),
            Controller::Kubelet => self.kubelet.sync(step, &self.attachments, key),
        }
    }

    /// A run of a container has ended with this exit code.
    pub fn container_exited(&mut self, cx: &mut Context<'_>, server: &mut Server, id: ContainerId, code: i32) {
        self.kubelet.exited(step!(self, cx, server), &self.attachments, id, code);
    }

    /// What an HTTP endpoint of a pod answers has changed.
    pub fn probe_answer(&mut self, cx: &mut Context<'_>, server: &mut Server, pod: PodId, port: i32, path: &str, ok: bool) {
        self.kubelet.answers(step!(self, cx, server), pod, port, path, ok);
    }

    /// Where a connection to a host name leads. Pods have names of the form `{hostname}.{service}.{namespace}.svc.cluster.local`.
    pub fn resolve(&self, host: &str) -> Route {
        pod_name(host).map_or(Route::NoSuchHost, |(hostname, service)| self.route(&service, hostname))
    }

    /// Where a connection to the pod of this hostname behind a Service leads, by its name.
    pub fn route(&self, service: &ObjectKey, hostname: &str) -> Route {
        if let Some((pod, machine)) = self.names.held(service, hostname) {
            let lost = machine.is_some_and(|machine| self.machines.is_lost(machine));
            return if lost { Route::Unroutable } else { self.kubelet.route(pod) };
        }
        self.endpoints.named(service, hostname).map_or(Route::NoSuchHost, |pod| self.kubelet.route(pod))
    }

    /// Whether the host name has an address: a pod's, or a load balancer's.
    pub fn resolves(&self, host: &str) -> bool {
        self.balancers.resolves(host) || self.resolve(host) != Route::NoSuchHost
    }

    /// The pods that clients of a Service are sent to, by name.
    pub fn data_plane(&self, service: &ObjectKey) -> &[(ObjectKey, PodId)] {
        self.endpoints.data_plane(service)
    }
}

/// The hostname and the Service in a pod's name.
fn pod_name(host: &str) -> Option<(&str, ObjectKey)> {
    let (name, namespace) = host.strip_suffix(".svc.cluster.local")?.rsplit_once('.')?;
    let (hostname, service) = name.split_once('.')?;
    (!service.contains('.')).then(|| (hostname, ObjectKey::new(namespace, service)))
}

fn is_load_balancer(service: &AnyObject) -> bool {
    service.spec_as::<Service>().is_some_and(|spec| spec.type_.as_deref() == Some("LoadBalancer"))
}

fn is_scheduled(pod: &AnyObject) -> bool {
    pod.spec_as::<Pod>().is_some_and(|spec| spec.node_name.is_some())
}

/// Whether the pod is on a machine and has not ended.
fn holds_machine(pod: &AnyObject) -> bool {
    is_scheduled(pod) && pod.status_as::<Pod>().is_some_and(|status| !pods::is_terminal(status))
}
