//! Where odds fall, found by halving: they are costly to know, and mostly stay as they are from one event to the next.
//!
//! A place where they fall and rise again between two points that are as good as each other is not seen.

/// A point after which the odds are clearly other than before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn {
    /// How many entries had been told before: the number of the event that decides.
    pub event: u64,
    /// How many continuations recovered before it.
    pub before: u32,
    /// How many recover after it.
    pub after: u32,
}

/// The points between two ends at which the odds change by at least `step`, in order.
///
/// # Errors
/// Those of `odds`.
pub fn turns<E>(from: u64, to: u64, step: u32, odds: &mut impl FnMut(u64) -> Result<u32, E>) -> Result<Vec<Turn>, E> {
    let (before, after) = (odds(from)?, odds(to)?);
    if from >= to || before.abs_diff(after) < step {
        return Ok(Vec::new());
    }
    if to - from == 1 {
        return Ok(vec![Turn { event: from, before, after }]);
    }
    let middle = from + (to - from) / 2;
    let mut found = turns(from, middle, step, odds)?;
    found.extend(turns(middle, to, step, odds)?);
    Ok(found)
}

/// The first point, after `from` and up to `to`, whose odds are none; they must be none at `to`.
///
/// # Errors
/// Those of `odds`.
pub fn first_without<E>(from: u64, to: u64, odds: &mut impl FnMut(u64) -> Result<u32, E>) -> Result<u64, E> {
    let (mut some, mut none) = (from, to);
    while none - some > 1 {
        let middle = some + (none - some) / 2;
        if odds(middle)? == 0 { none = middle } else { some = middle }
    }
    Ok(none)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::convert::Infallible;

    fn of(levels: &[u32]) -> impl FnMut(u64) -> Result<u32, Infallible> {
        let levels = levels.to_vec();
        move |told| Ok(levels[usize::try_from(told).expect("small")])
    }

    #[test]
    fn every_fall_is_found_where_it_is() {
        let odds = &mut of(&[30, 30, 30, 12, 12, 12, 11, 0, 0]);
        let found = turns(0, 8, 8, odds).expect("infallible");
        assert_eq!(found, [Turn { event: 2, before: 30, after: 12 }, Turn { event: 6, before: 11, after: 0 }]);
        assert_eq!(first_without(0, 8, odds), Ok(7));
    }

    proptest! {
        #[test]
        fn falling_odds_are_looked_at_seldom_and_their_end_is_exact(mut levels in prop::collection::vec(0_u32..33, 1..200)) {
            levels.sort_unstable_by(|a, b| b.cmp(a));
            levels.insert(0, 33);
            levels.push(0);
            let (last, mut looks) = (levels.len() as u64 - 1, 0);
            let mut plain = of(&levels);
            let end = first_without(0, last, &mut |told| { looks += 1; plain(told) }).expect("infallible");
            prop_assert!(levels[usize::try_from(end).unwrap()] == 0 && levels[usize::try_from(end).unwrap() - 1] > 0);
            prop_assert!(looks <= 8);
        }
    }
}
