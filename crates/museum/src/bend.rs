//! The places at which a variant can be bent: what the operator reads, what it sends, what it is answered, and how a reconcile ends.
//!
//! A bend is a plain function of what passes by and of the [`Scene`]; between reconciles it knows only what its process has kept.

use crate::Scene;
use api::{AnyObject, KindInfo, ObjectKey};
use ports::{ApiError, SidecarError, SidecarState, TaskReport, TaskRequest};
use simkube::{Answer, Request};
use testbed::world::Outcome;
use uuid::Uuid;

/// What a GET is answered.
pub type Found = Result<AnyObject, ApiError>;
/// What a sidecar answers.
pub type Reported<T> = Result<T, SidecarError>;
/// What a submission to a sidecar is answered: the task's id.
pub type Acceptance = Reported<Uuid>;

/// One place at which a variant does otherwise than the operator.
#[derive(Clone, Copy, Debug)]
pub enum Bend {
    /// What a GET is answered, from the cache or the server.
    Read(fn(&Scene<'_>, Wanted<'_>, Found) -> Found),
    /// What a LIST is answered, from the cache or the server.
    List(fn(&Scene<'_>, Vec<AnyObject>) -> Vec<AnyObject>),
    /// What is sent to the API server.
    Send(fn(&Scene<'_>, Request) -> Sent),
    /// What the API server's answer is taken for.
    Reply(fn(&Scene<'_>, &Request, Answer) -> Answer),
    /// What is submitted to a sidecar.
    Submit(fn(&Scene<'_>, TaskRequest) -> Submitted),
    /// What a sidecar's answer to a submission is taken for.
    Accepted(fn(&Scene<'_>, &TaskRequest, Acceptance) -> Acceptance),
    /// Under which id a sidecar is asked for a task.
    Ask(fn(&Scene<'_>, Uuid) -> Uuid),
    /// What a sidecar's report on a task is taken for.
    Report(fn(&Scene<'_>, Reported<TaskReport>) -> Reported<TaskReport>),
    /// What a sidecar's state is taken for.
    State(fn(&Scene<'_>, Reported<SidecarState>) -> Reported<SidecarState>),
    /// What is sent besides when a reconcile has succeeded; how it is answered does not matter.
    Finally(fn(&Scene<'_>) -> Option<Request>),
    /// How the reconcile ends.
    End(fn(&Scene<'_>, Outcome) -> Outcome),
}

/// What a GET asks for.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// The kind.
    pub info: &'static KindInfo,
    /// The object.
    pub key: &'a ObjectKey,
}

/// What is sent in place of a request, in order.
#[derive(Clone, Debug)]
pub struct Sent {
    /// First; how it is answered does not matter.
    pub before: Option<Request>,
    /// The request whose answer counts. Without one the caller is told that all was done.
    pub this: Option<Request>,
    /// Last; how it is answered does not matter.
    pub after: Option<Request>,
}

impl Sent {
    /// One request, as it is or another one.
    pub fn only(request: Request) -> Self {
        Self { before: None, this: Some(request), after: None }
    }

    /// Nothing is sent, and the caller believes that it was.
    pub fn nothing() -> Self {
        Self { before: None, this: None, after: None }
    }

    /// The request, and another one before it.
    pub fn following(before: Option<Request>, request: Request) -> Self {
        Self { before, this: Some(request), after: None }
    }

    /// The request, and another one after it.
    pub fn followed_by(request: Request, after: Option<Request>) -> Self {
        Self { before: None, this: Some(request), after }
    }
}

/// What becomes of a submission to a sidecar.
#[derive(Clone, Debug)]
pub enum Submitted {
    /// This is submitted.
    Task(TaskRequest),
    /// Nothing is, and the caller believes that it was.
    Nothing,
}
