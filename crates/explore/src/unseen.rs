//! How much of what worlds pass through no world has shown yet: a Good-Turing estimate with its interval.
//!
//! Worlds are the sample; each shows a set of states (incidence data). The *unseen mass* is the share of the states of one more world, counted
//! in the mean over all worlds, that none of the sample has shown. With T worlds, U the sum of the sizes of their sets, Q1 the number of
//! states that one world alone has shown and Q2 the number of those that two have:
//!
//! > mass = Q1 / U * A, where A = (T - 1) Q1 / ((T - 1) Q1 + 2 Q2), or (T - 1)(Q1 - 1) / ((T - 1)(Q1 - 1) + 2) if Q2 = 0
//!
//! Q1 / U is Good's (I. J. Good, "The population frequencies of species and the estimation of population parameters", Biometrika 40, 1953);
//! A and the form for incidence data are Chao's (A. Chao and L. Jost, "Coverage-based rarefaction and extrapolation", Ecology 93, 2012;
//! A. Chao et al., Ecological Monographs 84, 2014, their coverage of incidence data, which is 1 - mass).
//!
//! The 95 % interval is mass -+ 1.96 sigma, within 0 and 1. Sigma is that of the delete-one jackknife over worlds, since the states of one world
//! come together and are no independent draws: without world w, of whose s states u have no other witness and d one other, Q1 / U moves by
//! -e / U to the first order, with e = u - d - s Q1 / U. For worlds of one state each this is Esty's variance (W. W. Esty, "A normal limit law
//! for a nonparametric estimator of the coverage of a random sample", Annals of Statistics 11, 1983) but for terms of a higher order. When no
//! state has one witness alone there is nothing to deviate, and the upper end is the rule of three: 3 / T.

use serde::Serialize;

/// The states of worlds that were drawn alike, as far as the estimate needs them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sample {
    /// T: how many worlds.
    pub worlds: u64,
    /// U: the sum of the numbers of states that each passed through.
    pub incidences: u64,
    /// The sum of the squares of these.
    pub squares: u64,
    /// The worlds that are among at most two witnesses of a state.
    pub rare: Vec<Rare>,
}

/// A world that is among at most two witnesses of a state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rare {
    /// How many states it passed through.
    pub states: u64,
    /// How many of them no other world has shown.
    pub alone: u64,
    /// How many of them one other world has shown.
    pub with_another: u64,
}

/// A share of the states of one more world that is new: the estimate, with a 95 % interval. Each from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Unseen {
    /// The estimate.
    pub mass: f64,
    /// The interval's lower end.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
}

/// The quantile of the normal distribution that leaves 2.5 % above it.
const QUANTILE: f64 = 1.96;

impl Sample {
    /// The estimate; `None` for fewer than two worlds.
    pub fn unseen(&self) -> Option<Unseen> {
        if self.worlds < 2 || self.incidences == 0 {
            return None;
        }
        let (t, u) = (real(self.worlds), real(self.incidences));
        let q1 = real(self.rare.iter().map(|world| world.alone).sum());
        // Each has two witnesses.
        let q2 = real(self.rare.iter().map(|world| world.with_another).sum()) / 2.0;
        if q1 == 0.0 {
            return Some(Unseen { mass: 0.0, low: 0.0, high: (3.0 / t).min(1.0) });
        }
        let good = q1 / u;
        let of_rare = |world: &Rare| {
            let alone = real(world.alone) - real(world.with_another);
            alone * (alone - 2.0 * good * real(world.states))
        };
        let squares = self.rare.iter().map(of_rare).sum::<f64>() + good * good * real(self.squares);
        let sum = -2.0 * q2;
        let sigma = ((t - 1.0) / t * (squares - sum * sum / t).max(0.0)).sqrt() / u;
        let factor = match q2 {
            0.0 => (t - 1.0) * (q1 - 1.0) / ((t - 1.0) * (q1 - 1.0) + 2.0),
            _ => (t - 1.0) * q1 / ((t - 1.0) * q1 + 2.0 * q2),
        };
        let (mass, aside) = (good * factor, QUANTILE * sigma);
        Some(Unseen { mass, low: (mass - aside).max(0.0), high: (mass + aside).min(1.0) })
    }
}

