//! A plan that was made for another generation of the spec: decision `spec-edit` of a design.
//!
//! Parameters are computed when a plan is built, so a plan that outlives an edit makes what nobody wants any more. Before it goes on, it is
//! replaced by one that is built from the present spec: the same rollout, with the same revision, so that each task takes up what is there. If
//! the incumbents are what is wanted now, one is left, and traffic still goes to them, the rollout is given up, and entrants of another image go before it
//! does: without it they would be taken for nodes that serve.

use super::base::Base;
use super::plan::{self, Next};
use super::{children, ordinals, selector, status};
use crate::{Operator, ReconcileError};
use api::{Group, Node, SeiNode};
use planner::SpecEdit;
use planner::group::names_of_revision;
use ports::{ApiError, DeleteOptions, Ports};

/// Whether the active plan is a rollout's and was made for another generation.
pub fn applies(operator: &Operator, group: &Group) -> bool {
    let replaces = operator.design.spec_edit == SpecEdit::Replanned;
    replaces && group.status.deployment.is_some() && plan::generation_said(group) != group.meta.generation
}

/// Replaces the plan, or gives the rollout up; `None` if the plan has to go on as it is.
pub async fn replace<P: Ports>(ports: &P, operator: &Operator, base: &Base, group: &mut Group) -> Result<Option<Next>, ReconcileError> {
    let Some(rollout) = group.status.deployment.clone() else { return Ok(None) };
    let nodes = children::owned(ports, operator, group, &selector::of_group(group)).await?;
    let (entrants, incumbents): (Vec<Node>, Vec<Node>) =
        nodes.into_iter().partition(|node| rollout.entrant_nodes.contains(&node.meta.key.name));
    let is_one_left = incumbents.iter().any(|node| node.meta.deleting.is_none());
    if !selector::is_switched(&rollout) && is_one_left && !ordinals::needs_rollout(group, &incumbents) {
        dismiss(ports, group, &entrants).await?;
        group.status_mut().plan = None;
        group.status_mut().deployment = None;
        plan::say(ports, operator, group, (false, "PlanSuperseded", "the spec asks for what the incumbents are"));
        status::update(ports, operator, base, group).await?;
        return Ok(Some(Next::Written(executor::NOW)));
    }
    if group.spec.update_strategy.is_none() {
        return Ok(None);
    }
    let entrants = names_of_revision(group, &rollout.entrant_revision);
    let status = group.status_mut();
    status.plan = None;
    status.deployment = Some(api::group::Deployment { entrant_nodes: entrants, ..rollout });
    plan::start(ports, operator, base, group).await.map(Some)
}

/// Deletes the entrants of an image that is not wanted any more.
async fn dismiss<P: Ports>(ports: &P, group: &Group, entrants: &[Node]) -> Result<(), ApiError> {
    let image = &group.spec.template.spec.image;
    for node in entrants.iter().filter(|node| node.meta.deleting.is_none() && node.spec.image != *image) {
        let options = DeleteOptions::of_incarnation(node.meta.uid);
        ports.delete::<SeiNode>(&node.meta.key, options).await?;
    }
    Ok(())
}
