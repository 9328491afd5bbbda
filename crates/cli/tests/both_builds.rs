//! The debug and the release build of `rehearse` find the same histories, and the committed ones.
//!
//! The release binary is the one that `cargo build --release` made before, as in the README's test command.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn collect(folder: &Path, files: &mut BTreeSet<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a readable folder") {
        let path = entry.expect("a readable entry").path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "yaml") {
            files.insert(path);
        }
    }
}

/// The history hashes of every run of every scenario, in order.
fn history_hashes(binary: &Path, seed: &str) -> Vec<String> {
    let mut files = BTreeSet::new();
    collect(&root().join("scenarios"), &mut files);
    let mut command = Command::new(binary);
    let output = command.arg("run").args(&files).args(["--seed", seed, "--json"]).output().expect("the binary runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let worlds = serde_json::Deserializer::from_slice(&output.stdout).into_iter::<serde_json::Value>();
    worlds.map(|world| world.expect("JSON")["history_hash"].as_str().expect("a hash").to_owned()).collect()
}

#[test]
fn every_scenario_has_the_committed_hashes_in_a_debug_and_in_a_release_build() {
    let debug = Path::new(env!("CARGO_BIN_EXE_rehearse"));
    let release = debug.ancestors().nth(2).expect("a target folder").join("release").join("rehearse");
    assert!(release.exists(), "{} is missing: run cargo build --release first", release.display());
    let committed = std::fs::read_to_string(root().join("snapshots/history-hashes.snap")).expect("committed hashes");
    for seed in ["1", "2"] {
        let is_of_seed = |line: &&str| line.ends_with(&format!("--seed-{seed}"));
        let committed: Vec<&str> = committed.lines().filter(is_of_seed).filter_map(|line| line.split("  ").next()).collect();
        let found = history_hashes(debug, seed);
        assert_eq!(found, history_hashes(&release, seed), "the two builds differ for seed {seed}");
        assert_eq!(found, committed, "histories differ from the committed ones for seed {seed}");
        assert!(found.len() >= 6, "there are scenarios");
    }
}
