//! In which order worlds are looked through.

/// A way to search.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Strategy {
    /// The seeds of the profile `swarm`, in order.
    Swarm,
    /// The same seeds, where faults are bred from those of worlds that showed something new.
    Guided,
    /// One seed with every placement of up to one fault, in the order of a sweep: first none.
    Sweep,
}

impl Strategy {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Swarm, Self::Guided, Self::Sweep];

    /// Its name in lists and results.
    pub fn name(self) -> &'static str {
        match self {
            Self::Swarm => "swarm",
            Self::Guided => "guided",
            Self::Sweep => "sweep",
        }
    }
}
