//! The same seeds and schedules through several designs: what each measurement comes to, and how it differs from the first design's, pair by pair.
//!
//! Schedules are drawn once, from what the first design's worlds offer. A fault whose trigger never comes under another design does not strike
//! there; how many did is told. A pair of worlds shares its seed, so that machines, disks and links have the same luck in both as far as they
//! do the same.

mod distribution;
mod measure;
mod pairing;
mod table;

pub use distribution::Distribution;
pub use measure::{MEASURES, Measure};
pub use pairing::{Compare, Compared};
pub use table::{markdown, text, to_json};
