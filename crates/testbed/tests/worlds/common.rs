//! The scenarios of the repository, for tests.

use std::path::{Path, PathBuf};
use testbed::scenario::{self, Run, Scenario};

/// The repository's root.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Every scenario file, sorted by path.
pub fn scenario_files() -> Vec<PathBuf> {
    let mut files = Vec::new();
    collect(&root().join("scenarios"), &mut files);
    files.sort();
    assert!(!files.is_empty(), "there are scenarios");
    files
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a readable folder") {
        let path = entry.expect("a readable entry").path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "yaml") {
            files.push(path);
        }
    }
}

/// Every scenario.
pub fn scenarios() -> Vec<Scenario> {
    (scenario_files().iter())
        .map(|file| {
            let bytes = std::fs::read(file).expect("a readable scenario");
            scenario::read(file, &bytes).unwrap_or_else(|problems| panic!("{problems}"))
        })
        .collect()
}

/// A name for a run that can stand in a file name.
pub fn run_name(scenario: &Scenario, run: &Run, seed: u64) -> String {
    let design = run.design.name.replace([',', '='], "-");
    format!("{}--{design}--seed-{seed}", scenario.name.replace('/', "--"))
}
