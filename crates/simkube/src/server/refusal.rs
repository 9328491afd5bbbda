//! Why a request is refused, in the API server's own words.

use api::{KindInfo, ObjectKey};
use ports::ApiError;
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

/// The kind's API group with a leading dot; empty for the core group.
fn dotted_group(info: &KindInfo) -> String {
    info.api_version.split_once('/').map(|(group, _)| format!(".{group}")).unwrap_or_default()
}

/// What messages call an object: `statefulsets.apps "web"`.
fn title(info: &KindInfo, name: &str) -> Arc<str> {
    format!("{}{} {name:?}", info.plural, dotted_group(info)).into()
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

/// 422 with its causes, each `field: what is wrong`.
pub(super) fn invalid(info: &KindInfo, name: &str, causes: &[String]) -> ApiError {
    let causes = match causes {
        [one] => one.clone(),
        several => format!("[{}]", several.join(", ")),
    };
    ApiError::Invalid(format!("{}{} {name:?} is invalid: {causes}", info.kind, dotted_group(info)).into())
}
