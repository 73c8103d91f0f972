//! Resampling what is made of sums: means, ratios of sums, their differences.

use std::cmp::Ordering;

use super::super::random::Random;
use super::super::reason::Reason;
use super::sample::Sample;
use super::{Jackknife, Resample, Room};

/// Where so many rows are alike for each that differs, how many of each kind are drawn is drawn
/// instead of the rows: a binomial takes about as long as this many rows.
const ALIKE: usize = 32;
/// So few different rows are looked through one by one.
const FEW: usize = 16;

/// A figure of the sums of K columns over each sample: with a column of ones beside the values, a
/// mean; with a numerator and a denominator, a ratio; with one row a cluster, either by cluster.
///
/// # Properties
/// The order of rows does not matter, not even to the draws. Samples are drawn one by one, each on
/// its own. Where rows are many and kinds of row few (scores, ages, days, yes and no), how many of
/// each kind are drawn is drawn, which is the same distribution much sooner.
///
/// # Example
/// ```
/// use wholefamily::stats::bootstrap::{Resample, Sums};
/// // Three families with 2, 0 and 1 of 3, 1 and 2 children on time: the share, by family
/// let families = vec![[2.0, 3.0], [0.0, 1.0], [1.0, 2.0]];
/// let share = Sums::new(vec![families], |sums| match sums {
///     [[on_time, all]] => Some(on_time / all),
///     _ => None,
/// });
/// assert_eq!(share.unwrap().observed(), Some(0.5));
/// ```
#[derive(Debug, Clone)]
pub struct Sums<F, const K: usize> {
    samples: Vec<(Sample, Vec<[f64; K]>)>,
    whole: Vec<[f64; K]>,
    figure: F,
}

impl<F: Fn(&[[f64; K]]) -> Option<f64>, const K: usize> Sums<F, K> {
    /// The rows of each sample, and the figure of their sums.
    ///
    /// # Edges
    /// No sample, or an empty one: [`Reason::NoRows`]; a number that is infinite or NaN:
    /// [`Reason::NotFinite`].
    pub fn new(samples: Vec<Vec<[f64; K]>>, figure: F) -> Result<Self, Reason> {
        if samples.is_empty() {
            return Err(Reason::NoRows);
        }
        let samples: Result<Vec<_>, Reason> = samples.into_iter().map(kinds).collect();
        let samples = samples?;
        let whole = samples.iter().map(|(sample, rows)| {
            let mut sums = [0.0; K];
            for (row, copies) in rows.iter().zip(sample.copies()) {
                add(&mut sums, row, copies as f64);
            }
            sums
        });
        let whole = whole.collect();
        Ok(Self { samples, whole, figure })
    }
}

impl<F: Fn(&[[f64; K]]) -> Option<f64>, const K: usize> Resample for Sums<F, K> {
    fn observed(&self) -> Option<f64> {
        (self.figure)(&self.whole)
    }

    fn resample(&self, random: &mut Random, room: &mut Room) -> Option<f64> {
        let drawn = self
            .samples
            .iter()
            .map(|(sample, rows)| drawn_sums(sample, rows, random, &mut room.times));
        let sums: Vec<[f64; K]> = drawn.collect();
        (self.figure)(&sums)
    }

    fn jackknife(&self) -> Option<Jackknife> {
        let (mut jackknife, mut sums) = (Jackknife::default(), self.whole.clone());
        for (which, (sample, rows)) in self.samples.iter().enumerate() {
            let whole = *self.whole.get(which)?;
            let mut without = Vec::with_capacity(rows.len());
            for (row, copies) in rows.iter().zip(sample.copies()) {
                let left = sums.get_mut(which)?;
                *left = whole;
                add(left, row, -1.0);
                without.push(((self.figure)(&sums)?, copies));
            }
            *sums.get_mut(which)? = whole;
            jackknife.sample(&without);
        }
        Some(jackknife)
    }
}

