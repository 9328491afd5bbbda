//! Regular polls that are computed, not made.
//!
//! Something that looks every `period` sees a change at the first look at or after it. Knowing the anchor of the looks is therefore as
//! good as making them: nothing ticks.

use crate::time::{SimTime, micros_of};
use std::time::Duration;

/// Looks at `anchor + k * period` for k = 0, 1, 2, ...
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Grid {
    /// The first look.
    pub anchor: SimTime,
    /// The time between two.
    pub period: Duration,
}

impl Grid {
    /// The first look at or after `moment`. Panics if the period is shorter than a microsecond.
    pub fn at_or_after(self, moment: SimTime) -> SimTime {
        let period = micros_of(self.period);
        assert!(period > 0, "polls need a period");
        let behind = moment.micros() - self.anchor.micros();
        if behind <= 0 {
            return self.anchor;
        }
        let looks = (behind + period - 1) / period;
        SimTime::from_micros(self.anchor.micros() + looks * period)
    }

    /// The first look strictly after `moment`.
    pub fn after(self, moment: SimTime) -> SimTime {
        self.at_or_after(SimTime::from_micros(moment.micros() + 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_seen_at_the_first_look_at_or_after_it() {
        let grid = Grid { anchor: SimTime::from_micros(10), period: Duration::from_micros(5) };
        let at = |t| grid.at_or_after(SimTime::from_micros(t)).micros();
        assert_eq!([at(-3), at(10), at(11), at(15), at(16)], [10, 10, 15, 15, 20]);
        assert_eq!(grid.after(SimTime::from_micros(15)).micros(), 20);
    }
}
