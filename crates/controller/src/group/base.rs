//! What a group's status patch is a difference from: decision `status-base` of a design.
//!
//! The operator copies the group once, before it changes anything, and takes every difference of the reconcile from that copy, with that
//! copy's resourceVersion as the precondition. So any write of the group in between, the plan executor's above all, makes the patch a
//! conflict, and what was only in memory is lost. A design that refreshes reads the group again first.

use crate::write::unchanged_since;
use api::{Group, SeiNodeDeploymentStatus};
use executor::decode;
use planner::StatusBase;
use ports::{ApiError, Ports};

/// The copy taken at the start.
#[derive(Clone, Debug)]
pub struct Base(Group);

impl Base {
    /// A copy of the group as it is now.
    pub fn taken_from(group: &Group) -> Self {
        Self(group.clone())
    }

    /// "Status patch against base": writes what this reconcile changed in memory.
    pub async fn patch<P: Ports>(&self, ports: &P, decision: StatusBase, group: &mut Group) -> Result<(), ApiError> {
        let written_since = group.meta.resource_version != self.0.meta.resource_version;
        let (base, desired) = match decision {
            StatusBase::Refreshed if written_since => {
                let read_again: Group = ports.get(&group.meta.key).await?;
                let desired = self.changes_onto(group, &read_again);
                (read_again, desired)
            }
            StatusBase::Once | StatusBase::Refreshed => (self.0.clone(), group.clone()),
        };
        let reply = ports.patch_status(&base, &desired, unchanged_since(&base)).await?;
        decode::into(group, reply);
        Ok(())
    }

    /// `onto` with every status field in which `group` differs from the base.
    fn changes_onto(&self, group: &Group, onto: &Group) -> Group {
        let mut result = onto.clone();
        let (was, is, written) = (&*self.0.status, &*group.status, result.status_mut());
        macro_rules! carry {
            ($($field:ident),*) => {
                // Names every field, so that a new one cannot be forgotten here.
                let SeiNodeDeploymentStatus { $($field: _),* } = was;
                $(if is.$field != was.$field { written.$field = is.$field.clone(); })*
            };
        }
        carry! {
            observed_generation, template_hash, phase, replicas, ready_replicas, nodes, plan, genesis_hash, genesis_s3_uri,
            incumbent_nodes, deployment, networking_status, conditions
        }
        result
    }
}
