//! A binary is defective. Permanent by nature: liveness is judged against the outcome that such a binary allows.

use super::{Kind, Layer, What};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Defects of a binary. "New" is the image that is wanted, "old" the one that ran at the start.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum BinaryFault {
    /// The new binary panics on the upgrade's block.
    PanicsAtUpgrade,
    /// The new binary panics when it starts.
    PanicsAtStart,
    /// The new binary panics some blocks after the upgrade.
    PanicsAfterUpgrade {
        /// How many.
        blocks: u64,
    },
    /// The new binary refuses to run before the upgrade, though the upgrade is minor.
    RefusesBelowUpgrade,
    /// The old binary does not stop at the upgrade: it goes on without its code, and diverges.
    RunsPastUpgrade,
    /// The registry has no such tag as the wanted image's.
    WrongImageTag,
}

impl From<BinaryFault> for What {
    fn from(fault: BinaryFault) -> Self {
        Self::Binary(fault)
    }
}

impl fmt::Display for BinaryFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PanicsAtUpgrade => f.write_str("the new binary panics at the upgrade"),
            Self::PanicsAtStart => f.write_str("the new binary panics when it starts"),
            Self::PanicsAfterUpgrade { blocks } => write!(f, "the new binary panics {blocks} blocks after the upgrade"),
            Self::RefusesBelowUpgrade => f.write_str("the new binary refuses to run before the upgrade"),
            Self::RunsPastUpgrade => f.write_str("the old binary runs past the upgrade"),
            Self::WrongImageTag => f.write_str("the wanted image's tag does not exist"),
        }
    }
}

pub(super) const KINDS: &[Kind] = &[
    Kind { name: "panics-at-upgrade", layer: Layer::Seid, draw: |d, o| d.before_upgrade(o, BinaryFault::PanicsAtUpgrade) },
    Kind { name: "panics-at-start", layer: Layer::Seid, draw: |d, o| d.anytime(o, BinaryFault::PanicsAtStart) },
    Kind {
        name: "panics-after-upgrade",
        layer: Layer::Seid,
        draw: |d, o| {
            let blocks = *d.pick(&[1, 100, 1000]).expect("three distances");
            d.before_upgrade(o, BinaryFault::PanicsAfterUpgrade { blocks })
        },
    },
    Kind { name: "refuses-below-upgrade", layer: Layer::Seid, draw: |d, o| d.before_upgrade(o, BinaryFault::RefusesBelowUpgrade) },
    Kind { name: "runs-past-upgrade", layer: Layer::Seid, draw: |d, o| d.before_upgrade(o, BinaryFault::RunsPastUpgrade) },
    Kind { name: "wrong-image-tag", layer: Layer::Cluster, draw: |d, o| d.anytime(o, BinaryFault::WrongImageTag) },
];
