//! A handful of numbers that stand for many.

use serde::Serialize;

/// How values are distributed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Distribution {
    /// Of how many values.
    pub count: usize,
    /// Their mean.
    pub mean: f64,
    /// The least.
    pub min: f64,
    /// The median.
    pub median: f64,
    /// The value that nine of ten do not exceed.
    pub p90: f64,
    /// The value that ninety-nine of a hundred do not exceed.
    pub p99: f64,
    /// The largest.
    pub max: f64,
}

impl Distribution {
    /// Of some values; `None` if there are none. Quantiles are values themselves, by the nearest rank.
    #[allow(clippy::cast_precision_loss, reason = "the number of worlds stays far below 2^52")]
    pub fn of(mut values: Vec<f64>) -> Option<Self> {
        values.sort_by(f64::total_cmp);
        let (min, max) = (*values.first()?, *values.last()?);
        let rank = |of_a_hundred: usize| values[(values.len() * of_a_hundred).div_ceil(100).max(1) - 1];
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        Some(Self { count: values.len(), mean, min, median: rank(50), p90: rank(90), p99: rank(99), max })
    }
}

#[cfg(test)]
mod tests {
    use super::Distribution;

    #[test]
    fn quantiles_are_values_by_the_nearest_rank() {
        let of = Distribution::of((1..=200).rev().map(f64::from).collect()).expect("values");
        assert_eq!([of.min, of.median, of.p90, of.p99, of.max].map(|value| value.to_string()), ["1", "100", "180", "198", "200"]);
        assert!((of.mean - 100.5).abs() < 1e-9);
        assert_eq!(Distribution::of(Vec::new()), None);
        assert_eq!(Distribution::of(vec![7.0]).map(|of| of.p99.to_string()).as_deref(), Some("7"));
    }
}
