//! What is left of a world shows its violation, alone and under any name, and nothing of it can be left out.

use faults::Schedule;
use planner::Design;
use shrink::{Candidate, Shrunk, Trial, Wanted, shrink};
use std::path::Path;
use std::sync::LazyLock;
use testbed::history::History;
use testbed::scenario::{self, Scenario};
use testbed::world::Polls;
use testbed::{Settled, WorldResult};

const EARLY: Wanted<'_> = Wanted::Violation("new-binary-before-halt");

/// The planned upgrade, and a person who does more than is needed.
fn planned_upgrade() -> (Scenario, String) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios/hardfork/planned-upgrade.yaml");
    let text = std::fs::read_to_string(&file).expect("a scenario");
    let needless = "runs:\n  - design: bootstrap\n";
    let (above, _) = text.split_once("runs:").expect("a scenario has runs");
    let text = format!("{above}  - at: 100min\n    patch: {{spec: {{replicas: 3}}}}\n\n{needless}");
    let scenario = scenario::read(&file, text.as_bytes()).unwrap_or_else(|problems| panic!("{problems}"));
    (scenario, text)
}

/// One fault by which bootstraps end before their target, in the midst of others.
fn schedule() -> Schedule {
    let faults = [
        r#"{"when": {"at": "11min"}, "what": {"controller": "crash"}}"#,
        r#"{"when": {"at": "3min"}, "what": {"cluster": {"slow-attach": {"by": "40s", "lasts": "1h"}}}}"#,
        r#"{"when": {"at": "77s"}, "what": {"premature-halt": {"halt-slips": {"slip": "one-early", "lasts": "4h"}}}}"#,
        r#"{"when": {"call": {"verb": "create", "kind": "SeiNode"}}, "what": {"api-server": {"timeout": {"calls": 1}}}}"#,
        r#"{"when": {"at": "12min"}, "what": {"sidecar": {"restarts": {"node": "pacific-1-rpc-0"}}}}"#,
    ];
    Schedule(faults.iter().map(|fault| serde_json::from_str(fault).expect(fault)).collect())
}

static SHRUNK: LazyLock<Shrunk> = LazyLock::new(|| {
    let (scenario, text) = planned_upgrade();
    let design = Design::preset("bootstrap").expect("a preset");
    let candidate = Candidate::new(&scenario, &text, &design, 1, &schedule()).expect("it is YAML");
    shrink(&candidate, EARLY).expect("it shows the violation")
});

#[test]
fn of_five_faults_the_one_that_matters_is_left_with_the_one_action_and_one_replica() {
    let shrunk = &*SHRUNK;
    let ids: Vec<_> = shrunk.faults().iter().map(|fault| fault.what.id()).collect();
    assert_eq!(ids, ["premature-halt/halt-slips"]);
    assert_eq!(shrunk.candidate.list("timeline").len(), 1);
    assert_eq!(shrunk.candidate.replicas(), Some(1));
    let sentence = shrunk.sentence(EARLY, "bootstrap");
    assert!(
        sentence.starts_with("Under bootstrap, given that 0s after the start, seid halts one block early, ")
            && sentence.contains("new-binary-before-halt is violated"),
        "{sentence}"
    );
    assert_eq!(sentence.matches(". ").count(), 0, "one sentence");
}

#[test]
fn nothing_of_what_is_left_can_be_left_out() {
    let shrunk = &*SHRUNK;
    let mut trial = Trial::new(EARLY);
    assert_eq!(trial.shows(&shrunk.candidate).as_ref(), Some(&shrunk.shown));
    for field in ["faults", "timeline"] {
        let list = shrunk.candidate.list(field);
        for at in 0..list.len() {
            let mut less = list.to_vec();
            less.remove(at);
            assert_eq!(trial.shows(&shrunk.candidate.with_list(field, less)), None, "{field}[{at}]");
        }
    }
}

#[test]
fn the_printed_file_is_a_scenario_that_shows_the_same_under_any_name_and_expects_it() {
    let shrunk = &*SHRUNK;
    let written = shrunk.file("what is left");
    let runs: Vec<WorldResult> = ["a/name.yaml", "another.yaml"]
        .iter()
        .map(|name| {
            let scenario = scenario::read(Path::new(name), written.as_bytes()).unwrap_or_else(|problems| panic!("{problems}"));
            let run = &scenario.runs[0];
            let settled = Settled::new(&scenario, &run.design, Polls::Elided).expect("it settles");
            let result = settled.run(run.seeds[0], History::default()).expect("the testbed does not fail");
            assert_eq!(result.differs_from(&run.expect), [""; 0], "{name}");
            result
        })
        .collect();
    assert_eq!(runs[0].history_hash, runs[1].history_hash);
    assert_eq!(runs[0].history_hash, shrunk.shown.history_hash);
}

#[test]
fn a_world_that_does_not_violate_the_oracle_is_not_shrunk() {
    let (scenario, text) = planned_upgrade();
    let design = Design::preset("bootstrap").expect("a preset");
    let candidate = Candidate::new(&scenario, &text, &design, 1, &Schedule::default()).expect("it is YAML");
    assert!(shrink(&candidate, EARLY).is_none());
}
