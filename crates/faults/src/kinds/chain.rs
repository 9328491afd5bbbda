//! Blocks come slowly or not at all, and upgrades otherwise than the plan assumes.

use super::{Kind, Layer, What};
use crate::lapse::Lapse;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Faults of the chain.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum ChainFault {
    /// Blocks come at another pace.
    SlowBlocks {
        /// How many blocks.
        blocks: u64,
        /// The time from each to the next, in milliseconds.
        block_millis: u64,
    },
    /// The next block is late.
    Stalls {
        /// How much.
        lasts: Lapse,
    },
    /// Blocks come fast, so that the upgrade is reached before the plan is there.
    UpgradeEarly {
        /// How many blocks.
        blocks: u64,
        /// The time from each to the next, in milliseconds.
        block_millis: u64,
    },
    /// Blocks come slowly until the upgrade, so that the plan is there long before.
    UpgradeLate {
        /// The time from each block to the next, in milliseconds.
        block_millis: u64,
    },
    /// Part of the validators upgrade late: the block after the upgrade's waits for them.
    ValidatorsLate {
        /// How long after the upgrade's block the next one comes.
        resume_after: Lapse,
    },
    /// The chain halts at the upgrade for long.
    HaltsAtUpgrade {
        /// How long.
        lasts: Lapse,
    },
    /// A proposal cancels the upgrade.
    UpgradeCancelled,
    /// A proposal moves the upgrade.
    UpgradeMoved {
        /// By so many blocks; negative: down.
        by: i64,
    },
}

impl From<ChainFault> for What {
    fn from(fault: ChainFault) -> Self {
        Self::Chain(fault)
    }
}

impl fmt::Display for ChainFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SlowBlocks { blocks, block_millis } => write!(f, "the next {blocks} blocks take {block_millis} ms each"),
            Self::Stalls { lasts } => write!(f, "the chain stalls for {lasts}"),
            Self::UpgradeEarly { blocks, block_millis } => write!(f, "the next {blocks} blocks take only {block_millis} ms each"),
            Self::UpgradeLate { block_millis } => write!(f, "blocks take {block_millis} ms each until the upgrade"),
            Self::ValidatorsLate { resume_after } => write!(f, "validators upgrade late: the upgrade takes {resume_after}"),
            Self::HaltsAtUpgrade { lasts } => write!(f, "the chain halts for {lasts} at the upgrade"),
            Self::UpgradeCancelled => f.write_str("a proposal cancels the upgrade"),
            Self::UpgradeMoved { by } => write!(f, "a proposal moves the upgrade by {by:+} blocks"),
        }
    }
}

pub(super) const KINDS: &[Kind] = &[
    Kind {
        name: "slow-blocks",
        layer: Layer::Chain,
        draw: |d, o| {
            let blocks = *d.pick(&[100, 1000, 5000]).expect("three counts");
            let block_millis = *d.pick(&[800, 2000, 10_000]).expect("three paces");
            d.anytime(o, ChainFault::SlowBlocks { blocks, block_millis })
        },
    },
    Kind {
        name: "stalls",
        layer: Layer::Chain,
        draw: |d, o| {
            let lasts = d.lapse(5, 14_400);
            d.anytime(o, ChainFault::Stalls { lasts })
        },
    },
    Kind {
        name: "upgrade-early",
        layer: Layer::Chain,
        draw: |d, o| {
            let blocks = *d.pick(&[1000, 5000, 10_000]).expect("three counts");
            let block_millis = *d.pick(&[100, 200]).expect("two paces");
            d.before_upgrade(o, ChainFault::UpgradeEarly { blocks, block_millis })
        },
    },
    Kind {
        name: "upgrade-late",
        layer: Layer::Chain,
        draw: |d, o| {
            let block_millis = *d.pick(&[800, 2000, 4000]).expect("three paces");
            d.before_upgrade(o, ChainFault::UpgradeLate { block_millis })
        },
    },
    Kind {
        name: "validators-late",
        layer: Layer::Chain,
        draw: |d, o| {
            let resume_after = d.lapse(600, 3600);
            d.before_upgrade(o, ChainFault::ValidatorsLate { resume_after })
        },
    },
    Kind {
        name: "halts-at-upgrade",
        layer: Layer::Chain,
        draw: |d, o| {
            let lasts = d.lapse(300, 14_400);
            d.before_upgrade(o, ChainFault::HaltsAtUpgrade { lasts })
        },
    },
    Kind { name: "upgrade-cancelled", layer: Layer::Chain, draw: |d, o| d.before_upgrade(o, ChainFault::UpgradeCancelled) },
    Kind {
        name: "upgrade-moved",
        layer: Layer::Chain,
        draw: |d, o| {
            let by = *d.pick(&[-1000, -1, 1, 1000, 5000]).expect("five distances");
            d.before_upgrade(o, ChainFault::UpgradeMoved { by })
        },
    },
];
