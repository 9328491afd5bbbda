//! Fault profiles: how many faults a world meets, and of which groups.

use crate::draw::Draw;
use crate::kinds::Group;
use crate::opportunities::Opportunities;
use crate::schedule::{Fault, Schedule};
use std::fmt;

/// How many faults are drawn, and of which groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Profile {
    /// No fault.
    None,
    /// 0 to 2.
    Light,
    /// 0 to 12.
    Heavy,
    /// A random half of the groups, with a random intensity.
    Swarm,
    /// Exactly one.
    Single,
    /// 1 to 3 of one group.
    Only(Group),
}

impl Profile {
    /// All profiles.
    pub fn all() -> impl Iterator<Item = Self> {
        [Self::None, Self::Light, Self::Heavy, Self::Swarm, Self::Single].into_iter().chain(Group::ALL.map(Self::Only))
    }

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Light => "light",
            Self::Heavy => "heavy",
            Self::Swarm => "swarm",
            Self::Single => "single",
            Self::Only(group) => group.name(),
        }
    }

    /// The profile of that name. The error lists what there is.
    pub fn named(name: &str) -> Result<Self, String> {
        Self::all().find(|profile| profile.name() == name).ok_or_else(|| {
            let known: Vec<_> = Self::all().map(Self::name).collect();
            format!("there is no profile {name:?}; expected one of {}", known.join(", "))
        })
    }

    /// The schedule of a seed, of faults that can strike. The same for the same seed, profile and opportunities.
    pub fn draw(self, seed: u64, o: &Opportunities) -> Schedule {
        let d = &mut Draw::new(seed, self.name());
        let (groups, count) = match self {
            Self::None => (Vec::new(), 0),
            Self::Light => (Group::ALL.to_vec(), d.below(3)),
            Self::Heavy => (Group::ALL.to_vec(), d.below(13)),
            Self::Single => (Group::ALL.to_vec(), 1),
            Self::Only(group) => (vec![group], 1 + d.below(3)),
            Self::Swarm => {
                let groups: Vec<_> = Group::ALL.into_iter().filter(|_| d.chance(1, 2)).collect();
                let intensity = *d.pick(&[1, 2, 4, 8]).expect("four intensities");
                (groups, 1 + d.below(intensity))
            }
        };
        Schedule((0..count).filter_map(|_| draw_one(d, &groups, o)).collect())
    }

    /// The most faults that it draws.
    pub fn most(self) -> usize {
        match self {
            Self::None => 0,
            Self::Single => 1,
            Self::Light => 2,
            Self::Only(_) => 3,
            Self::Swarm => 8,
            Self::Heavy => 12,
        }
    }

    /// One fault of any group that it may draw from.
    pub fn draw_one(self, d: &mut Draw, o: &Opportunities) -> Option<Fault> {
        match self {
            Self::None => None,
            Self::Only(group) => draw_one(d, &[group], o),
            Self::Light | Self::Heavy | Self::Swarm | Self::Single => draw_one(d, &Group::ALL, o),
        }
    }
}

/// Draws a fault of one of the groups: a group first, then one of its faults that can strike.
fn draw_one(d: &mut Draw, groups: &[Group], o: &Opportunities) -> Option<Fault> {
    const TRIES: usize = 20;
    (0..TRIES).find_map(|_| {
        let group = d.pick(groups)?;
        let kind = d.pick(group.kinds())?;
        (kind.draw)(d, o)
    })
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
