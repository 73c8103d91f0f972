//! Two Poisson counts, given their total: the first is binomial, whatever the common rate.

use super::super::distribution::{beta, binomial};
use super::super::level::Level;

/// Newton's method converges from any start here, in fewer than 10 steps in practice.
const STEPS: usize = 200;
/// How much more probable than what was seen still counts as equally probable, as in R.
const FUZZ: f64 = 1e-7;

/// Clopper and Pearson's limits for the odds π/(1 − π) of `x1` of `x1` + `x2`; infinite above where
/// `x2` is 0.
pub(super) fn exact_odds(x1: u64, x2: u64, level: Level) -> (f64, f64) {
    (exact_lower(x1, x2, level.tail()), 1.0 / exact_lower(x2, x1, level.tail()))
}

/// π is a quantile of the beta distribution of x₁ and x₂ + 1, and 1 − π one of x₂ + 1 and x₁.
fn exact_lower(x1: u64, x2: u64, tail: f64) -> f64 {
    if x1 == 0 {
        return 0.0;
    }
    let (a, b) = (x1 as f64, x2 as f64 + 1.0);
    beta::lower_quantile(tail, a, b) / beta::upper_quantile(tail, b, a)
}

/// The mid-p limits for the odds; infinite above where `x2` is 0.
pub(super) fn mid_p_odds(x1: u64, x2: u64, level: Level) -> (f64, f64) {
    (mid_p_lower(x1, x2, level), 1.0 / mid_p_lower(x2, x1, level))
}

/// The odds at which P(X > x₁) + ½ P(X = x₁) = (1 − level)/2, by Newton's method in their logarithm
/// θ, in which the log of that tail T is concave, with slope ½ (x₁ (1 − π) + x₂ π) P(X = x₁) / T.
fn mid_p_lower(x1: u64, x2: u64, level: Level) -> f64 {
    let (Some(n), false) = (x1.checked_add(x2), x1 == 0) else {
        return if x1 == 0 { 0.0 } else { exact_lower(x1, x2, level.tail()) };
    };
    if x2 == 0 {
        // π^n / 2 = (1 − level)/2
        let log = (-level.get()).ln_1p() / n as f64;
        return log.exp() / -log.exp_m1();
    }
    let (a, b) = (x1 as f64, x2 as f64);
    let error = (1.0 / a + 1.0 / b).sqrt();
    let mut theta = (a / b).ln() - level.z() * error;
    for _ in 0..STEPS {
        // The smaller of π and 1 − π is the one whose digits count.
        let small = (-theta.abs()).exp() / (1.0 + (-theta.abs()).exp());
        let (share, half, whole) = if theta < 0.0 {
            (small, 0.5 * binomial::probability(x1, n, small), binomial::upper(x1, n, small))
        } else {
            (1.0 - small, 0.5 * binomial::probability(x2, n, small), binomial::lower(x2, n, small))
        };
        let beyond = whole - half;
        if beyond <= 0.0 {
            break;
        }
        let slope = half * (a * (1.0 - share) + b * share);
        let step = ((level.tail() / beyond).ln() * beyond / slope).clamp(-4.0 * error, 4.0 * error);
        theta += step;
        if step.abs() < 1e-15 * (1.0 + theta.abs()) {
            break;
        }
    }
    theta.exp()
}

/// The chance, were the rates equal, of a split of the events that is no more probable than this
/// one; `None` for more than 2⁶⁴ events.
pub(super) fn exact_p(x1: u64, e1: f64, x2: u64, e2: f64) -> Option<f64> {
    let (x, n, share) = as_binomial(x1, e1, x2, e2)?;
    let (count, mean) = (x as f64, n as f64 * share);
    if count == mean {
        return Some(1.0);
    }
    let bound = binomial::ln_probability(x, n, share) + FUZZ.ln_1p();
    let rare = |k: u64| binomial::ln_probability(k, n, share) <= bound;
    // Beyond the mean, probabilities fall all the way: the first rare count is found by halving.
    let p = if count < mean {
        let first = first_where(mean.ceil() as u64, n, rare);
        binomial::lower(x, n, share) + first.map_or(0.0, |k| binomial::upper(k, n, share))
    } else {
        let bottom = mean.floor() as u64;
        let first =
            first_where(0, bottom, |below| rare(bottom - below)).map(|below| bottom - below);
        binomial::upper(x, n, share) + first.map_or(0.0, |k| binomial::lower(k, n, share))
    };
    Some(p.min(1.0))
}

