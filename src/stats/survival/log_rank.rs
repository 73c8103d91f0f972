//! Do the groups have their events at the same pace?

use super::super::distribution::chi_squared;
use super::super::reason::Reason;
use super::super::significance::Significance;
use super::quadratic::quadratic;
use super::times::{Times, Walk, event_days};
use super::weight::LogRankWeight;

/// What a log-rank test found.
#[derive(Debug, Clone, PartialEq)]
pub struct LogRank {
    /// Events of each group, weighted by day.
    pub observed: Vec<f64>,
    /// Events that each would have had at the pace of all groups together, weighted by day.
    pub expected: Vec<f64>,
    /// The test: χ², its degrees of freedom, and its p-value.
    pub test: Significance,
}

/// Do two or more groups have their events at the same pace?
///
/// # Formula
/// On each day d of the n at risk in all groups have an event, dⱼ of the nⱼ in group j, and the day
/// counts w:
/// ```text
/// zⱼ = Σ w (dⱼ − d nⱼ/n),   Vⱼₖ = Σ w² d (n − d)/(n − 1) nⱼ/n (1{j = k} − nₖ/n),   χ² = z'V⁻z
/// ```
/// summed over days and strata; the weight's S is that of all groups of the stratum.
///
/// # Arguments
/// `strata`: of each stratum its groups, in the same order; all causes count as the event. One
/// stratum is the plain test.
///
/// # Edges
/// Fewer than two groups: [`Reason::TooFewGroups`]. Strata that differ in their groups:
/// [`Reason::UnequalLengths`]. No day on which an event could have fallen to another group:
/// [`Reason::NoVariation`]. Groups never at risk beside others take no part, and the degrees of
/// freedom are the rank of V. Tables that cannot be: as [`Times::people`].
///
/// # Source
/// N. Mantel, 1966, "Evaluation of survival data and two new rank order statistics arising in its
/// consideration"; R: survdiff (log-rank and `rho`).
///
/// # Example
/// ```
/// use wholefamily::stats::survival::{Days, LogRankWeight, Times, log_rank};
/// let early = Times { days: Days::From(1), events: &[&[2, 1, 1, 0]], censored: &[], entered: &[] };
/// let late = Times { days: Days::From(1), events: &[&[0, 0, 1, 3]], censored: &[], entered: &[] };
/// let found = log_rank(&[&[early, late]], LogRankWeight::LogRank);
/// assert!(found.test.p_value.unwrap() < 0.05);
/// ```
#[must_use]
pub fn log_rank(strata: &[&[Times<'_>]], weight: LogRankWeight) -> LogRank {
    let groups = strata.first().map_or(0, |groups| groups.len());
    let mut sums = Sums::new(groups);
    let undefined = |reason| LogRank {
        observed: Vec::new(),
        expected: Vec::new(),
        test: Significance::undefined(reason),
    };
    if groups < 2 {
        return undefined(Reason::TooFewGroups);
    }
    for stratum in strata {
        if stratum.len() != groups {
            return undefined(Reason::UnequalLengths);
        }
        if let Err(reason) = sums.add(stratum, weight) {
            return undefined(reason);
        }
    }
    let deviation: Vec<f64> =
        sums.observed.iter().zip(&sums.expected).map(|(seen, due)| seen - due).collect();
    let test = match quadratic(&deviation, &sums.covariance) {
        Some((_, 0)) => Significance::undefined(Reason::NoVariation),
        Some((statistic, rank)) => {
            let df = rank as f64;
            Significance::new(Some(statistic), Some(df), chi_squared::upper(statistic, df))
        }
        None => Significance::undefined(Reason::TooLarge),
    };
    LogRank { observed: sums.observed, expected: sums.expected, test }
}

struct Sums {
    observed: Vec<f64>,
    expected: Vec<f64>,
    covariance: Vec<Vec<f64>>,
}

impl Sums {
    fn new(groups: usize) -> Self {
        let zeros = vec![0.0; groups];
        Self { observed: zeros.clone(), expected: zeros.clone(), covariance: vec![zeros; groups] }
    }

    fn add(&mut self, groups: &[Times<'_>], weight: LogRankWeight) -> Result<(), Reason> {
        let mut walks = groups.iter().map(Times::walk).collect::<Result<Vec<_>, _>>()?;
        let (mut before, mut peto) = (1.0, 1.0);
        for day in event_days(groups)? {
            let here = |walk: &mut Walk<'_>| {
                let events = walk.go_to(day).map_or(0, |row| row.events);
                (walk.at_risk as f64, events as f64)
            };
            let counts: Vec<(f64, f64)> = walks.iter_mut().map(here).collect();
            let (n, d) = counts.iter().fold((0.0, 0.0), |(n, d), of| (n + of.0, d + of.1));
            peto *= 1.0 - d / (n + 1.0);
            let w = weight.of_day(n, before, peto);
            before *= (n - d) / n;
            self.add_day(&counts, n, d, w);
        }
        Ok(())
    }

    fn add_day(&mut self, counts: &[(f64, f64)], n: f64, d: f64, w: f64) {
        let spread = if n > 1.0 { w * w * d * ((n - d) / (n - 1.0)) } else { 0.0 };
        let sums = self.observed.iter_mut().zip(&mut self.expected).zip(&mut self.covariance);
        for ((j, &(at_risk, events)), ((observed, expected), row)) in
            counts.iter().enumerate().zip(sums)
        {
            *observed += w * events;
            *expected += w * d * (at_risk / n);
            for (k, (cell, &(other, _))) in row.iter_mut().zip(counts).enumerate() {
                let rest = if j == k { n - at_risk } else { -other };
                *cell += spread * (at_risk / n) * (rest / n);
            }
        }
    }
}

#[cfg(test)]
#[path = "log_rank_tests.rs"]
mod tests;
