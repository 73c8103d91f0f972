//! Resampling anything that can be computed with weights.

use super::super::random::Random;
use super::super::reason::Reason;
use super::sample::Sample;
use super::{Jackknife, Resample, Room};

/// A figure of data whose every row or cluster counts as often as its weight says: medians,
/// quantiles, indices of inequality, whole models.
///
/// The figure is given one weight for each row, of all samples in turn, and looks its data up by
/// itself. What has a form in sums is sooner resampled by [`Sums`](super::Sums); the jackknife here
/// computes the figure as often as there are different rows.
///
/// # Example
/// ```
/// use wholefamily::stats::bootstrap::{Resample, Weights, weighted_median};
/// let days = [1.0, 4.0, 9.0];
/// let median = Weights::new(&[3], |weights| weighted_median(&days, weights)).unwrap();
/// assert_eq!(median.observed(), Some(4.0));
/// ```
#[derive(Debug, Clone)]
pub struct Weights<F> {
    samples: Vec<Sample>,
    whole: Vec<u64>,
    figure: F,
}

impl<F: Fn(&[u64]) -> Option<f64>> Weights<F> {
    /// Samples of that many rows or clusters each, and the figure of their weights.
    ///
    /// # Edges
    /// No sample, or an empty one: [`Reason::NoRows`].
    pub fn new(sizes: &[usize], figure: F) -> Result<Self, Reason> {
        Self::of(sizes.iter().map(|size| Sample::rows(*size)).collect(), figure)
    }

    /// The same of samples in which there are `copies` of each kind of row: the figure is told how
    /// many of each kind are drawn. Where kinds are few, that is soon drawn.
    ///
    /// # Edges
    /// As [`new`](Self::new).
    pub fn of_kinds(copies: Vec<Vec<u64>>, figure: F) -> Result<Self, Reason> {
        Self::of(copies.into_iter().map(Sample::kinds).collect(), figure)
    }

    fn of(samples: Option<Vec<Sample>>, figure: F) -> Result<Self, Reason> {
        let samples = samples.filter(|samples| !samples.is_empty()).ok_or(Reason::NoRows)?;
        let whole = samples.iter().flat_map(Sample::copies).collect();
        Ok(Self { samples, whole, figure })
    }
}

impl<F: Fn(&[u64]) -> Option<f64>> Resample for Weights<F> {
    fn observed(&self) -> Option<f64> {
        (self.figure)(&self.whole)
    }

    fn resample(&self, random: &mut Random, room: &mut Room) -> Option<f64> {
        room.weights.clear();
        room.weights.resize(self.whole.len(), 0);
        let mut rest = room.weights.as_mut_slice();
        for sample in &self.samples {
            let (weights, after) = rest.split_at_mut_checked(sample.len())?;
            sample.draw(random, |kind, drawn| {
                if let Some(weight) = weights.get_mut(kind) {
                    *weight += drawn;
                }
            });
            rest = after;
        }
        (self.figure)(&room.weights)
    }

    fn jackknife(&self) -> Option<Jackknife> {
        let (mut jackknife, mut weights) = (Jackknife::default(), self.whole.clone());
        let mut start = 0;
        for sample in &self.samples {
            let mut without = Vec::with_capacity(sample.len());
            for (row, copies) in (start..).zip(sample.copies()) {
                if copies > 0 {
                    *weights.get_mut(row)? -= 1;
                    without.push(((self.figure)(&weights)?, copies));
                    *weights.get_mut(row)? += 1;
                }
            }
            start += sample.len();
            jackknife.sample(&without);
        }
        Some(jackknife)
    }
}

