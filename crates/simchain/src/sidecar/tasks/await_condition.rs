//! await-condition: looks at seid's `/status` every 100 ms until its block store has a height, and may then stop it. It has no deadline
//! and takes every error for "not yet".

use api::task::{AwaitAction, Awaited};
use api::{Height, SidecarTask};

/// The height that a task waits for, and whether seid is stopped then; `None` for other tasks.
pub(crate) fn wanted(task: &SidecarTask) -> Option<(Height, bool)> {
    let SidecarTask::AwaitCondition(params) = task else { return None };
    match params.condition {
        Awaited::Height => Some((params.target_height, params.action == Some(AwaitAction::SigtermSeid))),
    }
}