/// The sums of one resample of a sample.
///
/// Always added in the order of the rows, so that two resamples of the same rows have the same sums
/// to the last bit.
fn drawn_sums<const K: usize>(
    sample: &Sample,
    rows: &[[f64; K]],
    random: &mut Random,
    times: &mut Vec<u32>,
) -> [f64; K] {
    times.clear();
    times.resize(rows.len(), 0);
    if let Sample::Rows(size) = sample {
        random.rows(*size, |row| {
            if let Some(times) = times.get_mut(row) {
                *times += 1;
            }
        });
        return weighted_sums(rows, times);
    }
    let mut sums = [0.0; K];
    sample.draw(random, |kind, drawn| {
        if let Some(row) = rows.get(kind) {
            add(&mut sums, row, drawn as f64);
        }
    });
    sums
}

/// Four sums in turn, so that an addition need not wait for the one before.
fn weighted_sums<const K: usize>(rows: &[[f64; K]], times: &[u32]) -> [f64; K] {
    let mut sums = [[0.0; K]; 4];
    let (fours, rest) = rows.as_chunks::<4>();
    let (times, rest_times) = times.as_chunks::<4>();
    for (rows, times) in fours.iter().zip(times) {
        for ((sum, row), times) in sums.iter_mut().zip(rows).zip(times) {
            add(sum, row, f64::from(*times));
        }
    }
    let [mut whole, others @ ..] = sums;
    for (row, times) in rest.iter().zip(rest_times) {
        add(&mut whole, row, f64::from(*times));
    }
    for other in others {
        add(&mut whole, &other, 1.0);
    }
    whole
}

fn add<const K: usize>(sums: &mut [f64; K], row: &[f64; K], times: f64) {
    for (sum, number) in sums.iter_mut().zip(row) {
        *sum += number * times;
    }
}

/// The rows in order; or the different ones and how many there are of each, if so few differ.
fn kinds<const K: usize>(mut rows: Vec<[f64; K]>) -> Result<(Sample, Vec<[f64; K]>), Reason> {
    if rows.iter().flatten().any(|number| !number.is_finite()) {
        return Err(Reason::NotFinite);
    }
    for number in rows.iter_mut().flatten() {
        *number += 0.0; // so that −0 is 0
    }
    if let Some(few) = few_kinds(&rows) {
        let (different, copies) = few.into_iter().unzip();
        return Ok((Sample::kinds(copies).ok_or(Reason::NoRows)?, different));
    }
    rows.sort_unstable_by(in_order);
    let mut copies: Vec<u64> = Vec::new();
    let mut different: Vec<[f64; K]> = Vec::new();
    for row in &rows {
        match (different.last(), copies.last_mut()) {
            (Some(last), Some(many)) if last == row => *many += 1,
            _ => {
                different.push(*row);
                copies.push(1);
            }
        }
    }
    if rows.len() / ALIKE < different.len() {
        return Ok((Sample::rows(rows.len()).ok_or(Reason::NoRows)?, rows));
    }
    Ok((Sample::kinds(copies).ok_or(Reason::NoRows)?, different))
}

fn in_order<const K: usize>(a: &[f64; K], b: &[f64; K]) -> Ordering {
    let unlike = a.iter().zip(b).map(|(a, b)| a.total_cmp(b)).find(|order| order.is_ne());
    unlike.unwrap_or(Ordering::Equal)
}

