//! config-apply: overwrites the node's configuration. Peers that were in it are gone until discover-peers runs again.

use super::{Begun, Effect, quick};
use crate::seid::Env;
use crate::volume::Mode;
use api::task::ConfigApply;

pub(super) fn begin(params: &ConfigApply, node: &str, env: &mut Env<'_, '_>) -> Begun {
    let mode = match params.mode.as_str() {
        "validator" => Mode::Validator,
        "archive" => Mode::Archive,
        _ => Mode::Full,
    };
    quick("config-apply", node, env, Effect::WritesConfig(mode))
}
