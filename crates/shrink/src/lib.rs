//! From a violation to the least that still shows it.
//!
//! What makes a world is one document: a scenario's, with the whole schedule as its faults and the one run that shows the violation. To shrink
//! is to look for a smaller document in which the same oracle is violated under the same seed: with fewer faults and fewer actions, then
//! fewer replicas, then faults that are shorter, earlier in their count and at rounder moments. The document that is left is *1-minimal*: of
//! its faults and actions none can be left out, each of which was tried.

mod candidate;
mod least;
mod minimal;
mod parts;
mod simpler;
mod trial;

pub use candidate::Candidate;
pub use least::{Shrunk, shrink};
pub use trial::{Shown, Trial, Wanted};