/// Twice the smaller tail with half the probability of what was seen, were the rates equal; `None`
/// for more than 2⁶⁴ events.
pub(super) fn mid_p(x1: u64, e1: f64, x2: u64, e2: f64) -> Option<f64> {
    let (x, n, share) = as_binomial(x1, e1, x2, e2)?;
    let half = 0.5 * binomial::probability(x, n, share);
    let smaller = binomial::lower(x, n, share).min(binomial::upper(x, n, share)) - half;
    Some((2.0 * smaller).clamp(0.0, 1.0))
}

/// The events of the group of less exposure, all events, and that group's share of the exposure,
/// which is at most one half so that it keeps its digits.
fn as_binomial(x1: u64, e1: f64, x2: u64, e2: f64) -> Option<(u64, u64, f64)> {
    let n = x1.checked_add(x2)?;
    let (x, less, more) = if e1 <= e2 { (x1, e1, e2) } else { (x2, e2, e1) };
    let odds = less / more;
    Some((x, n, odds / (1.0 + odds)))
}

/// The first count from `low` to `high` that is `rare`, as are all after it.
fn first_where(low: u64, high: u64, rare: impl Fn(u64) -> bool) -> Option<u64> {
    if low > high || !rare(high) {
        return None;
    }
    let (mut low, mut high) = (low, high);
    while low < high {
        let middle = low + (high - low) / 2;
        if rare(middle) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    Some(high)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every probability of `n` events, the first group having half the other's exposure.
    fn all(n: u64) -> Vec<f64> {
        (0..=n)
            .map(|k| {
                let choose: f64 = (0..k).map(|i| (n - i) as f64 / (i + 1) as f64).product();
                choose * 2_f64.powi((n - k) as i32) / 3_f64.powi(n as i32)
            })
            .collect()
    }

    #[test]
    fn p_values_are_sums_over_the_splits() {
        for n in 0..=25 {
            let all = all(n);
            for x in 0..=n {
                let seen = all[x as usize];
                let exact: f64 = all.iter().filter(|p| **p <= seen * (1.0 + FUZZ)).sum();
                let below: f64 = all[..x as usize].iter().sum();
                let above: f64 = all[x as usize + 1..].iter().sum();
                let got = exact_p(x, 1.0, n - x, 2.0).unwrap();
                assert!((got - exact.min(1.0)).abs() < 1e-13 * exact, "{x} of {n}: {got} {exact}");
                let mid = 2.0 * (below.min(above) + 0.5 * seen);
                let got = mid_p(x, 1.0, n - x, 2.0).unwrap();
                assert!((got - mid.min(1.0)).abs() < 1e-13 * mid, "{x} of {n}: {got} {mid}");
            }
        }
    }

    #[test]
    fn limits_give_back_their_tails() {
        let level = Level::new(0.9).unwrap();
        for (x1, x2) in [(1, 4), (4, 1), (30, 50), (3, 100_000), (100_000, 3)] {
            let n = x1 + x2;
            let (lower, upper) = mid_p_odds(x1, x2, level);
            let share = lower / (1.0 + lower);
            let tail = binomial::upper(x1, n, share) - 0.5 * binomial::probability(x1, n, share);
            assert!((tail / 0.05 - 1.0).abs() < 1e-9, "{x1} {x2}: {tail}");
            let share = upper / (1.0 + upper);
            let tail = binomial::lower(x1, n, share) - 0.5 * binomial::probability(x1, n, share);
            assert!((tail / 0.05 - 1.0).abs() < 1e-9, "{x1} {x2}: {tail}");
        }
    }

    #[test]
    fn the_first_rare_count_is_found() {
        for first in 3..=9 {
            assert_eq!(first_where(3, 9, |k| k >= first), Some(first));
        }
        assert_eq!(first_where(3, 9, |_| false), None);
        assert_eq!(first_where(4, 3, |_| true), None);
    }
}
