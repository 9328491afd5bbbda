//! The built-in controllers, one file each. What they remember beyond the store is in the value each file exports; most remember nothing.

pub(super) mod attachments;
pub(super) mod claims;
pub(super) mod disruption;
pub(super) mod endpoints;
pub(super) mod jobs;
pub(super) mod load_balancers;
pub(super) mod nodes;
pub(super) mod pod_gc;
pub(super) mod stateful_sets;
