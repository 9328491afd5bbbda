//! Node objects and the node lifecycle controller: who is ready, who is tainted, and what becomes of pods on a machine that is silent.
//!
//! Follows `monitorNodeHealth`, `doNoScheduleTaintingPass` and the taint-eviction controller of v1.33. A machine that stops reporting becomes
//! Unknown after the grace period; at that moment its pods' Ready turns False, and after the time that each tolerates they are deleted.
//! Nobody confirms such a deletion: the pods stay, terminating, until the machine comes back or its Node object goes.
//!
//! Shortcuts: a node has the condition Ready alone and no heartbeats; reporting again takes a returned machine one controller's delay.

use crate::profile::ClusterProfile;
use crate::workloads::event::Event;
use crate::workloads::keys::Controller;
use crate::workloads::machines::Machine;
use crate::workloads::pods;
use crate::workloads::step::Step;
use crate::workloads::taints::{self, NO_EXECUTE, NO_SCHEDULE, UNREACHABLE, UNSCHEDULABLE};
use api::kinds::{Node, Pod};
use api::{Kind, Labels, Meta, Object, ObjectKey};
use k8s_openapi::api::core::v1::{NodeCondition, NodeSpec, NodeStatus, PodCondition, PodSpec, Taint};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use ports::Propagation;
use simcore::SimTime;
use std::sync::Arc;
use uuid::Uuid;

const ME: Controller = Controller::NodeLifecycle;
const ZONE: &str = "topology.kubernetes.io/zone";
const HOSTNAME: &str = "kubernetes.io/hostname";

/// The Node object with which a machine's kubelet registers it.
pub(in crate::workloads) fn object(machine: Machine, profile: &ClusterProfile, wall: Time) -> Object<Node> {
    let labels = Labels::from([(HOSTNAME.to_owned(), machine.name()), (ZONE.to_owned(), machine.zone(profile).name())]);
    let meta = Meta { labels: Arc::new(labels), ..Meta::new(machine.key().clone()) };
    let status = NodeStatus { conditions: Some(vec![ready(true, wall)]), ..NodeStatus::default() };
    Object { status: Arc::new(status), ..Object::new(meta, NodeSpec::default()) }
}

/// Whether the scheduler may place the pod on the machine (`NodeUnschedulable`, `TaintToleration`).
pub(in crate::workloads) fn accepts(step: &Step<'_, '_>, machine: Machine, pod: &PodSpec) -> bool {
    let Some(node) = step.server.object(&Node::INFO, machine.key()) else { return false };
    let Some(spec) = node.spec_as::<Node>() else { return false };
    let open = spec.unschedulable != Some(true) || taints::tolerates(pod, &taints::taint(UNSCHEDULABLE, NO_SCHEDULE));
    let repels = |taint: &&Taint| taint.effect == NO_SCHEDULE || taint.effect == NO_EXECUTE;
    open && spec.taints.iter().flatten().filter(repels).all(|taint| taints::tolerates(pod, taint))
}

/// Writes what is known of a machine into its Node object: whether it is ready, and the taints that follow.
pub(in crate::workloads) fn sync(step: &mut Step<'_, '_>, key: &ObjectKey) {
    let Some(machine) = Machine::named(&key.name) else { return };
    let unreachable = step.machines.is_unreachable(machine);
    if let Some(node) = step.server.typed::<Node>(key) {
        let mut desired = node.clone();
        set_ready(desired.status_mut(), ready(!unreachable, step.wall()));
        step.patch_status(ME, &node, desired);
    }
    if let Some(node) = step.server.typed::<Node>(key) {
        let mut desired = node.clone();
        let mine = |taint: &Taint| [UNSCHEDULABLE, UNREACHABLE].contains(&&*taint.key);
        let mut all: Vec<_> = node.spec.taints.iter().flatten().filter(|taint| !mine(taint)).cloned().collect();
        if node.spec.unschedulable == Some(true) {
            all.push(taints::taint(UNSCHEDULABLE, NO_SCHEDULE));
        }
        if unreachable {
            all.extend([NO_SCHEDULE, NO_EXECUTE].map(|effect| taints::taint(UNREACHABLE, effect)));
        }
        desired.spec_mut().taints = (!all.is_empty()).then_some(all);
        step.patch(ME, &node, desired);
    }
}

