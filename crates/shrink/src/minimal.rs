//! Delta debugging: which of several things are needed.
//!
//! Source: Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", 2002; the complements of `ddmin`.

/// A subset of `0..count` for which something still holds, and no longer does with any one of them left out. It must hold for all of them.
pub fn minimal(count: usize, mut holds: impl FnMut(&[usize]) -> bool) -> Vec<usize> {
    let mut kept: Vec<usize> = (0..count).collect();
    let mut parts = 1;
    while !kept.is_empty() {
        let size = kept.len().div_ceil(parts);
        let without = |chunk: &[usize]| kept.iter().copied().filter(|one| !chunk.contains(one)).collect::<Vec<_>>();
        let smaller = kept.chunks(size).map(without).find(|rest| holds(rest));
        match smaller {
            Some(rest) => {
                kept = rest;
                parts = parts.saturating_sub(1).clamp(1, kept.len().max(1));
            }
            None if size == 1 => break,
            None => parts = (2 * parts).min(kept.len()),
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::minimal;
    use proptest::prelude::*;

    #[test]
    fn nothing_is_needed_for_what_always_holds_and_everything_for_what_needs_all() {
        assert!(minimal(9, |_| true).is_empty());
        assert_eq!(minimal(5, |kept| kept.len() == 5), [0, 1, 2, 3, 4]);
        assert!(minimal(0, |_| true).is_empty());
    }

    proptest! {
        /// What holds may hold again with less: then a part that is minimal is found, not always the smallest.
        #[test]
        fn what_is_left_holds_and_holds_no_longer_without_any_one_of_it(wanted in prop::collection::vec(prop::collection::btree_set(0_usize..12, 1..5), 1..4)) {
            let holds = |kept: &[usize]| wanted.iter().any(|set| set.iter().all(|one| kept.contains(one)));
            let mut tried = Vec::new();
            let left = minimal(12, |kept| { tried.push(kept.to_vec()); holds(kept) });
            prop_assert!(holds(&left));
            for one in &left {
                let rest: Vec<_> = left.iter().copied().filter(|other| other != one).collect();
                prop_assert!(!holds(&rest) && tried.contains(&rest));
            }
        }
    }
}
