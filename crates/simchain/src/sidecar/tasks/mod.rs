//! What each task does: how long it works, and what it leaves behind. One file a task that has something to decide.

pub(super) mod await_condition;
mod config_apply;
mod configure_genesis;
mod configure_state_sync;
mod discover_peers;
mod snapshot_restore;

use crate::network::Network;
use crate::seid::Env;
use crate::volume::{Config, FirstPeer, Mode, Volume};
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
    WritesConfig { mode: Mode, unwritten: u64 },
    /// Peers in the configuration, this one first.
    WritesPeers(FirstPeer),
    /// State sync in the configuration.
    WritesStateSync,
    /// The readiness flag.
    Ready,
}

/// A node of ours whose RPC answers, as another node's sidecar finds it.
#[derive(Clone, Debug)]
pub(crate) struct OtherNode {
    /// Its name.
    pub name: Arc<str>,
    /// The newest block of its block store.
    pub newest: Height,
    /// The oldest.
    pub oldest: Height,
}

/// A task begins on a node. `others`: our nodes whose RPC answers.
pub(super) fn begin(task: &SidecarTask, node: &str, others: &[OtherNode], env: &mut Env<'_, '_>) -> Begun {
    match task {
        SidecarTask::SnapshotRestore(params) => snapshot_restore::begin(params, node, env),
        SidecarTask::ConfigureGenesis => configure_genesis::begin(node, env),
        SidecarTask::ConfigApply(params) => config_apply::begin(params, node, env),
        SidecarTask::ConfigValidate => quick(task.type_name(), node, env, Effect::Nothing),
        SidecarTask::DiscoverPeers(params) => discover_peers::begin(params, node, others, env),
        SidecarTask::MarkReady => quick(task.type_name(), node, env, Effect::Ready),
        SidecarTask::AwaitCondition(_) => Begun::Awaits,
        SidecarTask::SnapshotUpload | SidecarTask::ResultExport(_) => Begun::Endless,
        SidecarTask::ConfigureStateSync(_) => configure_state_sync::begin(node, others, env),
        SidecarTask::GenerateIdentity(_)
        | SidecarTask::GenerateGentx(_)
        | SidecarTask::UploadGenesisArtifacts(_)
        | SidecarTask::SetGenesisPeers
        | SidecarTask::AssembleAndUploadGenesis(_)
        | SidecarTask::AssembleGenesisFork(_)
        | SidecarTask::ExportState(_) => Begun::Unmodelled,
    }
}

/// A task's effect on the volume; the answer is its error, if it failed.
pub(super) fn apply(effect: &Effect, volume: &mut Volume, network: &Network) -> Option<Arc<str>> {
    match effect {
        Effect::Nothing | Effect::Ready => {}
        Effect::Fails(error) => return Some(error.clone()),
        Effect::Restores(height) => {
            volume.place(*height, network.lineage());
            volume.markers.insert(snapshot_restore::MARKER);
        }
        Effect::WritesGenesis => {
            volume.markers.insert(configure_genesis::MARKER);
        }
        Effect::WritesConfig { mode, unwritten } => {
            volume.config = Config { mode: *mode, unwritten: *unwritten, first_peer: None, state_sync: false };
        }
        Effect::WritesPeers(first) => volume.config.first_peer = Some(first.clone()),
        Effect::WritesStateSync => {
            volume.config.state_sync = true;
            volume.markers.insert(configure_state_sync::MARKER);
        }
    }
    None
}

/// A task that takes "milliseconds".
pub(super) fn quick(kind: &'static str, node: &str, env: &mut Env<'_, '_>, then: Effect) -> Begun {
    works(kind, node, env, env.profile.sidecar.quick, then)
}

/// A task that takes a time from a range.
fn works(kind: &'static str, node: &str, env: &mut Env<'_, '_>, takes: Span, then: Effect) -> Begun {
    Begun::Works { takes: env.cx.luck.duration(kind, &("sidecar task", node), takes), then }
}
