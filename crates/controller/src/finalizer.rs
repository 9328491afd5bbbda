//! Finalizers in an object's metadata, to be written afterwards.

use api::Meta;
use std::sync::Arc;

/// Appends a finalizer.
pub fn add(meta: &mut Meta, name: &'static str) {
    meta.finalizers = meta.finalizers.iter().cloned().chain([Arc::from(name)]).collect();
}

/// Takes a finalizer out.
pub fn remove(meta: &mut Meta, name: &'static str) {
    meta.finalizers = meta.finalizers.iter().filter(|finalizer| &***finalizer != name).cloned().collect();
}
