//! Every number of the simulated chain, with the specification's defaults: what a scenario may change without touching code.

mod binary;
mod seid;
mod snapshots;
mod upgrade;
mod validate;
mod validators;

pub use binary::{Binary, SidecarImage, Version};
pub use seid::{HaltOutcomes, HaltSemantics, Rates, SeidTimes};
pub use snapshots::{OddSnapshot, Snapshots, StateSync};
pub use upgrade::{CodeFork, MissedStores, PlanChange, Upgrade, UpgradeKind};
pub use validators::{OwnValidator, Validators};

use api::Height;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use simcore::{Span, duration_text};
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
    /// Validators that are our own nodes, and the power of all others.
    pub validators: Validators,
    /// The bucket of snapshots.
    pub snapshots: Snapshots,
    /// State sync from peers.
    pub state_sync: StateSync,
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
            validators: Validators::default(),
            snapshots: Snapshots::default(),
            state_sync: StateSync::default(),
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
    /// configure-state-sync.
    #[schemars(with = "String")]
    pub configure_state_sync: Span,
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
            configure_state_sync: Span::millis(100, 20_000),
            peer_answers: Duration::from_millis(50),
            peer_unreachable: Span::millis(50, 10_000),
            interrupted: [500, 500],
        }
    }
}
