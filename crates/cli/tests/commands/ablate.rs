//! `rehearse ablate`: what each remedy is needed for, its forms, and what is refused.

use super::common::{run, small_catalogue};
use serde_json::Value;

fn remedy<'a>(report: &'a Value, decision: &str) -> &'a Value {
    let found = report["remedies"].as_array().expect("a list").iter().find(|remedy| remedy["decision"] == decision);
    found.unwrap_or_else(|| panic!("{decision}"))
}

#[test]
fn a_remedy_is_necessary_in_a_world_that_breaks_a_law_without_it_and_keeps_it_with_it_and_threads_change_nothing() {
    let catalogue = small_catalogue("ablate-json");
    let arguments = ["ablate", "--budget", "1", "--scenarios", &catalogue, "--json"];
    let output = run(&[&arguments[..], &["--jobs", "1"]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!((&report["version"], &report["design"]), (&1.into(), &"rehearsed".into()));
    let plan = remedy(&report, "hard-fork");
    assert_eq!((&plan["value"], &plan["faithful"]), (&"bootstrap".into(), &"halt-signal".into()));
    let shown = &plan["shown"];
    assert_eq!((&shown["scenario"], &shown["profile"]), (&"hardfork/planned-upgrade".into(), &"none".into()), "no fault is needed: {plan}");
    for (design, breaks) in [("rehearsed", false), ("rehearsed,hard-fork=halt-signal", true)] {
        let (preset, with) = design.split_once(',').unwrap_or((design, "hard-fork=bootstrap"));
        let seed = shown["seed"].to_string();
        let file = format!("{catalogue}/hardfork/planned-upgrade.yaml");
        let world = ["replay", "--scenario", &file, "--design", preset, "--with", with, "--seed", &seed, "--profile", "none", "--json"];
        let world: Value = serde_json::from_slice(&run(&world).stdout).expect("JSON");
        let violations = world["violations"].as_array().expect("a list");
        assert_eq!(violations.iter().any(|violation| violation["oracle"] == shown["oracle"]), breaks, "{design}");
    }
    let again = run(&[&arguments[..], &["--jobs", "3"]].concat());
    assert_eq!(output.stdout, again.stdout);
}

#[test]
fn what_no_world_shows_is_told_as_not_shown_and_not_as_unnecessary() {
    let catalogue = small_catalogue("ablate-text");
    let arguments = ["ablate", "rehearsed,hard-fork=halt-signal", "--budget", "0", "--scenarios", &catalogue];
    let told = String::from_utf8(run(&arguments).stdout).expect("text");
    assert!(told.contains("namesake = waited-for, not taken-over\n    not shown necessary in "), "{told}");
    assert!(!told.contains("hard-fork = "), "the operator's own value is no remedy: {told}");
    let told = String::from_utf8(run(&[&arguments[..], &["--markdown"]].concat()).stdout).expect("text");
    assert!(
        told.starts_with(
            "| remedy | instead of | without it | in the world |\n|---|---|---|---|\n| `without-s3=state-synced` | `injected` | "
        ),
        "{told}"
    );
}

#[test]
fn designs_folders_budgets_and_forms_that_cannot_be_are_refused() {
    for (arguments, expected) in [
        (["purple", "--budget", "1"], "--design: there is no design \"purple\""),
        (["--scenarios", "no-such-folder", "--json"], "no-such-folder: "),
        (["--budget", "many", "--json"], "invalid value 'many' for '--budget <SEEDS>'"),
        (["--json", "--markdown", "--seed=0"], "--markdown and --json are two forms of one report"),
    ] {
        let output = run(&[&["ablate"], &arguments[..]].concat());
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.stdout.is_empty() && told.contains(expected), "{arguments:?}: {told}");
    }
}
