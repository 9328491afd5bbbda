//! `rehearse shrink`: the least that still shows a violation, ready to be run again; and what it refuses.

use super::common::{folder, run, text};
use serde_json::Value;

const PLANNED: [&str; 7] = ["shrink", "--scenario", "scenarios/hardfork/planned-upgrade.yaml", "--design", "bootstrap", "--seed", "33"];

#[test]
fn every_case_of_a_corpus_shrinks_to_a_scenario_that_meets_its_expectation() {
    let folder = folder("shrink-corpus");
    text(&run(&["explore", "--design", "blue-green", "--seeds", "0..6", "--out", folder.to_str().expect("text")]));
    let cases = std::fs::read_dir(folder.join("corpus")).expect("a corpus").map(|entry| entry.expect("an entry").path());
    let mut shrunk = 0;
    for case in cases.filter(|path| path.extension().is_some_and(|extension| extension == "yaml")) {
        let scenario = text(&run(&["shrink", case.to_str().expect("text")]));
        let file = folder.join("least.yaml");
        std::fs::write(&file, scenario).expect("a writable folder");
        text(&run(&["run", file.to_str().expect("text")]));
        shrunk += 1;
    }
    assert!(shrunk > 3, "violations of several shapes");
}

#[test]
fn what_is_left_is_told_as_data_too() {
    let told: Value =
        serde_json::from_str(&text(&run(&[&PLANNED[..], &["--profile", "swarm", "--oracle", "lost-update", "--json"]].concat())))
            .expect("JSON");
    assert_eq!(told["oracle"], "lost-update");
    let faults = told["faults"].as_array().expect("a list");
    assert!((1..=3).contains(&faults.len()), "a change of a person's is needed: {faults:?}");
    assert!(told["sentence"].as_str().is_some_and(|sentence| sentence.contains("lost-update is violated")));
    assert!(told["worlds"].as_u64().is_some_and(|worlds| worlds > 2));
}

#[test]
fn an_oracle_that_does_not_exist_or_is_not_violated_is_refused() {
    for (arguments, expected) in [
        (["--profile", "none", "--oracle", "no-such"], "there is no oracle \"no-such\""),
        (["--profile", "none", "--oracle", "foreign-object"], "does not violate foreign-object"),
    ] {
        let output = run(&[&PLANNED[..], &arguments].concat());
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{told}");
        assert!(output.stdout.is_empty() && told.contains(expected), "{told}");
    }
}
