//! Bad input of every sort: exit code 2, a message that names the file and, as far as they exist, line and field; never a panic.

use std::path::PathBuf;
use std::process::{Command, Output};

fn rehearse(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_rehearse")).args(arguments).output().expect("the command runs")
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Writes a file of this test's own and checks it.
fn check(name: &str, bytes: &[u8]) -> (Option<i32>, String) {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, bytes).expect("a writable folder");
    let mut worst = None;
    let mut told = String::new();
    for verb in ["check", "run"] {
        let output = rehearse(&[verb, path.to_str().expect("a path of text")]);
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!text.contains("panicked"), "{verb} {name}: {text}");
        assert!(text.contains(name), "{verb} names the file {name}: {text}");
        worst = worst.max(output.status.code());
        assert_eq!(output.status.code(), Some(2), "{verb} {name}: {text}");
        if verb == "check" {
            told = text;
        }
    }
    (worst, told)
}

fn scenario() -> String {
    std::fs::read_to_string(root().join("scenarios/hardfork/planned-upgrade.yaml")).expect("a readable scenario")
}

fn line_of(text: &str, word: &str) -> usize {
    text.lines().position(|line| line.contains(word)).expect("the word is there") + 1
}

/// Replaces a word of the planned upgrade and expects the file's line and the field in the message.
fn refused(name: &str, word: &str, by: &str, field: &str) {
    let text = scenario();
    assert!(text.contains(word), "{word}");
    let bad = text.replacen(word, by, 1);
    let (_, told) = check(name, bad.as_bytes());
    let line = line_of(&bad, by.lines().next().expect("a line"));
    assert!(told.contains(&format!(":{line}:")), "{name} names line {line}: {told}");
    assert!(told.contains(field), "{name} names {field}: {told}");
}

#[test]
fn a_misspelt_field_at_any_depth_is_named() {
    refused("misspelt-top.yaml", "timeline:", "timelime:", "timelime");
    refused("misspelt-chain.yaml", "blockTime: 400ms", "blockTimes: 400ms", "blockTimes");
    refused("misspelt-manifest.yaml", "replicas: 2", "replica: 2", "replica");
    refused("misspelt-deep.yaml", "targetHeight:", "targetHieght:", "targetHieght");
    refused("misspelt-patch.yaml", "haltHeight:", "haltHieght:", "haltHieght");
}

#[test]
fn a_wrong_type_is_named() {
    refused("wrong-type.yaml", "replicas: 2", "replicas: two", "replicas");
    refused("wrong-duration.yaml", "at: 10min", "at: 10 minutes", "at");
    refused("wrong-design.yaml", "design: halt-signal", "design: halt", "design");
}

#[test]
fn a_missing_mode_is_named() {
    let text = scenario();
    let from = text.find("        fullNode:").expect("a mode");
    let to = text.find("    networking:").expect("what follows");
    let (_, told) = check("missing-mode.yaml", format!("{}{}", &text[..from], &text[to..]).as_bytes());
    assert!(told.contains("exactly one of fullNode, archive, replayer, or validator must be set"), "{told}");
}

#[test]
fn a_hard_fork_at_height_0_is_refused() {
    let manifest = "apiVersion: sei.io/v1alpha1\nkind: SeiNodeDeployment\nmetadata:\n  name: rpc\nspec:\n  replicas: 1\n  template:\n    spec:\n      chainId: c\n      image: i\n      fullNode: {}\n  updateStrategy:\n    type: HardFork\n    hardFork:\n      haltHeight: 0\n";
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("halt-height-0.yaml");
    std::fs::write(&path, manifest).expect("a writable folder");
    let output = rehearse(&["check", path.to_str().expect("a path of text")]);
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(told.contains("haltHeight") && told.contains(":15:"), "{told}");
}

#[test]
fn empty_files_noise_and_nesting_are_refused_without_a_panic() {
    check("empty.yaml", b"");
    let noise: Vec<u8> = (0..10_000_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    check("noise.yaml", &noise);
    check("letters.yaml", "a".repeat(10_000_000).as_bytes());
    check("brackets.yaml", "[".repeat(20_000).as_bytes());
    check("braces.yaml", "{a: ".repeat(20_000).as_bytes());
    check("not-a-scenario.yaml", b"- 1\n- 2\n");
}

#[test]
fn files_and_flags_that_do_not_exist_are_usage_errors() {
    for arguments in [
        &["run", "no-such-file.yaml"][..],
        &["check", "no-such-file.yaml"],
        &["run"],
        &["fly"],
        &["run", "scenarios", "--seed", "-1"],
        &["run", "scenarios", "--with", "status-base=refreshed"],
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_rehearse")).args(arguments).current_dir(root()).output().expect("the command runs");
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
    let planned = "scenarios/hardfork/planned-upgrade.yaml";
    for arguments in [
        &["run", planned, "--design", "nothing"][..],
        &["run", planned, "--design", "bootstrap", "--with", "status-base=sometimes"],
        &["run", planned, "--design", "bootstrap", "--with", "nothing"],
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_rehearse")).args(arguments).current_dir(root()).output().expect("the command runs");
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn an_upgrade_table_of_nothing_is_refused_with_what_was_expected() {
    let without = "scenarios/chain/running-pod-restarts.yaml";
    for (arguments, expected) in [
        (&["--scenario", "no-such-file.yaml"][..], "no-such-file.yaml"),
        (&["--scenario", without], "running-pod-restarts.yaml: the chain has no upgrade that takes effect and no code fork"),
        (&["--old", "sei:v1"], "--old: there is no binary \"sei:v1\"; expected one of sei:v6.3.0, sei:v6.4.0"),
        (&["--scenario", without, "--new", "sei:v1"], "--new: there is no binary \"sei:v1\""),
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rehearse"));
        let output = command.arg("upgrade-table").args(arguments).current_dir(root()).output().expect("the command runs");
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {told}");
        assert!(told.contains(expected), "{arguments:?}: {told}");
    }
}
