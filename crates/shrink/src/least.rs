//! The search itself: everything that can be left out or made simpler, again and again until nothing can.

use crate::parts::{with_fewest_replicas, without_needless};
use crate::simpler::simpler;
use crate::{Candidate, Shown, Trial, Wanted};
use faults::Fault;

/// What is left of a violation's document.
#[derive(Clone, Debug)]
pub struct Shrunk {
    /// The document.
    pub candidate: Candidate,
    /// What it shows.
    pub shown: Shown,
    /// How many worlds were run to find it.
    pub runs: usize,
}

/// Shrinks a document that shows what is wanted; `None` if it does not.
pub fn shrink(candidate: &Candidate, wanted: Wanted<'_>) -> Option<Shrunk> {
    let mut trial = Trial::new(wanted);
    trial.shows(candidate)?;
    let mut least = candidate.clone();
    loop {
        let before = least.clone();
        least = without_needless(&least, "faults", |smaller| trial.shows(smaller).is_some());
        least = without_needless(&least, "timeline", |smaller| trial.shows(smaller).is_some());
        least = with_fewest_replicas(&least, |smaller| trial.shows(smaller).is_some());
        least = with_simplest_faults(least, &mut trial);
        if least == before {
            break;
        }
    }
    let shown = trial.shows(&least).expect("what was kept shows it");
    Some(Shrunk { candidate: least, shown, runs: trial.runs() })
}

/// The candidate with each fault as simple as will do.
fn with_simplest_faults(mut candidate: Candidate, trial: &mut Trial<'_>) -> Candidate {
    for at in 0..candidate.list("faults").len() {
        while let Some(simpler) = simpler(&candidate.list("faults")[at])
            .into_iter()
            .map(|fault| candidate.with_entry("faults", at, fault))
            .find(|simpler| trial.shows(simpler).is_some())
        {
            candidate = simpler;
        }
    }
    candidate
}

impl Shrunk {
    /// The faults that are left.
    pub fn faults(&self) -> Vec<Fault> {
        let written = self.candidate.list("faults").iter().cloned();
        written.map(|fault| serde_json::from_value(fault).expect("a candidate's faults are valid")).collect()
    }

    /// What happens, in one sentence.
    pub fn sentence(&self, wanted: Wanted<'_>, design: &str) -> String {
        let faults: Vec<String> = self.faults().iter().map(|fault| format!("{}, {}", fault.when, fault.what)).collect();
        let given = if faults.is_empty() { "without any fault".to_owned() } else { format!("given that {}", faults.join(", and ")) };
        let Shown { at, message, .. } = &self.shown;
        let what = match wanted {
            Wanted::Violation(oracle) => format!("{oracle} is violated"),
            Wanted::Refutation(claim) => format!("{claim} is refuted"),
        };
        format!("Under {design}, {given}, {what} at {at}: {message}.")
    }

    /// The scenario's file, which says what it shows and expects just that.
    pub fn file(&self, about: &str) -> String {
        let violations: Vec<&str> = self.shown.violations.iter().copied().collect();
        self.candidate.file(about, self.shown.outcome.name(), &violations)
    }
}
