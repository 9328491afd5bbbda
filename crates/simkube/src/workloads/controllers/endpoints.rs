//! Which pods stand behind a Service, and which of them its clients reach.
//!
//! The EndpointSlice controller follows the pods with a lag, kube-proxies and load balancers follow the slices with another. EndpointSlice
//! objects are kept here and not in the store (a named shortcut): nothing in this world reads or owns them.

use crate::boundary::{Output, PodId, StoreChange};
use crate::workloads::event::Event;
use crate::workloads::keys::Controller;
use crate::workloads::machines::Machine;
use crate::workloads::names::StaleNames;
use crate::workloads::pods;
use crate::workloads::step::Step;
use api::kinds::{Pod, Service};
use api::meta::selects;
use api::{AnyObject, Labels, ObjectKey};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A pod behind a Service, as in an EndpointSlice.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Endpoint {
    pod: ObjectKey,
    id: PodId,
    machine: Option<Machine>,
    /// The first label of its own DNS name, if it has one under this Service.
    hostname: Option<String>,
    ready: bool,
    serving: bool,
    terminating: bool,
}

/// The slices and the data plane of all Services.
#[derive(Clone, Default)]
pub(in crate::workloads) struct Endpoints {
    slices: BTreeMap<ObjectKey, Vec<Endpoint>>,
    planes: BTreeMap<ObjectKey, Arc<[(ObjectKey, PodId)]>>,
    /// Services whose data plane is about to follow their slice.
    following: BTreeSet<ObjectKey>,
}

impl Endpoints {
    /// Has the Services looked at to which a pod's change may matter.
    pub fn on_pod(step: &mut Step<'_, '_>, change: &StoreChange) {
        if change.old.as_ref().map(traits) == change.new.as_ref().map(traits) {
            return;
        }
        let namespace = &change.object().meta.key.namespace;
        let mut labels: Vec<_> = [&change.old, &change.new].into_iter().flatten().map(|pod| &pod.meta.labels).collect();
        labels.dedup();
        let all = Labels::new();
        let services = step.server.labelled(&<Service as api::Kind>::INFO, namespace, &all);
        let affected = services.filter(|service| selector(service).is_some_and(|selector| labels.iter().any(|l| selects(selector, l))));
        let keys: Vec<_> = affected.map(|service| service.meta.key.clone()).collect();
        keys.iter().for_each(|key| step.mark(Controller::Endpoints, key));
    }

    /// Writes a Service's slice anew, and has the data plane follow if it changed.
    pub fn sync(&mut self, step: &mut Step<'_, '_>, names: &mut StaleNames, key: &ObjectKey) {
        let service = step.server.object(&<Service as api::Kind>::INFO, key);
        let slice = service.map(|service| slice(step, service));
        if slice.as_ref() == self.slices.get(key) {
            return;
        }
        for lost in self.slices.get(key).into_iter().flatten().filter(|old| old.ready) {
            let Some(hostname) = &lost.hostname else { continue };
            if slice.iter().flatten().all(|new| !new.ready || (new.id, &new.hostname) != (lost.id, &lost.hostname)) {
                names.hold(step, (key.clone(), hostname.clone()), lost.id, lost.machine);
            }
        }
        let before = match slice {
            Some(slice) => self.slices.insert(key.clone(), slice),
            None => self.slices.remove(key),
        };
        if !named(before.as_deref()).eq(named(self.slices.get(key).map(Vec::as_slice))) {
            step.cx.tell(Output::NamesChanged { service: key.clone() });
        }
        if self.following.insert(key.clone()) {
            let wait = step.draw("data plane", key, step.profile.data_plane);
            step.after(wait, &("data plane", key), Event::DataPlane { service: key.clone() });
        }
    }

