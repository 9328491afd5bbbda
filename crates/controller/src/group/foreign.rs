//! Objects of other projects' kinds (routes, policies, monitors): no informer watches them, so they are read from the server.

use super::selector;
use api::names::label;
use api::{Group, Kind, Labels, Meta, ObjectKey};
use ports::{ApiError, DeleteOptions, Ports};
use std::sync::Arc;

/// Metadata of one that the group applies.
pub fn meta(group: &Group, name: &str, labels: &Labels, annotations: &Labels) -> Meta {
    let mut meta = Meta::new(ObjectKey { namespace: group.meta.key.namespace.clone(), name: name.into() });
    let mut all_labels = labels.clone();
    all_labels.append(&mut selector::of_group(group));
    let mut all_annotations = annotations.clone();
    all_annotations.insert(label::MANAGED_BY.into(), label::MANAGED_BY_GROUP.into());
    meta.labels = Arc::new(all_labels);
    meta.annotations = Arc::new(all_annotations);
    meta.owners = Arc::from([group.owner_ref()]);
    meta
}

/// Deletes the one named like the group, if it exists; whose it is does not matter.
pub async fn delete<P: Ports, K: Kind>(ports: &P, group: &Group) -> Result<(), ApiError> {
    match ports.get::<K>(&group.meta.key).await {
        Err(ApiError::NotFound(_) | ApiError::NoSuchKind(_)) => Ok(()),
        Err(error) => Err(error),
        Ok(_) => ports.delete::<K>(&group.meta.key, DeleteOptions::default()).await,
    }
}
