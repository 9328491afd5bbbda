//! Keeping entrants as the plan wants them: decision `entrants` of a design, where every task of a rollout sees to it.

use super::create_entrant_nodes::entrant;
use super::{Call, TaskError};
use crate::overdue::LAST_BOOTSTRAP_TASK;
use crate::ready::has_run;
use crate::{overdue, read};
use api::names::label;
use api::node::NodePhase;
use api::task::{AwaitCondition, Awaited, ControllerTask, CreateEntrantNodes, SidecarTask, Task};
use api::{Group, Height, Labels, Node, SeiNode, SeiNodeDeployment, TaskPlan};
use ports::{ApiError, DeleteOptions, Ports, SidecarAddress, SidecarError, TaskRequest, TaskState};
use std::sync::Arc;

/// Creates entrants that are missing. Before traffic is switched to them, one that is not what the plan says is deleted, to be made anew
/// when it is gone, unless it is on its way across the fork. An error means "not yet".
pub(super) async fn ensure<P: Ports>(call: &Call<'_, P>, group: &Group) -> Result<(), TaskError> {
    let Some(params) = group.status.plan.as_ref().and_then(creation) else { return Ok(()) };
    scale_down(call, group, params).await.map_err(TaskError::transient)?;
    let switched = group.status.deployment.as_ref().is_some_and(|rollout| rollout.incumbent_revision == rollout.entrant_revision);
    for (ordinal, name) in params.node_names.iter().enumerate() {
        let wanted = entrant(call.design, group, params, ordinal, name);
        match call.node(&params.namespace, name).await {
            Ok(node) => {
                if !node.meta.is_controlled_by(group.meta.uid) || node.meta.deleting.is_some() {
                    return Err(TaskError::transient(format_args!("node {name} is in the way")));
                }
                if !switched && node.spec != wanted.spec && !is_kept(call, &node, &wanted).await? {
                    delete(call, &node).await.map_err(TaskError::transient)?;
                    return Err(TaskError::transient(format_args!("node {name} is not as wanted")));
                }
            }
            Err(ApiError::NotFound(_)) => make(call, group, wanted).await?,
            Err(error) => return Err(TaskError::transient(error)),
        }
    }
    Ok(())
}

/// Whether an entrant that is not what the plan says is kept: one of the wanted image that is past its bootstrap, and comes on. It may soon be all that clients
/// have, and what else was edited reaches it in place when the rollout is over. If it was made for another halt height, it must have gone beyond that.
async fn is_kept<P: Ports>(call: &Call<'_, P>, node: &Node, wanted: &Node) -> Result<bool, TaskError> {
    if node.spec.image != wanted.spec.image || !is_bootstrapped(node) || !overdue::comes_on(call.ports, node) {
        return Ok(false);
    }
    match (target(node), target(wanted)) {
        (Some(own), wanted) if Some(own) != wanted => has_gone_beyond(call, node, own).await,
        _ => Ok(true),
    }
}

/// Whether a node has stored the block after a height. Its sidecar is asked, and asked once more if it was not before.
async fn has_gone_beyond<P: Ports>(call: &Call<'_, P>, node: &Node, height: Height) -> Result<bool, TaskError> {
    let (address, id) = (SidecarAddress::of(node), node.meta.uid.unwrap_or_default());
    match call.ports.task(&address, id).await {
        Ok(report) => Ok(report.state == TaskState::Completed),
        Err(SidecarError::NotFound) => {
            let wait = Arc::new(AwaitCondition { condition: Awaited::Height, target_height: height.plus(1), action: None });
            let request = TaskRequest { id: Some(id), task: SidecarTask::AwaitCondition(wait) };
            call.ports.submit(&address, request).await.map_err(TaskError::transient)?;
            Err(TaskError::transient(format_args!("node {} is asked whether it is beyond height {height}", node.name())))
        }
        Err(_) => Ok(false),
    }
}

/// Creates an entrant, if the spec is still the one that it was drawn from: the calls before it took their time.
async fn make<P: Ports>(call: &Call<'_, P>, group: &Group, entrant: Node) -> Result<(), TaskError> {
    let present = call.read::<SeiNodeDeployment>(&group.meta.key.namespace, &group.meta.key.name).await.map_err(TaskError::transient)?;
    if present.meta.generation != group.meta.generation {
        return Err(TaskError::transient("the spec has been edited"));
    }
    match call.ports.create(entrant).await {
        Ok(_) => Ok(()),
        // What is refused for what it says is refused again.
        Err(error @ ApiError::Invalid(_)) => Err(TaskError::Terminal(error.to_string().into())),
        Err(error) => Err(TaskError::transient(error)),
    }
}

