//! A node's data volume: what survives its pods and processes.

use crate::boundary::ProcessId;
use api::{Height, SidecarTask};
use ports::TaskState;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use uuid::Uuid;

/// Everything on a volume.
#[derive(Clone, Debug, Default)]
pub(crate) struct Volume {
    /// The node's id, made by `seid init`; absent before.
    pub node_id: Option<Arc<str>>,
    /// How far the state has come. True while no seid moves; otherwise as of its last stop or remarkable block.
    pub data: Data,
    /// The upgrade-info file: the upgrade that a binary panicked for.
    pub upgrade_info: Option<Arc<str>>,
    /// The seid process that holds the data directory's lock.
    pub lock: Option<ProcessId>,
    /// What config-apply and discover-peers have written.
    pub config: Config,
    /// Done-markers of sidecar tasks, by type.
    pub markers: BTreeSet<&'static str>,
    /// The sidecar's task table.
    pub tasks: BTreeMap<Uuid, Row>,
}

/// The three heights of a data directory. Equal but around a block that was cut short.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Data {
    /// The last block that the application has committed.
    pub app: Height,
    /// The last block whose results are in the state store.
    pub state: Height,
    /// The last block in the block store.
    pub store: Height,
}

impl Data {
    /// All three at one height.
    pub(crate) const fn at(height: Height) -> Self {
        Self { app: height, state: height, store: height }
    }
}

/// The node's configuration, as far as it matters here.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Config {
    /// Whether it is a validator, which serves no API.
    pub validator: bool,
    /// Whether it knows at least one peer.
    pub has_peers: bool,
}

/// A row of the sidecar's task table.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// What was asked.
    pub task: SidecarTask,
    /// How far it is.
    pub state: TaskState,
    /// Why it failed.
    pub error: Option<Arc<str>>,
}
