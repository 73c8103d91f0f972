//! Limits from the binomial distribution itself: Clopper–Pearson and mid-p; and Jeffreys, from the
//! beta distribution that stands behind both.
//!
//! All take counts that the caller has checked: 0 < n and x ≤ n.

use super::super::distribution::{beta, binomial};
use super::super::level::Level;
use super::score;

/// The shares at which x or more, and x or fewer, have just the probability of one tail.
pub(super) fn clopper_pearson(x: u64, n: u64, level: Level) -> (f64, f64) {
    let (with, without, tail) = (x as f64, (n - x) as f64, level.tail());
    let lower = if x == 0 { 0.0 } else { beta::lower_quantile(tail, with, without + 1.0) };
    let upper = if x == n { 1.0 } else { beta::upper_quantile(tail, with + 1.0, without) };
    (lower, upper)
}

/// The middle of Jeffreys' posterior Beta(x + ½, n − x + ½), with the ends at 0 of n and n of n
/// put to 0 and 1.
pub(super) fn jeffreys(x: u64, n: u64, level: Level) -> (f64, f64) {
    let (a, b, tail) = (x as f64 + 0.5, (n - x) as f64 + 0.5, level.tail());
    let lower = if x == 0 { 0.0 } else { beta::lower_quantile(tail, a, b) };
    let upper = if x == n { 1.0 } else { beta::upper_quantile(tail, a, b) };
    (lower, upper)
}

/// The shares at which the probability of more, with half of the probability of x itself, is that
/// of one tail; and likewise of fewer.
pub(super) fn mid_p(x: u64, n: u64, level: Level) -> (f64, f64) {
    // At the ends one tail is a single power: ½ pⁿ = tail, or ½ (1 − p)ⁿ = tail.
    let end = (2.0 * level.tail()).ln() / n as f64;
    let (start_lower, start_upper) = score::wilson(x, n, level.z());
    let lower = match x {
        0 => 0.0,
        _ if x == n => end.exp(),
        _ => share_with_mid_tail(x, n, level.tail(), Side::Above, start_lower),
    };
    let upper = match x {
        0 => -end.exp_m1(),
        _ if x == n => 1.0,
        _ => share_with_mid_tail(x, n, level.tail(), Side::Below, start_upper),
    };
    (lower, upper)
}

/// Which counts a tail is made of, besides half of x itself.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    /// More than x.
    Above,
    /// Fewer than x.
    Below,
}

/// The p at which half of P(X = x) and all of P(X beyond x) make `tail`, for 0 < x < n.
///
/// Newton's steps on the logarithm of the tail over the log-odds of p, in which it is nearly
/// straight; halving wherever a step would leave the bounds already found.
fn share_with_mid_tail(x: u64, n: u64, tail: f64, side: Side, start: f64) -> f64 {
    /// The step after one of this size would be of the size of its square.
    const LAST: f64 = 1e-8;
    let (with, without) = (x as f64, (n - x) as f64);
    let (mut low, mut high) = (0.0, 1.0);
    let mut p = start.clamp(f64::MIN_POSITIVE, 1.0 - f64::EPSILON);
    for _ in 0..100 {
        // P(X ≥ x) = I_p(x, n − x + 1), P(X ≤ x) = 1 − I_p(x + 1, n − x)
        let from_here = match side {
            Side::Above => beta::lower(p, with, without + 1.0),
            Side::Below => beta::upper(p, with + 1.0, without),
        };
        let here = binomial::probability(x, n, p);
        // at least half of `from_here`, so the subtraction costs one binary digit at most
        let mid = from_here - 0.5 * here;
        if (mid > tail) == (side == Side::Above) {
            high = p;
        } else {
            low = p;
        }
        let q = 1.0 - p;
        let rise = 0.5 * here * (with * q + without * p) / mid;
        let step = (tail / mid).ln() / if side == Side::Above { rise } else { -rise };
        let odds = p / q * step.exp();
        let next = if odds.is_finite() { odds / (1.0 + odds) } else { 1.0 };
        let inside = next > low && next < high;
        p = if inside { next } else { f64::midpoint(low, high) };
        if (inside && step.abs() < LAST) || high - low <= f64::EPSILON * low {
            break;
        }
    }
    p
}

