//! Ranges of durations: how long something takes, drawn anew each time.

use serde::{Deserialize, Serialize};
use std::time::Duration;

/// An inclusive range from which a duration is drawn uniformly. `min` is never above `max`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    min: Duration,
    max: Duration,
}

impl Span {
    /// A range in milliseconds.
    pub const fn millis(min: u64, max: u64) -> Self {
        assert!(min <= max, "a range starts at its lower end");
        Self { min: Duration::from_millis(min), max: Duration::from_millis(max) }
    }

    /// A range in seconds.
    pub const fn seconds(min: u64, max: u64) -> Self {
        Self::millis(min * 1000, max * 1000)
    }

    /// A range between two durations; `None` if it is empty.
    pub fn between(min: Duration, max: Duration) -> Option<Self> {
        (min <= max).then_some(Self { min, max })
    }

    /// The shortest.
    pub const fn min(self) -> Duration {
        self.min
    }

    /// The longest.
    pub const fn max(self) -> Duration {
        self.max
    }
}