/// The machine's silence has lasted for the grace period: its pods are not ready any more, and will be evicted.
pub(in crate::workloads) fn unreachable(step: &mut Step<'_, '_>, key: &ObjectKey, since: SimTime) {
    sync(step, key);
    for pod in pods::on_machine(step.server, &key.name) {
        mark_not_ready(step, &pod);
        expect_eviction(step, &pod, since);
    }
}

/// A pod has been bound to a machine that may have been given up already, or may not be there: whoever creates a pod can name one.
pub(in crate::workloads) fn on_bound(step: &mut Step<'_, '_>, pod: &Object<Pod>) {
    let node = ObjectKey::new("", pod.spec.node_name.clone().unwrap_or_default());
    if step.server.object(&Node::INFO, &node).is_none() {
        step.mark(Controller::PodGc, &node);
    }
    let machine = Machine::named(&node.name).filter(|machine| step.machines.is_unreachable(*machine));
    if let Some(since) = machine.and_then(|machine| step.machines.lost_since(machine)) {
        expect_eviction(step, pod, since);
    }
}

fn expect_eviction(step: &mut Step<'_, '_>, pod: &Object<Pod>, since: SimTime) {
    let Some(wait) = taints::patience(&pod.spec, step.profile) else { return };
    let key = &pod.meta.key;
    let event = Event::TaintEviction { pod: key.clone(), uid: pods::id(pod).0, since };
    step.after(wait, &("taint eviction", key), event);
}

/// `MarkPodsNotReady`: the condition turns, everything else stays as the kubelet last wrote it.
fn mark_not_ready(step: &mut Step<'_, '_>, pod: &Object<Pod>) {
    if !pods::is_ready(&pod.status) {
        return;
    }
    let mut desired = pod.clone();
    let was = pod.status.conditions.iter().flatten().find(|condition| condition.type_ == "Ready").cloned().unwrap_or_default();
    let condition = PodCondition { status: "False".to_owned(), last_transition_time: Some(step.wall()), ..was };
    pods::set_condition(desired.status_mut(), condition);
    step.patch_status(ME, pod, desired);
}

/// A pod's patience with its lost machine is over: it is deleted, if the machine is still lost.
pub(in crate::workloads) fn evict(step: &mut Step<'_, '_>, key: &ObjectKey, uid: Uuid, since: SimTime) {
    let same = |pod: &Object<Pod>| pod.meta.uid == Some(uid) && pod.meta.deleting.is_none();
    let Some(pod) = step.server.typed::<Pod>(key).filter(same) else { return };
    let machine = pod.spec.node_name.as_deref().and_then(Machine::named);
    if machine.and_then(|machine| step.machines.lost_since(machine)) != Some(since) {
        return;
    }
    let mut disrupted = pod.clone();
    let message = "Taint manager: deleting due to NoExecute taint";
    pods::set_condition(disrupted.status_mut(), pods::disruption_target(step.wall(), "DeletionByTaintManager", message));
    step.patch_status(ME, &pod, disrupted);
    step.delete(ME, &pod, Propagation::Background);
}

fn ready(holds: bool, wall: Time) -> NodeCondition {
    let (status, reason, message) = match holds {
        true => ("True", "KubeletReady", "kubelet is posting ready status"),
        false => ("Unknown", "NodeStatusUnknown", "Kubelet stopped posting node status."),
    };
    NodeCondition {
        type_: "Ready".to_owned(),
        status: status.to_owned(),
        reason: Some(reason.to_owned()),
        message: Some(message.to_owned()),
        last_heartbeat_time: None,
        last_transition_time: Some(wall),
    }
}

fn set_ready(status: &mut NodeStatus, new: NodeCondition) {
    let conditions = status.conditions.get_or_insert_default();
    match conditions.iter_mut().find(|condition| condition.type_ == new.type_) {
        Some(old) if old.status == new.status => {}
        Some(old) => *old = new,
        None => conditions.push(new),
    }
}
