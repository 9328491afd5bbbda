//! What makes an object invalid: 422 with all causes, in the real messages.

mod findings;
mod group;
mod metadata;
mod node;
mod quantity;
mod status;
mod workload;

use super::refusal::{Refusal, invalid};
use api::kinds::{Job, StatefulSet};
use api::{AnyObject, SeiNode, SeiNodeDeployment};
use findings::Findings;
use std::sync::Arc;

/// Validates a new object, or one that replaces `old`; what has not changed is not looked at again.
pub(super) fn check(old: Option<&AnyObject>, new: &AnyObject) -> Result<(), Refusal> {
    let mut findings = Findings::default();
    if old.is_none_or(|old| !Arc::ptr_eq(&old.meta, &new.meta)) {
        metadata::check(&mut findings, old.map(|old| &*old.meta), new);
    }
    if old.is_none_or(|old| !Arc::ptr_eq(&old.spec, &new.spec)) {
        match new.info.kind {
            "SeiNode" => new.spec_as::<SeiNode>().into_iter().for_each(|spec| node::check(&mut findings, format_args!("spec"), spec)),
            "SeiNodeDeployment" => new.spec_as::<SeiNodeDeployment>().into_iter().for_each(|spec| group::check(&mut findings, spec)),
            "StatefulSet" => new.spec_as::<StatefulSet>().into_iter().for_each(|spec| workload::stateful_set(&mut findings, spec)),
            "Job" => new.spec_as::<Job>().into_iter().for_each(|spec| workload::job(&mut findings, spec)),
            _ => {}
        }
    }
    if let Some(old) = old.filter(|old| !Arc::ptr_eq(&old.status, &new.status)) {
        if let Some(status) = new.status_as::<SeiNode>() {
            status::node(&mut findings, old.status_as::<SeiNode>(), status);
        } else if let Some(status) = new.status_as::<SeiNodeDeployment>() {
            status::group(&mut findings, old.status_as::<SeiNodeDeployment>(), status);
        }
    }
    match findings.causes() {
        [] => Ok(()),
        causes => Err(invalid(new.info, new.meta.name(), causes).into()),
    }
}
