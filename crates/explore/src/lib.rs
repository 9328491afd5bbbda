//! Campaigns: many worlds of one scenario and design, seed by seed, on all cores.
//!
//! A campaign's results depend on its scenario, design, profile and seeds alone: not on how many threads ran it, in which order worlds
//! ended, or how often it was interrupted. Worlds are run in small blocks of consecutive seeds; the results of a block are taken in order
//! of the seed, so memory does not grow with the number of worlds.

mod campaign;
mod case;
mod corpus;
mod determinism;
mod journal;
mod tally;

pub use campaign::{Budget, Campaign, Found, Halt, Progress};
pub use case::{Case, default_scenario, design_named};
pub use corpus::Corpus;
pub use determinism::{Difference, check, first_difference};
pub use journal::Header;
pub use tally::{FaultCount, OracleCount, Tally};

use std::path::PathBuf;
use thiserror::Error;

/// What the code is that ran: the release and a hash of its sources.
pub const CODE_VERSION: &str = env!("CODE_VERSION");

/// Why a campaign cannot be kept in its folder.
#[derive(Debug, Error)]
pub enum StorageError {
    /// The file system refused.
    #[error("{path}: {error}")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// The folder holds another campaign.
    #[error("{path}: holds another campaign: its {what} is {held}, this one's is {asked}; choose another folder")]
    AnotherCampaign {
        /// The journal.
        path: PathBuf,
        /// What differs.
        what: &'static str,
        /// As it is in the journal.
        held: String,
        /// As it was asked for.
        asked: String,
    },
    /// A line of the journal is not what was written.
    #[error("{path}:{line}: {what}; nothing was changed")]
    Corrupt {
        /// The journal.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        what: String,
    },
}

impl StorageError {
    pub(crate) fn io(path: &std::path::Path) -> impl FnOnce(std::io::Error) -> Self + '_ {
        move |error| Self::Io { path: path.to_owned(), error }
    }
}
