//! Every placement of up to k faults: enumerated, not drawn.
//!
//! Chaos by seed says "nothing was found"; a sweep says "nothing is there": within an alphabet of faults, at every point that the histories
//! offer, for one seed. What was run is written on a [`Certificate`], so that "no violation" means something.

mod certificate;
mod parted;
mod places;
mod search;

pub use certificate::{Breaking, Certificate};
pub use parted::{Extended, Placed};
pub use places::{Place, places};
pub use search::{Sweep, single_faults};
