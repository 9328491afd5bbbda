//! Whether each remedy of a design is necessary.
//!
//! A remedy is a decision that the design takes otherwise than the operator does today. Without it the design is run through the very worlds that
//! the whole design went through, schedules included: first the catalogue's, then the swarms by seed. The first world in which it breaks a law
//! that the whole design keeps shows that the remedy is necessary. That none was found shows nothing, and is told as just that.

mod ablation;
mod table;
mod worlds;

pub use ablation::{Ablate, Ablation, Remedy, Shown};
pub use table::{markdown, text, to_json};