/// The middle of values in ascending order, each counted as often as its weight says; of an even
/// number, halfway between the middle two. `None` if nothing has weight.
///
/// ```
/// use wholefamily::stats::bootstrap::weighted_median;
/// assert_eq!(weighted_median(&[1.0, 4.0, 9.0], &[2, 1, 1]), Some(2.5));
/// assert_eq!(weighted_median(&[1.0], &[0]), None);
/// ```
#[must_use]
pub fn weighted_median(ascending: &[f64], weights: &[u64]) -> Option<f64> {
    let total: u64 = weights.iter().sum();
    let (mut passed, mut lower) = (0_u64, None);
    for (value, weight) in ascending.iter().zip(weights) {
        passed += weight;
        if lower.is_none() && passed >= total.div_ceil(2) && passed > 0 {
            lower = Some(*value);
        }
        if passed > total / 2 {
            return lower.map(|lower| lower + (value - lower) / 2.0);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::{Sums, replicates};
    use super::*;

    #[test]
    fn the_median_is_the_middle() {
        for (weights, want) in [
            ([1, 1, 1, 0], 2.0),
            ([1, 1, 1, 1], 2.5),
            ([0, 0, 1, 1], 6.0),
            ([3, 0, 0, 3], 5.0),
            ([0, 5, 0, 4], 2.0),
        ] {
            assert_eq!(weighted_median(&[1.0, 2.0, 3.0, 9.0], &weights), Some(want));
        }
        assert_eq!(weighted_median(&[], &[]), None);
    }

    #[test]
    fn weights_add_up_sample_by_sample() {
        let sizes = [3, 2000, 1];
        let all = Weights::new(&sizes, |weights| {
            let (first, rest) = weights.split_at(3);
            let (second, third) = rest.split_at(2000);
            let sum = |weights: &[u64]| weights.iter().sum::<u64>();
            (sum(first) == 3 && sum(second) == 2000 && sum(third) == 1).then_some(1.0)
        });
        let all = all.unwrap();
        assert!(replicates(&all, 1, 0..200).iter().all(Option::is_some));
        assert_eq!(all.observed(), Some(1.0));
    }

    #[test]
    fn a_mean_by_weights_is_the_mean_by_sums() {
        let values = [1.5, 2.0, 4.0, 4.5, 9.0];
        let by_weights = Weights::new(&[5], |weights| {
            let sum = values.iter().zip(weights).map(|(value, weight)| value * *weight as f64);
            Some(sum.sum::<f64>() / weights.iter().sum::<u64>() as f64)
        });
        let rows = values.iter().map(|value| [*value, 1.0]).collect();
        let by_sums = Sums::new(vec![rows], |sums| sums.first().map(|[sum, n]| sum / n));
        let (by_weights, by_sums) = (by_weights.unwrap(), by_sums.unwrap());
        for (a, b) in replicates(&by_weights, 2, 0..100).iter().zip(replicates(&by_sums, 2, 0..100))
        {
            assert!((a.unwrap() - b.unwrap()).abs() < 1e-14);
        }
        let of = |jackknife: Option<Jackknife>| jackknife.unwrap().acceleration().unwrap();
        assert!((of(by_weights.jackknife()) - of(by_sums.jackknife())).abs() < 1e-14);
    }

    #[test]
    fn kinds_are_drawn_as_often_as_they_should_be() {
        // Of 10 rows, 1, 2, 3 and 4 of a kind: the last has mean 4 and variance 10 · 0.4 · 0.6
        let last = Weights::of_kinds(vec![vec![1, 2, 3, 4]], |weights| {
            weights.last().map(|weight| *weight as f64)
        });
        let drawn: Vec<f64> =
            replicates(&last.unwrap(), 4, 0..20_000).into_iter().flatten().collect();
        let mean = drawn.iter().sum::<f64>() / 2e4;
        let variance = drawn.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 2e4;
        assert!((mean - 4.0).abs() < 0.05 && (variance - 2.4).abs() < 0.1, "{mean} {variance}");
    }

    #[test]
    fn no_rows_cannot_be_drawn() {
        assert_eq!(Weights::new(&[], |_| None).err(), Some(Reason::NoRows));
        assert_eq!(Weights::new(&[3, 0], |_| None).err(), Some(Reason::NoRows));
        assert_eq!(Weights::of_kinds(vec![vec![0, 0]], |_| None).err(), Some(Reason::NoRows));
    }
}
