//! `rehearse replay`: the same world again, as far and as closely as asked, and bad files refused.

use super::common::{folder, run, text};
use serde_json::Value;
use std::path::PathBuf;
use std::sync::LazyLock;

/// The files of a small corpus.
static CORPUS: LazyLock<Vec<PathBuf>> = LazyLock::new(|| {
    let folder = folder("replay-corpus");
    let out = folder.to_str().expect("text");
    text(&run(&["explore", "--design", "blue-green", "--seeds", "0..12", "--out", out]));
    let entries = std::fs::read_dir(folder.join("corpus")).expect("a corpus");
    let mut files: Vec<_> = entries.map(|entry| entry.expect("a readable entry").path()).collect();
    files.sort();
    assert!(files.len() > 3, "there are violations");
    files
});

const PLANNED: [&str; 9] =
    ["replay", "--scenario", "scenarios/hardfork/planned-upgrade.yaml", "--design", "bootstrap", "--seed", "1", "--profile", "none"];

#[test]
fn a_file_of_a_corpus_replays_anywhere_with_the_violation_it_tells_of() {
    let elsewhere = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("mailed.yaml");
    for file in CORPUS.iter() {
        std::fs::copy(file, &elsewhere).expect("writable");
        let written = std::fs::read_to_string(file).expect("text");
        let field = |name: &str| {
            let line = written.lines().find(|line| line.starts_with(name)).expect("the field");
            line[name.len()..].trim().trim_matches('"').to_owned()
        };
        let world: Value = serde_json::from_str(&text(&run(&["replay", elsewhere.to_str().expect("text"), "--json"]))).expect("JSON");
        assert_eq!(world["history_hash"], field("historyHash:").as_str());
        assert_eq!(world["seed"].to_string(), field("seed:"));
        let told = text(&run(&["replay", elsewhere.to_str().expect("text")]));
        assert!(told.contains(&format!("!! {}: ", field("oracle:"))), "{told}");
    }
}

#[test]
fn another_history_than_the_files_is_a_failure_of_the_testbed_that_shows_both_hashes() {
    let file = CORPUS.first().expect("a file");
    let written = std::fs::read_to_string(file).expect("text");
    let line = written.lines().find(|line| line.starts_with("historyHash: ")).expect("the field");
    let other = "0123456789abcdef0123456789abcdef";
    let changed = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("another-history.yaml");
    std::fs::write(&changed, written.replace(line, &format!("historyHash: {other}"))).expect("writable");
    let output = run(&["replay", changed.to_str().expect("text")]);
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{told}");
    let hash = line.trim_start_matches("historyHash: ").trim_matches('"');
    assert!(told.contains(other) && told.contains(hash) && told.contains("another-history.yaml"), "{told}");
}

#[test]
fn the_world_of_a_seed_is_the_one_that_run_shows() {
    let ran = text(&run(&["run", "scenarios/hardfork/planned-upgrade.yaml", "--design", "bootstrap", "--seed", "1"]));
    assert_eq!(text(&run(&PLANNED)), ran);
}

#[test]
fn until_stops_in_the_middle_and_state_shows_the_cluster_as_it_is_then() {
    let at = |until: &str| text(&run(&[&PLANNED[..], &["--until", until, "--state"]].concat()));
    let (early, late) = (at("5min"), at("12min"));
    assert!(early.contains("stopped at 00:05:00.000") && !early.contains("SeiNode pacific-1-rpc-g2-0 is created"), "{early}");
    assert!(late.contains("SeiNode pacific-1-rpc-g2-0 is created"), "{late}");
    let documents = |text: &str| text.split("---\n").skip(1).map(str::to_owned).collect::<Vec<_>>();
    let names = |text: &str| {
        let line = |document: &str, field: &str| {
            let found = document.lines().find(|line| line.trim_start().starts_with(field));
            found.map(|line| line.trim().to_owned()).unwrap_or_default()
        };
        documents(text).iter().map(|document| (line(document, "kind:"), line(document, "name:"))).collect::<Vec<_>>()
    };
    assert!(names(&early).contains(&("kind: SeiNode".to_owned(), "name: pacific-1-rpc-0".to_owned())), "{:?}", names(&early));
    let kinds: Vec<_> = names(&early).into_iter().map(|(kind, _)| kind).collect();
    assert!(kinds.is_sorted(), "{kinds:?}");
    assert!(documents(&late).len() > documents(&early).len(), "entrants are there");
    assert!(!late.contains("managedFields"));
}

