//! What each task does: how long it works, and what it leaves behind. One file a task that has something to decide.

pub(super) mod await_condition;
mod config_apply;
mod configure_genesis;
mod discover_peers;
mod snapshot_restore;

use crate::seid::Env;
use crate::volume::{Config, Data, Volume};
use api::{Height, SidecarTask};
use simcore::Span;
use std::sync::Arc;
use std::time::Duration;

/// What became of a task when it began.
pub(super) enum Begun {
    /// It works so long, and then this follows.
    Works { takes: Duration, then: Effect },
    /// It waits for a height.
    Awaits,
    /// It never ends by itself.
    Endless,
    /// It is not modelled.
    Unmodelled,
}

/// What a task leaves behind when it ends.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Effect {
    /// Nothing.
    Nothing,
    /// A failure.
    Fails(Arc<str>),
    /// The data directory at a snapshot's height.
    Restores(Height),
    /// The genesis file.
    WritesGenesis,
    /// A fresh configuration, without peers.
    WritesConfig { validator: bool },
    /// Peers in the configuration.
    WritesPeers,
    /// The readiness flag.
    Ready,
}

/// A task begins on a node. `rpc_nodes`: our nodes whose RPC answers.
pub(super) fn begin(task: &SidecarTask, node: &str, rpc_nodes: &[Arc<str>], env: &mut Env<'_, '_>) -> Begun {
    match task {
        SidecarTask::SnapshotRestore(params) => snapshot_restore::begin(params, node, env),
        SidecarTask::ConfigureGenesis => configure_genesis::begin(node, env),
        SidecarTask::ConfigApply(params) => config_apply::begin(params, node, env),
        SidecarTask::ConfigValidate => quick(task.type_name(), node, env, Effect::Nothing),
        SidecarTask::DiscoverPeers(params) => discover_peers::begin(params, node, rpc_nodes, env),
        SidecarTask::MarkReady => quick(task.type_name(), node, env, Effect::Ready),
        SidecarTask::AwaitCondition(_) => Begun::Awaits,
        SidecarTask::SnapshotUpload | SidecarTask::ResultExport(_) => Begun::Endless,
        SidecarTask::ConfigureStateSync(_)
        | SidecarTask::GenerateIdentity(_)
        | SidecarTask::GenerateGentx(_)
        | SidecarTask::UploadGenesisArtifacts(_)
        | SidecarTask::SetGenesisPeers
        | SidecarTask::AssembleAndUploadGenesis(_)
        | SidecarTask::AssembleGenesisFork(_)
        | SidecarTask::ExportState(_) => Begun::Unmodelled,
    }
}

/// A task's effect on the volume; the answer is its error, if it failed.
pub(super) fn apply(effect: &Effect, volume: &mut Volume) -> Option<Arc<str>> {
    match effect {
        Effect::Nothing | Effect::Ready => {}
        Effect::Fails(error) => return Some(error.clone()),
        Effect::Restores(height) => {
            volume.data = Data::at(*height);
            volume.markers.insert(snapshot_restore::MARKER);
        }
        Effect::WritesGenesis => {
            volume.markers.insert(configure_genesis::MARKER);
        }
        Effect::WritesConfig { validator } => volume.config = Config { validator: *validator, has_peers: false },
        Effect::WritesPeers => volume.config.has_peers = true,
    }
    None
}

/// A task that takes "milliseconds".
fn quick(kind: &'static str, node: &str, env: &mut Env<'_, '_>, then: Effect) -> Begun {
    works(kind, node, env, env.profile.sidecar.quick, then)
}

/// A task that takes a time from a range.
fn works(kind: &'static str, node: &str, env: &mut Env<'_, '_>, takes: Span, then: Effect) -> Begun {
    Begun::Works { takes: env.cx.luck.duration(kind, &("sidecar task", node), takes), then }
}
