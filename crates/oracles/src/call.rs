//! An effective call of the operator, as an outside observer sees it: who makes it, in the reconcile of what, and from which copy.
//!
//! While a call takes effect, [`Sight::call`](crate::Sight::call) tells of it: so a law knows of a change of the store which controller
//! made it, though the API server knows the process only.

use crate::docket::EventNumber;
use api::{AnyObject, ResourceVersion};
use simkube::{ProcessId, Request, Verb};

/// One effective call.
#[derive(Clone, Debug)]
pub struct OperatorCall {
    /// The process.
    pub process: ProcessId,
    /// The object whose reconcile makes it, as that reconcile found it in its cache.
    pub primary: AnyObject,
    /// What is called.
    pub called: Called,
    /// The first entry of the history after it was sent: what that and later ones tell its sender did not know.
    pub sent: EventNumber,
}

/// What is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Called {
    /// The API server.
    Api {
        /// With which verb.
        verb: Verb,
        /// The version of the copy that the write was computed from; none if it does not follow from a copy.
        base: Option<ResourceVersion>,
    },
    /// A sidecar: a task is submitted.
    Sidecar,
}

impl Called {
    /// A request to the API server. An apply says all it wants whatever is there, a delete looks at nothing.
    pub fn of(request: &Request) -> Self {
        let base = match request {
            Request::Patch { base, .. } | Request::PatchStatus { base, .. } => base.meta.resource_version,
            Request::Update(object) | Request::UpdateStatus(object) => object.meta.resource_version,
            _ => None,
        };
        Self::Api { verb: request.verb(), base }
    }
}
