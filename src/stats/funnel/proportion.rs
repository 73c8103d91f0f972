//! Limits for a share of `n` people about an average share strictly between 0 and 1.

use super::limits::FunnelMethod;
use crate::stats::distribution::{beta, binomial};
use crate::stats::level::Level;

/// The lower and the upper limit of the share; `funnel::limits_at` has the formulas.
pub(super) fn limits(n: u64, average: f64, method: FunnelMethod, level: Level) -> (f64, f64) {
    let (size, tail) = (n as f64, level.tail());
    let reach = level.z() * (average * (1.0 - average) / size).sqrt();
    match method {
        FunnelMethod::Phe | FunnelMethod::Score => {
            ((average - reach).max(0.0), (average + reach).min(1.0))
        }
        FunnelMethod::Exact => {
            let (low, high) = counts(n, average, level);
            (low as f64 / size, high as f64 / size)
        }
        FunnelMethod::Interpolated => {
            let (low, high) = counts(n, average, level);
            let at = |r: u64, beyond: f64| {
                (r as f64 - beyond / binomial::probability(r, n, average)) / size
            };
            let over = if high < n { binomial::upper(high + 1, n, average) } else { 0.0 };
            (
                at(low, binomial::lower(low, n, average) - tail).max(0.0),
                at(high, tail - over).clamp(0.0, 1.0),
            )
        }
        FunnelMethod::Confidence => {
            let (x, rest) = (size * average, size * (1.0 - average));
            (beta::lower_quantile(tail, x, rest + 1.0), beta::upper_quantile(tail, x + 1.0, rest))
        }
    }
}

/// The smallest r with P(R ≤ r) ≥ tail, and the smallest with P(R > r) ≤ tail.
fn counts(n: u64, average: f64, level: Level) -> (u64, u64) {
    let (mean, tail) = (n as f64 * average, level.tail());
    let reach = level.z() * (mean * (1.0 - average)).sqrt();
    let low = first(n, mean - reach, |r| binomial::lower(r, n, average) >= tail);
    let high = first(n, mean + reach, |r| r >= n || binomial::upper(r + 1, n, average) <= tail);
    (low, high)
}

/// The smallest count up to `most` that is enough, when all larger ones are too; `guess` is near it.
pub(super) fn first(most: u64, guess: f64, enough: impl Fn(u64) -> bool) -> u64 {
    // A float becomes a count by cutting it off at both ends of the range.
    let guess = (guess.max(0.0) as u64).min(most);
    let (mut low, mut high, mut step) = (guess, guess, 1);
    // `high` is enough; below `low` it is not known, until `low` is 0 or not enough
    while high < most && !enough(high) {
        low = high + 1;
        high = high.saturating_add(step).min(most);
        step *= 2;
    }
    if low == guess && high == guess {
        step = 1;
        while low > 0 {
            let below = low.saturating_sub(step);
            if !enough(below) {
                low = below + 1;
                break;
            }
            (low, high) = (below, below);
            step *= 2;
        }
    }
    while low < high {
        let middle = low + (high - low) / 2;
        if enough(middle) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    high
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_is_found_from_any_start() {
        for want in [0, 1, 2, 9, 500, 999, 1000] {
            for guess in [-3.0, 0.0, 1.0, 8.0, 499.0, 1000.0, 1e30, f64::NAN] {
                assert_eq!(first(1000, guess, |r| r >= want), want, "{want} from {guess}");
            }
        }
    }

    #[test]
    fn the_score_limit_is_where_wilsons_bound_meets_the_average() {
        let (n, average, level) = (40_u64, 0.3, Level::default());
        let (lower, upper) = limits(n, average, FunnelMethod::Score, level);
        let (size, z) = (n as f64, level.z());
        let bound = |p: f64, z: f64| {
            let root = (z * z + 4.0 * size * p * (1.0 - p)).sqrt();
            (2.0 * size * p + z * z + z.signum() * z.abs() * root) / 2.0 / (size + z * z)
        };
        assert!((bound(lower, z) - average).abs() < 1e-15);
        assert!((bound(upper, -z) - average).abs() < 1e-15);
    }

    #[test]
    fn small_counts_by_hand() {
        // 3 coins: P(0) = 1/8; at 80% the tail is 1/10 < 1/8, at 50% it is 1/4
        let at = |level, method| limits(3, 0.5, method, Level::new(level).unwrap());
        assert_eq!(at(0.8, FunnelMethod::Exact), (0.0, 1.0));
        assert_eq!(at(0.5, FunnelMethod::Exact), (1.0 / 3.0, 2.0 / 3.0));
        // interpolated at 50%: r = 1, (1/2 − 1/4) / (3/8) = 2/3 of a count below it
        let (lower, upper) = at(0.5, FunnelMethod::Interpolated);
        assert!((lower - 1.0 / 9.0).abs() < 1e-15, "{lower}");
        // r = 2: P(R ≤ 2) = 7/8 less 3/4, over 3/8: 1/3
        assert!((upper - 5.0 / 9.0).abs() < 1e-15, "{upper}");
    }
}
