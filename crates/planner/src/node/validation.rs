//! What a node's spec must satisfy beyond its CustomResourceDefinition, checked at each reconcile.

use super::{has_bootstrap_image, restored_height};
use crate::PlanError;
use api::Node;
use api::node::{GenesisCeremony, Mode, SnapshotSource};

/// No planner fits a node without a mode.
pub(super) const NO_MODE: &str = "exactly one of fullNode, archive, replayer, or validator must be set";

/// Refuses a spec that no plan can be built from.
pub fn validate(node: &Node) -> Result<(), PlanError> {
    match node.spec.mode().ok_or(PlanError::Choosing(NO_MODE))? {
        Mode::Full(full) => bootstrap_has_target(full.snapshot.as_ref()),
        Mode::Archive(_) => Ok(()),
        Mode::Replayer(replayer) => {
            require(restored_height(&replayer.snapshot).is_some(), "replayer requires an s3 snapshot with targetHeight > 0")?;
            require(!node.spec.peers.is_empty(), "peers is required when replayer mode is set")
        }
        Mode::Validator(validator) => {
            bootstrap_has_target(validator.snapshot.as_ref())?;
            validator.genesis_ceremony.as_ref().map_or(Ok(()), ceremony_is_named)
        }
    }
}

fn bootstrap_has_target(snapshot: Option<&SnapshotSource>) -> Result<(), PlanError> {
    let valid = snapshot.is_none_or(|s| !has_bootstrap_image(s) || restored_height(s).is_some());
    require(valid, "bootstrapImage requires an s3 snapshot with targetHeight > 0")
}

fn ceremony_is_named(ceremony: &GenesisCeremony) -> Result<(), PlanError> {
    require(!ceremony.chain_id.is_empty(), "genesisCeremony requires chainId")?;
    require(!ceremony.staking_amount.is_empty(), "genesisCeremony requires stakingAmount")
}

fn require(condition: bool, message: &'static str) -> Result<(), PlanError> {
    if condition { Ok(()) } else { Err(PlanError::Building(message)) }
}
