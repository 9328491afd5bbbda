//! Ranges of durations: how long something takes, drawn anew each time; and how people write durations.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use std::fmt;
use std::time::Duration;

/// An inclusive range from which a duration is drawn uniformly. `min` is never above `max`. Written `"2ms..20ms"`, or `"5s"` for one value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

    /// The same range, so much later.
    pub fn later(self, by: Duration) -> Self {
        Self { min: self.min.saturating_add(by), max: self.max.saturating_add(by) }
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

/// The units people write, longest first.
const UNITS: [(&str, u64); 6] =
    [("d", 86_400_000_000), ("h", 3_600_000_000), ("min", 60_000_000), ("s", 1_000_000), ("ms", 1000), ("us", 1)];

/// Reads a duration such as `400ms`, `5s`, `10min`, `6h`, `5d`: a whole number and one unit.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    let expected =
        || format!("{text:?} is not a duration: expected a whole number and a unit (us, ms, s, min, h, d), such as 400ms or 10min");
    let digits = text.find(|c: char| !c.is_ascii_digit()).ok_or_else(expected)?;
    let (number, unit) = text.split_at(digits);
    let micros = UNITS.iter().find(|(name, _)| *name == unit).map(|(_, micros)| *micros).ok_or_else(expected)?;
    let micros = number.parse::<u64>().ok().and_then(|n| n.checked_mul(micros)).ok_or_else(expected)?;
    Ok(Duration::from_micros(micros))
}

/// Writes a duration with the longest unit that leaves no rest.
pub fn print_duration(duration: Duration) -> String {
    let micros = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
    let (unit, size) = UNITS.into_iter().find(|(_, size)| micros >= *size && micros % size == 0).unwrap_or(("s", 1_000_000));
    format!("{}{unit}", micros / size)
}

/// `#[serde(with = "simcore::duration_text")]` for a single duration.
pub mod duration_text {
    use super::{Deserialize, Deserializer, Duration, Serializer, parse_duration, print_duration};
    use serde::de::Error as _;

    /// Writes it as text.
    pub fn serialize<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&print_duration(*duration))
    }

    /// Reads it from text.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        parse_duration(&String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&print_duration(self.min))?;
        if self.max > self.min {
            write!(f, "..{}", print_duration(self.max))?;
        }
        Ok(())
    }
}

impl Serialize for Span {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let (min, max) = text.split_once("..").unwrap_or((&text, &text));
        let min = parse_duration(min).map_err(D::Error::custom)?;
        let max = parse_duration(max).map_err(D::Error::custom)?;
        Self::between(min, max).ok_or_else(|| D::Error::custom(format!("{text:?} is empty: its end comes before its start")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_reads_and_prints_as_people_write_it() {
        for text in ["400ms", "5s", "10min", "6h", "5d", "7us", "90s", "0s"] {
            assert_eq!(print_duration(parse_duration(text).expect(text)), text);
        }
        for bad in ["", "5", "s", "-5s", "5 s", "1.5s", "99999999999999999999s", "99999999999999d"] {
            assert!(parse_duration(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_range_with_its_ends_exchanged_is_refused() {
        assert!(serde_json::from_str::<Span>("\"20ms..2ms\"").is_err());
        let span: Span = serde_json::from_str("\"2ms..20ms\"").expect("a range");
        assert_eq!(serde_json::to_string(&span).expect("text"), "\"2ms..20ms\"");
    }
}