/// The different rows in order and how many there are of each, found without sorting all of them;
/// `None` unless they are as few as counts make them.
fn few_kinds<const K: usize>(rows: &[[f64; K]]) -> Option<Vec<([f64; K], u64)>> {
    if rows.len() / ALIKE < FEW {
        return None;
    }
    let mut few: Vec<([f64; K], u64)> = Vec::new();
    for row in rows {
        if let Some((_, copies)) = few.iter_mut().find(|(other, _)| other == row) {
            *copies += 1;
        } else if few.len() == FEW {
            return None;
        } else {
            few.push((*row, 1));
        }
    }
    few.sort_unstable_by(|(a, _), (b, _)| in_order(a, b));
    Some(few)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::bootstrap::{Shares, replicates};

    type Rows = Vec<[f64; 2]>;

    fn gap(sums: &[[f64; 2]]) -> Option<f64> {
        match sums {
            [[a, n], [b, m]] => Some(a / n - b / m),
            _ => None,
        }
    }

    fn made(size: usize, of: impl Fn(&mut Random) -> f64) -> Rows {
        let mut random = Random::new(1, 1);
        (0..size).map(|_| [of(&mut random), 1.0]).collect()
    }

    #[test]
    fn the_order_of_rows_does_not_matter() {
        for kinds in [3, 1_000_000] {
            let first = made(700, |random| random.below(kinds) as f64);
            let second = made(90, |random| random.below(kinds) as f64);
            let turned = |rows: &Rows| rows.iter().rev().copied().collect::<Rows>();
            let one = Sums::new(vec![first.clone(), second.clone()], gap).unwrap();
            let other = Sums::new(vec![turned(&first), turned(&second)], gap).unwrap();
            assert_eq!(replicates(&one, 3, 0..50), replicates(&other, 3, 0..50));
            assert_eq!(one.observed(), other.observed());
        }
    }

    #[test]
    fn yes_and_no_are_shares() {
        let bits = |x: usize, n: usize| (0..n).map(|i| [f64::from(i < x), 1.0]).collect::<Rows>();
        for (x1, n1, x2, n2) in [(3, 10, 4, 8), (300, 1000, 450, 900), (1, 40, 0, 5)] {
            let rows = Sums::new(vec![bits(x1, n1), bits(x2, n2)], gap).unwrap();
            let groups = [(x1 as u64, n1 as u64), (x2 as u64, n2 as u64)];
            let counts = Shares::new(&groups, |drawn| match drawn {
                [(x1, n1), (x2, n2)] => Some(*x1 as f64 / *n1 as f64 - *x2 as f64 / *n2 as f64),
                _ => None,
            });
            let counts = counts.unwrap();
            assert_eq!(rows.observed(), counts.observed());
            let of = |jackknife: Option<Jackknife>| jackknife.unwrap().acceleration().unwrap();
            let (one, other) = (of(rows.jackknife()), of(counts.jackknife()));
            assert!((one - other).abs() < 1e-12 * one.abs(), "{one} {other}");
        }
    }

    #[test]
    fn rows_and_kinds_draw_from_one_distribution() {
        // 40 scores, 2,000 rows: as kinds; moved apart by almost nothing: as rows.
        let scores = made(2000, |random| random.below(40) as f64);
        let apart: Rows =
            scores.iter().enumerate().map(|(i, row)| [row[0] + i as f64 * 1e-12, 1.0]).collect();
        let mean = |sums: &[[f64; 2]]| sums.first().map(|[sum, n]| sum / n);
        let spread = |rows: Rows| {
            let sums = Sums::new(vec![rows], mean).unwrap();
            let drawn: Vec<f64> = replicates(&sums, 5, 0..4000).into_iter().flatten().collect();
            let middle = drawn.iter().sum::<f64>() / 4000.0;
            let variance = drawn.iter().map(|mean| (mean - middle).powi(2)).sum::<f64>() / 3999.0;
            (middle, variance)
        };
        let middle = scores.iter().map(|row| row[0]).sum::<f64>() / 2000.0;
        let variance = scores.iter().map(|row| (row[0] - middle).powi(2)).sum::<f64>() / 2000.0;
        for (mean, drawn) in [spread(scores), spread(apart)] {
            let error = (variance / 2000.0).sqrt();
            assert!((mean - middle).abs() < 4.0 * error / 4000.0_f64.sqrt(), "{mean} {middle}");
            assert!((drawn / (variance / 2000.0) - 1.0).abs() < 0.1, "{drawn}");
        }
    }

    #[test]
    fn what_cannot_be_drawn_says_why() {
        assert_eq!(Sums::<_, 2>::new(vec![], gap).err(), Some(Reason::NoRows));
        assert_eq!(Sums::new(vec![vec![[1.0, 1.0]], vec![]], gap).err(), Some(Reason::NoRows));
        let wrong = Sums::new(vec![vec![[f64::NAN, 1.0]]], gap);
        assert_eq!(wrong.err(), Some(Reason::NotFinite));
    }

    #[test]
    fn minus_nothing_is_nothing() {
        let sums = Sums::new(vec![vec![[0.0, 1.0], [-0.0, 1.0]]; 2], gap).unwrap();
        assert_eq!(sums.observed(), Some(0.0));
    }
}
