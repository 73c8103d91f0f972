//! How far have scores moved on average?

use super::gains;
use crate::stats::distribution::student;
use crate::stats::interval::Interval;
use crate::stats::level::Level;
use crate::stats::reason::Reason;

/// The mean gain, and whether chance alone could have made it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PairedT {
    /// The mean gain and its interval.
    pub interval: Interval,
    /// Student's t.
    pub statistic: Option<f64>,
    /// Its degrees of freedom.
    pub df: Option<f64>,
    /// How often chance alone would take a mean as far from 0, either way.
    pub p_value: Option<f64>,
}

/// The mean gain of pairs, with Student's interval and test.
///
/// # Formula
/// With dᵢ = after − before, n of them, d̄ their mean and s² = Σ (dᵢ − d̄)²/(n − 1):
/// ```text
/// d̄ ± t s/√n,   P(|T| < t) = level,  n − 1 degrees of freedom
/// statistic   d̄ / (s/√n)
/// ```
/// # Arguments
/// `before[i]`, `after[i]`: the scores of one person, in the scale's units, as is the mean gain.
///
/// # Edges
/// One pair has a mean but no interval ([`Reason::TooFewPairs`]), as have pairs that all moved
/// equally far ([`Reason::ZeroVariance`]). No pairs are [`Reason::NoPairs`]; sequences of different
/// lengths [`Reason::UnequalLengths`]; a score that is not finite [`Reason::NotFinite`].
///
/// # Source
/// Student, 1908, "The probable error of a mean".
///
/// # Example
/// ```
/// use wholefamily::stats::{Level, paired_t};
/// // gains 1, 2 and 3: mean 2, s = 1, t = 2√3
/// let test = paired_t(&[4.0, 4.0, 5.0], &[5.0, 6.0, 8.0], Level::new(0.95).unwrap());
/// assert_eq!((test.interval.value, test.df), (Some(2.0), Some(2.0)));
/// assert!((test.statistic.unwrap() - 12.0_f64.sqrt()).abs() < 1e-15);
/// ```
#[must_use]
pub fn paired_t(before: &[f64], after: &[f64], level: Level) -> PairedT {
    let gains = match gains(before, after) {
        Ok(gains) => gains,
        Err(reason) => return PairedT::without(Interval::undefined(reason)),
    };
    let n = gains.len() as f64;
    // What rounding takes from the first mean, the second gives back.
    let first = gains.iter().map(|gain| gain / n).sum::<f64>();
    let rest = gains.iter().map(|gain| (gain - first) / n).sum::<f64>();
    let mean = first + rest;
    if gains.iter().all(|gain| Some(gain) == gains.first()) {
        return of_gains(n, mean, 0.0, level);
    }
    let squares = gains.iter().map(|gain| ((gain - first) - rest).powi(2)).sum::<f64>();
    of_gains(n, mean, squares, level)
}

impl PairedT {
    /// No test, and a mean without limits or none at all.
    pub(super) const fn without(interval: Interval) -> Self {
        Self { interval, statistic: None, df: None, p_value: None }
    }
}

/// Student's interval and test from n gains, their mean, and the sum of their squares about it.
pub(super) fn of_gains(n: f64, mean: f64, squares: f64, level: Level) -> PairedT {
    let df = n - 1.0;
    if df < 1.0 {
        return PairedT::without(Interval::without_limits(mean, Reason::TooFewPairs));
    }
    if squares == 0.0 {
        return PairedT::without(Interval::without_limits(mean, Reason::ZeroVariance));
    }
    let error = (squares / df).sqrt() / n.sqrt();
    let statistic = mean / error;
    if !(statistic.is_finite() && error.is_finite()) {
        return PairedT::without(Interval::without_limits(mean, Reason::TooLarge));
    }
    let reach = student::two_sided_quantile(level.get(), df) * error;
    PairedT {
        interval: Interval::new(mean, mean - reach, mean + reach),
        statistic: Some(statistic),
        df: Some(df),
        p_value: Some(student::two_sided(statistic, df)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(gains: &[f64]) -> PairedT {
        paired_t(&vec![0.0; gains.len()], gains, Level::default())
    }

    fn near(got: Option<f64>, want: f64) {
        let got = got.unwrap();
        assert!((got - want).abs() <= 1e-14 * want.abs(), "{got:e} {want:e}");
    }

    #[test]
    fn two_pairs_by_hand() {
        // gains 1 and 3: s/√n = 1; with 1 degree of freedom t is Cauchy's, p = 1 − (2/π) atan 2
        let test = of(&[1.0, 3.0]);
        assert_eq!((test.interval.value, test.statistic), (Some(2.0), Some(2.0)));
        near(test.p_value, 1.0 - 2.0 / std::f64::consts::PI * 2.0_f64.atan());
        let reach = (0.475 * std::f64::consts::PI).tan();
        near(test.interval.upper, 2.0 + reach);
        near(test.interval.lower, 2.0 - reach);
    }

    #[test]
    fn turning_the_gains_turns_the_signs() {
        let (there, back) = (of(&[1.0, 3.5, -2.0, 7.0]), of(&[-1.0, -3.5, 2.0, -7.0]));
        assert_eq!(there.interval.lower, back.interval.upper.map(|limit| -limit));
        assert_eq!(there.statistic, back.statistic.map(|t| -t));
        assert_eq!(there.p_value, back.p_value);
    }

    #[test]
    fn a_long_way_from_zero_keeps_its_digits() {
        let (near_by, far) =
            (of(&[1.0, 2.0, 4.0, 9.0]), of(&[1e8 + 1.0, 1e8 + 2.0, 1e8 + 4.0, 1e8 + 9.0]));
        let width = |test: PairedT| test.interval.upper.unwrap() - test.interval.lower.unwrap();
        assert!((width(near_by) / width(far) - 1.0).abs() < 1e-7);
        assert_eq!(far.interval.value, Some(1e8 + 4.0));
    }

    #[test]
    fn what_has_no_interval_says_why() {
        let lone = of(&[2.5]).interval;
        assert_eq!(lone, Interval::without_limits(2.5, Reason::TooFewPairs));
        let even = of(&[0.1, 0.1, 0.1]);
        assert_eq!(even.interval.reason, Some(Reason::ZeroVariance));
        assert_eq!((even.statistic, even.df, even.p_value), (None, None, None));
        assert_eq!(of(&[]).interval, Interval::undefined(Reason::NoPairs));
        let unequal = paired_t(&[1.0], &[1.0, 2.0], Level::default());
        assert_eq!(unequal.interval, Interval::undefined(Reason::UnequalLengths));
        let wrong = paired_t(&[1.0, f64::NAN], &[1.0, 2.0], Level::default());
        assert_eq!(wrong.interval, Interval::undefined(Reason::NotFinite));
        assert_eq!(of(&[1e300, -1e300, 1e300]).interval.reason, Some(Reason::TooLarge));
    }
}
