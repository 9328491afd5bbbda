//! The pod garbage collector: pods of a machine that no longer has a Node object.
//!
//! Follows `gcOrphaned` of v1.33: a machine that is missing is given 40 s to show up again, the collector looks every 20 s, and then marks the
//! machine's pods Failed and deletes them without grace. The collector's other duties (too many ended pods, unscheduled terminating pods,
//! the out-of-service taint) are not modelled.

use crate::workloads::keys::Controller;
use crate::workloads::pods;
use crate::workloads::step::Step;
use api::kinds::{Node, Pod};
use api::{Kind, Object, ObjectKey};

const ME: Controller = Controller::PodGc;

/// Collects the pods of a machine, if its Node object is still missing.
pub(in crate::workloads) fn sync(step: &mut Step<'_, '_>, node: &ObjectKey) {
    if step.server.object(&Node::INFO, node).is_none() {
        pods::on_machine(step.server, &node.name).iter().for_each(|pod| collect(step, pod));
    }
}

fn collect(step: &mut Step<'_, '_>, pod: &Object<Pod>) {
    if !pods::is_terminal(&pod.status) {
        let mut failed = pod.clone();
        failed.status_mut().phase = Some("Failed".to_owned());
        let condition = pods::disruption_target(step.wall(), "DeletionByPodGC", "PodGC: node no longer exists");
        pods::set_condition(failed.status_mut(), condition);
        step.patch_status(ME, pod, failed);
    }
    step.server.remove_now(step.cx, &const { Pod::INFO }, &pod.meta.key, ME.name());
}
