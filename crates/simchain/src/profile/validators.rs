//! Our own validators, for scenarios in which the chain's life hangs on them (chain.md, section 1).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Who signs blocks. Without nodes of our own, all power is external and always suffices.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct Validators {
    /// The voting power that is not ours; it is always there, but for the wait after an upgrade.
    pub external_power: u64,
    /// Our nodes that sign.
    pub nodes: Vec<OwnValidator>,
}

/// One of our nodes that signs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct OwnValidator {
    /// The node's name.
    pub node: Arc<str>,
    /// Its consensus key. Two nodes that sign with one key at a time are punished for it.
    pub key: Arc<str>,
    /// The key's voting power.
    pub power: u64,
}

impl Validators {
    /// The key that a node signs with, if it signs.
    pub fn key_of(&self, node: &str) -> Option<&Arc<str>> {
        self.nodes.iter().find(|own| &*own.node == node).map(|own| &own.key)
    }

    /// The power of each of our keys.
    pub fn keys(&self) -> BTreeMap<&Arc<str>, u64> {
        self.nodes.iter().map(|own| (&own.key, own.power)).collect()
    }
}
