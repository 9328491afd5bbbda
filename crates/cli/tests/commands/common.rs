//! Running `rehearse`, and folders of the tests' own.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The command with some arguments, in the project's folder.
pub fn rehearse(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rehearse"));
    command.args(arguments).current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."));
    command
}

/// What it comes to.
pub fn run(arguments: &[&str]) -> Output {
    rehearse(arguments).output().expect("the command runs")
}

/// What it prints, if it succeeds.
pub fn text(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).expect("text")
}

/// A folder of that name that is not there yet.
pub fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    if folder.exists() {
        std::fs::remove_dir_all(&folder).expect("a folder of this test's own");
    }
    folder
}
