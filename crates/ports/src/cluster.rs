//! The Kubernetes API as a controller uses it: reads from the process's cache, writes to the server.

use api::{Kind, Labels, Object, ObjectKey, ResourceVersion};
use std::sync::Arc;
use thiserror::Error;
use uuid::Uuid;

/// Why a call failed, with the reasons of `metav1.Status`.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ApiError {
    /// 404.
    #[error("{0} not found")]
    NotFound(Arc<str>),
    /// 409, on create.
    #[error("{0} already exists")]
    AlreadyExists(Arc<str>),
    /// 409, on a stale resourceVersion or a failed precondition.
    #[error("the object {0} has been modified; please apply your changes to the latest version and try again")]
    Conflict(Arc<str>),
    /// 409, on a delete or an update of another incarnation or version than the stored one.
    #[error("{0}")]
    FailedPrecondition(Arc<str>),
    /// 409, on a server-side apply without force of fields that another manager owns.
    #[error("{0}")]
    ApplyConflict(Arc<str>),
    /// 400.
    #[error("{0}")]
    BadRequest(Arc<str>),
    /// 405.
    #[error("the server does not allow this method on the requested resource")]
    MethodNotAllowed,
    /// 404 on a subresource that the kind does not have.
    #[error("the server could not find the requested resource")]
    NoSuchResource,
    /// 410: a watch from a resourceVersion whose events are no longer kept.
    #[error("{0}")]
    Expired(Arc<str>),
    /// 422.
    #[error("{0}")]
    Invalid(Arc<str>),
    /// 429.
    #[error("Too many requests, please try again later.")]
    TooManyRequests,
    /// 500.
    #[error("Internal error occurred: {0}")]
    Internal(Arc<str>),
    /// 503.
    #[error("the server is currently unable to handle the request")]
    Unavailable,
    /// 504, also a reply that never came; the write may have landed.
    #[error("Timeout: request did not complete within the allotted timeout")]
    Timeout,
    /// 404 on the resource itself: its CustomResourceDefinition is not installed.
    #[error("no matches for kind {0}")]
    NoSuchKind(Arc<str>),
}

impl ApiError {
    /// The HTTP status code.
    pub fn code(&self) -> u16 {
        match self {
            Self::BadRequest(_) => 400,
            Self::NotFound(_) | Self::NoSuchKind(_) | Self::NoSuchResource => 404,
            Self::MethodNotAllowed => 405,
            Self::AlreadyExists(_) | Self::Conflict(_) | Self::FailedPrecondition(_) | Self::ApplyConflict(_) => 409,
            Self::Expired(_) => 410,
            Self::Invalid(_) => 422,
            Self::TooManyRequests => 429,
            Self::Internal(_) => 500,
            Self::Unavailable => 503,
            Self::Timeout => 504,
        }
    }

    /// `metav1.Status.message`, word for word. Histories hold the shorter text that `Display` gives.
    pub fn message(&self) -> String {
        match self {
            Self::Conflict(title) => format!(
                "Operation cannot be fulfilled on {title}: the object has been modified; please apply your changes to the latest version and \
                 try again"
            ),
            Self::NotFound(_)
            | Self::AlreadyExists(_)
            | Self::FailedPrecondition(_)
            | Self::ApplyConflict(_)
            | Self::BadRequest(_)
            | Self::MethodNotAllowed
            | Self::NoSuchResource
            | Self::Expired(_)
            | Self::Invalid(_)
            | Self::TooManyRequests
            | Self::Internal(_)
            | Self::Unavailable
            | Self::Timeout
            | Self::NoSuchKind(_) => self.to_string(),
        }
    }

