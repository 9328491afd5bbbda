//! What a binary does at a block before it executes it: the upgrade rules, one row of the specification's table an outcome.

use crate::profile::{Binary, ChainProfile, Upgrade, UpgradeKind};
use api::Height;
use std::sync::Arc;

/// What comes of a block.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Verdict<'p> {
    /// It is executed.
    GoesOn,
    /// Its upgrade's migrations run, once, and it is executed.
    Migrates(&'p Upgrade),
    /// It is not executed.
    Panics(Panic),
}

/// Why a binary does not execute a block.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Panic {
    /// The plan is due and its handler unknown: the upgrade's name and height.
    UpgradeNeeded(Arc<str>, Height),
    /// The plan is not due, its handler known, and the upgrade major.
    UpdatedTooEarly(Arc<str>),
    /// The plan was done earlier and its handler is unknown.
    WrongAppVersion,
    /// A defect of the binary.
    Defect,
}

impl Panic {
    /// What the log says.
    pub(crate) fn message(&self) -> Arc<str> {
        match self {
            Self::UpgradeNeeded(name, height) => format!("UPGRADE \"{name}\" NEEDED at height: {height}").into(),
            Self::UpdatedTooEarly(name) => {
                format!("BINARY UPDATED BEFORE TRIGGER! UPGRADE \"{name}\" - in binary but not executed on chain").into()
            }
            Self::WrongAppVersion => "Wrong app version".into(),
            Self::Defect => "the binary panics on this block".into(),
        }
    }

    /// Whether the block is already in the block store. In consensus the two version checks come before it is saved.
    pub(crate) fn leaves_block_in_store(&self, in_consensus: bool) -> bool {
        !in_consensus || matches!(self, Self::UpgradeNeeded(..) | Self::Defect)
    }
}

/// What a binary does at a block.
pub(crate) fn verdict<'p>(profile: &'p ChainProfile, binary: &Binary, block: Height) -> Verdict<'p> {
    let mut verdict = Verdict::GoesOn;
    for upgrade in profile.upgrades.iter().filter(|upgrade| upgrade.planned_for(block)) {
        let knows = binary.handles(&upgrade.name);
        if block == upgrade.height {
            if !knows {
                return Verdict::Panics(Panic::UpgradeNeeded(upgrade.name.clone(), upgrade.height));
            }
            verdict = Verdict::Migrates(upgrade);
        } else if block > upgrade.height && !knows {
            return Verdict::Panics(Panic::WrongAppVersion);
        } else if block < upgrade.height && knows && upgrade.kind == UpgradeKind::Major {
            return Verdict::Panics(Panic::UpdatedTooEarly(upgrade.name.clone()));
        }
    }
    if binary.panics_at == Some(block) { Verdict::Panics(Panic::Defect) } else { verdict }
}

#[cfg(test)]
mod tests {
    use super::*;

    const U: u64 = 500;

    fn profile(kind: UpgradeKind, passed_at: u64) -> ChainProfile {
        let upgrade = Upgrade {
            name: "v6.4".into(),
            height: Height(U),
            kind,
            adds_or_deletes_stores: false,
            passed_at: Height(passed_at),
            resume_after: None,
        };
        ChainProfile { upgrades: vec![upgrade], ..ChainProfile::default() }
    }

    fn binary(knows: bool) -> Binary {
        Binary {
            image: "i".into(),
            version: "v6.4.0".into(),
            handlers: if knows { vec!["v6.4".into()] } else { Vec::new() },
            code_forks: Vec::new(),
            exists: true,
            panics_at_start: false,
            panics_at: None,
        }
    }

    #[test]
    fn every_row_of_the_upgrade_table_holds() {
        use UpgradeKind::{Major, Minor};
        let rows = [
            ("at U, handler known: migrates", Major, true, U, "migrates"),
            ("at U, handler unknown, major: upgrade needed", Major, false, U, "needed"),
            ("at U, handler unknown, minor: upgrade needed", Minor, false, U, "needed"),
            ("before U, handler known, major: binary updated before trigger", Major, true, U - 1, "early"),
            ("before U, handler known, minor: goes on", Minor, true, U - 1, "on"),
            ("before U, handler unknown: goes on", Major, false, U - 1, "on"),
            ("after U, handler unknown: wrong app version", Major, false, U + 1, "wrong"),
            ("after U, handler known: goes on", Major, true, U + 1, "on"),
        ];
        for (name, kind, knows, block, expected) in rows {
            let profile = profile(kind, 0);
            let verdict = match verdict(&profile, &binary(knows), Height(block)) {
                Verdict::GoesOn => "on",
                Verdict::Migrates(_) => "migrates",
                Verdict::Panics(Panic::UpgradeNeeded(..)) => "needed",
                Verdict::Panics(Panic::UpdatedTooEarly(_)) => "early",
                Verdict::Panics(Panic::WrongAppVersion) => "wrong",
                Verdict::Panics(Panic::Defect) => "defect",
            };
            assert_eq!(verdict, expected, "{name}");
        }
    }

    #[test]
    fn without_a_plan_in_state_there_is_no_check_at_all() {
        let later = profile(UpgradeKind::Major, U - 10);
        assert_eq!(verdict(&later, &binary(true), Height(U - 10)), Verdict::GoesOn);
        assert!(matches!(verdict(&later, &binary(true), Height(U - 9)), Verdict::Panics(Panic::UpdatedTooEarly(_))));
        let never = profile(UpgradeKind::Major, U);
        assert!([U - 1, U, U + 1].iter().all(|block| verdict(&never, &binary(false), Height(*block)) == Verdict::GoesOn));
    }

    #[test]
    fn only_in_consensus_do_the_version_checks_come_before_the_block_is_saved() {
        for (panic, saved) in [
            (Panic::WrongAppVersion, false),
            (Panic::UpdatedTooEarly("v6.4".into()), false),
            (Panic::UpgradeNeeded("v6.4".into(), Height(U)), true),
        ] {
            assert_eq!((panic.leaves_block_in_store(true), panic.leaves_block_in_store(false)), (saved, true), "{panic:?}");
        }
    }
}
