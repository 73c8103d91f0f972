//! Figures whose interval comes from drawing the data again: the rows, or whole clusters of them.

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::error::{Error, Result};
use crate::stats::Reason;
use crate::stats::bootstrap::{
    Bootstrap, BootstrapMethod, Resample, Sums, Weights, bootstrap, replicates, weighted_median,
};
use crate::stats::level::Level;

/// So many resamples are drawn at a time; which ones are drawn together changes nothing.
const PIECE: u64 = 64;
/// Leaving each row out in turn, and finding the median anew each time, takes so long.
const MOST_FOR_MEDIAN: usize = 50_000;

/// What is computed of each group.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Figure {
    Mean,
    Median,
    Ratio,
}

impl Figure {
    pub(super) const WORDS: [&'static str; 3] = ["mean", "median", "ratio"];

    pub(super) fn parse(word: &str) -> Option<Self> {
        match word {
            "mean" => Some(Self::Mean),
            "median" => Some(Self::Median),
            "ratio" => Some(Self::Ratio),
            _ => None,
        }
    }
}

/// How two groups are compared.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Contrast {
    Difference,
    Ratio,
}

impl Contrast {
    pub(super) const WORDS: [&'static str; 2] = ["difference", "ratio"];

    pub(super) fn parse(word: &str) -> Option<Self> {
        match word {
            "difference" => Some(Self::Difference),
            "ratio" => Some(Self::Ratio),
            _ => None,
        }
    }
}

/// The data and what is asked of them.
pub(super) struct Data<'a> {
    pub(super) value: &'a [f64],
    pub(super) base: Option<&'a [f64]>,
    /// 1 for the group, 0 for the reference.
    pub(super) group: Option<&'a [u64]>,
    pub(super) cluster: Option<&'a [u64]>,
    pub(super) figure: Figure,
    pub(super) contrast: Contrast,
}

/// How the resamples are drawn and what is made of them.
pub(super) struct Draws {
    pub(super) count: u64,
    pub(super) seed: u64,
    pub(super) method: BootstrapMethod,
    pub(super) level: Level,
}

impl Draws {
    /// The interval, its resamples drawn on all threads.
    fn interval(&self, of: &(impl Resample + Sync)) -> Bootstrap {
        let pieces = self.count.div_ceil(PIECE);
        let drawn: Vec<Vec<Option<f64>>> = (0..pieces)
            .into_par_iter()
            .map(|piece| {
                let first = piece * PIECE;
                replicates(of, self.seed, first..(first + PIECE).min(self.count))
            })
            .collect();
        bootstrap(of, &drawn.concat(), self.method, self.level)
    }
}

