//! `rehearse museum`: the list, the hunt as text and as data, and what is refused.

use super::common::{run, text};
use serde_json::Value;
use std::path::Path;

#[test]
fn the_list_names_every_exhibit_with_its_mutation_its_oracle_and_its_defect() {
    let listed = text(&run(&["museum", "--list"]));
    assert!(listed.contains("retries-from-memory") && listed.contains("kept in memory, to be tried again."), "{listed}");
    let list: Value = serde_json::from_str(&text(&run(&["museum", "--list", "--json"]))).expect("JSON");
    let exhibits = list["exhibits"].as_array().expect("a list");
    assert!(list["version"] == 1 && exhibits.len() >= 30, "{list}");
    for field in ["name", "mutation", "design", "scenario", "oracle", "defect"] {
        assert!(exhibits.iter().all(|exhibit| exhibit[field].as_str().is_some_and(|text| !text.is_empty())), "{field}");
    }
    let one = text(&run(&["museum", "--list", "--markdown", "--exhibit", "no-gates"]));
    assert!(one.starts_with("| exhibit |") && one.lines().count() == 3, "{one}");
}

#[test]
fn a_hunt_says_after_how_many_worlds_each_strategy_saw_an_exhibit_and_what_escapes_without_an_oracle() {
    let arguments = ["museum", "--exhibit", "never-scales-down", "--exhibit", "gone-is-an-error", "--budget", "15", "--jobs", "2"];
    let report: Value = serde_json::from_str(&text(&run(&[&arguments[..], &["--json"]].concat()))).expect("JSON");
    assert_eq!((&report["version"], &report["budget"], &report["undetected"]), (&1.into(), &15.into(), &Value::Array(vec![])));
    let first = &report["exhibits"][0];
    assert_eq!(first["name"], "never-scales-down", "the museum's order");
    assert_eq!(first["worlds_to_detection"]["sweep"], 1);
    assert!(["swarm", "guided"].iter().all(|strategy| first["worlds_to_detection"][strategy].as_u64().is_some()), "{first}");
    let told = text(&run(&arguments));
    assert!(told.contains("median") && told.contains("all 2 exhibits were detected"), "{told}");
    let escape = |line: &str| line.starts_with("not-quiet") && line.ends_with("gone-is-an-error");
    assert!(told.lines().any(escape), "{told}");
}

#[test]
fn the_planted_defect_is_detected_by_two_faults_and_told_with_both_sweeps() {
    let output = run(&["museum", "--exhibit", "retries-from-memory", "--budget", "5", "--json"]);
    let report: Value = serde_json::from_str(&text(&output)).expect("JSON");
    let pair = &report["two_faults"][0];
    assert_eq!((&pair["exhibit"], &pair["two_faults_needed"]), (&"retries-from-memory".into(), &true.into()));
    assert_eq!((&pair["variant"]["k"], &pair["variant"]["oracles"]["replica-count"]["resilience"]), (&2.into(), &2.into()));
    assert!(pair["faithful"]["oracles"]["replica-count"].is_null());
}

#[test]
fn an_exhibit_that_escapes_makes_the_exit_status_one() {
    let output = run(&["museum", "--exhibit", "restores-the-newest-snapshot", "--budget", "1"]);
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(told.contains("1 of 1 exhibits escaped: restores-the-newest-snapshot"), "{told}");
}

#[test]
fn the_museums_own_scenarios_hold_what_they_expect() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../museum/scenarios");
    let below =
        |folder: &Path| std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()).collect::<Vec<_>>();
    let files: Vec<String> = below(&folder).iter().flat_map(|group| below(group)).map(|file| file.display().to_string()).collect();
    assert!(files.len() >= 8, "{files:?}");
    let mut arguments = vec!["run"];
    arguments.extend(files.iter().map(String::as_str));
    text(&run(&arguments));
}

#[test]
fn exhibits_and_numbers_that_cannot_be_are_refused() {
    for (arguments, expected) in [
        (&["--exhibit", "mona-lisa"][..], "--exhibit: there is no exhibit \"mona-lisa\"; rehearse museum --list lists them"),
        (&["--budget", "0"], "0 is not in 1..=1000000"),
        (&["--budget", "many"], "invalid digit"),
        (&["--list", "--budget", "5"], "cannot be used with"),
        (&["--markdown"], "--list"),
        (&["--list", "--markdown", "--json"], "--markdown and --json are two forms of one report"),
        (&["--jobs", "0"], "0 is not in 1..=1024"),
    ] {
        let output = run(&[&["museum"], arguments].concat());
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {told}");
        assert!(output.stdout.is_empty() && told.contains(expected), "{arguments:?}: {told}");
    }
}
