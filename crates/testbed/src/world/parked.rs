//! A key that is parked: its polls are counted instead of made.

use controller::queue::Priority;
use simcore::{Grid, SimTime};
use std::time::Duration;

/// When the polls of a key would be.
#[derive(Clone, Debug)]
pub(super) struct Parked {
    pub grid: Grid,
    pub priority: Priority,
    /// The poll that waits in the queue, if one fell due while the worker was busy.
    pub waiting: Option<SimTime>,
}

impl Parked {
    /// The first poll at or after a moment. The anchor itself has been run.
    pub fn poll_at_or_after(&self, moment: SimTime) -> SimTime {
        self.grid.at_or_after(moment.max(self.grid.anchor + Duration::from_micros(1)))
    }

    /// How many polls there are strictly before a moment.
    pub fn polls_before(&self, moment: SimTime) -> u64 {
        let span = moment.since(self.grid.anchor).as_micros();
        let period = self.grid.period.as_micros();
        u64::try_from(span.saturating_sub(1) / period).unwrap_or(u64::MAX)
    }
}
