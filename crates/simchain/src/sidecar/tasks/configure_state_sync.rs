//! configure-state-sync: asks the first peer, and only it, for a block to trust; once a volume.
//!
//! The done-marker outlives the configuration: after another config-apply the settings are gone, and a rerun does not bring them back.

use super::{Begun, Effect, OtherNode, quick, works};
use crate::seid::Env;
use crate::volume::FirstPeer;
use api::Height;

/// Its type, and the name of its done-marker.
pub(super) const MARKER: &str = "configure-state-sync";

pub(super) fn begin(node: &str, others: &[OtherNode], env: &mut Env<'_, '_>) -> Begun {
    if env.volume.markers.contains(MARKER) {
        return quick(MARKER, node, env, Effect::Nothing);
    }
    let then = match trust_height(others, env) {
        Ok(_) => Effect::WritesStateSync,
        Err(error) => Effect::Fails(error.into()),
    };
    works(MARKER, node, env, env.profile.sidecar.configure_state_sync, then)
}

/// The block that the first peer vouches for.
fn trust_height(others: &[OtherNode], env: &Env<'_, '_>) -> Result<Height, String> {
    let (network, now) = (env.network, env.cx.now);
    let (newest, oldest) = match &env.volume.config.first_peer {
        None => return Err("no peers configured".to_owned()),
        Some(FirstPeer::External(peer)) => (network.served(now), network.oldest_of(*peer, now)),
        Some(FirstPeer::Own(name)) => {
            let other = others.iter().find(|other| other.name == *name);
            (other.map_or(Height(0), |other| other.newest), other.map(|other| other.oldest))
        }
    };
    let Some(oldest) = oldest.filter(|_| !env.cut_off) else { return Err("the first peer's RPC does not answer".to_owned()) };
    let trusted = newest.minus(env.profile.state_sync.trust_depth);
    if trusted < oldest { Err(format!("height {trusted} is not available, lowest height is {oldest}")) } else { Ok(trusted) }
}
