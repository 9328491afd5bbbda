//! Reading the files that a person names.

use crate::exit::Exit;
use manifest::Problems;
use std::path::Path;

/// Reads a file, or says why it cannot be read.
pub fn read_file(path: &Path) -> Result<Vec<u8>, Exit> {
    std::fs::read(path).map_err(|error| {
        eprintln!("rehearse: {}: {error}", path.display());
        Exit::Usage
    })
}

/// Tells what is wrong with a file.
pub fn tell(problems: &Problems, json: bool) -> Exit {
    if json {
        crate::exit::print_json(&serde_json::json!({ "version": 1, "problems": problems.list }));
    } else {
        eprintln!("{problems}");
    }
    Exit::Usage
}
