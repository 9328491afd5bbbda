//! `rehearse verify` and `rehearse claims`: the table, its forms, and what is refused.

use super::common::{run, small_catalogue, text};
use serde_json::Value;

fn verdict<'a>(report: &'a Value, claim: &str, design: &str) -> &'a Value {
    let verdicts = report["verdicts"].as_array().expect("a list");
    let found = verdicts.iter().find(|verdict| verdict["claim"] == claim && verdict["design"] == design);
    found.unwrap_or_else(|| panic!("{claim} of {design}"))
}

#[test]
fn every_verdict_is_told_with_its_worlds_and_a_refuted_one_with_a_history_and_threads_change_nothing() {
    let catalogue = small_catalogue("verify-json");
    let arguments = ["verify", "--designs", "bootstrap,blue-green", "--budget", "40", "--scenarios", &catalogue, "--json"];
    let output = run(&[&arguments[..], &["--jobs", "1"]].concat());
    assert_eq!(output.status.code(), Some(1), "two scenarios leave claims untested, which fails");
    assert!(String::from_utf8_lossy(&output.stderr).contains("C21 is untested for bootstrap"));
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(report["version"], 1);
    assert_eq!(verdict(&report, "C01", "bootstrap")["verdict"], "holds");
    assert_eq!(verdict(&report, "C04", "blue-green")["verdict"], "holds");
    let early = verdict(&report, "C12", "bootstrap");
    assert_eq!((&early["verdict"], &early["faults"]), (&"refuted".into(), &Value::Array(Vec::new())));
    assert!(early["sentence"].as_str().is_some_and(|told| told.starts_with("Under bootstrap, without any fault, C12 is refuted at ")));
    assert!(early["worlds"].as_u64() >= early["violations"].as_u64());
    let again = run(&[&arguments[..], &["--jobs", "3"]].concat());
    assert_eq!(output.stdout, again.stdout);
}

#[test]
fn the_table_has_a_row_a_claim_and_a_column_a_design_as_text_and_as_markdown() {
    let catalogue = small_catalogue("verify-text");
    let arguments = ["verify", "--designs", "blue-green", "--budget", "0", "--scenarios", &catalogue];
    let told = String::from_utf8(run(&arguments).stdout).expect("text");
    let (table, _) = told.split_once("\n\n").expect("a table, and more below it");
    assert_eq!(table.lines().filter(|line| line.starts_with('C')).count(), 28, "{told}");
    let told = String::from_utf8(run(&[&arguments[..], &["--markdown"]].concat()).stdout).expect("text");
    assert!(told.starts_with("| | claim | blue-green |\n|---|---|---|\n| C01 | "), "{told}");
}

#[test]
fn designs_folders_and_forms_that_cannot_be_are_refused() {
    for (arguments, expected) in [
        (["--designs", "purple", "--budget", "1"], "--design: there is no design \"purple\""),
        (["--scenarios", "no-such-folder", "--budget", "1"], "no-such-folder: "),
        (["--scenarios", "docs", "--budget", "1"], "docs: there is no scenario (*.yaml) below this folder"),
        (["--json", "--markdown", "--budget", "1"], "--markdown and --json are two forms of one report"),
    ] {
        let output = run(&[&["verify"], &arguments[..]].concat());
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{told}");
        assert!(output.stdout.is_empty() && told.contains(expected), "{told}");
    }
}

#[test]
fn the_claims_are_listed_each_with_what_judges_it() {
    let told = text(&run(&["claims"]));
    assert_eq!(told.matches("\n     judged by: ").count(), 28, "{told}");
    let listed: Value = serde_json::from_str(&text(&run(&["claims", "--json"]))).expect("JSON");
    assert_eq!(listed["claims"].as_array().map(Vec::len), Some(28));
}