impl Data<'_> {
    /// The figure with its interval.
    pub(super) fn resampled(
        &self,
        draws: &Draws,
    ) -> Result<std::result::Result<Bootstrap, Reason>> {
        self.check(draws)?;
        let units = Units::of(self);
        if self.value.is_empty() {
            return Ok(Err(Reason::NoRows));
        }
        if units.sizes.contains(&0) {
            return Ok(Err(Reason::EmptyGroup));
        }
        Ok(match self.figure {
            Figure::Median => self.median(&units, draws),
            Figure::Mean | Figure::Ratio => self.sums(&units, draws),
        })
    }

    fn check(&self, draws: &Draws) -> Result<()> {
        if (self.figure == Figure::Ratio) != self.base.is_some() {
            return Err(Error::spec(
                "base goes with statistic = 'ratio', which is the sum of value over the sum of base, \
                 and with no other",
            ));
        }
        if let Some(groups) = self.group
            && let Some(row) = groups.iter().position(|group| *group > 1)
        {
            return Err(Error::data(format!(
                "group is {} at row {row}; expected 1 for the group or 0 for its reference",
                groups.get(row).copied().unwrap_or_default()
            )));
        }
        let long = self.value.len() > MOST_FOR_MEDIAN;
        if self.figure == Figure::Median && draws.method == BootstrapMethod::Bca && long {
            return Err(Error::spec(format!(
                "'bca' of a median finds it anew without each row, too slow for more than \
                 {MOST_FOR_MEDIAN} rows; take method = 'percentile'"
            )));
        }
        Ok(())
    }

    fn is_group(&self, row: usize) -> bool {
        self.group.is_none_or(|groups| groups.get(row) == Some(&1))
    }

    /// Means and ratios: sums of numerators and denominators, of the group and of its reference.
    fn sums(&self, units: &Units, draws: &Draws) -> std::result::Result<Bootstrap, Reason> {
        let mut all = vec![[0.0; 4]; units.sizes.iter().sum()];
        for (row, (value, unit)) in self.value.iter().zip(&units.of_row).enumerate() {
            let base = self.base.map_or(Some(1.0), |bases| bases.get(row).copied());
            if let (Some([x1, n1, x2, n2]), Some(base)) = (all.get_mut(*unit), base) {
                let (x, n) = if self.is_group(row) { (x1, n1) } else { (x2, n2) };
                *x += value;
                *n += base;
            }
        }
        let mut samples: Vec<Vec<[f64; 4]>> = Vec::new();
        for size in &units.sizes {
            let rest = all.split_off((*size).min(all.len()));
            samples.push(std::mem::replace(&mut all, rest));
        }
        let (contrast, two) = (self.contrast, self.group.is_some());
        let figure = move |sums: &[[f64; 4]]| {
            let [mut x1, mut n1, mut x2, mut n2] = [0.0; 4];
            for [a, b, c, d] in sums {
                (x1, n1, x2, n2) = (x1 + a, n1 + b, x2 + c, n2 + d);
            }
            let of = |x: f64, n: f64| (n != 0.0).then(|| x / n);
            if two { compared(of(x1, n1)?, of(x2, n2)?, contrast) } else { of(x1, n1) }
        };
        Ok(draws.interval(&Sums::new(samples, figure)?))
    }

    fn median(&self, units: &Units, draws: &Draws) -> std::result::Result<Bootstrap, Reason> {
        let ascending = |group: bool| {
            let rows = self.value.iter().zip(&units.of_row).enumerate();
            let mut rows: Vec<(f64, usize)> = rows
                .filter(|(row, _)| self.is_group(*row) == group)
                .map(|(_, (value, unit))| (*value, *unit))
                .collect();
            rows.sort_by(|a, b| a.0.total_cmp(&b.0));
            rows.into_iter().unzip::<f64, usize, Vec<f64>, Vec<usize>>()
        };
        let (first, second) = (ascending(true), ascending(false));
        let (contrast, two) = (self.contrast, self.group.is_some());
        let median = |(values, units): &(Vec<f64>, Vec<usize>), weights: &[u64]| {
            let weights: Vec<u64> =
                units.iter().map(|unit| weights.get(*unit).copied().unwrap_or(0)).collect();
            weighted_median(values, &weights)
        };
        let figure = move |weights: &[u64]| {
            let group = median(&first, weights)?;
            if two { compared(group, median(&second, weights)?, contrast) } else { Some(group) }
        };
        Ok(draws.interval(&Weights::new(&units.sizes, figure)?))
    }
}

fn compared(group: f64, reference: f64, contrast: Contrast) -> Option<f64> {
    match contrast {
        Contrast::Difference => Some(group - reference),
        Contrast::Ratio => (reference != 0.0).then(|| group / reference),
    }
}

/// What is drawn: each row, or each cluster; from the group and from its reference by themselves,
/// unless some cluster holds rows of both.
struct Units {
    sizes: Vec<usize>,
    of_row: Vec<usize>,
}

impl Units {
    fn of(data: &Data) -> Self {
        match data.cluster {
            None => Self::rows(data),
            Some(clusters) => Self::clusters(data, clusters),
        }
    }

    /// Each row by itself: those of the group first.
    fn rows(data: &Data) -> Self {
        let rows = data.value.len();
        let group = (0..rows).filter(|row| data.is_group(*row)).count();
        let (mut first, mut second) = (0..group, group..rows);
        let mut place = |row: usize| if data.is_group(row) { first.next() } else { second.next() };
        let sizes = if data.group.is_some() { vec![group, rows - group] } else { vec![rows] };
        Self { sizes, of_row: (0..rows).filter_map(&mut place).collect() }
    }

    fn clusters(data: &Data, clusters: &[u64]) -> Self {
        let rows = data.value.len();
        let key = |row: usize| clusters.get(row).copied().unwrap_or(0);
        // Which side each unit is on: bit 0 for the group, bit 1 for the reference.
        let mut sides: BTreeMap<u64, u8> = BTreeMap::new();
        for row in 0..rows {
            *sides.entry(key(row)).or_default() |= if data.is_group(row) { 1 } else { 2 };
        }
        let apart = data.group.is_some() && sides.values().all(|side| *side != 3);
        let on = |wanted: u8| sides.iter().filter(move |(_, side)| !apart || **side == wanted);
        let samples: &[u8] = if apart { &[1, 2] } else { &[1] };
        let order = samples.iter().flat_map(|side| on(*side)).map(|(key, _)| *key);
        let places: BTreeMap<u64, usize> =
            order.enumerate().map(|(place, key)| (key, place)).collect();
        Self {
            sizes: samples.iter().map(|side| on(*side).count()).collect(),
            of_row: (0..rows).filter_map(|row| places.get(&key(row)).copied()).collect(),
        }
    }
}