#[test]
fn a_trace_tells_calls_reconciles_and_sidecars_in_order_of_time_and_changes_nothing() {
    let traced = text(&run(&[&PLANNED[..], &["--trace"]].concat()));
    for expected in [
        "call verb=Create kind=SeiNode",
        "reconcile starts controller=Group",
        "requeue=",
        "sidecar call verb=submit",
        "stored how=Created",
        "result=ok",
    ] {
        assert!(traced.contains(expected), "{expected}");
    }
    let times: Vec<&str> = traced.lines().filter_map(|line| line.split_once("  ")).map(|(at, _)| at).filter(|at| at.len() == 12).collect();
    assert!(times.len() > 1000 && times.is_sorted(), "what copies of the world try is not told: {}", times.len());
    let lines = text(&run(&[&PLANNED[..], &["--trace", "--json"]].concat()));
    let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let (world, told) = lines.split_last().expect("a world");
    assert!(told.iter().all(|line| line["at"].is_string() && line["message"].is_string()));
    let untraced: Value = serde_json::from_str(&text(&run(&[&PLANNED[..], &["--json"]].concat()))).expect("JSON");
    assert_eq!(*world, untraced);
}

#[test]
fn bad_files_and_flags_are_refused_with_file_line_and_field() {
    let written = std::fs::read_to_string(CORPUS.first().expect("a file")).expect("text");
    let place = |name: &str| PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    for (name, content, expected) in [
        ("replay-empty.yaml", String::new(), "expected a YAML document"),
        ("replay-noise.yaml", "\u{1}\u{2}{[".to_owned(), "replay-noise.yaml"),
        ("replay-scenario.yaml", "about: x\n".to_owned(), "about"),
        ("replay-version.yaml", written.replacen("version: 1", "version: 2", 1), ":1:1: version: expected 1"),
        ("replay-design.yaml", written.replacen("design: blue-green", "design: green", 1), "there is no design \"green\""),
        ("replay-oracle.yaml", written.replacen("oracle: ", "oracle: un-", 1), ":2:1: oracle: there is no oracle"),
        ("replay-within.yaml", written.replacen("replicas: 2", "replicas: two", 1), "scenarioText: within it, "),
        ("replay-profile.yaml", written.replacen("profile: swarm", "profile: calm", 1), "there is no profile \"calm\""),
    ] {
        std::fs::write(place(name), content).expect("writable");
        let output = run(&["replay", place(name).to_str().expect("text")]);
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{name}: {told}");
        assert!(told.contains(expected) && told.contains(name) && !told.contains("panicked"), "{name}: {told}");
    }
    for arguments in [
        &["replay"][..],
        &["replay", "no-such-file.yaml"],
        &["replay", "README.md", "--seed", "1"],
        &["replay", "--scenario", "scenarios/hardfork/planned-upgrade.yaml", "--design", "bootstrap"],
        &["replay", "--seed", "1"],
        &["replay", "README.md", "--until", "x"],
    ] {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn every_fault_of_the_catalogue_is_listed_with_its_group_layer_and_parameters() {
    let listed: Value = serde_json::from_str(&text(&run(&["faults", "--json"]))).expect("JSON");
    let faults = listed["faults"].as_array().expect("a list");
    assert!(faults.len() > 50 && listed["version"] == 1);
    let told = text(&run(&["faults"]));
    for fault in faults {
        let (name, about) = (fault["name"].as_str().expect("a name"), fault["about"].as_str().expect("a line"));
        assert!(told.lines().any(|line| line.trim_start().starts_with(name) && line.contains(about)), "{name}");
        assert!(["group", "layer", "parameters"].iter().all(|field| fault.get(field).is_some()), "{fault}");
    }
}
