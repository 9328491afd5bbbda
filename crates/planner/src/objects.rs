//! The Kubernetes objects that a node consists of, as the operator wants them. Source: controller.md, sections 5 and 6.
//!
//! Pure builders: the executor creates the bootstrap's objects, the node controller the others.

mod bootstrap;
mod containers;
mod data_claim;
mod pod;
mod services;
mod stateful_set;

pub use bootstrap::{bootstrap_job, bootstrap_service};
pub use containers::{SEID, SEID_INIT, SIDECAR};
pub use data_claim::data_claim;
pub use services::headless_service;
pub use stateful_set::stateful_set;

use crate::settings::{Settings, Size};
use api::names::label;
use api::node::Mode;
use api::{Labels, Meta, Node, ObjectKey};
use std::sync::Arc;

/// Metadata of an object that the node owns, in the node's namespace.
fn owned(node: &Node, name: impl Into<Arc<str>>, labels: Labels) -> Meta {
    Meta {
        labels: Arc::new(labels),
        owners: Arc::from([node.owner_ref()]),
        ..Meta::new(ObjectKey { namespace: node.meta.key.namespace.clone(), name: name.into() })
    }
}

/// The labels of a node's StatefulSet, its selector, its pod and its Service, and that Service's selector.
fn labels(node: &Node) -> Labels {
    let mut labels = node.spec.pod_labels.clone();
    labels.insert(label::NODE.into(), node.name().into());
    labels
}

fn size<'a>(node: &Node, settings: &'a Settings) -> &'a Size {
    match node.spec.mode() {
        Some(Mode::Archive(_)) => &settings.archive_size,
        Some(Mode::Full(_) | Mode::Replayer(_) | Mode::Validator(_)) | None => &settings.node_size,
    }
}
