//! How long seid takes, and how its halt at a halt height ends (chain.md, section 2).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use simcore::{Span, duration_text};
use std::time::Duration;

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
    /// How many blocks at most the application of an archive loses on a hard kill. A replayer says so itself, in its configuration.
    pub lost_on_hard_kill: u64,
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
            lost_on_hard_kill: 100,
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
    /// When the halt height is looked at.
    pub semantics: HaltSemantics,
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
            semantics: HaltSemantics::default(),
            before_handler: [980, 20],
            consensus: [960, 40],
            block_sync: [450, 400, 40, 110],
            block_sync_before_6_3_3: [480, 300, 120, 60, 40],
            most_blocks_further: 10,
        }
    }
}

/// When a binary looks at its halt height. Only the first is seid's own; the others are for fault injection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum HaltSemantics {
    /// After the commit of the first block at or above it.
    #[default]
    AfterCommit,
    /// Before that block's commit: it is in the block store, and the application is one below.
    BeforeCommit,
    /// After the commit of the block below it.
    OneBlockEarly,
    /// After the commit of the block above it.
    OneBlockLate,
}
