//! Campaigns: the worlds of many seeds, what they came to in sum, and a corpus of what they found.
//!
//! A [`Stage`] is everything that makes a world but its seed. A campaign runs the worlds of a range of seeds on it, on all cores, and takes
//! their results in the order of the seeds ([`in_order`]), so that nothing it says depends on threads. A [`Tally`] is their sum. With a
//! [`Ledger`] the campaign also writes down what it has done, and goes on from there when it is started again; what it found lies beside it
//! as one file a shape, each of which is a world that can be run again anywhere ([`Found`]).

mod campaign;
mod caught;
mod corpus;
mod coverage;
mod determinism;
mod files;
mod guided;
mod journal;
mod ledger;
mod seeds;
mod stage;
mod stopwatch;
mod tally;
mod unseen;
mod workers;

pub use campaign::{Batch, Campaign, CampaignError, Progress, Search};
pub use caught::{caught, tried};
pub use corpus::{CorpusFile, Found};
pub use coverage::{Coverage, New, STRETCH, Sighting};
pub use determinism::{Difference, Parting, run_twice};
pub use files::LedgerError;
pub use guided::{Bred, Brood, GENERATION, Guided, Lesson};
pub use journal::Header;
pub use ledger::Ledger;
pub use seeds::Seeds;
pub use stage::{Stage, StageError};
pub use stopwatch::Stopwatch;
pub use tally::{Broken, FailureNote, FaultTally, Tally};
pub use unseen::{Rare, Sample, Unseen};
pub use workers::in_order;
