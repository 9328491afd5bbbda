//! Exploration reaches what it is meant to reach, and what it finds is found again.
//!
//! Oracles that are silent over worlds in which nothing happens say nothing. So ten thousand swarm worlds are counted: every fault of the
//! catalogue must have befallen something, every mark must have been passed. They are run by the release binary, which
//! `cargo build --release` has made before, as in the README's test command.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// Ten thousand worlds in all: the first two scenarios under the three designs, finished plans that are cleared, a minor upgrade, and a Service
/// that becomes a load balancer.
const CAMPAIGNS: [(&[&str], u64); 7] = [
    (&["--design", "halt-signal"], 2500),
    (&["--design", "bootstrap"], 2500),
    (&["--design", "blue-green"], 1500),
    (&["--design", "bootstrap", "--with", "status-base=refreshed"], 1500),
    (&["--design", "blue-green", "--with", "status-base=refreshed"], 1000),
    (&["--design", "blue-green", "--scenario", "scenarios/chain/new-binary-before-u-minor.yaml"], 800),
    (&["--design", "blue-green", "--scenario", "scenarios/bluegreen/load-balancer.yaml"], 200),
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn debug() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_rehearse"))
}

fn release() -> PathBuf {
    let release = debug().ancestors().nth(2).expect("a target folder").join("release").join("rehearse");
    assert!(release.exists(), "{} is missing: run cargo build --release first", release.display());
    release
}

fn explore(arguments: &[&str]) -> Command {
    let mut command = Command::new(release());
    command.arg("explore").args(arguments).arg("--json").current_dir(root());
    command
}

/// The summary of an exploration.
fn summary(command: &mut Command) -> Value {
    let output = command.output().expect("the binary runs");
    assert!(matches!(output.status.code(), Some(0 | 3)), "{}", String::from_utf8_lossy(&output.stderr));
    let lines = serde_json::Deserializer::from_slice(&output.stdout).into_iter::<Value>();
    lines.last().expect("a summary").expect("JSON")["summary"].take()
}

/// What was met in all campaigns.
#[derive(Default)]
struct Met {
    marks: BTreeSet<String>,
    befell: BTreeMap<String, u64>,
    worlds: u64,
    failures: Vec<Value>,
}

fn swarm() -> &'static Met {
    static MET: OnceLock<Met> = OnceLock::new();
    MET.get_or_init(|| {
        let mut met = Met::default();
        for (arguments, worlds) in CAMPAIGNS {
            let summary = summary(explore(arguments).args(["--seeds", &format!("0..{worlds}")]));
            let object = |field: &str| summary[field].as_object().expect("an object").clone();
            met.marks.extend(object("marks").into_iter().map(|(mark, _)| mark));
            for (fault, count) in object("faults") {
                *met.befell.entry(fault).or_default() += count["befell"].as_u64().expect("a count");
            }
            met.worlds += summary["worlds"].as_u64().expect("a count");
            met.failures.extend(summary["failed"].as_array().expect("a list").iter().cloned());
        }
        met
    })
}

fn names(command: &str, list: &str) -> Vec<Value> {
    let output = Command::new(debug()).args([command, "--json"]).output().expect("the binary runs");
    let listed: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    listed[list].as_array().expect("a list").clone()
}

#[test]
fn ten_thousand_swarm_worlds_do_not_fail_the_testbed() {
    assert_eq!((swarm().worlds, &swarm().failures), (10_000, &Vec::new()));
}

#[test]
fn every_fault_of_the_catalogue_befalls_something_in_ten_thousand_swarm_worlds() {
    let offered = names("faults", "faults").into_iter().map(|fault| {
        let part = |field: &str| fault[field].as_str().expect("text").to_owned();
        format!("{}/{}", part("group"), part("name"))
    });
    let idle: Vec<_> = offered.filter(|id| swarm().befell.get(id).is_none_or(|count| *count == 0)).collect();
    assert!(idle.is_empty(), "{idle:?} never befell anything");
}

#[test]
fn every_mark_is_passed_in_ten_thousand_swarm_worlds() {
    let marks: Vec<_> = names("marks", "marks").iter().map(|mark| mark["name"].as_str().expect("text").to_owned()).collect();
    let missed: Vec<_> = marks.iter().filter(|mark| !swarm().marks.contains(*mark)).collect();
    assert!(missed.is_empty(), "nothing ever came to {missed:?}");
    assert!(marks.len() >= 40, "fewer marks than a good exploration needs");
}

#[test]
fn two_thousand_swarm_worlds_have_the_same_histories_on_one_thread_and_on_two() {
    let on = |jobs| summary(explore(&["--design", "bootstrap"]).args(["--seeds", "0..2000", "--jobs", jobs]));
    let (one, two) = (on("1"), on("2"));
    for field in ["worlds", "outcomes", "oracles", "excused", "faults", "marks", "histories"] {
        assert_eq!(one[field], two[field], "{field}");
    }
}

#[test]
fn every_case_of_a_corpus_replays_to_its_hash_in_both_builds() {
    let folder = tempfile::tempdir().expect("a folder");
    for design in ["halt-signal", "bootstrap", "blue-green"] {
        summary(explore(&["--design", design, "--seeds", "0..15"]).arg("--out").arg(folder.path().join(design)));
        let entries =
            std::fs::read_dir(folder.path().join(design).join("corpus")).expect("a folder").map(|entry| entry.expect("an entry").path());
        let cases: Vec<_> = entries.filter(|path| path.extension().is_some_and(|extension| extension == "yaml")).collect();
        assert!(cases.len() > 10, "violations of several shapes");
        for (case, binary) in cases.iter().flat_map(|case| [(case, debug().to_owned()), (case, release())]) {
            let output = Command::new(binary).args(["replay", "--json"]).arg(case).output().expect("the binary runs");
            assert!(output.status.success(), "{}: {}", case.display(), String::from_utf8_lossy(&output.stderr));
        }
    }
}
