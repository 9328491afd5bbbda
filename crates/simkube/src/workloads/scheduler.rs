//! The scheduler: one chain node a machine, drawn evenly among those that fit.
//!
//! A pod that mounts a claim takes a machine for itself (what the anti-affinity of chain nodes amounts to); other pods fit anywhere. A claim
//! that is to wait for its first consumer is told the chosen machine, and the pod is bound only when the claim is, as `VolumeBinding` does.
//! Pods that fit nowhere are tried again when a pod leaves a machine, a machine changes or a claim does. A machine that is cordoned or has a
//! taint takes only pods that tolerate it. Resources are not looked at, and every machine is taken to be in the pool that a node affinity asks
//! for.

use super::controllers::{claims, nodes};
use super::keys::Controller;
use super::machines::{Machine, Zone};
use super::pods;
use super::step::Step;
use crate::boundary::PodId;
use api::kinds::{PersistentVolumeClaim, Pod};
use api::{Object, ObjectKey};
use k8s_openapi::api::core::v1::{Affinity, PodCondition, PodSpec};
use std::collections::{BTreeMap, BTreeSet};

const ME: Controller = Controller::Scheduler;

/// What the scheduler remembers of pods that are not bound yet.
#[derive(Clone, Default)]
pub(super) struct Scheduler {
    /// Machines kept for pods whose volumes are being made.
    reserved: BTreeMap<ObjectKey, (PodId, Machine)>,
    /// Pods that wait for something to change.
    waiting: BTreeSet<ObjectKey>,
}

/// Whether a pod can go somewhere.
enum Fit {
    /// To these machines.
    Machines(Vec<Machine>),
    /// Nowhere, for this reason.
    Nowhere(String),
}

impl Scheduler {
    /// Something changed that may let waiting pods go somewhere.
    pub fn wake(&self, step: &mut Step<'_, '_>) {
        self.waiting.iter().for_each(|key| step.mark(ME, key));
    }

    /// Tries to place a pod.
    pub fn sync(&mut self, step: &mut Step<'_, '_>, key: &ObjectKey) {
        self.waiting.remove(key);
        let unbound = |pod: &Object<Pod>| pod.spec.node_name.is_none() && pod.meta.deleting.is_none() && !pods::is_terminal(&pod.status);
        let pod = step.server.typed::<Pod>(key).filter(unbound);
        if self.reserved.get(key).is_some_and(|(id, _)| pod.as_ref().map(pods::id) != Some(*id)) {
            self.reserved.remove(key);
            self.wake(step);
        }
        let Some(pod) = pod else { return };
        if let Some(what) = beyond_model(&pod.spec) {
            return step.unmodelled(format!("pod {key}: {what}"));
        }
        let claims: Vec<_> = pods::claim_names(&pod.spec).map(|name| ObjectKey::new(key.namespace.clone(), name)).collect();
        match self.fit(step, &pod, &claims) {
            Fit::Nowhere(reason) => {
                self.reserved.remove(key);
                self.waiting.insert(key.clone());
                set_scheduled(step, &pod, Some(reason));
            }
            Fit::Machines(machines) => {
                let draw = step.cx.luck.below(ME.name(), &(key, "machine"), machines.len() as u64);
                let machine = machines[usize::try_from(draw).expect("an index below a length")];
                self.place(step, &pod, &claims, machine);
            }
        }
    }

    /// The machines that the pod fits on: free, if it needs one for itself, and in its volumes' zone.
    fn fit(&self, step: &Step<'_, '_>, pod: &Object<Pod>, claims: &[ObjectKey]) -> Fit {
        let mut zones: BTreeSet<Zone> = BTreeSet::new();
        for key in claims {
            match step.server.typed::<PersistentVolumeClaim>(key) {
                None => return Fit::Nowhere(format!("persistentvolumeclaim {:?} not found", key.name)),
                Some(claim) if claim.meta.deleting.is_some() => {
                    return Fit::Nowhere(format!("persistentvolumeclaim {:?} is being deleted", key.name));
                }
                Some(claim) => zones.extend(claims::zone(&claim, step)),
            }
        }
        let open = |machine: &Machine| nodes::accepts(step, *machine, &pod.spec);
        if let Some((_, machine)) = self.reserved.get(&pod.meta.key).filter(|(_, machine)| open(machine)) {
            return Fit::Machines(vec![*machine]);
        }
        let taken = if claims.is_empty() { BTreeSet::new() } else { self.taken(step) };
        let fits = |machine: &Machine| !taken.contains(machine) && zones.iter().all(|zone| machine.zone(step.profile) == *zone);
        let machines: Vec<_> = Machine::all(step.profile).filter(fits).filter(open).collect();
        match machines.is_empty() {
            true => Fit::Nowhere(format!("0/{} nodes are available", step.profile.machines)),
            false => Fit::Machines(machines),
        }
    }

