//! Trying candidates: whether a document shows the violation that is looked for.

use crate::Candidate;
use explore::tried;
use serde_json::Value;
use std::collections::BTreeSet;
use testbed::history::History;
use testbed::scenario::Outcome;
use testbed::world::Polls;
use testbed::{Settled, WorldResult};

/// A violation of the oracle that is looked for, in some world.
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

/// Tries candidates for one oracle. A candidate that is no valid scenario, does not settle or fails the testbed shows nothing.
pub struct Trial {
    oracle: String,
    runs: usize,
    /// The last stage that settled.
    settled: Option<(Value, Settled)>,
}

impl Trial {
    /// A trial for an unexcused violation of an oracle.
    pub fn new(oracle: &str) -> Self {
        Self { oracle: oracle.to_owned(), runs: 0, settled: None }
    }

    /// How many worlds have been run.
    pub fn runs(&self) -> usize {
        self.runs
    }

    /// What a candidate shows of the oracle.
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
        let result = tried(|| settled.run_under(seed, &scenario.schedule, History::default())).ok()?;
        self.judge(&result)
    }

    fn judge(&self, result: &WorldResult) -> Option<Shown> {
        let first = result.unexcused().find(|violation| violation.oracle == self.oracle)?;
        Some(Shown {
            at: first.at,
            message: first.finding.message.clone(),
            outcome: result.outcome,
            violations: result.broken(),
            history_hash: result.history_hash.clone(),
        })
    }
}
