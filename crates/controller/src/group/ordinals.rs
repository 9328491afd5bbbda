//! Which nodes a group has: decision `children` of a design, where any node that it owns will do, one an ordinal.
//!
//! A node keeps its name for as long as it lives: after a rollout the entrants are the group's nodes, and nothing is created beside them. What the
//! nodes carry says whether a new template has to be rolled out, not what was once written down about it. With a strategy, nodes are
//! never given another image in place. A hard fork is about the image alone: what else is edited reaches its nodes in place, one after the other.

use super::plan::has_failed;
use super::{children, conditions, plan_in_progress, scale_down, selector};
use crate::{Operator, ReconcileError};
use api::group::{Deployment, StrategyType};
use api::names::{entrant, label};
use api::node::NodePhase;
use api::{Group, Node, ResourceVersion, SeiNode};
use executor::ready::{has_run, runs_steadily};
use planner::HardForkPlan;
use planner::group::{carries, entrant_names, entrant_revision, incumbent_revision};
use ports::{ApiError, DeleteOptions, EventKind, Ports};
use std::sync::Arc;

/// Begins a rollout, in memory, if one is needed. Else, and if none is in progress, sees to each ordinal.
pub async fn reconcile<P: Ports>(ports: &P, operator: &Operator, group: &mut Group) -> Result<(), ReconcileError> {
    let mut nodes = children::owned(ports, operator, group, &selector::of_group(group)).await?;
    nodes.retain(|node| node.meta.labels.get(label::ROLE).is_none_or(|role| role != label::EXPORTER));
    nodes.sort_by_key(|node| (ordinal(node), node.meta.key.name.clone()));
    record_incumbents(group, &nodes);
    if let Some(rollout) = &group.status.deployment
        && !selector::is_switched(rollout)
    {
        replace_incumbents(ports, group, rollout, &nodes).await?;
    }
    if plan_in_progress(group) || group.status.deployment.is_some() {
        return Ok(());
    }
    if needs_rollout(group, &nodes) && !has_failed(group) {
        begin(operator, group, &nodes);
        take_back(ports, group, &nodes).await?;
        return Ok(());
    }
    scale_down::reconcile(ports, operator, group).await?;
    for wanted in 0..group.spec.replicas {
        let of_ordinal: Vec<&Node> = nodes.iter().filter(|node| ordinal(node) == Some(wanted)).collect();
        see_to(ports, group, wanted, &of_ordinal, &nodes).await?;
    }
    Ok(update_in_turn(ports, group, &nodes).await?)
}

/// Whether the group has a strategy and nodes that it would replace.
pub fn needs_rollout(group: &Group, nodes: &[Node]) -> bool {
    let Some(strategy) = &group.spec.update_strategy else { return false };
    let template = &group.spec.template.spec;
    let outdated =
        |node: &&Node| !carries(&node.spec, template) && (strategy.kind == StrategyType::BlueGreen || node.spec.image != template.image);
    let serves = |node: &Node| node.status.phase != Some(NodePhase::Failed) && !outdated(&node);
    let is_served = |wanted| live(nodes).any(|node| ordinal(node) == Some(wanted) && serves(node));
    live(nodes).any(|node| outdated(&node)) && !(0..group.spec.replicas).all(is_served)
}

fn begin(operator: &Operator, group: &mut Group, nodes: &[Node]) {
    let template = &group.spec.template.spec;
    let incumbent = live(nodes).find(|node| node.spec.image != template.image).or_else(|| live(nodes).next());
    let incumbent_image = match operator.design.hard_fork {
        HardForkPlan::HaltSignal => None,
        HardForkPlan::Bootstrap => incumbent.map(|node| node.spec.image.as_str().into()),
    };
    let revision = incumbent.and_then(|node| node.meta.labels.get(label::REVISION)).map(|revision| Arc::from(revision.as_str()));
    let deployment = Deployment {
        incumbent_revision: revision.unwrap_or_else(|| incumbent_revision(group)),
        entrant_revision: entrant_revision(group),
        entrant_nodes: entrant_names(group),
        incumbent_image,
    };
    group.status_mut().deployment = Some(deployment);
}

