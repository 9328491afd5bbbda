//! switch-traffic: the entrants' revision becomes the active one, to which the external Service's selector is set by a later reconcile.

use super::{Call, Executed, TaskError};
use crate::decode;
use api::Group;
use api::task::SwitchTraffic;
use ports::{Ports, Precondition};

/// Patches without a precondition. After an error the change stays in memory, for the rest of the reconcile.
pub(super) async fn execute<P: Ports>(call: &Call<'_, P>, group: &mut Group, params: &SwitchTraffic) -> Result<Executed, TaskError> {
    let base = group.clone();
    let Some(deployment) = &mut group.status_mut().deployment else {
        return Err(TaskError::Terminal("no rollout is in progress: status.deployment is not set".into()));
    };
    deployment.incumbent_revision = params.entrant_revision.clone();
    let reply = call.ports.patch_status(&base, group, Precondition::None).await.map_err(TaskError::transient)?;
    decode::into(group, reply);
    Ok(Executed::Done)
}
