//! Writing so that a kill at any moment leaves the old file or the new one, and saying what went wrong with which file.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use thiserror::Error;

/// The folder of a campaign cannot be used. Nothing in it has been changed by the attempt.
#[derive(Debug, Error)]
pub enum LedgerError {
    /// It cannot be read or written.
    #[error("{}: {error}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// Another process works on it.
    #[error("{}: another campaign is running in this folder", .0.display())]
    Busy(PathBuf),
    /// It holds another campaign.
    #[error("{}: the folder holds another campaign: {}; choose another folder, or move this one away", path.display(), differences.join("; "))]
    Other {
        /// The journal.
        path: PathBuf,
        /// What is different.
        differences: Vec<String>,
    },
    /// One of its files is not what was written.
    #[error("{}: {what}", path.display())]
    Corrupt {
        /// The file; of the journal with the line.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
}

impl LedgerError {
    /// An error with a file.
    pub(crate) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |error| Self::Io { path, error }
    }
}

/// Replaces a file as a whole: it has the old content or the new one, never a part.
pub(crate) fn write_whole(path: &Path, content: &[u8]) -> Result<(), LedgerError> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let draft = path.with_file_name(format!(".{name}.new"));
    let write = || -> io::Result<()> {
        let mut file = File::create(&draft)?;
        file.write_all(content)?;
        file.sync_all()?;
        fs::rename(&draft, path)
    };
    write().map_err(LedgerError::io(path))
}

/// Makes renames within a folder last.
pub(crate) fn sync_folder(path: &Path) -> Result<(), LedgerError> {
    File::open(path).and_then(|folder| folder.sync_all()).map_err(LedgerError::io(path))
}
