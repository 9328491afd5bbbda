//! One remarkable block: one at which something may happen, or that is worth telling. All others are never touched.

use super::motion::{Motion, Why};
use super::rules::{self, Panic, Phase, StoresAtStart, Verdict};
use super::{Env, Seid, Stage};
use crate::boundary::Happening;
use crate::lineage::Deed;
use crate::profile::{ChainProfile, HaltSemantics};
use crate::volume::Data;
use api::Height;

/// A following process that suddenly finds more blocks than this to be had catches up at its own pace.
const FALLEN_BEHIND: u64 = 3;

impl Seid {
    /// A remarkable block: it is executed, or ends the process, or freezes it.
    pub(super) fn block(&mut self, env: &mut Env<'_, '_>, block: Height, phase: Phase) {
        if phase != Phase::Handshake {
            env.volume.data = Data::at(block.minus(1));
        }
        let halts = self.halts_at(env.profile).is_some_and(|halt| block >= halt);
        if halts && env.profile.halt.semantics == HaltSemantics::BeforeCommit {
            env.volume.data.store = env.volume.data.store.max(block);
            return self.halt(env, block, phase);
        }
        let replayed = block <= env.volume.data.state;
        if let Err(panic) = self.execute(env, block) {
            return self.panic(env, block, phase, &panic);
        }
        if replayed && !env.volume.lineage.agrees(&env.volume.recorded, block) {
            return self.diverged(env, block, Phase::Handshake);
        }
        if halts {
            return self.halt(env, block, phase);
        }
        let next = self.next_remarkable(env.profile, block);
        if let Stage::Running(run) = &mut self.stage {
            (run.handled, run.next) = (block, next);
            if let Motion::Following { delay, .. } = run.motion
                && env.network.served(env.cx.now - delay) > block.plus(FALLEN_BEHIND)
            {
                run.motion = Motion::catching(env.network, env.cx.now, block, run.step);
                self.rule = run.motion.rule();
            }
        }
    }

    /// Saves, checks and executes a block, up to its state commit.
    pub(super) fn execute(&mut self, env: &mut Env<'_, '_>, block: Height) -> Result<(), Panic> {
        let first = !self.has_executed;
        if first {
            self.has_executed = true;
            self.tell(env, Happening::FirstBlock { height: block });
        }
        let profile = env.profile;
        let replayed = block <= env.volume.data.state;
        if !replayed && !env.volume.lineage.agrees(env.network.lineage(), block.minus(1)) {
            return Err(Panic::Diverged);
        }
        match rules::verdict(profile, self.binary(profile), block) {
            Verdict::Panics(panic) => return Err(panic),
            Verdict::Migrates(upgrade) => {
                env.volume.lineage.add(block, Deed::Upgraded(upgrade.name.clone()));
                if upgrade.adds_or_deletes_stores && self.stores == StoresAtStart::ChangedFor(upgrade.name.clone()) {
                    env.volume.lineage.add(block, Deed::ChangedStores(upgrade.name.clone()));
                }
                self.tell(env, Happening::UpgradeApplied { name: upgrade.name.clone(), height: block });
            }
            Verdict::GoesOn => {}
        }
        for fork in profile.code_forks.iter().filter(|fork| fork.height == block && self.binary(profile).carries(&fork.name)) {
            env.volume.lineage.add(block, Deed::Forked(fork.name.clone()));
        }
        let Data { state, store, .. } = env.volume.data;
        env.volume.data = Data { app: block, state: state.max(block), store: store.max(block) };
        if !replayed {
            env.volume.recorded = env.volume.lineage.clone();
        }
        if is_worth_telling(profile, block) || self.program.halt_height == Some(block) {
            self.tell(env, Happening::Executed { height: block, image: self.program.image.clone() });
        }
        self.tell_of_trespass(env, block, first);
        Ok(())
    }

    /// Tells of a block that was executed beyond the halt height, or otherwise than by the network: where that begins.
    fn tell_of_trespass(&self, env: &mut Env<'_, '_>, block: Height, first: bool) {
        if let Some(halt_height) = self.program.halt_height
            && block > halt_height
            && (first || block == halt_height.plus(1))
        {
            self.tell(env, Happening::PassedHaltHeight { height: block, halt_height });
        }
        let agrees = |height| env.volume.lineage.agrees(env.network.lineage(), height);
        if agrees(block.minus(1)) && !agrees(block) {
            self.tell(env, Happening::LineageParted { height: block });
        }
    }

    /// A block that is not executed: the process ends, or stays alive where it is.
    pub(super) fn panic(&mut self, env: &mut Env<'_, '_>, block: Height, phase: Phase, panic: &Panic) {
        if *panic == Panic::Diverged {
            return self.diverged(env, block, phase);
        }
        let end = panic.end(phase);
        if end.block_stored {
            env.volume.data.store = env.volume.data.store.max(block);
        }
        if let Panic::UpgradeNeeded(name, height) = panic {
            env.volume.upgrade_info = Some((name.clone(), *height));
        }
        self.tell(env, Happening::Panicked { message: panic.message(), height: block, stuck: end.code.is_none() });
        self.meet(env, end, Why::Stuck);
    }

    /// The state differs from the network's, or from what was recorded, and a block shows it.
    fn diverged(&mut self, env: &mut Env<'_, '_>, block: Height, phase: Phase) {
        let end = Panic::Diverged.end(phase);
        self.tell(env, Happening::Diverged { height: block, wedged: end.code.is_none() });
        self.meet(env, end, Why::Diverged);
    }

    fn meet(&mut self, env: &mut Env<'_, '_>, end: rules::End, frozen: Why) {
        let Some(code) = end.code else { return self.freeze(frozen) };
        let at = env.cx.now + self.draw(env, "seid panic", env.profile.seid.panic);
        self.enter(Stage::Ending { at, code, rpc: self.rpc(), wedged: false }, end.rule);
    }

    /// The first block at which this process halts.
    fn halts_at(&self, profile: &ChainProfile) -> Option<Height> {
        let halt = self.program.halt_height?;
        Some(match profile.halt.semantics {
            HaltSemantics::AfterCommit | HaltSemantics::BeforeCommit => halt,
            HaltSemantics::OneBlockEarly => halt.minus(1),
            HaltSemantics::OneBlockLate => halt.plus(1),
        })
    }

    /// The next block above a height that is remarkable to this process.
    pub(super) fn next_remarkable(&self, profile: &ChainProfile, above: Height) -> Option<Height> {
        if !self.has_executed {
            return Some(above.plus(1));
        }
        let upgrades = profile.upgrades.iter().filter_map(|upgrade| Some((upgrade, upgrade.applies_at()?)));
        let upgrades = upgrades.flat_map(|(upgrade, height)| {
            let proposals = upgrade.proposals().map(|passed_at| passed_at.plus(1));
            around(height).into_iter().chain(proposals)
        });
        let forks = profile.code_forks.iter().flat_map(|fork| around(fork.height));
        let own = [self.halts_at(profile), self.program.halt_height, self.binary(profile).panics_at].into_iter().flatten();
        upgrades.chain(forks).chain(own).filter(|block| *block > above).min()
    }
}

fn around(height: Height) -> [Height; 3] {
    [height.minus(1), height, height.plus(1)]
}

fn is_worth_telling(profile: &ChainProfile, block: Height) -> bool {
    let upgrades = profile.upgrades.iter().filter_map(crate::profile::Upgrade::applies_at);
    upgrades.chain(profile.code_forks.iter().map(|fork| fork.height)).any(|height| around(height).contains(&block))
}
