//! The mean change from sums, for rows that were counted in several places.

use super::t::{PairedT, of_gains};
use crate::stats::interval::Interval;
use crate::stats::level::Level;
use crate::stats::reason::Reason;

/// The mean change of n pairs, with Student's interval and test, from their sum and the sum of their
/// squares.
///
/// # Formula
/// ```text
/// d̄ = Σd/n,   s² = (Σd² − (Σd)²/n)/(n − 1);   then as in paired_t
/// ```
/// The difference in s² cancels, so both sums come as two numbers: the sum, and what rounding it to
/// one number leaves out.
///
/// # Arguments
/// `pairs`: how many; `sum`, `squares`: Σd and Σd², each as a number and its remainder.
///
/// # Edges
/// As [`paired_t`](super::paired_t).
///
/// # Source
/// Student, 1908, "The probable error of a mean".
///
/// # Example
/// ```
/// use wholefamily::stats::paired::{mean_change, paired_t};
/// use wholefamily::stats::Level;
/// let level = Level::new(0.95).unwrap();
/// // changes 1, 2 and 3
/// let from_sums = mean_change(3, (6.0, 0.0), (14.0, 0.0), level);
/// assert_eq!(from_sums, paired_t(&[0.0; 3], &[1.0, 2.0, 3.0], level));
/// ```
#[must_use]
pub fn mean_change(pairs: u64, sum: (f64, f64), squares: (f64, f64), level: Level) -> PairedT {
    let n = pairs as f64;
    if pairs == 0 {
        return PairedT::without(Interval::undefined(Reason::NoPairs));
    }
    // (Σd)²/n in two numbers: a product and a division, each with its remainder.
    let square = sum.0 * sum.0;
    let square_rest = sum.0.mul_add(sum.0, -square) + 2.0 * sum.0 * sum.1;
    let share = square / n;
    let share_rest = ((-share).mul_add(n, square) + square_rest) / n;
    let spread = ((squares.0 - share) + (squares.1 - share_rest)).max(0.0);
    of_gains(n, (sum.0 + sum.1) / n, spread, level)
}

#[cfg(test)]
mod tests {
    use super::super::paired_t;
    use super::*;

    #[test]
    fn sums_say_what_the_pairs_say() {
        let gains = [4.25, -1.5, 7.0, 0.0, 3.125];
        let level = Level::default();
        let from_sums = mean_change(
            5,
            (gains.iter().sum(), 0.0),
            (gains.iter().map(|gain| gain * gain).sum(), 0.0),
            level,
        );
        let direct = paired_t(&[0.0; 5], &gains, level);
        for (sums, pairs) in [
            (from_sums.interval.value, direct.interval.value),
            (from_sums.interval.lower, direct.interval.lower),
            (from_sums.p_value, direct.p_value),
        ] {
            assert!((sums.unwrap() / pairs.unwrap() - 1.0).abs() < 1e-14);
        }
    }

    #[test]
    fn a_large_mean_does_not_drown_a_small_spread() {
        // 10⁸ + 0, 1, 2: the spread is 2, found from squares of 3·10¹⁶
        let squares: u128 = (0..3_u128).map(|gain| (100_000_000 + gain).pow(2)).sum();
        let high = squares as f64;
        let low = (squares as i128 - high as i128) as f64;
        let change = mean_change(3, (300_000_003.0, 0.0), (high, low), Level::default());
        assert_eq!(change.interval.value, Some(100_000_001.0));
        assert!((change.statistic.unwrap() / (100_000_001.0 * 3_f64.sqrt()) - 1.0).abs() < 1e-14);
    }

    #[test]
    fn pairs_that_all_moved_equally_far_have_no_interval() {
        let same = mean_change(4, (8.0, 0.0), (16.0, 0.0), Level::default());
        assert_eq!(same.interval, Interval::without_limits(2.0, Reason::ZeroVariance));
        let one = mean_change(1, (3.0, 0.0), (9.0, 0.0), Level::default());
        assert_eq!(one.interval, Interval::without_limits(3.0, Reason::TooFewPairs));
        assert_eq!(
            mean_change(0, (0.0, 0.0), (0.0, 0.0), Level::default()).interval,
            Interval::undefined(Reason::NoPairs)
        );
    }
}
