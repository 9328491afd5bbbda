//! The operator's own sample manifests, where they lie beside the project.

use manifest::Document;
use serde_json::Value;
use std::path::PathBuf;

/// The one sample that is of an older schema.
const OUTDATED: &str = "pacific-1-state-syncer.yaml";

/// The samples by name; none where the project stands alone.
fn samples() -> Vec<(String, Vec<u8>)> {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/manifests"));
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let read = |path: PathBuf| (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(&path).unwrap());
    let mut files: Vec<_> = entries.map(|entry| read(entry.unwrap().path())).collect();
    files.sort();
    files
}

#[test]
fn every_sample_survives_reading_and_printing_without_losing_a_field() {
    for (name, bytes) in samples().into_iter().filter(|(name, _)| name != OUTDATED) {
        let documents = manifest::read(&name, &bytes).unwrap_or_else(|problems| panic!("{problems}"));
        let [document] = <[Document; 1]>::try_from(documents).expect("a sample holds one document");
        let printed = manifest::print(&document);
        let again = manifest::read("printed", printed.as_bytes()).unwrap_or_else(|problems| panic!("{problems}\n{printed}"));
        assert_eq!(again, [document], "{name}");

        let (given, _) = manifest::parse::<Value>(&name, &bytes).unwrap();
        let (kept, _) = manifest::parse::<Value>("printed", printed.as_bytes()).unwrap();
        assert_eq!(kept, manifest::with_defaults(given), "{name}");
    }
}

#[test]
fn the_outdated_sample_is_refused_naming_what_is_gone() {
    for (name, bytes) in samples().into_iter().filter(|(name, _)| name == OUTDATED) {
        let problems = manifest::read(&name, &bytes).unwrap_err();
        let told: Vec<_> = problems.list.iter().map(|problem| (problem.line, problem.field.as_str())).collect();
        assert_eq!(told, [(Some(21), "spec.genesis"), (Some(26), "spec.storage")], "{problems}");
    }
}
