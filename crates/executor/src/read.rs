//! Where a reconciler or a task reads what it decides by: decision `reads` of a design.

use api::{Kind, Labels, Object, ObjectKey};
use planner::Reads;
use ports::{ApiError, Ports};

/// GET.
pub async fn one<P: Ports, K: Kind>(ports: &P, reads: Reads, key: &ObjectKey) -> Result<Object<K>, ApiError> {
    match reads {
        Reads::Cache => ports.cached(key),
        Reads::Server => ports.get(key).await,
    }
}

/// LIST by equality selector, in no defined order.
pub async fn many<P: Ports, K: Kind>(ports: &P, reads: Reads, namespace: &str, selector: &Labels) -> Result<Vec<Object<K>>, ApiError> {
    match reads {
        Reads::Cache => ports.cached_list(namespace, selector),
        Reads::Server => ports.list(namespace, selector).await,
    }
}
