//! Machines that lose their power or are emptied, found by the nodes whose pods are on them.
//!
//! Two faults may befall one machine: it is given back when the last of them is over.

use super::Blow;
use crate::world::sim::Sim;
use api::kinds::{Node, Pod};
use api::{AnyObject, Kind, Object, ObjectKey, names};
use faults::{BootstrapFault, ClusterFault, What};
use oracles::ObjectRef;
use std::sync::Arc;
use std::time::Duration;

/// Whether a pod has ended: it will never run again.
pub(super) fn has_ended(pod: &Object<Pod>) -> bool {
    matches!(pod.status.phase.as_deref(), Some("Succeeded" | "Failed"))
}

/// Whether machines lose their power by a fault.
pub(super) fn loses_machines(what: &What) -> bool {
    matches!(
        what,
        What::Cluster(ClusterFault::MachineLost { .. } | ClusterFault::ZoneLost { .. })
            | What::Bootstrap(BootstrapFault::MachineLost { .. })
    )
}

/// The label of a machine's zone.
const ZONE: &str = "topology.kubernetes.io/zone";

impl Sim {
    /// The pod of a node that is on a machine: that of its StatefulSet, or of its bootstrap Job, whichever runs.
    pub(in crate::world) fn pod_of(&self, node: &Arc<str>) -> Option<Object<Pod>> {
        let of_set = names::pod(node);
        let pods = self.cluster.objects(&const { Pod::INFO }).filter_map(AnyObject::typed::<Pod>);
        let on_machine =
            |pod: &Object<Pod>| pod.meta.labels.get(names::label::NODE).is_some_and(|of| **of == **node) && pod.spec.node_name.is_some();
        pods.filter(on_machine).min_by_key(|pod| (has_ended(pod), *pod.meta.key.name != *of_set))
    }

    /// The machine of a node's pod.
    pub(super) fn machine_of(&self, node: &Arc<str>) -> Option<Arc<str>> {
        self.pod_of(node)?.spec.node_name.as_deref().map(Arc::from)
    }

    /// The machines of a machine's zone, itself among them.
    pub(super) fn machines_beside(&self, machine: &str) -> Vec<Arc<str>> {
        let zone = |node: &AnyObject| node.meta.labels.get(ZONE).cloned();
        let here = self.cluster.object(&const { Node::INFO }, &ObjectKey::new("", machine)).and_then(zone);
        let beside = self.cluster.objects(&const { Node::INFO }).filter(|node| here.is_some() && zone(node) == here);
        beside.map(|node| node.meta.key.name.clone()).collect()
    }

    /// Machines lose their power for a while. One that is without already stays so for as long.
    pub(super) fn lose_machines(&mut self, machines: Vec<Arc<str>>, lasts: Duration) -> Blow {
        let objects = machines.iter().flat_map(|machine| self.machine_and_what_is_on_it(machine)).collect();
        let mut befell = false;
        for machine in machines {
            befell |= self.kube(|cluster, cx| cluster.lose_machine(cx, &machine));
        }
        Blow::lasting(befell, objects, lasts)
    }

    /// Lost machines have power again.
    pub(super) fn return_machines(&mut self, objects: &[ObjectRef]) {
        for machine in self.machines_no_longer_held(objects, loses_machines) {
            self.kube(|cluster, cx| cluster.return_machine(cx, &machine));
        }
    }

    /// A person empties the machine under a node for a while.
    pub(super) fn drain_machine(&mut self, under: &Arc<str>, lasts: Duration) -> Blow {
        let Some(machine) = self.machine_of(under) else { return Blow::at_once(false, Vec::new()) };
        let objects = self.machine_and_what_is_on_it(&machine);
        let befell = self.kube(|cluster, cx| cluster.drain(cx, &machine));
        Blow::lasting(befell, objects, lasts)
    }

    /// Drained machines take pods again.
    pub(super) fn reopen_machines(&mut self, objects: &[ObjectRef]) {
        let drains = |what: &What| matches!(what, What::Cluster(ClusterFault::MachineDrained { .. }));
        for machine in self.machines_no_longer_held(objects, drains) {
            self.kube(|cluster, cx| cluster.cordon(cx, &machine, false));
        }
    }

    /// The machines among some objects that no open fault of a sort befalls.
    fn machines_no_longer_held(&self, objects: &[ObjectRef], is_of_sort: fn(&What) -> bool) -> Vec<Arc<str>> {
        let held: Vec<_> = self.faults.befallen(is_of_sort).collect();
        objects.iter().filter(|object| object.kind == Node::INFO.kind && !held.contains(object)).map(|object| object.name.clone()).collect()
    }

    fn machine_and_what_is_on_it(&self, machine: &Arc<str>) -> Vec<ObjectRef> {
        let mut objects = vec![ObjectRef::new(Node::INFO.kind, machine.clone())];
        for pod in self.cluster.objects(&const { Pod::INFO }).filter_map(AnyObject::typed::<Pod>) {
            if pod.spec.node_name.as_deref() == Some(&**machine) {
                objects.extend(pod.meta.labels.get(names::label::NODE).map(|node| ObjectRef::node(node.as_str())));
                objects.push(ObjectRef::new(Pod::INFO.kind, pod.meta.key.name.clone()));
            }
        }
        objects
    }
}
