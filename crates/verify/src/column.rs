//! What was found for one design.

use crate::{Case, Catalogue, Standing, Verdict};
use claims::{CLAIMS, ClaimInfo};
use planner::{Design, HardForkPlan};
use rayon::prelude::*;
use shrink::{Candidate, Wanted, shrink};
use std::collections::BTreeMap;

/// A design, and how each claim stands for it.
#[derive(Clone, Debug)]
pub struct Column {
    /// The design.
    pub design: Design,
    /// How many worlds were run.
    pub worlds: u64,
    /// Of the placements of one fault, how many were run, and how many there are.
    pub placements: (u64, u64),
    /// Worlds in which the testbed failed, in words.
    pub failed: Vec<String>,
    /// How the claims stand, by id.
    pub claims: BTreeMap<&'static str, Standing>,
    /// The same for the design with one decision changed, as `decision=value`; only claims that stand otherwise there.
    pub behind: Vec<(String, BTreeMap<&'static str, Standing>)>,
}

impl Column {
    /// Nothing is known yet.
    pub fn new(design: Design) -> Self {
        Self { design, worlds: 0, placements: (0, 0), failed: Vec::new(), claims: BTreeMap::new(), behind: Vec::new() }
    }

    /// The verdict on a claim; `None` if it does not speak of the design.
    pub fn verdict(&self, claim: &ClaimInfo) -> Option<Verdict> {
        if !claim.applies_to(&self.design) {
            return None;
        }
        let verdict = self.claims.get(claim.id).map_or(Verdict::Untested, Standing::verdict);
        Some(if claim.id == "C17" && self.stops_incumbents_by_design() { of_possibility(verdict) } else { verdict })
    }

    /// Every claim that speaks of the design and has no verdict, neither as it is nor behind anything.
    pub fn untested(&self) -> Vec<&'static str> {
        let tested_behind = |id: &str| self.behind.iter().any(|(_, claims)| claims.contains_key(id));
        let open = CLAIMS.iter().filter(|claim| self.verdict(claim) == Some(Verdict::Untested));
        open.map(|claim| claim.id).filter(|id| !tested_behind(id)).collect()
    }

    /// Of today's plan the document says that it can stop incumbents early, of any other that it cannot.
    fn stops_incumbents_by_design(&self) -> bool {
        self.design.hard_fork == HardForkPlan::HaltSignal
    }

    /// Makes each case that refutes a claim as small as it gets, and tells it in a sentence.
    pub(crate) fn shrink(&mut self, catalogue: &Catalogue) {
        let behind = self.behind.iter_mut().flat_map(|(_, claims)| claims.iter_mut());
        let standings: Vec<_> = self.claims.iter_mut().chain(behind).collect();
        standings.into_par_iter().for_each(|(claim, standing)| {
            if let Some(case) = &mut standing.case {
                shrink_case(claim, case, catalogue);
            }
        });
    }
}

/// A claim that something can happen holds once it has been seen to; until then no world says anything.
fn of_possibility(verdict: Verdict) -> Verdict {
    match verdict {
        Verdict::Refuted => Verdict::Holds,
        Verdict::Holds | Verdict::Untested => Verdict::Untested,
    }
}

fn shrink_case(claim: &str, case: &mut Case, catalogue: &Catalogue) {
    let design = Design::named(&case.design).expect("the name of a design that was run");
    let Some(entry) = catalogue.entry(&case.scenario) else { return };
    let candidate =
        Candidate::new(&entry.scenario, &entry.text, &design, case.seed, &case.faults).expect("a scenario that was read is YAML");
    let wanted = Wanted::Refutation(claim);
    if let Some(shrunk) = shrink(&candidate, wanted) {
        case.faults.0 = shrunk.faults();
        (case.at, case.message) = (shrunk.shown.at, shrunk.shown.message.clone());
        case.sentence = Some(shrunk.sentence(wanted, &design.name));
    }
}
