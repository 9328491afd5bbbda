//! In which order worlds are looked through.

use explore::Stage;
use faults::{Group, Profile, Schedule, What};

/// A way to search.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Strategy {
    /// The seeds of the profile `swarm`, in order.
    Swarm,
    /// Every placement of up to one fault, in the order of a sweep: first none.
    Sweep,
}

impl Strategy {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Swarm, Self::Sweep];

    /// Its name in lists and results.
    pub fn name(self) -> &'static str {
        match self {
            Self::Swarm => "swarm",
            Self::Sweep => "sweep",
        }
    }

    /// The first `budget` worlds of the search, each by its seed and its faults; fewer if there are not so many.
    ///
    /// # Errors
    /// If the testbed failed.
    pub fn worlds(self, stage: &Stage, seed: u64, budget: usize) -> Result<Vec<(u64, Schedule)>, String> {
        Ok(match self {
            Self::Swarm => (seed..).take(budget).map(|seed| (seed, stage.schedule(seed))).collect(),
            Self::Sweep => {
                let alphabet = What::alphabet(&Group::ALL, stage.offered());
                let placed = sweep::single_faults(stage, seed, &alphabet)?;
                placed.into_iter().take(budget).map(|schedule| (seed, schedule)).collect()
            }
        })
    }

    /// The profile by which a stage draws what the strategy needs.
    pub const PROFILE: Profile = Profile::Swarm;
}
