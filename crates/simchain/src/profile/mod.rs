//! Every number of the simulated chain, with the specification's defaults: what a scenario may change without touching code.

mod binary;
mod validate;

pub use binary::{Binary, SidecarImage, Version};

use api::Height;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use simcore::{Span, duration_text};
use std::sync::Arc;
use std::time::Duration;

/// The chain, what runs on it, and how long things take. Heights are absolute.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct ChainProfile {
    /// The chain's id.
    pub chain_id: String,
    /// The newest block at the scenario's start.
    pub start_height: Height,
    /// Time from one block to the next, failed rounds included.
    #[serde(with = "duration_text")]
    #[schemars(with = "String")]
    pub block_time: Duration,
    /// Blocks that come late.
    pub stalls: Vec<Stall>,
    /// Stretches with another block time.
    pub slow_phases: Vec<SlowPhase>,
    /// The last block the chain ever makes, if it halts for ever.
    pub halts_for_ever_at: Option<Height>,
    /// The external nodes that ours follow.
    pub peers: Peers,
    /// Planned upgrades, by rising height.
    pub upgrades: Vec<Upgrade>,
    /// How long after an upgrade's block the next one comes: more than two thirds of the voting power must run the new binary.
    #[schemars(with = "String")]
    pub resume_after: Span,
    /// Changes of execution at an exact height, without plan or guard.
    pub code_forks: Vec<CodeFork>,
    /// The binaries that exist, by image.
    pub binaries: Vec<Binary>,
    /// Sidecar images that behave unlike the default one.
    pub sidecars: Vec<SidecarImage>,
    /// The bucket of snapshots.
    pub snapshots: Snapshots,
    /// Whether the bucket has a genesis file of this chain.
    pub genesis_available: bool,
    /// How long seid takes.
    pub seid: SeidTimes,
    /// How a halt at the halt height ends.
    pub halt: HaltOutcomes,
    /// How long the sidecar takes.
    pub sidecar: SidecarTimes,
}

impl Default for ChainProfile {
    fn default() -> Self {
        Self {
            chain_id: "pacific-1".to_owned(),
            start_height: Height(198_740_000),
            block_time: Duration::from_millis(400),
            stalls: Vec::new(),
            slow_phases: Vec::new(),
            halts_for_ever_at: None,
            peers: Peers::default(),
            upgrades: Vec::new(),
            resume_after: Span::seconds(60, 600),
            code_forks: Vec::new(),
            binaries: Vec::new(),
            sidecars: Vec::new(),
            snapshots: Snapshots::default(),
            genesis_available: true,
            seid: SeidTimes::default(),
            halt: HaltOutcomes::default(),
            sidecar: SidecarTimes::default(),
        }
    }
}

impl ChainProfile {
    /// The binary of an image, by its place in [`ChainProfile::binaries`].
    pub fn binary(&self, image: &str) -> Option<usize> {
        self.binaries.iter().position(|binary| &*binary.image == image)
    }
}

/// A block that comes late.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Stall {
    /// The block.
    pub height: Height,
    /// How late it comes.
    #[serde(with = "duration_text")]
    #[schemars(with = "String")]
    pub lasts: Duration,
}

/// A stretch of blocks with another block time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct SlowPhase {
    /// Its first block.
    pub from: Height,
    /// Its last block.
    pub to: Height,
    /// Time from each of its blocks to the next.
    #[serde(with = "duration_text")]
    #[schemars(with = "String")]
    pub block_time: Duration,
}

/// The external nodes that ours follow. Each is up but for the time from an upgrade's block to its own upgrade.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct Peers {
    /// How many.
    pub count: u32,
    /// How many of them keep as many blocks as a snapshotter.
    pub snapshotters: u32,
    /// How many of them keep all blocks.
    pub archives: u32,
    /// Blocks that the others keep.
    pub full_retention: u64,
    /// Blocks that a snapshotter keeps.
    pub snapshotter_retention: u64,
    /// How long after an upgrade's block each is upgraded.
    #[schemars(with = "String")]
    pub upgrade_after: Span,
}

impl Default for Peers {
    fn default() -> Self {
        Self {
            count: 8,
            snapshotters: 2,
            archives: 0,
            full_retention: 100_000,
            snapshotter_retention: 50_000,
            upgrade_after: Span::seconds(0, 900),
        }
    }
}

/// A planned upgrade.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Upgrade {
    /// Its name, as binaries know it.
    pub name: Arc<str>,
    /// U: the first block of the new binary.
    pub height: Height,
    /// Whether a binary that knows it refuses to run before it.
    pub kind: UpgradeKind,
    /// Whether it adds or deletes stores.
    #[serde(default)]
    pub adds_or_deletes_stores: bool,
    /// The block in which its proposal passed: the plan is in state for later blocks. 0: since ever. At or above its height: it never happens.
    #[serde(default)]
    pub passed_at: Height,
    /// How long after U the next block comes, where it differs from [`ChainProfile::resume_after`].
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub resume_after: Option<Span>,
}

impl Upgrade {
    /// Whether the plan is in state when a block is executed.
    pub fn planned_for(&self, block: Height) -> bool {
        self.passed_at < block && self.happens()
    }

