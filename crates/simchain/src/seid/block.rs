//! One remarkable block: one at which something may happen, or that is worth telling. All others are never touched.

use super::motion::Motion;
use super::rules::{self, Panic, Verdict};
use super::{Env, Seid, Stage};
use crate::boundary::{Happening, Output};
use crate::profile::ChainProfile;
use crate::volume::Data;
use api::Height;

/// Where a block is executed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// At start, from the block store.
    Handshake,
    /// Handed on by a peer, with its successor at hand.
    BlockSync,
    /// At the tip.
    Consensus,
}

/// A following process that suddenly finds more blocks than this to be had catches up at its own pace.
const FALLEN_BEHIND: u64 = 3;

impl Seid {
    /// A remarkable block: it is executed, or ends the process, or freezes it.
    pub(super) fn block(&mut self, env: &mut Env<'_, '_>, block: Height, phase: Phase) {
        if phase != Phase::Handshake {
            env.volume.data = Data::at(block.minus(1));
        }
        if let Err(panic) = self.execute(env, block) {
            return self.panic(env, block, phase, &panic);
        }
        if self.program.halt_height.is_some_and(|halt| block >= halt) {
            return self.halt(env, block, phase);
        }
        let next = self.next_remarkable(env.profile, block);
        if let Stage::Running(run) = &mut self.stage {
            (run.handled, run.next) = (block, next);
            if let Motion::Following { delay, .. } = run.motion
                && env.network.served(env.cx.now - delay) > block.plus(FALLEN_BEHIND)
            {
                run.motion = Motion::catching(env.network, env.cx.now, block, run.step);
            }
        }
    }

    /// Saves, checks and executes a block, up to its state commit.
    pub(super) fn execute(&mut self, env: &mut Env<'_, '_>, block: Height) -> Result<(), Panic> {
        if !self.has_executed {
            self.has_executed = true;
            self.tell(env, Happening::FirstBlock { height: block });
        }
        let profile = env.profile;
        match rules::verdict(profile, self.binary(profile), block) {
            Verdict::Panics(panic) => return Err(panic),
            Verdict::Migrates(upgrade) => {
                if upgrade.adds_or_deletes_stores && self.store_upgrade.as_ref() != Some(&upgrade.name) {
                    let name = &upgrade.name;
                    self.unmodelled(env, format!("upgrade {name:?} changes stores and no upgrade-info file was there at start"));
                }
                self.tell(env, Happening::UpgradeApplied { name: upgrade.name.clone(), height: block });
            }
            Verdict::GoesOn => {}
        }
        if let Some(fork) = profile.code_forks.iter().find(|fork| fork.height == block && !self.binary(profile).carries(&fork.name)) {
            self.unmodelled(env, format!("code fork {:?} is missed by {}", fork.name, self.program.image));
        }
        env.volume.data = Data { store: env.volume.data.store.max(block), ..Data::at(block) };
        if is_worth_telling(profile, block) || self.program.halt_height == Some(block) {
            self.tell(env, Happening::Executed { height: block, image: self.program.image.clone() });
        }
        Ok(())
    }

    /// A panic on a block. The upgrade rules end the process wherever it is; a defect ends it in block sync and the handshake, and freezes
    /// it in consensus.
    pub(super) fn panic(&mut self, env: &mut Env<'_, '_>, block: Height, phase: Phase, panic: &Panic) {
        let in_consensus = phase == Phase::Consensus;
        let stuck = in_consensus && *panic == Panic::Defect;
        if panic.leaves_block_in_store(in_consensus) {
            env.volume.data.store = block;
        }
        if let Panic::UpgradeNeeded(name, _) = panic {
            env.volume.upgrade_info = Some(name.clone());
        }
        self.tell(env, Happening::Panicked { message: panic.message(), height: block, stuck });
        if stuck {
            return self.freeze();
        }
        let code = if phase == Phase::Handshake && *panic == Panic::Defect { 1 } else { 2 };
        let at = env.cx.now + self.draw(env, "seid panic", env.profile.seid.panic);
        self.stage = Stage::Ending { at, code, rpc: self.rpc() };
    }

    /// The next block above a height that is remarkable to this process.
    pub(super) fn next_remarkable(&self, profile: &ChainProfile, above: Height) -> Option<Height> {
        if !self.has_executed {
            return Some(above.plus(1));
        }
        let upgrades = profile.upgrades.iter().filter(|upgrade| upgrade.happens());
        let upgrades = upgrades.flat_map(|upgrade| around(upgrade.height).into_iter().chain([upgrade.passed_at.plus(1)]));
        let forks = profile.code_forks.iter().flat_map(|fork| around(fork.height));
        let own = [self.program.halt_height, self.binary(profile).panics_at].into_iter().flatten();
        upgrades.chain(forks).chain(own).filter(|block| *block > above).min()
    }

    fn unmodelled(&self, env: &mut Env<'_, '_>, what: String) {
        env.cx.tell(Output::Unmodelled(what));
    }
}

fn around(height: Height) -> [Height; 3] {
    [height.minus(1), height, height.plus(1)]
}

fn is_worth_telling(profile: &ChainProfile, block: Height) -> bool {
    let upgrades = profile.upgrades.iter().filter(|upgrade| upgrade.happens()).map(|upgrade| upgrade.height);
    upgrades.chain(profile.code_forks.iter().map(|fork| fork.height)).any(|height| around(height).contains(&block))
}
