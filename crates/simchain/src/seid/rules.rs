//! What a binary does at a block before it executes it, and what becomes of the process: chain.md's tables of section 2, one row an outcome.

use super::Rule;
use crate::profile::{Binary, ChainProfile, MissedStores, Upgrade, UpgradeKind};
use api::Height;
use std::sync::Arc;

/// Where a block is executed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// At start, from the block store.
    Handshake,
    /// Handed on by a peer, with its successor at hand.
    BlockSync,
    /// At the tip.
    Consensus,
}

/// What comes of a block.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict<'p> {
    /// It is executed.
    GoesOn,
    /// Its upgrade's migrations run, once, and it is executed.
    Migrates(&'p Upgrade),
    /// It is not executed.
    Panics(Panic),
}

/// Why a binary does not execute a block.
#[derive(Clone, Debug, PartialEq)]
pub enum Panic {
    /// The plan is due and its handler unknown: the upgrade's name and height.
    UpgradeNeeded(Arc<str>, Height),
    /// The plan is not due, its handler known, and the upgrade major.
    UpdatedTooEarly(Arc<str>),
    /// The plan was done earlier and its handler is unknown.
    WrongAppVersion,
    /// A defect of the binary.
    Defect,
    /// The block demands another state than this one: it came to differ one block before.
    Diverged,
}

/// What becomes of a process that does not execute a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct End {
    /// The rule that says so.
    pub rule: Rule,
    /// Its exit code; `None`: it stays alive with its height frozen.
    pub code: Option<i32>,
    /// Whether the block is in the block store by then.
    pub block_stored: bool,
}

impl Panic {
    /// What the log says.
    pub fn message(&self) -> Arc<str> {
        match self {
            Self::UpgradeNeeded(name, height) => format!("UPGRADE \"{name}\" NEEDED at height: {height}").into(),
            Self::UpdatedTooEarly(name) => {
                format!("BINARY UPDATED BEFORE TRIGGER! UPGRADE \"{name}\" - in binary but not executed on chain").into()
            }
            Self::WrongAppVersion => "Wrong app version".into(),
            Self::Defect => "the binary panics on this block".into(),
            Self::Diverged => "the block's app hash is not this state's".into(),
        }
    }

    /// What becomes of the process. In consensus the version checks and the app hash come before the block is saved.
    pub fn end(&self, phase: Phase) -> End {
        let in_consensus = phase == Phase::Consensus;
        let (rule, code, block_stored) = match (self, phase) {
            (Self::UpgradeNeeded(..), _) => (Rule::UpgradeNeeded, Some(2), true),
            (Self::UpdatedTooEarly(_), _) => (Rule::UpdatedTooEarly, Some(2), !in_consensus),
            (Self::WrongAppVersion, _) => (Rule::WrongAppVersion, Some(2), !in_consensus),
            (Self::Defect, Phase::Handshake) => (Rule::DefectEnds, Some(1), true),
            (Self::Defect, Phase::BlockSync) => (Rule::DefectEnds, Some(2), true),
            (Self::Defect, Phase::Consensus) => (Rule::DefectSticks, None, true),
            (Self::Diverged, Phase::Handshake) => (Rule::LineageMismatch, Some(1), true),
            (Self::Diverged, Phase::BlockSync) => (Rule::DivergenceWedges, None, false),
            (Self::Diverged, Phase::Consensus) => (Rule::DivergenceEnds, Some(2), false),
        };
        End { rule, code, block_stored }
    }
}

/// What a binary does at a block.
pub fn verdict<'p>(profile: &'p ChainProfile, binary: &Binary, block: Height) -> Verdict<'p> {
    let mut verdict = Verdict::GoesOn;
    for upgrade in &profile.upgrades {
        let Some(due) = upgrade.planned_for(block) else { continue };
        let knows = binary.handles(&upgrade.name);
        if !knows && binary.ignores_upgrades {
            continue;
        }
        if block == due {
            if !knows {
                return Verdict::Panics(Panic::UpgradeNeeded(upgrade.name.clone(), due));
            }
            verdict = Verdict::Migrates(upgrade);
        } else if block > due && !knows {
            return Verdict::Panics(Panic::WrongAppVersion);
        } else if block < due && knows && upgrade.kind == UpgradeKind::Major {
            return Verdict::Panics(Panic::UpdatedTooEarly(upgrade.name.clone()));
        }
    }
    if binary.panics_at == Some(block) { Verdict::Panics(Panic::Defect) } else { verdict }
}

/// What a process finds about stores when it starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoresAtStart {
    /// Nothing is to be changed now.
    AsTheyAre,
    /// The upgrade-info file tells of an upgrade at the next block: its store changes are made.
    ChangedFor(Arc<str>),
    /// The binary demands stores that are not there.
    Missing,
}

/// What a binary finds about stores on a state of height `app`, with an upgrade-info file or without. `applied`: upgrades of that state.
pub fn stores_at_start(
    profile: &ChainProfile,
    binary: &Binary,
    app: Height,
    info: Option<&(Arc<str>, Height)>,
    applied: impl Fn(&str) -> bool,
) -> StoresAtStart {
    if let Some((name, height)) = info
        && *height == app.plus(1)
        && binary.handles(name)
    {
        return StoresAtStart::ChangedFor(name.clone());
    }
    let misses = |upgrade: &Upgrade| {
        upgrade.adds_or_deletes_stores
            && upgrade.without_info_file == MissedStores::FailsAtStart
            && binary.handles(&upgrade.name)
            && !applied(&upgrade.name)
    };
    if app > Height(0) && profile.upgrades.iter().any(misses) { StoresAtStart::Missing } else { StoresAtStart::AsTheyAre }
}
