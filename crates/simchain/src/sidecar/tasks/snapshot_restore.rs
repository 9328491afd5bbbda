//! snapshot-restore: the highest snapshot at or below the target, once a volume. Interrupted, it starts from zero.

use super::{Begun, Effect, quick, works};
use crate::seid::Env;
use api::Height;
use api::task::SnapshotRestore;

/// Its type, and the name of its done-marker.
pub(super) const MARKER: &str = "snapshot-restore";

pub(super) fn begin(params: &SnapshotRestore, node: &str, env: &mut Env<'_, '_>) -> Begun {
    if env.volume.markers.contains(MARKER) {
        return quick(MARKER, node, env, Effect::Nothing);
    }
    let target = Some(params.target_height).filter(|target| *target > Height(0));
    let bucket = &env.profile.snapshots;
    match env.network.snapshot(bucket, target, env.cx.now) {
        Some(height) => {
            let odd = bucket.odd(height);
            let takes = odd.and_then(|odd| odd.restore).unwrap_or(bucket.restore);
            let corrupt = odd.is_some_and(|odd| odd.corrupt);
            let then = if corrupt {
                Effect::Fails(format!("snapshot {height}: unexpected end of the archive").into())
            } else {
                Effect::Restores(height)
            };
            works(MARKER, node, env, takes, then)
        }
        None => {
            let error = target.map_or("no snapshot".to_owned(), |target| format!("no snapshot at or below height {target}"));
            quick(MARKER, node, env, Effect::Fails(error.into()))
        }
    }
}
