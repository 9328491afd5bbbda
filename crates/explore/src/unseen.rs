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