/// Gives a node its image back that was brought to it in place before there was a strategy, if it has not come up with that yet: it may never do so,
/// across a fork not before the halt height, and the node is an incumbent like the others.
async fn take_back<P: Ports>(ports: &P, group: &Group, nodes: &[Node]) -> Result<(), ApiError> {
    let Some(image) = group.status.deployment.as_ref().and_then(|rollout| rollout.incumbent_image.as_deref()) else { return Ok(()) };
    let is_on_its_way = |node: &&Node| node.status.phase == Some(NodePhase::Initializing) && has_run(node);
    for node in live(nodes).filter(|node| node.spec.image == group.spec.template.spec.image).filter(is_on_its_way) {
        let mut restored = node.clone();
        restored.spec_mut().image = image.to_owned();
        ports.update(restored).await?;
    }
    Ok(())
}

/// Deletes the entrants of a rollout that has failed where an old node is left, before the failure is written down: another rollout that began with
/// them there would take them for incumbents. Those that have failed themselves stay, to be seen: one that may just have done so is not deleted.
pub async fn dismiss_entrants<P: Ports>(ports: &P, operator: &Operator, group: &Group) -> Result<(), ApiError> {
    let Some(rollout) = &group.status.deployment else { return Ok(()) };
    let nodes = children::owned(ports, operator, group, &selector::of_group(group)).await?;
    let (entrants, old): (Vec<&Node>, Vec<&Node>) = live(&nodes).partition(|node| rollout.entrant_nodes.contains(&node.meta.key.name));
    let goes = |node: &&&Node| node.status.phase != Some(NodePhase::Failed) && old.iter().any(|old| ordinal(old) == ordinal(node));
    for node in entrants.iter().filter(goes) {
        delete(ports, group, node, node.meta.resource_version).await?;
    }
    Ok(())
}

/// Deletes this incarnation of a node; if a version is given, only that.
async fn delete<P: Ports>(ports: &P, group: &Group, node: &Node, version: Option<ResourceVersion>) -> Result<(), ApiError> {
    let options = DeleteOptions { resource_version: version, ..DeleteOptions::of_incarnation(node.meta.uid) };
    ports.delete::<SeiNode>(&node.meta.key, options).await?;
    conditions::event(ports, group, EventKind::Normal, "SeiNodeDeleted", format_args!("deleted SeiNode {}", node.name()));
    Ok(())
}

/// Creates the ordinal's node if there is none, or takes away what there is beside the right one.
async fn see_to<P: Ports>(ports: &P, group: &Group, wanted: i32, of_ordinal: &[&Node], nodes: &[Node]) -> Result<(), ApiError> {
    let template = &group.spec.template.spec;
    let failed = old_are_right(group, nodes);
    let alive = of_ordinal.iter().filter(|node| node.meta.deleting.is_none());
    // After a failed rollout the old nodes are the right ones; else one of another image only if there is no other.
    let right = alive.clone().find(|node| carries(&node.spec, template) != failed);
    let nearly = || alive.clone().find(|node| !failed && node.spec.image == template.image);
    match right.or_else(nearly) {
        Some(right) => {
            let beside = alive.filter(|node| node.meta.uid != right.meta.uid);
            for node in beside.filter(|node| !(has_failed(group) && node.status.phase == Some(NodePhase::Failed))) {
                delete(ports, group, node, None).await?;
            }
        }
        None if of_ordinal.iter().all(|node| failed && node.meta.deleting.is_none()) => {
            let Some(missing) = like_its_siblings(group, wanted, nodes) else { return Ok(()) };
            create(ports, group, missing).await?;
        }
        None => {}
    }
    Ok(())
}

/// Brings one node to the template in place, the only one of its ordinal, once all nodes have run what they carry for a while.
async fn update_in_turn<P: Ports>(ports: &P, group: &Group, nodes: &[Node]) -> Result<(), ApiError> {
    if has_failed(group) || !live(nodes).all(|node| runs_steadily(ports, node)) {
        return Ok(());
    }
    let template = &group.spec.template.spec;
    let is_wanted = |node: &&Node| ordinal(node).is_some_and(|ordinal| ordinal < group.spec.replicas);
    let is_alone = |node: &&Node| live(nodes).filter(|other| ordinal(other) == ordinal(node)).count() == 1;
    let mut outdated = live(nodes).filter(|node| !carries(&node.spec, template));
    if let Some(outdated) = outdated.find(|node| is_wanted(node) && is_alone(node)) {
        let mut updated = outdated.clone();
        children::bring_up_to_date_all(&mut updated, template);
        ports.update(updated).await?;
    }
    Ok(())
}

