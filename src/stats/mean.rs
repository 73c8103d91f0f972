//! What is the mean, and how sure can we be of it?

use super::distribution::student;
use super::interval::Interval;
use super::level::Level;
use super::reason::Reason;

/// The mean of values that each occur so many times, with Student's interval.
///
/// # Formula
/// With k the times that a value v occurs, n = Σk, and t Student's with n − 1 degrees of freedom:
/// ```text
/// m = Σ kv/n,   s² = Σ k(v − m)²/(n − 1);   m ± t s/√n
/// ```
/// # Arguments
/// `values[i]`: a value, and how many times it occurs.
///
/// # Edges
/// Nothing: [`Reason::NoRows`]. One value has no interval ([`Reason::TooFewUnits`]), nor have values
/// that are all the same ([`Reason::ZeroVariance`]). A value that is not finite:
/// [`Reason::NotFinite`].
///
/// # Source
/// Student, 1908, "The probable error of a mean".
///
/// # Example
/// ```
/// use wholefamily::stats::{Level, mean_of_counts};
/// // 1, 2 and 3: mean 2, s = 1
/// let mean = mean_of_counts(&[(1.0, 1), (2.0, 1), (3.0, 1)], Level::default());
/// assert_eq!(mean.value, Some(2.0));
/// assert!((mean.upper.unwrap() - 2.0 - 4.302652729749464 / 3.0_f64.sqrt()).abs() < 1e-14);
/// ```
#[must_use]
pub fn mean_of_counts(values: &[(f64, u64)], level: Level) -> Interval {
    if values.iter().any(|(value, _)| !value.is_finite()) {
        return Interval::undefined(Reason::NotFinite);
    }
    let present = || values.iter().filter(|(_, times)| *times > 0);
    let count: u64 = present().map(|(_, times)| times).sum();
    let Some((some, _)) = present().next() else { return Interval::undefined(Reason::NoRows) };
    let n = count as f64;
    if present().all(|(value, _)| value == some) {
        let reason = if count == 1 { Reason::TooFewUnits } else { Reason::ZeroVariance };
        return Interval::without_limits(*some, reason);
    }
    // What rounding takes from the first mean, the second gives back.
    let first = present().map(|(value, times)| value * (*times as f64 / n)).sum::<f64>();
    let rest = present().map(|(value, times)| (value - first) * (*times as f64 / n)).sum::<f64>();
    let squares = present()
        .map(|(value, times)| ((value - first) - rest).powi(2) * *times as f64)
        .sum::<f64>();
    let mean = first + rest;
    let reach =
        student::two_sided_quantile(level.get(), n - 1.0) * (squares / (n - 1.0) / n).sqrt();
    Interval::new(mean, mean - reach, mean + reach)
}

#[cfg(test)]
mod tests {
    use super::super::paired::paired_t;
    use super::*;

    #[test]
    fn the_same_as_of_the_values_one_by_one() {
        let level = Level::default();
        let counted = mean_of_counts(&[(0.25, 3), (1.0, 2), (7.0, 0), (0.5, 1)], level);
        let each = paired_t(&[0.0; 6], &[0.25, 0.25, 0.25, 1.0, 1.0, 0.5], level).interval;
        for (got, want) in
            [(counted.value, each.value), (counted.lower, each.lower), (counted.upper, each.upper)]
        {
            assert!((got.unwrap() - want.unwrap()).abs() < 1e-15);
        }
    }

    #[test]
    fn edges_say_why() {
        let level = Level::default();
        let of = |values: &[(f64, u64)]| mean_of_counts(values, level);
        assert_eq!(of(&[]), Interval::undefined(Reason::NoRows));
        assert_eq!(of(&[(1.0, 0)]), Interval::undefined(Reason::NoRows));
        assert_eq!(of(&[(0.3, 1)]), Interval::without_limits(0.3, Reason::TooFewUnits));
        assert_eq!(of(&[(0.1, 2), (0.1, 1)]), Interval::without_limits(0.1, Reason::ZeroVariance));
        assert_eq!(of(&[(f64::NAN, 2)]), Interval::undefined(Reason::NotFinite));
    }
}
