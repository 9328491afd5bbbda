//! What a chain profile must satisfy before a world is built on it.

use super::{ChainProfile, Upgrade, Version};
use api::Height;
use std::time::Duration;

/// Where the fault is, and what was expected there.
type Fault = (String, String);

fn expect(holds: bool, field: impl Into<String>, expected: impl Into<String>) -> Result<(), Fault> {
    if holds { Ok(()) } else { Err((field.into(), expected.into())) }
}

impl ChainProfile {
    /// Checks what types alone do not. An error is the path of the field and what was expected there.
    pub fn validate(&self) -> Result<(), (String, String)> {
        self.validate_times()?;
        self.validate_heights()?;
        self.validate_upgrades()?;
        self.validate_binaries()?;
        self.validate_validators()?;
        self.validate_weights()
    }

    fn validate_times(&self) -> Result<(), Fault> {
        let (slowest, fastest) = (self.seid.sync_rate.min, self.seid.sync_rate.max);
        expect(slowest > 0 && slowest <= fastest && fastest <= 1_000_000, "seid.syncRate", "1 <= min <= max <= 1000000 blocks a second")?;
        let catches_up = |block: Duration| block <= Duration::from_secs(86_400) && block / 2 > Duration::from_micros(1_000_000 / slowest);
        let expected = format!("more than {}us: block sync must be able to catch up, and at most 1d", 2_000_000 / slowest);
        expect(catches_up(self.block_time), "blockTime", &expected)?;
        for (index, phase) in self.slow_phases.iter().enumerate() {
            expect(catches_up(phase.block_time), format!("slowPhases[{index}].blockTime"), &expected)?;
        }
        expect(self.snapshots.interval > 0, "snapshots.interval", "at least 1 block")?;
        expect(self.state_sync.interval > 0, "stateSync.interval", "at least 1 block")?;
        expect(self.state_sync.kept > 0, "stateSync.kept", "at least 1 snapshot")
    }

    fn validate_heights(&self) -> Result<(), Fault> {
        let start = self.start_height;
        expect(start > Height(0) && start.0 < 1 << 40, "startHeight", "a block height")?;
        let ahead = format!("a height above startHeight, {start}");
        for (index, stall) in self.stalls.iter().enumerate() {
            expect(stall.height > start, format!("stalls[{index}].height"), &ahead)?;
        }
        let mut free = start;
        for (index, phase) in self.slow_phases.iter().enumerate() {
            expect(
                phase.from > free,
                format!("slowPhases[{index}].from"),
                format!("a height above {free}: after the start and the phase before"),
            )?;
            expect(phase.to >= phase.from, format!("slowPhases[{index}].to"), "a height not below from")?;
            free = phase.to;
        }
        expect(self.halts_for_ever_at.is_none_or(|halt| halt >= start), "haltsForEverAt", "a height not below startHeight")
    }

    fn validate_upgrades(&self) -> Result<(), Fault> {
        let mut before = Height(0);
        for (index, upgrade) in self.upgrades.iter().enumerate() {
            expect(
                upgrade.height > before,
                format!("upgrades[{index}].height"),
                format!("a height above {before}: upgrades by rising height"),
            )?;
            let twice = self.upgrades[..index].iter().any(|other| other.name == upgrade.name);
            expect(!twice, format!("upgrades[{index}].name"), "a name of its own")?;
            before = upgrade.height;
            validate_changes(index, upgrade)?;
        }
        let effective: Vec<_> = self.upgrades.iter().filter_map(Upgrade::applies_at).collect();
        expect(effective.is_sorted_by(|a, b| a < b), "upgrades", "upgrades that take effect in their order, at heights of their own")
    }

    fn validate_validators(&self) -> Result<(), Fault> {
        let nodes = &self.validators.nodes;
        for (index, own) in nodes.iter().enumerate() {
            let twice = nodes[..index].iter().any(|other| other.node == own.node);
            expect(!twice, format!("validators.nodes[{index}].node"), "a node of its own")?;
            let agrees = nodes[..index].iter().all(|other| other.key != own.key || other.power == own.power);
            expect(agrees, format!("validators.nodes[{index}].power"), "the same power wherever the same key stands")?;
        }
        Ok(())
    }

    fn validate_binaries(&self) -> Result<(), Fault> {
        for (index, binary) in self.binaries.iter().enumerate() {
            let twice = self.binaries[..index].iter().any(|other| other.image == binary.image);
            expect(!twice, format!("binaries[{index}].image"), "an image of its own")?;
            expect(Version::read(&binary.version).is_some(), format!("binaries[{index}].version"), "a version such as v6.3.0")?;
            let stranger = binary.handlers.iter().find(|name| self.upgrades.iter().all(|upgrade| upgrade.name != **name));
            expect(stranger.is_none(), format!("binaries[{index}].handlers"), "names of this profile's upgrades")?;
            let stranger = binary.code_forks.iter().find(|name| self.code_forks.iter().all(|fork| fork.name != **name));
            expect(stranger.is_none(), format!("binaries[{index}].codeForks"), "names of this profile's code forks")?;
        }
        Ok(())
    }

    fn validate_weights(&self) -> Result<(), Fault> {
        let some = |weights: &[u32]| weights.iter().any(|weight| *weight > 0);
        let expected = "at least one weight above 0";
        expect(some(&self.halt.before_handler), "halt.beforeHandler", expected)?;
        expect(some(&self.halt.consensus), "halt.consensus", expected)?;
        expect(some(&self.halt.block_sync), "halt.blockSync", expected)?;
        expect(some(&self.halt.block_sync_before_6_3_3), "halt.blockSyncBefore633", expected)?;
        expect(self.halt.most_blocks_further >= 4, "halt.mostBlocksFurther", "at least 4")?;
        expect(some(&self.sidecar.interrupted), "sidecar.interrupted", expected)?;
        let kinds = u64::from(self.peers.snapshotters) + u64::from(self.peers.archives);
        expect(kinds <= u64::from(self.peers.count), "peers.count", "at least snapshotters and archives together")
    }
}

fn validate_changes(index: usize, upgrade: &Upgrade) -> Result<(), Fault> {
    let mut passed = upgrade.passed_at;
    for (number, change) in upgrade.changes.iter().enumerate() {
        let field = format!("upgrades[{index}].changes[{number}]");
        expect(change.passed_at > passed, format!("{field}.passedAt"), format!("a height above {passed}: changes in their order"))?;
        passed = change.passed_at;
        let ahead = change.height.is_none_or(|height| height > passed);
        expect(ahead, format!("{field}.height"), format!("a height above {passed}, where the change passes"))?;
    }
    Ok(())
}
