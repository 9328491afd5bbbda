//! config-apply: overwrites the node's configuration. Peers that were in it are gone until discover-peers runs again.

use super::{Begun, Effect, quick};
use crate::seid::Env;
use api::task::ConfigApply;

pub(super) fn begin(params: &ConfigApply, node: &str, env: &mut Env<'_, '_>) -> Begun {
    quick("config-apply", node, env, Effect::WritesConfig { validator: params.mode == "validator" })
}
