//! Trying candidates: whether a document shows the violation that is looked for.

use crate::Candidate;
use explore::tried;
use serde_json::Value;
use std::collections::BTreeSet;
use testbed::history::History;
use testbed::scenario::Outcome;
use testbed::world::Polls;
use testbed::{Settled, WorldResult};

/// What is to be kept while a world is made smaller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted<'a> {
    /// An unexcused violation of an oracle.
    Violation(&'a str),
    /// The refutation of a claim.
    Refutation(&'a str),
}

/// What is looked for, seen in some world.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    /// When, counted from the scenario's start.
    pub at: simcore::SimTime,
    /// What is wrong.
    pub message: String,
    /// How the world ended.
    pub outcome: Outcome,
    /// Every oracle that is violated in it without an excuse, by name.
    pub violations: BTreeSet<&'static str>,
    /// The hash of its history.
    pub history_hash: String,
}

/// Tries candidates. One that is no valid scenario, does not settle or fails the testbed shows nothing.
pub struct Trial<'a> {
    wanted: Wanted<'a>,
    runs: usize,
    /// The last stage that settled.
    settled: Option<(Value, Settled)>,
}

impl<'a> Trial<'a> {
    /// A trial for what is to be kept.
    pub fn new(wanted: Wanted<'a>) -> Self {
        Self { wanted, runs: 0, settled: None }
    }

    /// How many worlds have been run.
    pub fn runs(&self) -> usize {
        self.runs
    }

    /// What a candidate shows of it.
    pub fn shows(&mut self, candidate: &Candidate) -> Option<Shown> {
        let scenario = candidate.scenario().ok()?;
        let run = scenario.runs.first().expect("a candidate has one run");
        let seed = *run.seeds.first().expect("a candidate's run has one seed");
        let stage = candidate.stage();
        if self.settled.as_ref().is_none_or(|(held, _)| *held != stage) {
            let settled = tried(|| Settled::new(&scenario, &run.design, Polls::Elided)).ok()?;
            self.settled = Some((stage, settled));
        }
        let (_, settled) = self.settled.as_ref().expect("it was just settled");
        self.runs += 1;
        let result = match self.wanted {
            Wanted::Violation(_) => tried(|| settled.run_under(seed, &scenario.schedule, History::default())),
            Wanted::Refutation(_) => tried(|| settled.judged_under(seed, &scenario.schedule, History::default())),
        };
        self.judge(&result.ok()?)
    }

    fn judge(&self, result: &WorldResult) -> Option<Shown> {
        let seen = match self.wanted {
            Wanted::Violation(oracle) => result.unexcused().find(|violation| violation.oracle == oracle)?,
            Wanted::Refutation(claim) => result.refutation(claim)?,
        };
        Some(Shown {
            at: seen.at,
            message: seen.finding.message.clone(),
            outcome: result.outcome,
            violations: result.broken(),
            history_hash: result.history_hash.clone(),
        })
    }
}