fn real(n: u64) -> f64 {
    #[allow(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
    let n = n as f64;
    n
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Coverage, Sighting};
    use proptest::prelude::*;
    use simcore::{Luck, Seed};
    use std::collections::BTreeSet;

    fn covered(worlds: &[Vec<u64>]) -> Coverage {
        let mut coverage = Coverage::default();
        for (world, states) in (0..).zip(worlds) {
            coverage.add(world, &Sighting { states: states.clone(), shapes: Vec::new() }, true);
        }
        coverage
    }

    fn close(told: Option<Unseen>, mass: f64, low: f64, high: f64) {
        let told = told.expect("an estimate");
        let near = |a: f64, b: f64| (a - b).abs() < 1e-6;
        assert!(near(told.mass, mass) && near(told.low, low) && near(told.high, high), "{told:?}");
    }

    #[test]
    fn the_estimate_is_the_one_that_is_worked_by_hand() {
        // T = 3, U = 6, Q1 = 1, Q2 = 1: 1/6 * 2/(2 + 2). The jackknife's sum of squares is 4, less 4/3.
        close(covered(&[vec![1, 2], vec![1, 2], vec![1, 3]]).unseen(), 1.0 / 12.0, 0.0, 1.0 / 12.0 + 1.96 * 2.0 / 9.0);
        // T = 4, U = 9, Q1 = 2, Q2 = 0: 2/9 * 3/(3 + 2). The sum of squares is 22/27.
        let sigma = (0.75_f64 * 22.0 / 27.0).sqrt() / 9.0;
        close(covered(&[vec![1, 2], vec![1, 2], vec![1, 3], vec![1, 2, 4]]).unseen(), 2.0 / 15.0, 0.0, 2.0 / 15.0 + 1.96 * sigma);
        // Nothing was seen once: the rule of three.
        close(covered(&vec![vec![1, 2]; 60]).unseen(), 0.0, 0.0, 0.05);
        // Each world is of states of its own: nothing is known, and all may be unseen.
        let alone = covered(&[vec![1], vec![2], vec![3], vec![4]]).unseen().expect("an estimate");
        assert!((alone.mass - 9.0 / 11.0).abs() < 1e-6 && alone.high <= 1.0, "{alone:?}");
        assert_eq!(covered(&[vec![1]]).unseen(), None);
        assert_eq!(covered(&[Vec::new(), Vec::new()]).unseen(), None);
    }

    #[test]
    fn states_that_bred_worlds_have_shown_are_seen_and_count_for_nothing_else() {
        let mut coverage = covered(&[vec![1, 2], vec![1, 2], vec![1, 3]]);
        coverage.add(3, &Sighting { states: vec![3, 4, 5], shapes: Vec::new() }, false);
        // T, U and Q2 are as before, and Q1 is 0: the state that one drawn world showed has been seen otherwise.
        close(coverage.unseen(), 0.0, 0.0, 1.0);
        assert_eq!((coverage.worlds(), coverage.states(), coverage.shown_by(1)), (4, 5, 2));
    }

    /// How many of 200 intervals hold the true mass, where the n-th of `probabilities.len()` groups of `together` states is shown with its
    /// probability by each of 150 worlds.
    fn hits(probabilities: &[f64], together: u64) -> u32 {
        const WORLDS: u64 = 150;
        const UNIT: u64 = 1 << 32;
        let total: f64 = probabilities.iter().sum();
        let of_run = |run: u64| {
            let mut luck = Luck::new(Seed(run));
            let mut seen = BTreeSet::new();
            let mut world = || {
                let mut states = Vec::new();
                for (group, probability) in (0..).zip(probabilities) {
                    if real(luck.below("state", "", UNIT)) < probability * real(UNIT) {
                        seen.insert(group);
                        states.extend((0..together).map(|state| group * together + state));
                    }
                }
                states
            };
            let worlds: Vec<_> = (0..WORLDS).map(|_| world()).collect();
            let unseen = (0..).zip(probabilities).filter(|(group, _)| !seen.contains(group)).map(|(_, probability)| probability);
            let truth = unseen.sum::<f64>() / total;
            let told = covered(&worlds).unseen().expect("an estimate");
            u32::from(told.low <= truth && truth <= told.high)
        };
        (0..200).map(of_run).sum()
    }

    #[test]
    fn nineteen_intervals_of_twenty_hold_the_mass_of_a_known_distribution_also_where_states_come_together() {
        let falling: Vec<f64> = (1..=200).map(|n| 0.9 / f64::from(n)).collect();
        let even = vec![0.01; 150];
        for (probabilities, together) in [(&falling, 1), (&falling, 6), (&even, 1), (&even, 6)] {
            let hits = hits(probabilities, together);
            assert!(hits >= 182, "{hits} of 200");
        }
    }

    proptest! {
        #[test]
        fn whatever_was_seen_the_interval_holds_the_estimate_and_lies_within_0_and_1(
            worlds in prop::collection::vec(prop::collection::btree_set(0_u64..30, 0..12), 2..20),
        ) {
            let worlds: Vec<Vec<u64>> = worlds.into_iter().map(|world| world.into_iter().collect()).collect();
            let any = worlds.iter().any(|world| !world.is_empty());
            let told = covered(&worlds).unseen();
            prop_assert_eq!(told.is_some(), any);
            if let Some(Unseen { mass, low, high }) = told {
                prop_assert!(0.0 <= low && low <= mass && mass <= high && high <= 1.0, "{} {} {}", low, mass, high);
            }
        }
    }
}
