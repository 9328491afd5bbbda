//! How long a fault lasts, as people write it.

use schemars::JsonSchema;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use std::fmt;
use std::time::Duration;

/// A length of virtual time, written `30s` or `10min`; at most 365 days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Lapse(
    #[serde(serialize_with = "simcore::duration_text::serialize", deserialize_with = "bounded")]
    #[schemars(with = "String")]
    pub Duration,
);

/// The longest that is read.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 3600);

fn bounded<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    let lapse = simcore::duration_text::deserialize(deserializer)?;
    if lapse <= LONGEST { Ok(lapse) } else { Err(D::Error::custom("expected at most 365d")) }
}

impl Lapse {
    /// Lengths that are drawn and tried: few, so that schedules read well and shapes repeat. In seconds, the shortest first.
    pub const LADDER: [u64; 15] = [1, 2, 5, 10, 20, 40, 90, 180, 300, 600, 1200, 2400, 3600, 7200, 14_400];

    /// So many whole seconds.
    pub const fn seconds(seconds: u64) -> Self {
        Self(Duration::from_secs(seconds))
    }
}

impl fmt::Display for Lapse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&simcore::print_duration(self.0))
    }
}
