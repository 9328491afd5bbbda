//! What holds each claim and each failure mode of the design document in sight: its scenarios, the laws beside its own judge, a mark that these
//! scenarios reach, and what the museum shows that is seen by either. `docs/traceability.md` is drawn here from runs, and a hole fails.
//!
//! A claim is judged by itself (crate `claims`); the laws named here are those that see the same thing in worlds where nobody asks for claims.

use claims::Verdict;
use explore::Stage;
use faults::{Profile, Schedule};
use museum::{Exhibit, Shown, all};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use testbed::Settled;
use testbed::history::History;
use testbed::marks::Mark;
use testbed::scenario::{self, Scenario};
use testbed::world::Polls;

/// A claim, the laws that see what it denies, and the mark of the situation that tries it.
const WATCHED: &[(&str, &[&str], Mark)] = &[
    ("C01", &["not-converged"], Mark::PlanCompleted),
    ("C02", &["entrant-misconfigured"], Mark::BootstrapCompleted),
    ("C03", &["entrant-misconfigured"], Mark::SecondPlan),
    ("C04", &["entrant-misconfigured"], Mark::SelectorSwitched),
    ("C05", &["leftover", "replica-count"], Mark::SelectorSwitched),
    ("C06", &["bootstrap-overshoot"], Mark::BootstrapCompleted),
    ("C07", &["leftover", "data-dir-shared"], Mark::BootstrapCompleted),
    ("C08", &["lineage-diverged", "old-binary-past-halt"], Mark::UpgradeApplied),
    ("C09", &["data-dir-shared"], Mark::BootstrapCompleted),
    ("C10", &["running-lies"], Mark::UpgradeApplied),
    ("C11", &["new-binary-before-halt", "no-endpoint"], Mark::SelectorSwitched),
    ("C12", &["incumbent-deleted-early"], Mark::SelectorSwitched),
    ("C13", &["stale-serving"], Mark::SelectorSwitched),
    ("C14", &["stale-serving"], Mark::SelectorSwitched),
    ("C15", &["no-endpoint", "selector-matches-nothing"], Mark::SelectorSwitched),
    ("C16", &["no-endpoint", "selector-matches-nothing"], Mark::SelectorSwitched),
    ("C17", &["incumbent-deleted-early"], Mark::HaltOvershot),
    ("C18", &["failure-hidden"], Mark::BootstrapFailed),
    ("C19", &["not-converged"], Mark::SecondPlan),
    ("C20", &["running-lies", "ready-lies"], Mark::StuckAlive),
    ("C21", &["not-converged"], Mark::BootstrapWaited),
    ("C22", &["failure-hidden"], Mark::PeersNotFound),
    ("C23", &["not-converged", "stale-serving"], Mark::OldBinaryPanicked),
    ("C24", &["not-converged"], Mark::UpgradeApplied),
    ("C25", &["not-converged"], Mark::NewBinaryTooEarly),
    ("C26", &["replica-count", "leftover"], Mark::SelectorSwitched),
    ("C27", &["not-converged"], Mark::BootstrapCompleted),
    ("C28", &["not-converged"], Mark::PlanFailed),
];

/// Claims that no broken operator has been found for, with why.
const WITHOUT_EXHIBIT: &[(&str, &str)] =
    &[("C09", "none: the cluster keeps a second pod from a volume that is attached elsewhere, whatever the operator asks for")];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The scenarios of each claim, by the catalogue's table.
fn catalogue() -> BTreeMap<String, Vec<String>> {
    let text = std::fs::read_to_string(root().join("docs/scenarios.md")).expect("a readable document");
    let table = text.split_once("\n## The catalogue\n").expect("the catalogue's chapter").1;
    let mut scenarios: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for line in table.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<_> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [name, _, claims] = cells[..] else { panic!("expected three cells in {line}") };
        for claim in claims.split(", ").filter(|claim| *claim != "–") {
            scenarios.entry(claim.to_owned()).or_default().push(name.trim_matches('`').to_owned());
        }
    }
    scenarios
}

fn scenario(name: &str) -> Scenario {
    let file = root().join("scenarios").join(name).with_extension("yaml");
    let bytes = std::fs::read(&file).expect("a readable scenario");
    scenario::read(&file, &bytes).unwrap_or_else(|problems| panic!("{problems}"))
}

/// The marks that a scenario's runs reach.
fn reached(scenario: &Scenario) -> BTreeSet<Mark> {
    let mut marks = BTreeSet::new();
    for run in &scenario.runs {
        let settled = Settled::new(scenario, &run.design, Polls::Elided).expect("it settles");
        for seed in &run.seeds {
            let result = settled.run_under(*seed, &scenario.schedule, History::default()).expect("the testbed does not fail");
            marks.extend(result.marks.iter());
        }
    }
    marks
}

/// The claims that only the variant refutes, of the two worlds in which an exhibit is shown.
fn refuted(exhibit: &Exhibit) -> BTreeSet<&'static str> {
    let base = exhibit.base.stage(Profile::Swarm).expect("the base settles");
    let (seed, schedule) = match exhibit.shown {
        Shown::FaultFree(seed) => (seed, base.scenario.schedule.clone()),
        Shown::Swarm(seed) => (seed, base.schedule(seed)),
        Shown::TwoFaults(_) => return BTreeSet::new(),
    };
    let refuted = |stage: &Stage, schedule: &Schedule| -> BTreeSet<&'static str> {
        let result = stage.settled.judged_under(seed, schedule, History::default()).expect("the testbed does not fail");
        result.claims.into_iter().filter(|(_, verdict)| matches!(verdict, Verdict::Refuted(_))).map(|(claim, _)| claim).collect()
    };
    let variant = exhibit.stage(Profile::Swarm).expect("the variant settles");
    refuted(&variant, &schedule).difference(&refuted(&base, &schedule)).copied().collect()
}

