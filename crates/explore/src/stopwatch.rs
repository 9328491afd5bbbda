//! The wall clock, for people: how fast a campaign runs and when its time is up. No world ever sees it.

use std::time::{Duration, Instant};

/// Measures from its making.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts one.
    #[allow(clippy::disallowed_methods, reason = "a campaign's budget and speed are of the machine's time, not of a world's")]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// How long ago that was.
    pub fn elapsed(self) -> Duration {
        self.0.elapsed()
    }
}
