//! The debug and the release build of `rehearse` find the same histories, and the committed ones.
//!
//! The release binary is the one that `cargo build --release` made before, as in the README's test command.

use std::path::{Path, PathBuf};
use std::process::Command;

const HARD_FORK: &str = "scenarios/hardfork/planned-upgrade.yaml";
const BLUE_GREEN: &str = "scenarios/bluegreen/image-change.yaml";

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn history_hash(binary: &Path, arguments: &[&str]) -> String {
    let output = Command::new(binary).arg("run").args(arguments).arg("--json").current_dir(root()).output().expect("the binary runs");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    let world: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    world["history_hash"].as_str().expect("a hash").to_owned()
}

#[test]
fn a_dozen_worlds_have_the_committed_hashes_in_a_debug_and_in_a_release_build() {
    let debug = Path::new(env!("CARGO_BIN_EXE_rehearse"));
    let release = debug.ancestors().nth(2).expect("a target folder").join("release").join("rehearse");
    assert!(release.exists(), "{} is missing: run cargo build --release first", release.display());
    let committed = std::fs::read_to_string(root().join("snapshots/history-hashes.snap")).expect("committed hashes");
    let mut worlds = 0;
    for (file, design) in [(HARD_FORK, "halt-signal"), (HARD_FORK, "bootstrap"), (BLUE_GREEN, "blue-green")] {
        for base in ["status-base=once", "status-base=refreshed"] {
            for seed in ["1", "2"] {
                let arguments = [file, "--design", design, "--with", base, "--seed", seed];
                let hash = history_hash(debug, &arguments);
                assert_eq!(hash, history_hash(&release, &arguments), "{arguments:?}");
                assert!(committed.contains(&hash), "{arguments:?} has another history than was committed");
                worlds += 1;
            }
        }
    }
    assert_eq!(committed.lines().filter(|line| line.contains("--seed-")).count(), worlds, "every committed hash is checked");
}
