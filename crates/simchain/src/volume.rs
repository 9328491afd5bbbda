//! A node's data volume: what survives its pods and processes.

use crate::boundary::ProcessId;
use crate::lineage::Lineage;
use crate::seid::Rule;
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
    /// What the application's state has come through.
    pub lineage: Lineage,
    /// The same as the state store recorded it, which may be ahead of the application.
    pub recorded: Lineage,
    /// The oldest block in the block store.
    pub oldest: Height,
    /// The upgrade-info file: the upgrade that a binary panicked for, and its height.
    pub upgrade_info: Option<(Arc<str>, Height)>,
    /// How the last seid process here ended.
    pub ended_by: Option<Rule>,
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

impl Volume {
    /// The network's own state of a height, as a snapshot brings it.
    pub(crate) fn place(&mut self, height: Height, network: &Lineage) {
        self.data = Data::at(height);
        self.lineage = network.up_to(height);
        self.recorded = self.lineage.clone();
        self.oldest = height.plus(1);
    }
}

impl Data {
    /// All three at one height.
    pub(crate) const fn at(height: Height) -> Self {
        Self { app: height, state: height, store: height }
    }
}

/// The node's configuration, as far as it matters here.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Config {
    /// What kind of node it is.
    pub mode: Mode,
    /// How many blocks its application may have executed without having written them: what a hard kill can cost.
    pub unwritten: u64,
    /// The first of its peers, if it knows any. Through it the node soon knows the whole network.
    pub first_peer: Option<FirstPeer>,
    /// Whether an empty state is to be state synced.
    pub state_sync: bool,
}

/// What kind of node a configuration makes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) enum Mode {
    /// A full node, or a replayer.
    #[default]
    Full,
    /// An archive.
    Archive,
    /// A validator, which serves no API.
    Validator,
}

/// Who stands first in a node's list of peers.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum FirstPeer {
    /// An external peer, by its number.
    External(usize),
    /// A node of ours, by its name.
    Own(Arc<str>),
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
