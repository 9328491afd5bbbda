//! Virtual time.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::ops::{Add, Sub};
use std::time::Duration;

/// A moment of virtual time, in microseconds from the scenario's start; the settling that precedes it lies below zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SimTime(i64);

impl SimTime {
    /// The scenario's start.
    pub const ZERO: Self = Self(0);
    /// Before any event.
    pub const MIN: Self = Self(i64::MIN);
    /// Later than any event.
    pub const MAX: Self = Self(i64::MAX);

    /// A moment by its microseconds.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds from the scenario's start.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Whole seconds from the scenario's start, rounded down.
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// How long after `earlier` this is; zero when it is not later.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }
}

/// A duration in whole microseconds.
pub(crate) fn micros_of(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

impl Add<Duration> for SimTime {
    type Output = Self;

    fn add(self, wait: Duration) -> Self {
        Self(self.0.saturating_add(micros_of(wait)))
    }
}

impl Sub<Duration> for SimTime {
    type Output = Self;

    fn sub(self, wait: Duration) -> Self {
        Self(self.0.saturating_sub(micros_of(wait)))
    }
}

/// `[-]HH:MM:SS.mmm`, hours as many digits as it takes; microseconds are cut off.
impl fmt::Display for SimTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let millis = self.0.unsigned_abs() / 1000;
        let (seconds, millis) = (millis / 1000, millis % 1000);
        write!(f, "{sign}{:02}:{:02}:{:02}.{millis:03}", seconds / 3600, seconds / 60 % 60, seconds % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_prints_as_a_clock_with_milliseconds() {
        assert_eq!(SimTime::from_micros(3_723_004_999).to_string(), "01:02:03.004");
        assert_eq!((SimTime::ZERO - Duration::from_secs(61)).to_string(), "-00:01:01.000");
    }

    #[test]
    fn a_moment_is_never_since_a_later_one() {
        assert_eq!(SimTime::ZERO.since(SimTime::from_micros(5)), Duration::ZERO);
        assert_eq!(SimTime::from_micros(5).since(SimTime::ZERO), Duration::from_micros(5));
    }
}
