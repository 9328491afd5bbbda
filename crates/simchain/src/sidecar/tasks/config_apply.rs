//! config-apply: overwrites the node's configuration. Peers that were in it are gone until discover-peers runs again.

use super::{Begun, Effect, quick};
use crate::seid::Env;
use crate::volume::Mode;
use api::task::ConfigApply;

/// The setting that lets the application commit later than it executes; replayers have it, and archives by their mode.
const COMMIT_BUFFER: &str = "storage.state_commit.async_commit_buffer";

pub(super) fn begin(params: &ConfigApply, node: &str, env: &mut Env<'_, '_>) -> Begun {
    let mode = match params.mode.as_str() {
        "validator" => Mode::Validator,
        "archive" => Mode::Archive,
        _ => Mode::Full,
    };
    let buffer = params.overrides.get(COMMIT_BUFFER).and_then(|blocks| blocks.parse().ok());
    let unwritten = buffer.unwrap_or(if mode == Mode::Archive { env.profile.seid.lost_on_hard_kill } else { 0 });
    quick("config-apply", node, env, Effect::WritesConfig { mode, unwritten })
}
