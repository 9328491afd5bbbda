//! Claims: a volume is made when a pod that needs it has found a machine, and protected while a scheduled pod names it.
//!
//! Follows WaitForFirstConsumer: the scheduler writes the chosen machine onto the claim, an external provisioner makes the volume in that
//! machine's zone, the claim is bound, and only then is the pod. The API server's admission adds the protection finalizer.

use crate::boundary::{Output, StoreChange};
use crate::workloads::event::Event;
use crate::workloads::keys::Controller;
use crate::workloads::machines::{Machine, Zone};
use crate::workloads::pods;
use crate::workloads::step::Step;
use api::kinds::{PersistentVolumeClaim, Pod};
use api::{Meta, Object, ObjectKey};
use std::sync::Arc;
use uuid::Uuid;

const ME: Controller = Controller::ClaimProtection;
/// Holds a claim while a scheduled pod names it.
pub(in crate::workloads) const PROTECTION: &str = "kubernetes.io/pvc-protection";
/// Names the machine for whose pod the volume is made.
pub(in crate::workloads) const SELECTED_NODE: &str = "volume.kubernetes.io/selected-node";

/// The machine that the scheduler chose when the claim's volume had yet to be made.
pub(in crate::workloads) fn selected(meta: &Meta) -> Option<Machine> {
    meta.annotations.get(SELECTED_NODE).and_then(|name| Machine::named(name))
}

/// Whether the claim has its volume.
pub(in crate::workloads) fn is_bound(claim: &Object<PersistentVolumeClaim>) -> bool {
    claim.status.phase.as_deref() == Some("Bound")
}

/// Where the claim's volume lies, or will lie.
pub(in crate::workloads) fn zone(claim: &Object<PersistentVolumeClaim>, step: &Step<'_, '_>) -> Option<Zone> {
    selected(&claim.meta).map(|machine| machine.zone(step.profile))
}

/// Sees to a claim that changed.
pub(in crate::workloads) fn on_change(step: &mut Step<'_, '_>, change: &StoreChange) {
    let claim = change.object();
    let (key, uid) = (&claim.meta.key, claim.meta.uid.expect("a stored claim has a uid"));
    let had_volume = claim.spec_as::<PersistentVolumeClaim>().is_some_and(|spec| spec.volume_name.is_some());
    if change.new.is_none() {
        if had_volume {
            step.cx.tell(Output::VolumeDeleted { volume: uid });
        }
        return;
    }
    if claim.meta.deleting.is_some() {
        step.mark(ME, key);
    }
    let selected_before = change.old.as_ref().is_some_and(|old| selected(&old.meta).is_some());
    if selected(&claim.meta).is_some() && !selected_before && !had_volume {
        let wait = step.draw("provisioner", key, step.profile.provisioning);
        step.after(wait, &("provisioner", key), Event::Provisioned { claim: key.clone(), uid });
    }
}

/// Lets a terminating claim go once no scheduled pod names it: a completed pod counts as long as its object is there.
pub(in crate::workloads) fn sync(step: &mut Step<'_, '_>, key: &ObjectKey) {
    let Some(claim) = step.server.typed::<PersistentVolumeClaim>(key) else { return };
    let scheduled = |spec: &<Pod as api::Kind>::Spec| spec.node_name.is_some();
    let in_use = pods::of_claim(step.server, key).any(|pod| pod.spec_as::<Pod>().is_some_and(scheduled));
    if claim.meta.deleting.is_none() || in_use || !claim.meta.has_finalizer(PROTECTION) {
        return;
    }
    let mut desired = claim.clone();
    desired.meta_mut().finalizers = claim.meta.finalizers.iter().filter(|name| &***name != PROTECTION).cloned().collect();
    step.patch(ME, &claim, desired);
}

/// A volume has been made: binds it to its claim.
pub(in crate::workloads) fn provisioned(step: &mut Step<'_, '_>, key: &ObjectKey, uid: Uuid) {
    let Some(claim) = step.server.typed::<PersistentVolumeClaim>(key).filter(|claim| claim.meta.uid == Some(uid)) else { return };
    let mut bound = claim.clone();
    bound.spec_mut().volume_name = Some(format!("pvc-{uid}"));
    step.patch(ME, &claim, bound);
    let Some(claim) = step.server.typed::<PersistentVolumeClaim>(key) else { return };
    let mut status = claim.status.as_ref().clone();
    status.phase = Some("Bound".to_owned());
    status.access_modes = claim.spec.access_modes.clone();
    status.capacity = claim.spec.resources.as_ref().and_then(|resources| resources.requests.clone());
    step.patch_status(ME, &claim, Object { status: Arc::new(status), ..claim.clone() });
}
