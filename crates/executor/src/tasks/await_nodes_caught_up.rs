//! await-nodes-caught-up: every entrant's sidecar says Ready, that is: mark-ready ran in its present process.

use super::{Call, Progress};
use api::task::NodeNames;
use ports::{Ports, SidecarAddress, SidecarState};

/// The first node that is not there, not reachable or not Ready means "not yet".
pub(super) async fn status<P: Ports>(call: &Call<'_, P>, params: &NodeNames) -> Progress {
    for name in &params.node_names {
        let Ok(node) = call.node(&params.namespace, name).await else { return Progress::Running };
        if call.ports.state(&SidecarAddress::of(&node)).await != Ok(SidecarState::Ready) {
            return Progress::Running;
        }
    }
    Progress::Complete
}