    /// `metav1.StatusReason`.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::BadRequest(_) => "BadRequest",
            Self::NotFound(_) | Self::NoSuchKind(_) | Self::NoSuchResource => "NotFound",
            Self::MethodNotAllowed => "MethodNotAllowed",
            Self::AlreadyExists(_) => "AlreadyExists",
            Self::Conflict(_) | Self::FailedPrecondition(_) | Self::ApplyConflict(_) => "Conflict",
            Self::Expired(_) => "Expired",
            Self::Invalid(_) => "Invalid",
            Self::TooManyRequests => "TooManyRequests",
            Self::Internal(_) => "InternalError",
            Self::Unavailable => "ServiceUnavailable",
            Self::Timeout => "Timeout",
        }
    }
}

/// Whether a patch carries the version it is a difference from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precondition {
    /// It does not, and never conflicts.
    None,
    /// It does: 409 if the object has moved on.
    Version(ResourceVersion),
}

/// What becomes of dependents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Propagation {
    /// The kind's default: background, but orphaning for `batch/v1` Jobs.
    #[default]
    Default,
    /// The object goes at once, dependents later.
    Background,
    /// Blocking dependents go first.
    Foreground,
    /// Dependents lose their owner.
    Orphan,
}

/// Options of a delete.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DeleteOptions {
    /// What becomes of dependents.
    pub propagation: Propagation,
    /// Only this incarnation; 409 otherwise.
    pub uid: Option<Uuid>,
    /// Only this version; 409 otherwise.
    pub resource_version: Option<ResourceVersion>,
    /// `gracePeriodSeconds`, which only pods heed; 0 is a forced deletion.
    pub grace_seconds: Option<i64>,
}

impl DeleteOptions {
    /// In the background, and only this incarnation of the object.
    pub fn of_incarnation(uid: Option<Uuid>) -> Self {
        Self { propagation: Propagation::Background, uid, ..Self::default() }
    }
}

/// The API server and the process's caches of it.
///
/// Reads named `cached_*` come from the informer cache: they take no time, may be stale, also with respect to the process's own last
/// write, and can fail only while the cache is not synced. Everything else goes to the server.
///
/// A reply is the object as the server now has it. What the caller does with its own copy is [`controller-runtime`'s
/// decoding](crate::cluster), which the caller applies itself: the port only answers.
#[allow(async_fn_in_trait, reason = "one thread drives all reconciles")]
pub trait Cluster {
    /// GET from the cache.
    fn cached<K: Kind>(&self, key: &ObjectKey) -> Result<Object<K>, ApiError>;

    /// LIST from the cache, by equality selector. The order is not defined; callers that need one sort.
    fn cached_list<K: Kind>(&self, namespace: &str, selector: &Labels) -> Result<Vec<Object<K>>, ApiError>;

    /// GET from the server.
    async fn get<K: Kind>(&self, key: &ObjectKey) -> Result<Object<K>, ApiError>;

    /// LIST from the server, by equality selector, sorted by name.
    async fn list<K: Kind>(&self, namespace: &str, selector: &Labels) -> Result<Vec<Object<K>>, ApiError>;

    /// POST. The status of `object` is ignored for kinds with a status subresource.
    async fn create<K: Kind>(&self, object: Object<K>) -> Result<Object<K>, ApiError>;

    /// PUT of metadata and spec. Conflicts if `object` carries a stale resourceVersion.
    async fn update<K: Kind>(&self, object: Object<K>) -> Result<Object<K>, ApiError>;

    /// Merge patch (RFC 7386) of metadata and spec: the difference between `base` and `desired`.
    async fn patch<K: Kind>(&self, base: &Object<K>, desired: &Object<K>, precondition: Precondition) -> Result<Object<K>, ApiError>;

    /// Merge patch (RFC 7386) of `/status`: the difference between `base` and `desired`.
    async fn patch_status<K: Kind>(&self, base: &Object<K>, desired: &Object<K>, precondition: Precondition)
    -> Result<Object<K>, ApiError>;

    /// Server-side apply with force under a field manager.
    async fn apply<K: Kind>(&self, manager: &'static str, object: Object<K>) -> Result<Object<K>, ApiError>;

    /// DELETE.
    async fn delete<K: Kind>(&self, key: &ObjectKey, options: DeleteOptions) -> Result<(), ApiError>;
}
