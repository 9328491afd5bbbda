//! Keeping entrants as the plan wants them: decision `entrants` of a design, where every task of a rollout sees to it.

use super::create_entrant_nodes::entrant;
use super::{Call, TaskError};
use crate::read;
use api::names::label;
use api::task::{ControllerTask, CreateEntrantNodes, Task};
use api::{Group, Labels, Node, SeiNode, TaskPlan};
use ports::{ApiError, DeleteOptions, Ports, Propagation};

/// Creates entrants that are missing. Before traffic is switched to them, one that is not what the plan says is deleted, to be made anew
/// when it is gone. An error means "not yet".
pub(super) async fn ensure<P: Ports>(call: &Call<'_, P>, group: &Group) -> Result<(), TaskError> {
    let Some(params) = group.status.plan.as_ref().and_then(creation) else { return Ok(()) };
    scale_down(call, group).await.map_err(TaskError::transient)?;
    let switched = group.status.deployment.as_ref().is_some_and(|rollout| rollout.incumbent_revision == rollout.entrant_revision);
    for (ordinal, name) in params.node_names.iter().enumerate() {
        let wanted = entrant(group, params, ordinal, name);
        match call.node(&params.namespace, name).await {
            Ok(node) => {
                if !node.meta.is_controlled_by(group.meta.uid) || node.meta.deleting.is_some() {
                    return Err(TaskError::transient(format_args!("node {name} is in the way")));
                }
                if !switched && node.spec != wanted.spec {
                    delete(call, &node).await.map_err(TaskError::transient)?;
                    return Err(TaskError::transient(format_args!("node {name} is not as wanted")));
                }
            }
            Err(ApiError::NotFound(_)) => drop(call.ports.create(wanted).await.map_err(TaskError::transient)?),
            Err(error) => return Err(TaskError::transient(error)),
        }
    }
    Ok(())
}

/// Deletes nodes beyond the wanted number, which an edit of the spec may have left.
async fn scale_down<P: Ports>(call: &Call<'_, P>, group: &Group) -> Result<(), ApiError> {
    let of_group = Labels::from([(label::GROUP.into(), group.name().into())]);
    let nodes: Vec<Node> = read::many(call.ports, call.design.reads, group.namespace(), &of_group).await?;
    let ordinal = |node: &Node| node.meta.labels.get(label::ORDINAL).and_then(|ordinal| ordinal.parse::<i32>().ok());
    let own = nodes.iter().filter(|node| node.meta.is_controlled_by(group.meta.uid) && node.meta.deleting.is_none());
    for node in own.filter(|node| ordinal(node).is_some_and(|ordinal| ordinal >= group.spec.replicas)) {
        delete(call, node).await?;
    }
    Ok(())
}

/// Deletes a node, this incarnation of it alone.
pub(super) async fn delete<P: Ports>(call: &Call<'_, P>, node: &Node) -> Result<(), ApiError> {
    let options = DeleteOptions { propagation: Propagation::Background, uid: node.meta.uid, ..DeleteOptions::default() };
    call.ports.delete::<SeiNode>(&node.meta.key, options).await
}

/// The plan's own words on its entrants.
pub(super) fn creation(plan: &TaskPlan) -> Option<&CreateEntrantNodes> {
    plan.tasks.iter().find_map(|planned| match &*planned.task {
        Task::Controller(ControllerTask::CreateEntrantNodes(params)) => Some(&**params),
        _ => None,
    })
}
