//! How one claim stands for one design.

use faults::Schedule;
use simcore::SimTime;
use std::sync::Arc;

/// A world that refutes a claim.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// Its design, decisions changed included.
    pub design: Arc<str>,
    /// Its scenario.
    pub scenario: Arc<str>,
    /// Its seed.
    pub seed: u64,
    /// Its faults, those of the scenario included.
    pub faults: Schedule,
    /// When the claim was refuted in it.
    pub at: SimTime,
    /// What was seen.
    pub message: String,
    /// What happens, in one sentence, once it is shrunk.
    pub sentence: Option<String>,
}

/// How a claim stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Standing {
    /// In how many worlds it was tested.
    pub worlds: u64,
    /// In how many of them it was refuted.
    pub refuted: u64,
    /// The case with the fewest faults; of several, the first that was run.
    pub case: Option<Case>,
}

/// A verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// In every world that met its precondition.
    Holds,
    /// In at least one it did not.
    Refuted,
    /// No world met its precondition.
    Untested,
}

impl Verdict {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::Refuted => "refuted",
            Self::Untested => "untested",
        }
    }
}

impl Standing {
    /// A world in which the claim was tested, and the case if it was refuted.
    pub fn add(&mut self, case: Option<Case>) {
        self.worlds += 1;
        let Some(case) = case else { return };
        self.refuted += 1;
        if self.case.as_ref().is_none_or(|held| case.faults.0.len() < held.faults.0.len()) {
            self.case = Some(case);
        }
    }

    /// The verdict.
    pub fn verdict(&self) -> Verdict {
        match (self.worlds, self.refuted) {
            (0, _) => Verdict::Untested,
            (_, 0) => Verdict::Holds,
            _ => Verdict::Refuted,
        }
    }
}