    /// Whether the plan ever takes effect.
    pub fn happens(&self) -> bool {
        self.passed_at < self.height
    }
}

/// Major or minor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum UpgradeKind {
    /// A binary that knows it panics on blocks before it.
    Major,
    /// A binary that knows it runs before it too.
    Minor,
}

/// A change of execution at an exact height, without plan or guard.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct CodeFork {
    /// Its name, as binaries carry it.
    pub name: Arc<str>,
    /// The first block executed the new way.
    pub height: Height,
}

/// The bucket of snapshots.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct Snapshots {
    /// Blocks from one to the next.
    pub interval: u64,
    /// How long after its height each is published.
    #[schemars(with = "String")]
    pub published_after: Span,
    /// How long each is kept once published.
    #[serde(with = "duration_text")]
    #[schemars(with = "String")]
    pub kept: Duration,
    /// How long restoring one takes.
    #[schemars(with = "String")]
    pub restore: Span,
}

impl Default for Snapshots {
    fn default() -> Self {
        Self {
            interval: 2000,
            published_after: Span::seconds(600, 7200),
            kept: Duration::from_secs(7 * 86_400),
            restore: Span::seconds(60, 1800),
        }
    }
}

/// How long seid takes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct SeidTimes {
    /// `seid init`.
    #[schemars(with = "String")]
    pub init: Span,
    /// From its start to RPC.
    #[schemars(with = "String")]
    pub rpc_up: Span,
    /// From RPC to connected peers.
    #[schemars(with = "String")]
    pub peers_connected: Span,
    /// From RPC to the signal handler, in modes that serve an API (full and archive); a validator has it at once.
    #[serde(with = "duration_text")]
    #[schemars(with = "String")]
    pub signal_handler: Duration,
    /// A graceful stop.
    #[schemars(with = "String")]
    pub graceful_stop: Span,
    /// From saving a block that it cannot execute to its end.
    #[schemars(with = "String")]
    pub panic: Span,
    /// How many blocks at most a following node is behind the newest.
    pub tip_lag: u32,
    /// Block sync, in blocks a second; drawn at each start.
    pub sync_rate: Rates,
}

impl Default for SeidTimes {
    fn default() -> Self {
        Self {
            init: Span::millis(100, 1000),
            rpc_up: Span::seconds(3, 30),
            peers_connected: Span::seconds(2, 20),
            signal_handler: Duration::from_secs(15),
            graceful_stop: Span::seconds(1, 20),
            panic: Span::millis(1, 50),
            tip_lag: 2,
            sync_rate: Rates { min: 10, max: 100 },
        }
    }
}

/// A range of rates, in blocks a second, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Rates {
    /// The slowest.
    pub min: u64,
    /// The fastest.
    pub max: u64,
}

/// How a halt at the halt height ends: weights, of which each group usually sums to 1000.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct HaltOutcomes {
    /// Before the signal handler is installed: exit 130, 143.
    pub before_handler: [u32; 2],
    /// In consensus, v6.3.3 and later: exit 0, 143.
    pub consensus: [u32; 2],
    /// In block sync with later blocks at hand, v6.3.3 and later: exit 0; one block further and 130; one further and 143; 143 at once.
    pub block_sync: [u32; 4],
    /// In block sync with later blocks at hand, earlier versions; all exit 0: at the height, one, two, three blocks further, more.
    pub block_sync_before_6_3_3: [u32; 5],
    /// What "more" is at most, in blocks; it is four at least.
    pub most_blocks_further: u64,
}

impl Default for HaltOutcomes {
    fn default() -> Self {
        Self {
            before_handler: [980, 20],
            consensus: [960, 40],
            block_sync: [450, 400, 40, 110],
            block_sync_before_6_3_3: [480, 300, 120, 60, 40],
            most_blocks_further: 10,
        }
    }
}

/// How long the sidecar takes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct SidecarTimes {
    /// An effective `POST /v0/tasks`, from sending to reply.
    #[schemars(with = "String")]
    pub post: Span,
    /// From its start to answering.
    #[schemars(with = "String")]
    pub boot: Span,
    /// A task that takes "milliseconds", and a graceful stop.
    #[schemars(with = "String")]
    pub quick: Span,
    /// configure-genesis.
    #[schemars(with = "String")]
    pub configure_genesis: Span,
    /// discover-peers, for a peer that answers.
    #[serde(with = "duration_text")]
    #[schemars(with = "String")]
    pub peer_answers: Duration,
    /// discover-peers, for one that does not.
    #[schemars(with = "String")]
    pub peer_unreachable: Span,
    /// How a graceful stop leaves a task at work: weights of failed, running.
    pub interrupted: [u32; 2],
}

impl Default for SidecarTimes {
    fn default() -> Self {
        Self {
            post: Span::millis(1, 10),
            boot: Span::millis(500, 3000),
            quick: Span::millis(1, 50),
            configure_genesis: Span::millis(100, 2000),
            peer_answers: Duration::from_millis(50),
            peer_unreachable: Span::millis(50, 10_000),
            interrupted: [500, 500],
        }
    }
}
