//! Why a request is refused, in the API server's own words.

use api::{KindInfo, ObjectKey, WireError};
use ports::ApiError;
use serde_json::Value;
use std::fmt::Display;
use std::sync::Arc;

/// Why a request is not carried out.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Refusal {
    /// As a real server would refuse it.
    Api(ApiError),
    /// A real server might carry it out, this one cannot: the world must end.
    Unmodelled(String),
}

impl From<ApiError> for Refusal {
    fn from(error: ApiError) -> Self {
        Self::Api(error)
    }
}

/// A kind, by one of its names and its API group, and an object of it: `statefulsets.apps "web"`.
fn named(info: &KindInfo, kind: &str, name: &str) -> String {
    let (dot, group) = info.api_version.split_once('/').map_or(("", ""), |(group, _)| (".", group));
    format!("{kind}{dot}{group} {name:?}")
}

/// What messages call an object.
fn title(info: &KindInfo, name: &str) -> Arc<str> {
    named(info, info.plural, name).into()
}

pub(super) fn not_found(info: &KindInfo, key: &ObjectKey) -> ApiError {
    ApiError::NotFound(title(info, &key.name))
}

pub(super) fn already_exists(info: &KindInfo, key: &ObjectKey, terminating: bool) -> ApiError {
    let title = title(info, &key.name);
    ApiError::AlreadyExists(if terminating { format!("object is being deleted: {title}").into() } else { title })
}

pub(super) fn conflict(info: &KindInfo, key: &ObjectKey) -> ApiError {
    ApiError::Conflict(title(info, &key.name))
}

/// 409 for a uid or a resourceVersion that the request insists on.
pub(super) fn failed_precondition(info: &KindInfo, key: &ObjectKey, what: &str, asked: impl Display, found: impl Display) -> ApiError {
    let title = title(info, &key.name);
    ApiError::FailedPrecondition(
        format!(
            "Operation cannot be fulfilled on {title}: Precondition failed: {what} in precondition: {asked}, {what} in object meta: {found}"
        )
        .into(),
    )
}

/// 400.
pub(super) fn bad_request(message: &str) -> Refusal {
    ApiError::BadRequest(message.into()).into()
}

/// 404 on a subresource that the kind does not have.
pub(super) fn no_such_resource() -> Refusal {
    ApiError::NoSuchResource.into()
}

/// 422 with its causes, each `field: what is wrong`.
pub(super) fn invalid(info: &KindInfo, name: &str, causes: &[String]) -> ApiError {
    let causes = match causes {
        [one] => one.clone(),
        several => format!("[{}]", several.join(", ")),
    };
    ApiError::Invalid(format!("{} is invalid: {causes}", named(info, info.kind, name)).into())
}

/// The answer to a body that is no object of its kind: of a custom resource it does not satisfy its schema, of a built-in kind it is not
/// even read.
pub fn unreadable(info: &KindInfo, body: &Value, error: &WireError) -> ApiError {
    let name = body["metadata"]["name"].as_str().unwrap_or_default();
    match info.custom {
        true => invalid(info, name, &[error.to_string()]),
        false => ApiError::BadRequest(
            format!("{} in version {:?} cannot be handled as a {}: {error}", info.kind, info.api_version, info.kind).into(),
        ),
    }
}
