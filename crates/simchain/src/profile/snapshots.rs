//! Where a node's first state comes from: snapshots in a bucket, and state sync from peers (chain.md, section 3).

use api::Height;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use simcore::{Span, duration_text};
use std::time::Duration;

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
    /// The bucket has lost every snapshot below this height.
    pub oldest: Height,
    /// Snapshots that are not as they should be.
    pub odd: Vec<OddSnapshot>,
}

impl Default for Snapshots {
    fn default() -> Self {
        Self {
            interval: 2000,
            published_after: Span::seconds(600, 7200),
            kept: Duration::from_secs(7 * 86_400),
            restore: Span::seconds(60, 1800),
            oldest: Height(0),
            odd: Vec::new(),
        }
    }
}

/// A snapshot that is not as it should be.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct OddSnapshot {
    /// Its height; 0: every snapshot.
    pub height: Height,
    /// It is not in the bucket.
    pub missing: bool,
    /// Restoring it fails in the end, however often it is tried.
    pub corrupt: bool,
    /// How long restoring it takes, where it differs from [`Snapshots::restore`].
    #[schemars(with = "Option<String>")]
    pub restore: Option<Span>,
}

impl Snapshots {
    /// What is odd about a height's snapshot; the first entry that names it counts.
    pub fn odd(&self, height: Height) -> Option<&OddSnapshot> {
        self.odd.iter().find(|odd| odd.height == height || odd.height == Height(0))
    }
}

/// State sync: a recent snapshot of the peers, not of a chosen height.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct StateSync {
    /// Blocks from one snapshot of the peers to the next.
    pub interval: u64,
    /// How many snapshots peers keep: one of these is taken.
    pub kept: u64,
    /// How long finding, fetching and applying one takes.
    #[schemars(with = "String")]
    pub takes: Span,
    /// How far below its newest block configure-state-sync asks the first peer for a block to trust.
    pub trust_depth: u64,
}

impl Default for StateSync {
    fn default() -> Self {
        Self { interval: 2000, kept: 2, takes: Span::seconds(60, 1800), trust_depth: 2000 }
    }
}
