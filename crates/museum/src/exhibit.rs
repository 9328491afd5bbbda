//! An exhibit: one realistic defect, how it comes about, and which oracle should see it.

use crate::{Bend, Variant};
use explore::{Stage, StageError};
use faults::{Profile, What};
use planner::Design;
use std::path::Path;
use std::sync::Arc;
use testbed::scenario::{self, Scenario};
use testbed::world::{Faithful, Program};

/// What was done to the operator, systematically.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mutation {
    /// A step is left out.
    DeleteStep,
    /// Two steps change places.
    SwapSteps,
    /// A guard lets through what it should not.
    WeakenGuard,
    /// A write or a delete does not say what it is based on.
    DropPrecondition,
    /// An error is taken for a success.
    IgnoreError,
    /// What was once seen is not looked at again.
    RememberInsteadOfReading,
    /// What is read is an older state than there is.
    ReadOlderValue,
    /// A step is over before what it does has happened.
    CompleteBeforeEffect,
}

impl Mutation {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::DeleteStep,
        Self::SwapSteps,
        Self::WeakenGuard,
        Self::DropPrecondition,
        Self::IgnoreError,
        Self::RememberInsteadOfReading,
        Self::ReadOlderValue,
        Self::CompleteBeforeEffect,
    ];

    /// Its name in lists and results.
    pub fn name(self) -> &'static str {
        match self {
            Self::DeleteStep => "delete-step",
            Self::SwapSteps => "swap-steps",
            Self::WeakenGuard => "weaken-guard",
            Self::DropPrecondition => "drop-precondition",
            Self::IgnoreError => "ignore-error",
            Self::RememberInsteadOfReading => "remember",
            Self::ReadOlderValue => "older-value",
            Self::CompleteBeforeEffect => "complete-early",
        }
    }
}

/// The unbroken design, in a scenario, that an exhibit is a variant of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Base {
    /// The scenario's name.
    pub scenario: &'static str,
    /// Its file's text.
    pub text: &'static str,
    /// The design's preset.
    pub design: &'static str,
    /// The decisions in which it differs from that.
    pub with: &'static [&'static str],
}

impl Base {
    /// The design.
    ///
    /// # Panics
    /// If there is no such design: the list of exhibits is wrong.
    pub fn design(&self) -> Design {
        let preset = Design::preset(self.design).expect("a base names a preset");
        self.with.iter().fold(preset, |design, change| design.with(change).expect("a base names decisions"))
    }

    /// The design's name, with the decisions in which it differs.
    pub fn design_name(&self) -> String {
        [&[self.design], self.with].concat().join(",")
    }

    /// The scenario.
    ///
    /// # Panics
    /// If it is not valid: the scenarios are part of the program.
    pub fn scenario(&self) -> Scenario {
        let path = Path::new("scenarios").join(format!("{}.yaml", self.scenario));
        scenario::read(&path, self.text.as_bytes()).unwrap_or_else(|problems| panic!("{problems}"))
    }

    /// The unbroken design, settled.
    ///
    /// # Errors
    /// If the testbed failed.
    pub fn stage(&self, profile: Profile) -> Result<Stage, StageError> {
        self.running(Arc::new(Faithful), profile)
    }

    fn running(&self, program: Arc<dyn Program>, profile: Profile) -> Result<Stage, StageError> {
        Stage::running(program, self.scenario(), self.text.into(), self.design(), profile)
    }
}

/// A world in which an exhibit's own oracle sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// The one without a fault, of this seed.
    FaultFree(u64),
    /// The one of the profile `swarm`, of this seed.
    Swarm(u64),
    /// In none with a single fault of these: in some with two, which a sweep with `-k 2` finds.
    TwoFaults(&'static [What]),
}

/// A broken variant.
#[derive(Clone, Copy, Debug)]
pub struct Exhibit {
    /// Its name.
    pub name: &'static str,
    /// What was done to the operator.
    pub mutation: Mutation,
    /// The defect, in one sentence.
    pub defect: &'static str,
    /// What it is a variant of.
    pub base: Base,
    /// The oracle that should see it.
    pub oracle: &'static str,
    /// Where it sees it.
    pub shown: Shown,
    /// How the variant does otherwise.
    pub bends: &'static [Bend],
}

impl Exhibit {
    /// The variant, settled.
    ///
    /// # Errors
    /// If the testbed failed.
    pub fn stage(&self, profile: Profile) -> Result<Stage, StageError> {
        self.base.running(Arc::new(self.variant()), profile)
    }

    /// What the variant's processes run.
    pub fn variant(&self) -> Variant {
        Variant(self.bends)
    }
}
