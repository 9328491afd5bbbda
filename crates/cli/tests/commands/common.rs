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

/// A catalogue of two scenarios: what a command is to show does not hang on how many there are.
pub fn small_catalogue(name: &str) -> String {
    let folder = folder(name);
    for scenario in ["hardfork/planned-upgrade", "bluegreen/image-change"] {
        let file = folder.join(format!("scenarios/{scenario}.yaml"));
        std::fs::create_dir_all(file.parent().expect("a folder")).expect("a writable folder");
        let source = format!("{}/../../scenarios/{scenario}.yaml", env!("CARGO_MANIFEST_DIR"));
        std::fs::copy(source, file).expect("a scenario");
    }
    folder.join("scenarios").to_str().expect("text").to_owned()
}
