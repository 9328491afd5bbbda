//! Where claims are tested and refuted.

use oracles::{Class, Finding, Violation};
use simcore::SimTime;
use std::collections::{BTreeMap, BTreeSet};

/// Something that a claim denies has been seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refutation {
    /// The claim.
    pub claim: &'static str,
    /// What was seen, in the form of the law whose excuses apply to it.
    pub violation: Violation,
}

/// What one world says of a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Its precondition never came about, or what it denies was seen and is excused.
    Untested,
    /// Its precondition came about, and what it denies was not seen.
    Holds,
    /// What it denies was seen.
    Refuted(Refutation),
}

/// What has been said of all claims in one world.
#[derive(Clone, Debug, Default)]
pub(crate) struct Court {
    tested: BTreeSet<&'static str>,
    new: Vec<Refutation>,
    /// The first refutation of each claim; one without an excuse if there is one.
    refuted: BTreeMap<&'static str, Refutation>,
}

impl Court {
    /// A claim's precondition has come about.
    pub fn test(&mut self, claim: &'static str) {
        self.tested.insert(claim);
    }

    /// What a claim denies has been seen; excuses are those of a law.
    pub fn refute(&mut self, claim: &'static str, law: &'static str, at: SimTime, finding: Finding) {
        self.test(claim);
        self.new.push(Refutation { claim, violation: Violation { oracle: law, class: Class::Safety, at, finding, excused: None } });
    }

    /// What is new.
    pub fn take_new(&mut self) -> Vec<Refutation> {
        std::mem::take(&mut self.new)
    }

    /// Writes a refutation down, unless there is a better one.
    pub fn put(&mut self, refutation: Refutation) {
        self.test(refutation.claim);
        let held = self.refuted.entry(refutation.claim).or_insert_with(|| refutation.clone());
        if held.violation.excused.is_some() && refutation.violation.excused.is_none() {
            *held = refutation;
        }
    }

    /// What the world says of each claim whose precondition came about.
    pub fn verdicts(&self) -> BTreeMap<&'static str, Verdict> {
        assert!(self.new.is_empty(), "every refutation has been looked at");
        let verdict = |claim: &'static str| match self.refuted.get(claim) {
            None => Verdict::Holds,
            Some(refutation) if refutation.violation.excused.is_some() => Verdict::Untested,
            Some(refutation) => Verdict::Refuted(refutation.clone()),
        };
        self.tested.iter().map(|claim| (*claim, verdict(claim))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(message: &str) -> Finding {
        Finding { since: SimTime::ZERO, objects: Vec::new(), events: Vec::new(), message: message.to_owned() }
    }

    #[test]
    fn a_claim_that_is_tested_holds_until_something_refutes_it_and_an_excuse_says_nothing() {
        let mut court = Court::default();
        assert!(court.verdicts().is_empty());
        court.test("C09");
        assert_eq!(court.verdicts()["C09"], Verdict::Holds);
        court.refute("C09", "data-dir-shared", SimTime::ZERO, finding("first"));
        for mut refutation in court.take_new() {
            refutation.violation.excused = Some("a row");
            court.put(refutation);
        }
        assert_eq!(court.verdicts()["C09"], Verdict::Untested);
        court.refute("C09", "data-dir-shared", SimTime::ZERO, finding("second"));
        court.take_new().into_iter().for_each(|refutation| court.put(refutation));
        assert!(matches!(&court.verdicts()["C09"], Verdict::Refuted(by) if by.violation.finding.message == "second"));
    }
}