    /// The data plane takes over the slice as it is: ready endpoints, or, if there is none, those that still serve while they terminate.
    pub fn follow(&mut self, step: &mut Step<'_, '_>, key: &ObjectKey) {
        self.following.remove(key);
        let headless = step.server.object(&<Service as api::Kind>::INFO, key).is_some_and(is_headless);
        let slice = self.slices.get(key).filter(|_| !headless);
        let reached = |holds: fn(&Endpoint) -> bool| -> Vec<(ObjectKey, PodId)> {
            slice.into_iter().flatten().filter(|endpoint| holds(endpoint)).map(|endpoint| (endpoint.pod.clone(), endpoint.id)).collect()
        };
        let mut pods = reached(|endpoint| endpoint.ready);
        if pods.is_empty() {
            pods = reached(|endpoint| endpoint.serving && endpoint.terminating);
        }
        if pods == self.data_plane(key) {
            return;
        }
        let pods: Arc<[_]> = pods.into();
        self.planes.insert(key.clone(), pods.clone());
        if slice.is_none() {
            self.planes.remove(key);
        }
        step.cx.tell(Output::DataPlane { service: key.clone(), pods });
    }

    /// Where clients of the Service go, by name.
    pub fn data_plane(&self, service: &ObjectKey) -> &[(ObjectKey, PodId)] {
        self.planes.get(service).map_or(&[], |pods| &**pods)
    }

    /// The pod of this hostname behind a Service.
    pub fn named(&self, service: &ObjectKey, hostname: &str) -> Option<PodId> {
        let slice = self.slices.get(service).map(Vec::as_slice);
        named(slice).find(|(of, _)| *of == hostname).map(|(_, pod)| pod)
    }

    /// For each Service: how many endpoints it has, and how many clients reach.
    pub fn census(&self) -> impl Iterator<Item = (&ObjectKey, usize, usize)> {
        self.slices.iter().map(|(key, slice)| (key, slice.len(), self.data_plane(key).len()))
    }
}

/// The pods of a slice that have a name under its Service, with the first label of that name.
fn named(slice: Option<&[Endpoint]>) -> impl Iterator<Item = (&str, PodId)> {
    let ready = slice.into_iter().flatten().filter(|endpoint| endpoint.ready);
    ready.filter_map(|endpoint| Some((endpoint.hostname.as_deref()?, endpoint.id)))
}

/// What of a pod matters to a slice.
fn traits(pod: &AnyObject) -> (Option<uuid::Uuid>, bool, bool, bool, bool, &Arc<Labels>) {
    let status = pod.status_as::<Pod>().expect("only pods are looked at");
    let (ready, ended) = (pods::is_ready(status), pods::is_terminal(status));
    (pod.meta.uid, ready, ended, status.pod_ip.is_some(), pod.meta.deleting.is_some(), &pod.meta.labels)
}

/// The selector of a Service that has one.
fn selector(service: &AnyObject) -> Option<&Labels> {
    service.spec_as::<Service>()?.selector.as_ref().filter(|selector| !selector.is_empty())
}

fn is_headless(service: &AnyObject) -> bool {
    service.spec_as::<Service>().is_some_and(|spec| spec.cluster_ip.as_deref() == Some("None"))
}

/// The endpoints of a Service by pod name, as `ShouldPodBeInEndpoints` and `podToEndpoint` make them: no pod without an address, none that
/// has ended; `ready` despite everything with `publishNotReadyAddresses`.
fn slice(step: &Step<'_, '_>, service: &AnyObject) -> Vec<Endpoint> {
    let Some(selector) = selector(service) else { return Vec::new() };
    let unready_too = service.spec_as::<Service>().and_then(|spec| spec.publish_not_ready_addresses).unwrap_or(false);
    let selected = step.server.labelled(&<Pod as api::Kind>::INFO, &service.meta.key.namespace, selector);
    let endpoint = |pod: &AnyObject| {
        let (spec, status) = (pod.spec_as::<Pod>()?, pod.status_as::<Pod>()?);
        if status.pod_ip.is_none() || pods::is_terminal(status) {
            return None;
        }
        let (serving, terminating) = (pods::is_ready(status), pod.meta.deleting.is_some());
        Some(Endpoint {
            pod: pod.meta.key.clone(),
            id: PodId(pod.meta.uid?),
            machine: spec.node_name.as_deref().and_then(Machine::named),
            hostname: spec.hostname.clone().filter(|_| spec.subdomain.as_deref() == Some(service.meta.name())),
            ready: unready_too || serving && !terminating,
            serving,
            terminating,
        })
    };
    selected.filter_map(endpoint).collect()
}