/// Whether the old nodes are the right ones: those of a rollout that has failed, if any is left to tell what they are.
fn old_are_right(group: &Group, nodes: &[Node]) -> bool {
    has_failed(group) && live(nodes).any(|node| !carries(&node.spec, &group.spec.template.spec))
}

/// The template's node, named by the revision unless it is among the first, with the bootstrap by which its siblings have come across the
/// last fork. After a failed rollout another of the old nodes, where they are the right ones.
fn like_its_siblings(group: &Group, wanted: i32, nodes: &[Node]) -> Option<Node> {
    let (template, failed) = (&group.spec.template.spec, old_are_right(group, nodes));
    let mut node = children::desired(group, wanted);
    if !failed && live(nodes).next().is_some() {
        node.meta_mut().key.name = entrant(group.name(), &entrant_revision(group), wanted).into();
    }
    let like = || live(nodes).find(|node| !failed && node.spec.image == template.image);
    let sibling = live(nodes).find(|node| carries(&node.spec, template) != failed).or_else(like);
    if failed {
        // One that was changed in place before there was a strategy keeps its name.
        let is_taken = nodes.iter().any(|other| other.meta.key == node.meta.key);
        node.spec_mut().clone_from(&sibling.filter(|_| !is_taken)?.spec);
    } else {
        bootstrap_like(&mut node, sibling);
    }
    Some(node)
}

/// Gives a node the bootstrap by which a sibling has come to where it is.
fn bootstrap_like(node: &mut Node, sibling: Option<&Node>) {
    if let (Some(own), Some(siblings)) = (node.spec_mut().snapshot_mut(), sibling.and_then(|sibling| sibling.spec.snapshot())) {
        own.bootstrap_image.clone_from(&siblings.bootstrap_image);
        own.s3.clone_from(&siblings.s3);
    }
}

/// Until traffic is switched to the entrants, which may take days, the incumbents have to serve: one that is gone is made again, by the template but
/// for the image, and with the bootstrap by which the others have come across an earlier fork.
async fn replace_incumbents<P: Ports>(ports: &P, group: &Group, rollout: &Deployment, nodes: &[Node]) -> Result<(), ApiError> {
    let Some(image) = rollout.incumbent_image.as_deref().filter(|image| !image.is_empty()) else { return Ok(()) };
    let incumbents = || nodes.iter().filter(|node| !rollout.entrant_nodes.contains(&node.meta.key.name));
    for wanted in (0..group.spec.replicas).filter(|wanted| incumbents().all(|node| ordinal(node) != Some(*wanted))) {
        let mut node = children::desired(group, wanted);
        node.meta_mut().key.name = entrant(group.name(), &rollout.incumbent_revision, wanted).into();
        node.spec_mut().image = image.to_owned();
        bootstrap_like(&mut node, incumbents().find(|node| node.meta.deleting.is_none() && node.spec.image == image));
        create(ports, group, node).await?;
    }
    Ok(())
}

async fn create<P: Ports>(ports: &P, group: &Group, node: Node) -> Result<(), ApiError> {
    let created = ports.create(node).await?;
    conditions::event(ports, group, EventKind::Normal, "SeiNodeCreated", format_args!("created SeiNode {}", created.name()));
    Ok(())
}

fn record_incumbents(group: &mut Group, nodes: &[Node]) {
    let entrants = group.status.deployment.as_ref().map(|rollout| rollout.entrant_nodes.clone()).unwrap_or_default();
    let names: Vec<Arc<str>> = nodes.iter().map(|node| node.meta.key.name.clone()).filter(|name| !entrants.contains(name)).collect();
    if group.status.incumbent_nodes != names {
        group.status_mut().incumbent_nodes = names;
    }
}

fn live(nodes: &[Node]) -> impl Iterator<Item = &Node> + Clone {
    nodes.iter().filter(|node| node.meta.deleting.is_none())
}

fn ordinal(node: &Node) -> Option<i32> {
    node.meta.labels.get(label::ORDINAL)?.parse().ok()
}
