//! `rehearse check`: manifests and scenarios, strictly.

use super::input::{read_file, tell};
use crate::exit::{Exit, print, print_json};
use manifest::Problems;
use std::path::{Path, PathBuf};

/// Arguments of `rehearse check`.
#[derive(clap::Args)]
pub struct Arguments {
    /// Manifests (SeiNodeDeployment, SeiNode) and scenario files.
    #[arg(required = true)]
    files: Vec<PathBuf>,
}

/// Checks every file; tells of all that is wrong.
pub fn check(arguments: &Arguments, json: bool) -> Exit {
    let mut exit = Exit::Ok;
    for file in &arguments.files {
        let checked = read_file(file).and_then(|bytes| check_one(file, &bytes).map_err(|problems| tell(&problems, json)));
        match checked {
            Err(status) => exit = exit.max(status),
            Ok(what) if json => print_json(&serde_json::json!({ "version": 1, "file": file, "valid": true, "what": what })),
            Ok(what) => print(&format!("{}: valid {what}\n", file.display())),
        }
    }
    exit
}

fn check_one(path: &Path, bytes: &[u8]) -> Result<String, Problems> {
    if is_manifest(bytes) {
        let documents = manifest::read(&path.display().to_string(), bytes)?;
        let kinds: Vec<_> = documents
            .iter()
            .map(|document| {
                let object = document.clone().into_any();
                format!("{} {}", object.info.kind, object.meta.name())
            })
            .collect();
        Ok(kinds.join(", "))
    } else {
        testbed::scenario::read(path, bytes).map(|scenario| format!("scenario {}", scenario.name))
    }
}

/// Whether the file says of itself that it is a Kubernetes object: a scenario has an object within, but is none.
fn is_manifest(bytes: &[u8]) -> bool {
    let keys = [&b"apiVersion"[..], b"kind", b"\"apiVersion\"", b"\"kind\"", b"{"];
    bytes.split(|byte| *byte == b'\n').any(|line| keys.iter().any(|key| line.starts_with(key)))
}
