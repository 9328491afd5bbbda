//! The corpus: one case for each shape of a violation, in a folder.
//!
//! A shape is an oracle, a design, and the sorted kinds of faults in the schedule. The first seed that shows a shape becomes its case. A file is
//! written under another name first and then renamed, so that whoever looks sees whole files only.

use crate::StorageError;
use crate::campaign::Found;
use crate::case::Case;
use simcore::stable_hash;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// A folder of cases.
#[derive(Debug)]
pub struct Corpus {
    folder: PathBuf,
}

impl Corpus {
    /// The corpus in a folder, which is made if it is not there.
    ///
    /// # Errors
    /// If the file system refuses.
    pub fn open(folder: &Path) -> Result<Self, StorageError> {
        std::fs::create_dir_all(folder).map_err(StorageError::io(folder))?;
        Ok(Self { folder: folder.to_owned() })
    }

    /// Whether no case of that [name](file_name) is there.
    pub fn lacks(&self, name: &str) -> bool {
        !self.folder.join(name).exists()
    }

    /// Keeps the case of a violation under its [`file_name`].
    ///
    /// # Errors
    /// If the file system refuses.
    pub fn keep(&self, name: &str, case: &Case, found: &Found<'_>, profile: &str) -> Result<(), StorageError> {
        let path = self.folder.join(name);
        let text = case.print(found.result, found.violation, profile);
        let written = NamedTempFile::with_prefix_in(".case-", &self.folder).and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            file.as_file().sync_all()?;
            file.persist(&path).map_err(|error| error.error)?;
            Ok(())
        });
        written.map_err(StorageError::io(&path))
    }
}

/// The name of a violation's file in the corpus: the same for all of one shape.
pub fn file_name(found: &Found<'_>, shape: &[String]) -> String {
    let result = found.result;
    let oracle = result.violations[found.violation].oracle;
    let design: String = result.design.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '-' }).collect();
    format!("{oracle}--{design}--{:016x}.yaml", stable_hash(&shape))
}
