//! The scenarios that there are.

use explore::Stage;
use manifest::Problems;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use testbed::scenario::{self, Scenario};
use thiserror::Error;

/// A scenario with its text.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The scenario.
    pub scenario: Scenario,
    /// Its file's text.
    pub text: Arc<str>,
}

/// Every scenario below a folder, by name.
#[derive(Clone, Debug)]
pub struct Catalogue {
    /// The scenarios.
    pub entries: Vec<Entry>,
}

/// The catalogue cannot be read.
#[derive(Debug, Error)]
pub enum CatalogueError {
    /// A folder or a file cannot be read.
    #[error("{}: {error}", path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// It has no scenario.
    #[error("{}: there is no scenario (*.yaml) below this folder", .0.display())]
    Empty(PathBuf),
    /// A scenario is not valid.
    #[error("{0}")]
    Invalid(Problems),
}

impl Catalogue {
    /// Reads every scenario below a folder.
    ///
    /// # Errors
    /// If one cannot be read or is not valid, or there is none.
    pub fn read(folder: &Path) -> Result<Self, CatalogueError> {
        let mut files = Vec::new();
        find(folder, &mut files)?;
        files.sort();
        if files.is_empty() {
            return Err(CatalogueError::Empty(folder.to_owned()));
        }
        let entries = files.iter().map(|file| Entry::read(file)).collect::<Result<_, _>>()?;
        Ok(Self { entries })
    }

    /// The scenario of a name.
    pub fn entry(&self, name: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| *entry.scenario.name == *name)
    }
}

impl Entry {
    fn read(path: &Path) -> Result<Self, CatalogueError> {
        let bytes = std::fs::read(path).map_err(|error| unreadable(path, error))?;
        let mut scenario = scenario::read(path, &bytes).map_err(CatalogueError::Invalid)?;
        let text: Arc<str> = String::from_utf8(bytes).expect("a scenario that was read is text").into();
        assert!(!scenario.runs.is_empty(), "a valid scenario has a run");
        scenario.runs.retain(|run| !run.seeds.is_empty());
        Ok(Self { scenario, text })
    }

    /// The path under which its text is read again.
    pub fn path(&self) -> PathBuf {
        Stage::path_of(&self.scenario.name)
    }
}

fn find(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), CatalogueError> {
    for entry in std::fs::read_dir(folder).map_err(|error| unreadable(folder, error))? {
        let path = entry.map_err(|error| unreadable(folder, error))?.path();
        if path.is_dir() {
            find(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "yaml") {
            files.push(path);
        }
    }
    Ok(())
}

fn unreadable(path: &Path, error: std::io::Error) -> CatalogueError {
    CatalogueError::Unreadable { path: path.to_owned(), error }
}
