//! What becomes of an in-memory object when the reply to its write is decoded into it, as controller-runtime does.
//!
//! Go decodes into existing memory: what the reply has replaces what is held, what the reply omits stays. Nested objects are filled field
//! by field, maps key by key, lists are replaced whole. So a change that was made in memory only survives a write of something else
//! exactly if the server has nothing in its place. Source: controller.md, section 1, "Writes", 1.
//!
//! Shortcut: metadata and spec are replaced as a whole. The difference would show only if somebody removed a field of the spec between
//! the reconcile's read and a patch without precondition, and only until the end of that reconcile.

use api::group::{Deployment, GroupPhase, NetworkingStatus};
use api::node::{ConfigStatus, NodePhase};
use api::plan::{FailedTaskDetail, PlanPhase};
use api::{Kind, Object, SeiNode, SeiNodeDeployment, SeiNodeDeploymentStatus, SeiNodeStatus, TaskPlan, Time};
use std::collections::BTreeMap;
use std::sync::Arc;
use uuid::Uuid;

/// A kind whose status can be decoded into a held one.
pub trait KeepsAbsent: Kind {
    /// Whether `held` has something that `reply` omits.
    fn lacks(reply: &Self::Status, held: &Self::Status) -> bool;
    /// Fills what `reply` omits from `held`.
    fn fill(reply: &mut Self::Status, held: &Self::Status);
}

/// Decodes the reply to a write into the object that was written.
pub fn into<K: KeepsAbsent>(held: &mut Object<K>, reply: Object<K>) {
    let before = std::mem::replace(held, reply);
    if !Arc::ptr_eq(&before.status, &held.status) && K::lacks(&held.status, &before.status) {
        K::fill(held.status_mut(), &before.status);
    }
}

/// A value that may be missing on the wire, as a whole or in parts.
trait Fill: Clone {
    /// Whether `held` has something that this value omits.
    fn lacks(&self, held: &Self) -> bool;
    /// Takes over what this value omits.
    fn fill(&mut self, held: &Self);
}

impl<T: Fill> Fill for Option<T> {
    fn lacks(&self, held: &Self) -> bool {
        match (self, held) {
            (Some(value), Some(held)) => value.lacks(held),
            (None, held) => held.is_some(),
            (Some(_), None) => false,
        }
    }

    fn fill(&mut self, held: &Self) {
        match (self, held) {
            (Some(value), Some(held)) => value.fill(held),
            (value @ None, held) => value.clone_from(held),
            (Some(_), None) => {}
        }
    }
}

/// An empty list is omitted on the wire.
impl<T: Clone> Fill for Vec<T> {
    fn lacks(&self, held: &Self) -> bool {
        self.is_empty() && !held.is_empty()
    }

    fn fill(&mut self, held: &Self) {
        if self.is_empty() {
            self.clone_from(held);
        }
    }
}

impl<T: Clone> Fill for BTreeMap<String, T> {
    fn lacks(&self, held: &Self) -> bool {
        held.keys().any(|key| !self.contains_key(key))
    }

    fn fill(&mut self, held: &Self) {
        for (key, value) in held {
            self.entry(key.clone()).or_insert_with(|| value.clone());
        }
    }
}

/// Values that are there or not, never in parts.
macro_rules! whole {
    ($($type:ty),* $(,)?) => {$(
        impl Fill for $type {
            fn lacks(&self, _: &Self) -> bool {
                false
            }

            fn fill(&mut self, _: &Self) {}
        }
    )*};
}

whole!(Arc<str>, String, bool, i32, i64, Uuid, Time, GroupPhase, NodePhase, PlanPhase);

/// Objects, by all of their fields.
macro_rules! by_field {
    ($($type:ident { $($field:ident),* $(,)? })*) => {$(
        impl Fill for $type {
            fn lacks(&self, held: &Self) -> bool {
                let $type { $($field),* } = self;
                $($field.lacks(&held.$field))||*
            }

            fn fill(&mut self, held: &Self) {
                $(self.$field.fill(&held.$field);)*
            }
        }
    )*};
}

by_field! {
    TaskPlan { id, phase, tasks, failed_task_index, failed_task_detail }
    FailedTaskDetail { kind, id, error, retry_count, max_retries }
    Deployment { incumbent_revision, entrant_revision, entrant_nodes, incumbent_image }
    NetworkingStatus { external_service_name, load_balancer_ingress }
    ConfigStatus { version, mode, last_applied_at, last_validated_at, drift_detected, diagnostics }
    SeiNodeDeploymentStatus {
        observed_generation, template_hash, phase, replicas, ready_replicas, nodes, plan, genesis_hash, genesis_s3_uri, incumbent_nodes,
        deployment, networking_status, conditions,
    }
    SeiNodeStatus { phase, conditions, plan, monitor_tasks, resolved_peers, external_address, config_status }
}

macro_rules! keeps_absent {
    ($($kind:ty),*) => {$(
        impl KeepsAbsent for $kind {
            fn lacks(reply: &Self::Status, held: &Self::Status) -> bool {
                Fill::lacks(reply, held)
            }

            fn fill(reply: &mut Self::Status, held: &Self::Status) {
                Fill::fill(reply, held);
            }
        }
    )*};
}

keeps_absent!(SeiNodeDeployment, SeiNode);
