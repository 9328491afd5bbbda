//! await-nodes-caught-up: every entrant follows the chain. Decision `caught-up` of a design says how that is known.

use super::{Call, Executed, Progress, TaskError, entrants, reached};
use crate::ready::{SETTLED, is_ready, is_settled};
use api::Group;
use api::task::NodeNames;
use planner::{CaughtUp, Entrants};
use ports::{Ports, SidecarAddress, SidecarState};

/// By height: a node that restored a snapshot is beyond it once it has executed a block, which it cannot without peers; then its readiness tells
/// the truth.
pub(super) async fn execute<P: Ports>(call: &Call<'_, P>, group: &Group, params: &NodeNames) -> Result<Executed, TaskError> {
    if call.design.entrants == Entrants::Ensured {
        entrants::ensure(call, group).await?;
    }
    if call.design.caught_up == CaughtUp::Height
        && let Some(s3) = group.spec.template.spec.snapshot().and_then(|snapshot| snapshot.s3.as_ref())
    {
        reached::all(call, &params.namespace, &params.node_names, s3.target_height.plus(1)).await?;
    }
    Ok(Executed::Begun)
}

/// The first node that is not there, not reachable or not Ready means "not yet".
pub(super) async fn status<P: Ports>(call: &Call<'_, P>, params: &NodeNames) -> Result<Progress, TaskError> {
    if call.design.caught_up == CaughtUp::Height && !call.submitted_at.is_some_and(|begun| call.ports.passed(begun.plus_seconds(SETTLED))) {
        return Ok(Progress::Running);
    }
    for name in &params.node_names {
        let Ok(node) = call.node(&params.namespace, name).await else { return Ok(Progress::Running) };
        let caught_up = match call.design.caught_up {
            CaughtUp::SidecarReady => call.ports.state(&SidecarAddress::of(&node)).await == Ok(SidecarState::Ready),
            CaughtUp::Height => {
                let ready = is_ready(call.ports, call.design.reads, &node).await.map_err(TaskError::transient)?;
                ready && is_settled(call.ports, &node)
            }
        };
        if !caught_up {
            return Ok(Progress::Running);
        }
    }
    Ok(Progress::Complete)
}