#[cfg(test)]
mod tests {
    use super::*;

    type Limits = fn(u64, u64, Level) -> (f64, f64);
    const METHODS: [Limits; 3] = [clopper_pearson, jeffreys, mid_p];

    fn level() -> Level {
        Level::default()
    }

    fn near(got: f64, want: f64) {
        assert!((got / want - 1.0).abs() < 1e-13, "{got:e} {want:e}");
    }

    #[test]
    fn clopper_pearson_by_hand() {
        // one of one: p = 0.025; none of n: (1 − p)ⁿ = 0.025; n of n: pⁿ = 0.025
        near(clopper_pearson(1, 1, level()).0, 0.025);
        near(clopper_pearson(0, 10, level()).1, 1.0 - 0.025_f64.powf(0.1));
        near(clopper_pearson(10, 10, level()).0, 0.025_f64.powf(0.1));
        // one of two: 1 − (1 − p)² = 0.025
        near(clopper_pearson(1, 2, level()).0, 1.0 - 0.975_f64.sqrt());
    }

    #[test]
    fn mid_p_by_hand() {
        near(mid_p(0, 10, level()).1, 1.0 - 0.05_f64.powf(0.1));
        near(mid_p(10, 10, level()).0, 0.05_f64.powf(0.1));
        // one of two: ½ · 2p(1 − p) + p² = p = 0.025
        near(mid_p(1, 2, level()).0, 0.025);
        near(mid_p(1, 2, level()).1, 0.975);
    }

    #[test]
    fn jeffreys_by_hand() {
        // one of two: Beta(1½, 1½), even about one half
        let (lower, upper) = jeffreys(1, 2, level());
        near(lower + upper, 1.0);
        assert_eq!(jeffreys(0, 7, level()).0, 0.0);
        assert_eq!(jeffreys(7, 7, level()).1, 1.0);
    }

    #[test]
    fn clopper_pearson_holds_mid_p() {
        for n in [1, 2, 5, 25, 400] {
            for x in 0..=n {
                let (wide, narrow) = (clopper_pearson(x, n, level()), mid_p(x, n, level()));
                assert!(wide.0 <= narrow.0 && narrow.1 <= wide.1, "{x} of {n}");
                assert!(narrow.0 < narrow.1);
            }
        }
    }

    #[test]
    fn what_they_have_not_is_the_mirror_of_what_they_have() {
        for limits in METHODS {
            for (x, n) in [(0, 1), (1, 3), (3, 25), (12, 25), (40, 1000), (1, 1_000_000)] {
                let (lower, upper) = limits(x, n, level());
                let (mirror_lower, mirror_upper) = limits(n - x, n, level());
                assert!((lower + mirror_upper - 1.0).abs() < 1e-14, "{x} of {n}");
                assert!((upper + mirror_lower - 1.0).abs() < 1e-14, "{x} of {n}");
            }
        }
    }

    #[test]
    fn the_tails_at_a_mid_p_limit_are_what_they_should_be() {
        for (x, n) in [(1, 9), (3, 25), (13, 25), (24, 25), (999, 1_000_000), (400_000, 1_000_000)]
        {
            for wanted in [0.5, 0.95, 0.999_999] {
                let level = Level::new(wanted).unwrap();
                let (lower, upper) = mid_p(x, n, level);
                let above = binomial::upper(x, n, lower) - 0.5 * binomial::probability(x, n, lower);
                let below = binomial::lower(x, n, upper) - 0.5 * binomial::probability(x, n, upper);
                for got in [above, below] {
                    assert!((got / level.tail() - 1.0).abs() < 1e-9, "{x} of {n}: {got:e}");
                }
            }
        }
    }
}
