//! Writes whose reply replaces the caller's copy, resourceVersion included (controller.md, "Writes", rule 1).
//!
//! `held` is the object in memory. A failed write leaves it as the caller made it.

use api::Object;
use executor::{KeepsAbsent, decode};
use ports::{ApiError, Ports, Precondition};

/// PUT: carries the resourceVersion of `held`.
pub async fn update<P: Ports, K: KeepsAbsent>(ports: &P, held: &mut Object<K>) -> Result<(), ApiError> {
    let reply = ports.update(held.clone()).await?;
    decode::into(held, reply);
    Ok(())
}

/// Merge patch from `base` to `held`, which never conflicts.
pub async fn patch_unconditionally<P: Ports, K: KeepsAbsent>(ports: &P, base: &Object<K>, held: &mut Object<K>) -> Result<(), ApiError> {
    let reply = ports.patch(base, held, Precondition::None).await?;
    decode::into(held, reply);
    Ok(())
}

/// Merge patch of the status from `base` to `held`, which conflicts unless `base` is what the server has.
pub async fn patch_status<P: Ports, K: KeepsAbsent>(ports: &P, base: &Object<K>, held: &mut Object<K>) -> Result<(), ApiError> {
    let reply = ports.patch_status(base, held, unchanged_since(base)).await?;
    decode::into(held, reply);
    Ok(())
}

/// Merge patch of the status from `base` to `held`, which never conflicts.
pub async fn patch_status_unconditionally<P: Ports, K: KeepsAbsent>(
    ports: &P,
    base: &Object<K>,
    held: &mut Object<K>,
) -> Result<(), ApiError> {
    let reply = ports.patch_status(base, held, Precondition::None).await?;
    decode::into(held, reply);
    Ok(())
}

/// The precondition of a difference from `base`.
pub fn unchanged_since<K: api::Kind>(base: &Object<K>) -> Precondition {
    Precondition::Version(base.meta.resource_version.expect("what a reconcile works on was read from a cache or a server"))
}
