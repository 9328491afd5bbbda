//! What the design document asserts, judged from worlds.
//!
//! A claim watches a world with the perfect sight that laws have. It has a *precondition*: a world in which that never comes about says nothing of
//! it. In a world where it does, the claim holds unless something was seen that it denies. What the [excuse table](oracles::EXCUSES) excuses
//! refutes nothing: such a world says nothing of the claim either. A few claims compare designs; those are judged by whoever runs
//! several worlds, and only listed here (C05, C26); C16 speaks of a design with one decision changed. Themes are files.

mod by_law;
mod court;
mod failures;
mod lifecycle;
mod list;
mod open_questions;
mod plans;
mod rollout;
mod traffic;

pub use court::{Refutation, Verdict};
pub use list::{CLAIMS, ClaimInfo};

use court::Court;
use oracles::{Fact, Sight, Violation};
use rollout::Rollouts;
use std::collections::BTreeMap;

/// Every claim that one world can judge, watching that world.
#[derive(Clone, Debug, Default)]
pub struct Watch {
    court: Court,
    rollouts: Rollouts,
    plans: plans::Plans,
    lifecycle: lifecycle::Lifecycle,
    traffic: traffic::Traffic,
    failures: failures::Failures,
    open_questions: open_questions::OpenQuestions,
}

impl Watch {
    /// Shows the claims what has just happened.
    pub fn observe(&mut self, sight: &Sight<'_>, fact: &Fact<'_>) {
        let Self { court, rollouts, plans, lifecycle, traffic, failures, open_questions } = self;
        rollouts.observe(sight, fact);
        let Some(rollout) = rollouts.current() else { return };
        by_law::observe(fact, rollout, court);
        plans.observe(sight, fact, rollout, court);
        lifecycle.observe(sight, fact, rollout, court);
        traffic.observe(sight, fact, rollout, court);
        failures.observe(sight, fact, rollout, court);
        open_questions.observe(sight, fact, rollout, court);
    }

    /// What has been refuted since this was asked last; whether it is excused is to be said of each.
    pub fn take_refutations(&mut self) -> Vec<Refutation> {
        self.court.take_new()
    }

    /// Writes a refutation down.
    pub fn put(&mut self, refutation: Refutation) {
        self.court.put(refutation);
    }

    /// Shows the claims the world's end, with the laws that were broken in it.
    pub fn end(&mut self, sight: &Sight<'_>, violations: &[Violation]) {
        if let Some(rollout) = self.rollouts.current() {
            by_law::end(violations, &mut self.court);
            self.traffic.end(sight, rollout, &mut self.court);
            self.failures.end(sight, rollout, violations, &mut self.court);
            self.open_questions.end(sight, rollout, &mut self.court);
        }
    }

    /// What the world says of each claim that it can judge, by id.
    pub fn verdicts(&self) -> BTreeMap<&'static str, Verdict> {
        self.court.verdicts()
    }
}
