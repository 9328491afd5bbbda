//! configure-genesis: fetches the chain's genesis file, once a volume.

use super::{Begun, Effect, quick, works};
use crate::seid::Env;

/// Its type, and the name of its done-marker.
pub(super) const MARKER: &str = "configure-genesis";

pub(super) fn begin(node: &str, env: &mut Env<'_, '_>) -> Begun {
    if env.volume.markers.contains(MARKER) {
        return quick(MARKER, node, env, Effect::Nothing);
    }
    let then = if env.profile.genesis_available {
        Effect::WritesGenesis
    } else {
        Effect::Fails(format!("no genesis file of chain {}", env.profile.chain_id).into())
    };
    works(MARKER, node, env, env.profile.sidecar.configure_genesis, then)
}
