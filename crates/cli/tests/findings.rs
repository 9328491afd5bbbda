//! Every finding still shows what its page says, and what prevents it still does.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The pages of the findings, by name, with their text.
fn pages() -> Vec<(String, String)> {
    let folder = root().join("docs/findings");
    let mut pages: Vec<_> = std::fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.file_name().is_some_and(|name| name != "README.md"))
        .map(|path| (path.file_name().expect("a file").to_string_lossy().into_owned(), std::fs::read_to_string(&path).expect("a page")))
        .collect();
    pages.sort();
    pages
}

fn run(command: &str) -> Output {
    let arguments = command.trim().strip_prefix("$ rehearse ").unwrap_or_else(|| panic!("no command of rehearse: {command}"));
    Command::new(env!("CARGO_BIN_EXE_rehearse")).args(arguments.split_whitespace()).current_dir(root()).output().expect("it runs")
}

fn commands(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|line| line.starts_with("    $ "))
}

/// The law that a page is about.
fn law(page: &str) -> &str {
    page.lines().find_map(|line| line.strip_prefix("| `")?.split('`').next()).expect("a page names its law")
}

#[test]
fn every_finding_shows_its_violation_and_not_with_what_prevents_it() {
    let pages = pages();
    assert!(pages.len() >= 15);
    for (name, page) in &pages {
        let (shown, prevented) = page.split_once("## What prevents it").unwrap_or_else(|| panic!("{name}: what prevents it?"));
        let violation = shown.lines().find(|line| line.contains("  !! ")).unwrap_or_else(|| panic!("{name}: no violation is shown")).trim();
        assert!(violation.contains(&format!("!! {}", law(page))), "{name}: {violation}");
        let command = commands(shown).next().unwrap_or_else(|| panic!("{name}: no command"));
        let output = run(command);
        let story = String::from_utf8(output.stdout).expect("text");
        assert_eq!(output.status.code(), Some(0), "{name}: {command}: {}", String::from_utf8_lossy(&output.stderr));
        assert!(story.lines().any(|line| line == violation), "{name}: {command} no longer shows {violation}");
        for command in commands(prevented) {
            let story = String::from_utf8(run(command).stdout).expect("text");
            assert!(story.contains("outcome: "), "{name}: {command}");
            assert!(!story.contains(&format!("!! {}", law(page))), "{name}: {command} violates it all the same");
        }
    }
}

#[test]
fn the_table_of_findings_names_every_page() {
    let table = std::fs::read_to_string(root().join("docs/findings/README.md")).expect("a table");
    for (name, page) in pages() {
        let title = page.lines().next().and_then(|line| line.strip_prefix("# ")).expect("a title");
        assert!(table.contains(&format!("({name})")) && table.contains(title), "{name}");
    }
}
