//! Breeding: a new schedule from one that has led somewhere new.
//!
//! What led there is kept but for a little: a fault more or less, one that strikes elsewhere or is of another extent, or some faults of another
//! schedule beside. All that is drawn is drawn as profiles draw, so that a bred schedule is one that a profile could have drawn, but for one
//! thing: a fault may strike at a place that only the parent's world came to, such as the retry of a task.

use crate::draw::Draw;
use crate::kinds::catalogue;
use crate::opportunities::Opportunities;
use crate::profile::Profile;
use crate::schedule::{Fault, Schedule};
use crate::trigger::Trigger;

/// A schedule to breed from.
#[derive(Clone, Copy, Debug)]
pub struct Parent<'a> {
    /// The faults that its world met.
    pub schedule: &'a Schedule,
    /// The triggers that came up in its world and not in fault-free ones.
    pub places: &'a [Trigger],
}

/// By which luck, and from what, a schedule is bred.
pub struct Breeder<'a> {
    /// The luck of this schedule.
    pub draw: Draw,
    /// How many faults there may be, and of which groups.
    pub profile: Profile,
    /// What the scenario offers.
    pub offered: &'a Opportunities,
}

/// A way in which a schedule is changed.
#[derive(Clone, Copy)]
enum Change {
    /// A fault more.
    Add,
    /// A fault strikes elsewhere.
    Move,
    /// A fault is of another extent, and perhaps befalls something else.
    Stretch,
    /// A fault less.
    Drop,
    /// Some faults of another schedule beside.
    Splice,
}

/// Each way as often as it is taken, of twelve times. (Measured: with more splices and fewer additions worlds pass through more states and
/// show fewer shapes of violations.)
const CHANGES: [Change; 12] = {
    use Change::{Add, Drop, Move, Splice, Stretch};
    [Add, Add, Add, Add, Add, Add, Move, Move, Stretch, Drop, Drop, Splice]
};
/// How many changes are made at most.
const MOST_CHANGES: usize = 3;

impl Breeder<'_> {
    /// A child of a parent, into which some faults of another schedule may come.
    pub fn child(&mut self, parent: &Parent<'_>, other: &Schedule) -> Schedule {
        let mut faults = parent.schedule.0.clone();
        for _ in 0..=self.draw.below(MOST_CHANGES) {
            self.change(&mut faults, parent.places, other);
        }
        while faults.len() > self.profile.most() {
            faults.swap_remove(self.draw.below(faults.len()));
        }
        Schedule(faults)
    }

    fn change(&mut self, faults: &mut Vec<Fault>, places: &[Trigger], other: &Schedule) {
        match self.draw.pick(&CHANGES).expect("some changes") {
            Change::Splice => {
                let spliced: Vec<_> = other.0.iter().filter(|_| self.draw.chance(1, 2)).cloned().collect();
                faults.extend(spliced);
            }
            Change::Add => faults.extend(self.drawn(places)),
            _ if faults.is_empty() => faults.extend(self.drawn(places)),
            Change::Drop => drop(faults.swap_remove(self.draw.below(faults.len()))),
            Change::Move => self.change_one(faults, |breeder, old| {
                let when = breeder.place(places).or_else(|| breeder.like(old).map(|new| new.when));
                when.map(|when| Fault { when, what: old.what.clone() })
            }),
            Change::Stretch => {
                self.change_one(faults, |breeder, old| breeder.like(old).map(|new| Fault { when: old.when.clone(), what: new.what }));
            }
        }
    }

    /// Changes one of some faults, unless its trigger would not suit it any more.
    fn change_one(&mut self, faults: &mut [Fault], change: impl FnOnce(&mut Self, &Fault) -> Option<Fault>) {
        let at = self.draw.below(faults.len());
        if let Some(changed) = change(self, &faults[at]).filter(Fault::suits) {
            faults[at] = changed;
        }
    }

    /// A fault as the profile draws it, or that at one of the places.
    fn drawn(&mut self, places: &[Trigger]) -> Option<Fault> {
        let drawn = self.profile.draw_one(&mut self.draw, self.offered)?;
        let moved = self.place(places).map(|when| Fault { when, what: drawn.what.clone() });
        Some(moved.filter(Fault::suits).unwrap_or(drawn))
    }

    /// Half of the time one of some places.
    fn place(&mut self, places: &[Trigger]) -> Option<Trigger> {
        let place = self.draw.chance(1, 2).then(|| self.draw.pick(places).cloned()).flatten()?;
        Some(self.draw.on_either_side(place))
    }

    /// Another fault of the same kind.
    fn like(&mut self, fault: &Fault) -> Option<Fault> {
        let id = fault.what.id();
        let (_, kind) = catalogue().find(|(group, kind)| format!("{}/{}", group.name(), kind.name) == id)?;
        (kind.draw)(&mut self.draw, self.offered)
    }
}