/// What was run.
struct Runs {
    scenarios: BTreeMap<String, Vec<String>>,
    /// By scenario.
    marks: BTreeMap<String, BTreeSet<Mark>>,
    exhibits: Vec<(Exhibit, BTreeSet<&'static str>)>,
}

impl Runs {
    fn all() -> Self {
        let scenarios = catalogue();
        let names: BTreeSet<String> = scenarios.values().flatten().cloned().collect();
        let marks = names.into_par_iter().map(|name| (name.clone(), reached(&scenario(&name)))).collect();
        let exhibits = all().into_par_iter().map(|exhibit| (exhibit, refuted(&exhibit))).collect();
        Self { scenarios, marks, exhibits }
    }

    fn scenarios(&self, claim: &str) -> &[String] {
        self.scenarios.get(claim).map_or(&[], Vec::as_slice)
    }

    /// The scenario in which a claim's mark is reached.
    fn reaches(&self, claim: &str, mark: Mark) -> Option<&String> {
        self.scenarios(claim).iter().find(|name| self.marks[*name].contains(&mark))
    }

    /// The exhibits that a claim sees, and those that only its laws see.
    fn seen(&self, claim: &str, laws: &[&str]) -> (Vec<&'static str>, Vec<&'static str>) {
        let by_claim = self.exhibits.iter().filter(|(_, refuted)| refuted.contains(claim));
        let by_law = self.exhibits.iter().filter(|(exhibit, refuted)| laws.contains(&exhibit.oracle) && !refuted.contains(claim));
        (by_claim.map(|(exhibit, _)| exhibit.name).collect(), by_law.map(|(exhibit, _)| exhibit.name).collect())
    }

    /// What a claim lacks.
    fn holes(&self, claim: &str, laws: &[&str], mark: Mark) -> Vec<String> {
        let own = self.scenarios(claim);
        let mut holes = Vec::new();
        if own.is_empty() {
            holes.push(format!("{claim}: no scenario"));
        }
        if self.reaches(claim, mark).is_none() {
            let others: BTreeSet<_> = own.iter().flat_map(|name| &self.marks[name]).map(|mark| mark.name()).collect();
            holes.push(format!("{claim}: its scenarios do not reach {}, but {others:?}", mark.name()));
        }
        let unseen = self.seen(claim, laws) == (Vec::new(), Vec::new());
        if unseen != without_exhibit(claim).is_some() {
            holes.push(format!("{claim}: no exhibit is seen, or one is and it is listed as without"));
        }
        for law in laws.iter().filter(|law| !oracles::LAWS.iter().any(|known| known.id == **law)) {
            holes.push(format!("{claim}: there is no law {law}"));
        }
        holes
    }

    fn row(&self, claim: &str, laws: &[&str], mark: Mark) -> String {
        let own: Vec<&str> = self.scenarios(claim).iter().map(String::as_str).collect();
        let (by_claim, by_law) = self.seen(claim, laws);
        let seen = match (&by_claim[..], &by_law[..]) {
            ([], []) => without_exhibit(claim).unwrap_or_default().to_owned(),
            ([], laws) => format!("by its laws: {}", code(laws)),
            (own, []) => code(own),
            (own, laws) => format!("{}; by its laws: {}", code(own), code(laws)),
        };
        let reaches = self.reaches(claim, mark).map_or("", String::as_str);
        format!("| {claim} | {} | {} | `{}`: `{reaches}` | {seen} |\n", code(&own), code(laws), mark.name())
    }
}

fn without_exhibit(claim: &str) -> Option<&'static str> {
    WITHOUT_EXHIBIT.iter().find(|(of, _)| *of == claim).map(|(_, why)| *why)
}

fn code(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

#[test]
fn every_claim_has_a_scenario_an_oracle_a_mark_that_is_reached_and_an_exhibit_that_is_seen_and_the_document_says_which() {
    let runs = Runs::all();
    let listed: Vec<&str> = WATCHED.iter().map(|(claim, ..)| *claim).collect();
    assert_eq!(listed, claims::CLAIMS.iter().map(|claim| claim.id).collect::<Vec<_>>());
    let holes: Vec<String> = WATCHED.iter().flat_map(|(claim, laws, mark)| runs.holes(claim, laws, *mark)).collect();
    assert!(holes.is_empty(), "{holes:#?}");
    let rows: String = WATCHED.iter().map(|(claim, laws, mark)| runs.row(claim, laws, *mark)).collect();
    let head = "| claim | scenarios | laws beside its judge | mark, and where it is reached | exhibits seen |\n|---|---|---|---|---|\n";
    let table = format!("{head}{rows}");
    let file = root().join("docs/traceability.md");
    let document = std::fs::read_to_string(file).expect("docs/traceability.md");
    if !document.ends_with(&table) {
        let drawn = Path::new(env!("CARGO_TARGET_TMPDIR")).join("traceability-table.md");
        std::fs::write(&drawn, table).expect("the table can be written");
        panic!("docs/traceability.md does not end with the table as it is now; that is in {}", drawn.display());
    }
}
