//! Block heights, so that no bare integer stands for one.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A block height. Block 1 is the first of a chain; 0 means "no block yet".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(transparent)]
pub struct Height(#[schemars(with = "i64")] pub u64);

impl Height {
    /// The height `blocks` above this one.
    pub const fn plus(self, blocks: u64) -> Self {
        Self(self.0 + blocks)
    }

    /// The height `blocks` below this one; stops at 0.
    pub const fn minus(self, blocks: u64) -> Self {
        Self(self.0.saturating_sub(blocks))
    }

    /// How many blocks lie from `lower` up to this height; 0 when `lower` is higher.
    pub const fn above(self, lower: Self) -> u64 {
        self.0.saturating_sub(lower.0)
    }
}

impl fmt::Display for Height {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
