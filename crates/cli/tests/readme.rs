//! Every command in the README works, and prints what the README says it prints.

use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The commands of a page: indented lines that begin with `$ `, each with the indented lines that follow as its expected output.
fn examples(page: &str) -> Vec<(String, Vec<String>)> {
    let mut examples: Vec<(String, Vec<String>)> = Vec::new();
    let mut open = false;
    for line in page.lines() {
        match line.strip_prefix("    ") {
            Some(text) if text.starts_with("$ ") => {
                examples.push((text[2..].to_owned(), Vec::new()));
                open = true;
            }
            Some(text) if open => examples.last_mut().expect("an open example").1.push(text.to_owned()),
            _ => open = false,
        }
    }
    examples
}

/// Output lines appear in the order shown; `...` stands for any number of lines.
fn shows(output: &str, expected: &[String]) -> Result<(), String> {
    let mut lines = output.lines();
    let mut may_skip = false;
    for wanted in expected {
        if wanted.trim() == "..." {
            may_skip = true;
            continue;
        }
        let found = if may_skip { lines.by_ref().find(|line| line == wanted) } else { lines.next() };
        match found {
            Some(line) if line == wanted => may_skip = false,
            other => return Err(format!("expected {wanted:?}, got {other:?}")),
        }
    }
    if !may_skip && !expected.is_empty() && lines.next().is_some() {
        return Err("more output than shown".to_owned());
    }
    Ok(())
}

/// The binary that `cargo build --release` made before, as in the README's test command: the main job is meant for it.
fn release() -> PathBuf {
    let debug = Path::new(env!("CARGO_BIN_EXE_rehearse"));
    let release = debug.ancestors().nth(2).expect("a target folder").join("release/rehearse");
    assert!(release.exists(), "{} is missing: run cargo build --release first", release.display());
    release
}

#[test]
fn every_command_in_the_readme_prints_what_it_says() {
    let readme = std::fs::read_to_string(root().join("README.md")).expect("a readme");
    let mut tried = 0;
    for (command, expected) in examples(&readme) {
        let words: Vec<&str> = command.split_whitespace().collect();
        let (binary, arguments) = match words.as_slice() {
            ["cargo", "run", "--release", "--", arguments @ ..] => (release(), arguments),
            ["rehearse", arguments @ ..] => (PathBuf::from(env!("CARGO_BIN_EXE_rehearse")), arguments),
            _ => panic!("the README shows a command that this test cannot try: {command}"),
        };
        let output = Command::new(binary).args(arguments).current_dir(root()).output().expect("the command runs");
        let text = String::from_utf8(output.stdout).expect("text");
        assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
        if let Err(difference) = shows(&text, &expected) {
            panic!("{command}: {difference}");
        }
        tried += 1;
    }
    assert!(tried >= 5, "the README shows commands");
}
