//! teardown-nodes: the incumbents are deleted. Decision `teardown` of a design says when, and which nodes they are.

use super::switch_traffic::switch;
use super::{Call, Executed, Progress, TaskError, entrants, reached};
use crate::{overdue, ready};
use api::kinds::Service;
use api::names::{self, label};
use api::node::NodePhase;
use api::task::NodeNames;
use api::{Group, Node, ObjectKey, SeiNode, Time};
use planner::{Arrival, Entrants, ProgressDeadline, Teardown};
use ports::{ApiError, DeleteOptions, Ports, Propagation, SidecarAddress, SidecarState};
use std::sync::Arc;

/// How long clients are given to leave the incumbents after the switch, in seconds: longer than endpoints and load balancers take to follow.
const DRAIN: i64 = 300;

/// At once: does not wait for the nodes to go. What the cache no longer has is passed over; what only the server no longer has is an error.
/// Drained: `status` does it.
pub(super) async fn execute<P: Ports>(call: &Call<'_, P>, group: &Group, params: &NodeNames) -> Result<Executed, TaskError> {
    if call.design.teardown == Teardown::Drained {
        if call.design.entrants == Entrants::Ensured {
            entrants::ensure(call, group).await?;
        }
        await_fork(call, group).await?;
        return Ok(Executed::Begun);
    }
    for name in &params.node_names {
        match call.node(&params.namespace, name).await {
            Ok(_) => {}
            Err(ApiError::NotFound(_)) => continue,
            Err(error) => return Err(TaskError::transient(error)),
        }
        let key = ObjectKey { namespace: params.namespace.clone(), name: name.clone() };
        let options = DeleteOptions { propagation: Propagation::Background, ..DeleteOptions::default() };
        call.ports.delete::<SeiNode>(&key, options).await.map_err(TaskError::transient)?;
    }
    Ok(Executed::Done)
}

/// Drained: every node of the group that is no entrant goes, each only when the one before is gone, nobody is sent to it any more, and as many entrants as
/// the spec then asks for are ready. Complete when all are gone.
pub(super) async fn status<P: Ports>(call: &Call<'_, P>, group: &Group) -> Result<Progress, TaskError> {
    let Some(rollout) = &group.status.deployment else { return Ok(Progress::Complete) };
    let nodes = entrants::own_nodes(call, group).await.map_err(TaskError::transient)?;
    let (entrants, incumbents): (Vec<Node>, Vec<Node>) =
        nodes.into_iter().partition(|node| rollout.entrant_nodes.contains(&node.meta.key.name));
    if incumbents.is_empty() {
        return Ok(Progress::Complete);
    }
    if incumbents.iter().all(|node| node.meta.deleting.is_none())
        && has_drained(call)
        && is_switched(call, group, &rollout.entrant_revision).await?
        && all_ready(call, group, &entrants).await?
    {
        entrants::delete(call, &incumbents[0]).await.map_err(TaskError::transient)?;
    }
    Ok(Progress::Running)
}

/// A hard fork is over when all entrants are past it. One is already, since traffic was switched, so the network has gone on: another that does not
/// come for hours has a state that leads nowhere, such as that of a bootstrap that went beyond its target, and is made anew, once.
async fn await_fork<P: Ports>(call: &Call<'_, P>, group: &Group) -> Result<(), TaskError> {
    let Some(creation) = group.status.plan.as_ref().and_then(entrants::creation) else { return Ok(()) };
    let Some(past) = entrants::past_fork(creation) else { return Ok(()) };
    for name in &creation.node_names {
        let node = call.node(&creation.namespace, name).await.map_err(TaskError::transient)?;
        let past = entrants::past_own_fork(&node).unwrap_or(past);
        let reached = reached::one(call, &creation.namespace, name, past).await;
        if reached.is_err() && call.design.progress_deadline == ProgressDeadline::Hours {
            if switched_at(group).is_some_and(|at| overdue::is_left_behind(call.ports, &node, at)) {
                entrants::delete(call, &node).await.map_err(TaskError::transient)?;
            } else if switched_at(group).is_some_and(|at| overdue::is_lost_behind(call.ports, &node, at)) {
                return Err(TaskError::Terminal(format!("node {name} has not come across the fork for hours").into()));
            }
        }
        reached?;
    }
    Ok(())
}

/// When the plan switched traffic.
fn switched_at(group: &Group) -> Option<Time> {
    switch(group.status.plan.as_ref()?)?.submitted_at
}

/// Whether clients have had their time, counted from when the task's beginning was written down.
fn has_drained<P: Ports>(call: &Call<'_, P>) -> bool {
    call.submitted_at.is_some_and(|begun| call.ports.passed(begun.plus_seconds(DRAIN)))
}

/// Whether the external Service, if there is one, selects the entrants alone.
async fn is_switched<P: Ports>(call: &Call<'_, P>, group: &Group, revision: &Arc<str>) -> Result<bool, TaskError> {
    match call.read::<Service>(&group.meta.key.namespace, &names::external_service(group.name()).into()).await {
        Ok(service) => {
            let selected = service.spec.selector.as_ref().and_then(|selector| selector.get(label::REVISION));
            Ok(selected.is_some_and(|selected| **selected == **revision))
        }
        Err(ApiError::NotFound(_)) => Ok(true),
        Err(error) => Err(TaskError::transient(error)),
    }
}

/// Whether as many entrants as the group asks for now run, their pods are ready, and their sidecars answer: for some time after a machine is lost its
/// pods are still called ready.
async fn all_ready<P: Ports>(call: &Call<'_, P>, group: &Group, entrants: &[Node]) -> Result<bool, TaskError> {
    let mut ready = 0;
    for entrant in entrants.iter().filter(|node| node.meta.deleting.is_none() && node.status.phase == Some(NodePhase::Running)) {
        let settled = call.design.arrival == Arrival::Phase || ready::is_settled(call.ports, entrant);
        let is_ready = settled && ready::is_ready_now(call.ports, entrant).await.map_err(TaskError::transient)?;
        ready += i32::from(is_ready && call.ports.state(&SidecarAddress::of(entrant)).await == Ok(SidecarState::Ready));
    }
    Ok(ready >= group.spec.replicas)
}