/// A rollout with an entrant of which nothing is to be expected any more is over, whatever is left to try; and one whose incumbents are all lost
/// while no entrant runs.
pub(super) async fn give_up_if_hopeless<P: Ports>(call: &Call<'_, P>, group: &Group) -> Result<(), TaskError> {
    let Some(params) = group.status.plan.as_ref().and_then(creation) else { return Ok(()) };
    let nodes = own_nodes(call, group).await.map_err(TaskError::transient)?;
    let live = nodes.iter().filter(|node| node.meta.deleting.is_none());
    let (entrants, incumbents): (Vec<&Node>, Vec<&Node>) = live.partition(|node| params.node_names.contains(&node.meta.key.name));
    let is_hopeless = |node: &&&Node| overdue::is_hopeless(call.ports, node);
    if let Some(entrant) = entrants.iter().find(is_hopeless) {
        return Err(TaskError::Terminal(format!("node {} has not become ready for hours", entrant.name()).into()));
    }
    let runs = |node: &&Node| node.status.phase == Some(NodePhase::Running);
    if !incumbents.is_empty() && !entrants.iter().any(runs) && incumbents.iter().all(|node| is_hopeless(&node)) {
        return Err(TaskError::Terminal("the incumbents have not been ready for hours, and no entrant runs".into()));
    }
    Ok(())
}

/// Deletes nodes beyond the wanted number, which an edit of the spec may have left: of those that have run, or have bootstrapped themselves, only entrants, and these
/// only if one that stays runs. The others may have stopped or diverged: until the rollout is over an incumbent that is to go may be the last that serves.
async fn scale_down<P: Ports>(call: &Call<'_, P>, group: &Group, creation: &CreateEntrantNodes) -> Result<(), ApiError> {
    let ordinal = |node: &Node| node.meta.labels.get(label::ORDINAL).and_then(|ordinal| ordinal.parse::<i32>().ok());
    let is_beyond = |node: &&Node| ordinal(node).is_some_and(|ordinal| ordinal >= group.spec.replicas);
    let (entrants, incumbents) = and_others(call, group, creation).await?;
    let one_stays = entrants.iter().any(|node| !is_beyond(&node) && node.status.phase == Some(NodePhase::Running));
    let is_in_use = |node: &Node| has_run(node) || is_bootstrapped(node);
    let leaving = entrants.iter().filter(|node| one_stays || !is_in_use(node)).chain(incumbents.iter().filter(|node| !is_in_use(node)));
    for node in leaving.filter(is_beyond) {
        delete(call, node).await?;
    }
    Ok(())
}

/// Whether a node has bootstrapped itself and goes on from there.
fn is_bootstrapped(node: &Node) -> bool {
    node.status.plan.as_ref().is_some_and(|plan| plan.has_completed(LAST_BOOTSTRAP_TASK))
}

/// The group's nodes that nobody is deleting: the rollout's entrants, those beyond the wanted number among them, and the others.
pub(super) async fn and_others<P: Ports>(
    call: &Call<'_, P>,
    group: &Group,
    creation: &CreateEntrantNodes,
) -> Result<(Vec<Node>, Vec<Node>), ApiError> {
    let nodes = own_nodes(call, group).await?.into_iter().filter(|node| node.meta.deleting.is_none());
    Ok(nodes.partition(|node| is_entrant(node, &creation.entrant_revision)))
}

pub(super) fn is_entrant(node: &Node, revision: &str) -> bool {
    node.meta.labels.get(label::REVISION).is_some_and(|own| own == revision)
}

/// The nodes that the group owns.
pub(super) async fn own_nodes<P: Ports>(call: &Call<'_, P>, group: &Group) -> Result<Vec<Node>, ApiError> {
    let of_group = Labels::from([(label::GROUP.into(), group.name().into())]);
    let mut nodes: Vec<Node> = read::many(call.ports, call.design.reads, group.namespace(), &of_group).await?;
    nodes.retain(|node| node.meta.is_controlled_by(group.meta.uid));
    Ok(nodes)
}

/// Deletes a node, this incarnation of it alone.
pub(super) async fn delete<P: Ports>(call: &Call<'_, P>, node: &Node) -> Result<(), ApiError> {
    let options = DeleteOptions::of_incarnation(node.meta.uid);
    call.ports.delete::<SeiNode>(&node.meta.key, options).await
}

/// The height at which an entrant is past its fork, if the rollout is across one: the block after the fork's. Then the network has gone on, and so
/// has the entrant. Only from then on is it known to follow, since a node without peers is ready too.
pub(super) fn past_fork(creation: &CreateEntrantNodes) -> Option<Height> {
    creation.hard_fork.as_ref().map(|fork| fork.halt_height.plus(1))
}

/// The same of the fork that an entrant was made for, which may have been another than the spec now names.
pub(super) fn past_own_fork(entrant: &Node) -> Option<Height> {
    target(entrant).map(|last_old_block| last_old_block.plus(2))
}

/// The height at which a node's bootstrap ends, if it has one.
fn target(node: &Node) -> Option<Height> {
    let snapshot = node.spec.snapshot().filter(|snapshot| snapshot.bootstrap_image.is_some())?;
    snapshot.s3.as_ref().map(|s3| s3.target_height)
}

/// The plan's own words on its entrants.
pub(super) fn creation(plan: &TaskPlan) -> Option<&CreateEntrantNodes> {
    plan.tasks.iter().find_map(|planned| match &*planned.task {
        Task::Controller(ControllerTask::CreateEntrantNodes(params)) => Some(&**params),
        _ => None,
    })
}