    /// The machines that a chain node is on, or is about to be.
    fn taken(&self, step: &Step<'_, '_>) -> BTreeSet<Machine> {
        let bound = step.server.of_kind::<Pod>().filter_map(|pod| {
            let (spec, status) = (pod.spec_as::<Pod>()?, pod.status_as::<Pod>()?);
            let takes = pods::claim_names(spec).next().is_some() && !pods::is_terminal(status);
            Machine::named(spec.node_name.as_deref()?).filter(|_| takes)
        });
        bound.chain(self.reserved.values().map(|(_, machine)| *machine)).collect()
    }

    /// Binds the pod, or first has its volumes made for the machine.
    fn place(&mut self, step: &mut Step<'_, '_>, pod: &Object<Pod>, claims: &[ObjectKey], machine: Machine) {
        let stored = |key: &ObjectKey| step.server.typed::<PersistentVolumeClaim>(key);
        let unbound: Vec<_> = claims.iter().filter_map(stored).filter(|claim| !claims::is_bound(claim)).collect();
        let key = &pod.meta.key;
        if unbound.is_empty() {
            self.reserved.remove(key);
            return bind(step, pod, machine);
        }
        self.reserved.insert(key.clone(), (pods::id(pod), machine));
        self.waiting.insert(key.clone());
        for claim in unbound.iter().filter(|claim| claims::selected(&claim.meta).is_none()) {
            let mut desired = claim.clone();
            std::sync::Arc::make_mut(&mut desired.meta_mut().annotations).insert(claims::SELECTED_NODE.to_owned(), machine.name());
            step.patch(ME, claim, desired);
        }
    }
}

/// What of a pod's wishes the scheduler does not know how to honour.
fn beyond_model(spec: &PodSpec) -> Option<&'static str> {
    let beside_pods = |affinity: &Affinity| affinity.pod_affinity.is_some() || affinity.pod_anti_affinity.is_some();
    if spec.affinity.as_ref().is_some_and(beside_pods) {
        Some("affinity to other pods")
    } else if spec.node_selector.is_some() || spec.topology_spread_constraints.is_some() {
        Some("nodeSelector or topologySpreadConstraints")
    } else if spec.priority_class_name.is_some() || spec.scheduler_name.as_deref().is_some_and(|name| name != "default-scheduler") {
        Some("a priority class or a scheduler of its own")
    } else {
        None
    }
}

/// Writes the machine into the pod. (One write in a real cluster, of the pod's `binding`; two here.)
fn bind(step: &mut Step<'_, '_>, pod: &Object<Pod>, machine: Machine) {
    let bound = step.server.bind(pod, machine.name(), ME.name());
    set_scheduled(step, &bound, None);
}

/// Sets the condition PodScheduled; False with a reason why the pod fits nowhere.
fn set_scheduled(step: &mut Step<'_, '_>, pod: &Object<Pod>, refusal: Option<String>) {
    let condition = PodCondition {
        type_: "PodScheduled".to_owned(),
        status: if refusal.is_none() { "True" } else { "False" }.to_owned(),
        reason: refusal.is_some().then(|| "Unschedulable".to_owned()),
        message: refusal,
        last_transition_time: Some(step.wall()),
        ..PodCondition::default()
    };
    let mut desired = pod.clone();
    pods::set_condition(desired.status_mut(), condition);
    step.patch_status(ME, pod, desired);
}
