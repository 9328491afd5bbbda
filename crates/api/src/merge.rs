//! Merge patches without a wire: the difference between two values of one type, merged into a third.
//!
//! A controller's patch travels as a pair (what its copy was, what it is to become). The result must be that of RFC 7386 over the wire
//! forms: what the pair agrees on stays as stored, what it changes is written, lists whole and objects field by field. Statuses are
//! patched at every step of a plan, so theirs are merged here, field by field; where a change cannot be told without the wire form (a map
//! that changed, an object that only one side has), the answer is `None`, and whoever asked goes over the wire.

use crate::group::SeiNodeDeploymentStatus;
use crate::node::SeiNodeStatus;
use crate::object::Section;
use crate::plan::TaskPlan;

/// A field that a patch writes whole: a scalar, a text, a list.
fn whole<T: Clone + PartialEq>(stored: &T, base: &T, desired: &T) -> T {
    if base == desired { stored.clone() } else { desired.clone() }
}

/// A field whose change only the wire form can tell.
fn unchanged<T: Clone + PartialEq>(stored: &T, base: &T, desired: &T) -> Option<T> {
    if base == desired {
        Some(stored.clone())
    } else if stored == base {
        Some(desired.clone())
    } else {
        None
    }
}

/// The plan of a status: an object, merged field by field.
fn plan(stored: Option<&TaskPlan>, base: Option<&TaskPlan>, desired: Option<&TaskPlan>) -> Option<Option<TaskPlan>> {
    let (Some(s), Some(b), Some(d)) = (stored, base, desired) else {
        return unchanged(&stored, &base, &desired).map(Option::<&TaskPlan>::cloned);
    };
    Some(Some(TaskPlan {
        id: whole(&s.id, &b.id, &d.id),
        phase: whole(&s.phase, &b.phase, &d.phase),
        tasks: whole(&s.tasks, &b.tasks, &d.tasks),
        failed_task_index: whole(&s.failed_task_index, &b.failed_task_index, &d.failed_task_index),
        failed_task_detail: unchanged(&s.failed_task_detail, &b.failed_task_detail, &d.failed_task_detail)?,
    }))
}

impl Section for SeiNodeStatus {
    fn merged(s: &Self, b: &Self, d: &Self) -> Option<Self> {
        Some(Self {
            phase: whole(&s.phase, &b.phase, &d.phase),
            conditions: whole(&s.conditions, &b.conditions, &d.conditions),
            plan: plan(s.plan.as_ref(), b.plan.as_ref(), d.plan.as_ref())?,
            monitor_tasks: unchanged(&s.monitor_tasks, &b.monitor_tasks, &d.monitor_tasks)?,
            resolved_peers: whole(&s.resolved_peers, &b.resolved_peers, &d.resolved_peers),
            external_address: whole(&s.external_address, &b.external_address, &d.external_address),
            config_status: unchanged(&s.config_status, &b.config_status, &d.config_status)?,
        })
    }
}

impl Section for SeiNodeDeploymentStatus {
    fn merged(s: &Self, b: &Self, d: &Self) -> Option<Self> {
        Some(Self {
            observed_generation: whole(&s.observed_generation, &b.observed_generation, &d.observed_generation),
            template_hash: whole(&s.template_hash, &b.template_hash, &d.template_hash),
            phase: whole(&s.phase, &b.phase, &d.phase),
            replicas: whole(&s.replicas, &b.replicas, &d.replicas),
            ready_replicas: whole(&s.ready_replicas, &b.ready_replicas, &d.ready_replicas),
            nodes: whole(&s.nodes, &b.nodes, &d.nodes),
            plan: plan(s.plan.as_ref(), b.plan.as_ref(), d.plan.as_ref())?,
            genesis_hash: whole(&s.genesis_hash, &b.genesis_hash, &d.genesis_hash),
            genesis_s3_uri: whole(&s.genesis_s3_uri, &b.genesis_s3_uri, &d.genesis_s3_uri),
            incumbent_nodes: whole(&s.incumbent_nodes, &b.incumbent_nodes, &d.incumbent_nodes),
            deployment: unchanged(&s.deployment, &b.deployment, &d.deployment)?,
            networking_status: unchanged(&s.networking_status, &b.networking_status, &d.networking_status)?,
            conditions: whole(&s.conditions, &b.conditions, &d.conditions),
        })
    }
}
