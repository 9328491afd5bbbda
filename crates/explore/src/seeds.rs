//! Ranges of seeds, as people write them.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Seeds from one, up to but without another; never empty as written. Written `0..1000`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Seeds {
    /// The first.
    pub from: u64,
    /// The one after the last.
    pub to: u64,
}

impl Seeds {
    /// How many there are.
    pub fn count(self) -> u64 {
        self.to.saturating_sub(self.from)
    }

    /// The range cut into pieces of a size, which is not 0; the last may be shorter.
    pub fn pieces(self, size: u64) -> impl Iterator<Item = Self> {
        let mut from = self.from;
        std::iter::from_fn(move || {
            let piece = Self { from, to: from.saturating_add(size).min(self.to) };
            from = piece.to;
            (piece.from < piece.to).then_some(piece)
        })
    }
}

impl FromStr for Seeds {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let expected = |why: &str| format!("{text:?} {why}: expected FIRST..END, such as 0..1000, with END above FIRST");
        let (from, to) = text.split_once("..").ok_or_else(|| expected("is no range of seeds"))?;
        let number = |text: &str| text.parse::<u64>().map_err(|_| expected("is no range of seeds"));
        let seeds = Self { from: number(from)?, to: number(to)? };
        if seeds.from < seeds.to { Ok(seeds) } else { Err(expected("holds no seed")) }
    }
}

impl fmt::Display for Seeds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}", self.from, self.to)
    }
}

impl TryFrom<String> for Seeds {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Seeds> for String {
    fn from(seeds: Seeds) -> Self {
        seeds.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_of_seeds_reads_as_it_prints() {
        assert_eq!("0..1000".parse(), Ok(Seeds { from: 0, to: 1000 }));
        assert_eq!(Seeds { from: 7, to: 8 }.to_string(), "7..8");
    }

    #[test]
    fn what_holds_no_seed_is_refused_with_what_was_expected() {
        for bad in ["5..5", "9..3", "x", "", "..", "1..", "..2", "1...2", "-1..2", "0..18446744073709551616"] {
            let told = bad.parse::<Seeds>().expect_err(bad);
            assert!(told.contains("expected FIRST..END"), "{told}");
        }
    }

    #[test]
    fn the_pieces_of_a_range_are_the_range() {
        let seeds = Seeds { from: 3, to: 10 };
        let pieces: Vec<_> = seeds.pieces(3).map(|piece| (piece.from, piece.to)).collect();
        assert_eq!(pieces, [(3, 6), (6, 9), (9, 10)]);
        let top = Seeds { from: u64::MAX - 1, to: u64::MAX };
        assert_eq!(top.pieces(5).count(), 1);
    }
}
