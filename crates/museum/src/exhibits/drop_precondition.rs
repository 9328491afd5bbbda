//! Writes and deletes that do not say what they are based on.

use super::BLUE_GREEN;
use crate::{Bend, Exhibit, Mutation, Sent, Shown};
use api::{Kind, SeiNodeDeployment};
use ports::Precondition;
use simkube::Request;

pub(super) const HALL: &[Exhibit] = &[Exhibit {
    name: "group-status-without-version",
    mutation: Mutation::DropPrecondition,
    defect: "The group's status is patched without the version that the difference is taken from: what was decided on an old copy is written.",
    base: BLUE_GREEN,
    oracle: "plan-regression",
    shown: Shown::FaultFree(1),
    bends: &[Bend::Send(|_, request| Sent::only(without_version::<SeiNodeDeployment>(request)))],
}];

/// The status patch of an object of kind `K` without its precondition; any other request as it is.
fn without_version<K: Kind>(request: Request) -> Request {
    match request {
        Request::PatchStatus { base, desired, .. } if base.info.kind == K::INFO.kind => {
            Request::PatchStatus { base, desired, precondition: Precondition::None }
        }
        other => other,
    }
}
