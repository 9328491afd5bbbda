//! Whether a scenario is hostile: what is wrong with its chain from outside makes the rollout impossible, whatever the design.
//!
//! Such a rollout may end in a failure state, if the incumbents go on serving (`testbed.md`, `not-converged`). Hostile are an image that
//! cannot be pulled or whose binary panics, a snapshot that is missing, corrupt or no longer kept, peers that are gone or have pruned the
//! blocks that a node needs. A binary that is right and comes too early or too late is not: seeing to that is what a design is for.

use super::{Act, Scenario};
use simcore::SimTime;
use std::time::Duration;

impl Scenario {
    /// Whether the rollout may end in a failure state.
    pub fn allows_failure(&self) -> bool {
        self.wanted_binary_is_defective() || self.restores_in_vain() || !self.chain.genesis_available
    }

    /// Whether no node can be made when the last action has been: its snapshot is gone, or the blocks after it.
    pub fn restores_in_vain(&self) -> bool {
        self.snapshots_are_gone() || self.peers_are_gone()
    }

    /// The image that is wanted in the end.
    fn wanted_image(&self) -> &str {
        let patched = self.timeline.iter().rev().find_map(|action| match &action.act {
            Act::Patch(patch) => patch.pointer("/spec/template/spec/image")?.as_str(),
            _ => None,
        });
        patched.unwrap_or(&self.group.spec.template.spec.image)
    }

    fn wanted_binary_is_defective(&self) -> bool {
        let binary = self.chain.binary(self.wanted_image()).map(|at| &self.chain.binaries[at]);
        binary.is_none_or(|binary| !binary.exists || binary.panics_at_start || binary.panics_at.is_some())
    }

    /// From the start to the last action: what was there at the start has this age when the last rollout begins.
    fn age(&self) -> Duration {
        self.timeline.iter().map(|action| action.at().since(SimTime::ZERO)).max().unwrap_or_default()
    }

    fn snapshots_are_gone(&self) -> bool {
        let snapshots = &self.chain.snapshots;
        snapshots.kept < self.age() || snapshots.odd.iter().any(|odd| odd.missing || odd.corrupt)
    }

    fn peers_are_gone(&self) -> bool {
        let peers = &self.chain.peers;
        let kept = |blocks: u64| self.chain.block_time.saturating_mul(u32::try_from(blocks).unwrap_or(u32::MAX));
        let longest = if peers.snapshotters > 0 { peers.full_retention.max(peers.snapshotter_retention) } else { peers.full_retention };
        peers.count == 0 || (peers.archives == 0 && kept(longest) < self.age())
    }
}
