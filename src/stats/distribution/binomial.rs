//! How likely are x events among n, each with chance p?

use std::f64::consts::PI;

use super::beta;
use super::saddle::{stirling_error, surprise};
use super::tail::Density;
use super::twofold::Twofold;

/// P(X = x) for a binomial count.
///
/// # Formula
/// C(n, x) pˣ (1 − p)ⁿ⁻ˣ, by its saddle point.
///
/// # Edges
/// 0 for x > n; p of 0 and 1 leave one possible count; NaN unless 0 ≤ p ≤ 1.
///
/// # Source
/// C. Loader, 2000, "Fast and accurate computation of binomial probabilities".
///
/// ```
/// use wholefamily::stats::distribution::binomial::probability;
/// assert!((probability(1, 3, 0.5) - 0.375).abs() < 1e-15);
/// assert_eq!(probability(0, 3, 0.0), 1.0);
/// ```
#[must_use]
pub fn probability(x: u64, n: u64, p: f64) -> f64 {
    match certain(x, n, p) {
        Some(chance) => chance,
        None => {
            let density = density(x, n, p);
            density.exponent.exp_times(density.scale)
        }
    }
}

/// ln P(X = x) for a binomial count; −∞ where it is impossible.
///
/// ```
/// use wholefamily::stats::distribution::binomial::ln_probability;
/// assert!((ln_probability(0, 100_000, 0.5) / (100_000.0 * 0.5_f64.ln()) - 1.0).abs() < 1e-15);
/// ```
#[must_use]
pub fn ln_probability(x: u64, n: u64, p: f64) -> f64 {
    match certain(x, n, p) {
        Some(chance) => chance.ln(),
        None => {
            let density = density(x, n, p);
            density.exponent.value() + density.scale.ln()
        }
    }
}

/// P(X ≤ x) for a binomial count.
///
/// # Formula
/// 1 − I_p(x + 1, n − x), without cancellation.
///
/// # Edges
/// 1 for x ≥ n; NaN unless 0 ≤ p ≤ 1.
///
/// ```
/// use wholefamily::stats::distribution::binomial::lower;
/// assert!((lower(1, 3, 0.5) - 0.5).abs() < 1e-15);
/// assert!((lower(0, 50, 1e-9) - (1.0 - 5e-8)).abs() < 1e-14);
/// ```
#[must_use]
pub fn lower(x: u64, n: u64, p: f64) -> f64 {
    if !(0.0..=1.0).contains(&p) {
        return f64::NAN;
    }
    if x >= n { 1.0 } else { beta::upper(p, x as f64 + 1.0, (n - x) as f64) }
}

/// P(X ≥ x) for a binomial count.
///
/// # Formula
/// I_p(x, n − x + 1).
///
/// # Edges
/// 1 for x = 0, 0 for x > n; NaN unless 0 ≤ p ≤ 1.
///
/// ```
/// use wholefamily::stats::distribution::binomial::upper;
/// assert!((upper(3, 3, 0.1) / 1e-3 - 1.0).abs() < 1e-15);
/// ```
#[must_use]
pub fn upper(x: u64, n: u64, p: f64) -> f64 {
    if !(0.0..=1.0).contains(&p) {
        return f64::NAN;
    }
    match x {
        0 => 1.0,
        _ if x > n => 0.0,
        _ => beta::lower(p, x as f64, (n - x) as f64 + 1.0),
    }
}

/// The probability where it is 0, 1 or undefined.
fn certain(x: u64, n: u64, p: f64) -> Option<f64> {
    if !(0.0..=1.0).contains(&p) {
        Some(f64::NAN)
    } else if x > n {
        Some(0.0)
    } else if p == 0.0 {
        Some(f64::from(x == 0))
    } else if p == 1.0 {
        Some(f64::from(x == n))
    } else if n == 0 {
        Some(1.0)
    } else {
        None
    }
}

fn density(x: u64, n: u64, p: f64) -> Density {
    let (k, rest, all) = (x as f64, (n - x) as f64, n as f64);
    let (yes, no) = (Twofold::from(p), Twofold::sum(1.0, -p));
    let exponent = surprise(k, yes * all.into()) + surprise(rest, no * all.into());
    let error = stirling_error(k) + stirling_error(rest) - stirling_error(all);
    let (exponent, scale) = if x == 0 || x == n {
        (exponent, 1.0)
    } else {
        (exponent + error.into(), (all / k / rest / (2.0 * PI)).sqrt())
    };
    Density { scale, exponent: -exponent }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(got: f64, want: f64) {
        assert!((got / want - 1.0).abs() < 4e-15, "{got:e} {want:e}");
    }

    #[test]
    fn four_coins_by_hand() {
        for (x, ways) in [1.0, 4.0, 6.0, 4.0, 1.0].into_iter().enumerate() {
            close(probability(x as u64, 4, 0.5), ways / 16.0);
        }
        close(lower(0, 4, 0.5), 1.0 / 16.0);
        close(lower(2, 4, 0.5), 11.0 / 16.0);
        close(upper(2, 4, 0.5), 11.0 / 16.0);
        close(upper(4, 4, 0.5), 1.0 / 16.0);
    }

    #[test]
    fn tails_are_sums_of_probabilities() {
        for (n, p) in [(1, 0.3), (7, 1e-5), (30, 0.9), (45, 0.5)] {
            for x in 0..=n {
                let below: f64 = (0..=x).map(|k| probability(k, n, p)).sum();
                let above: f64 = (x..=n).map(|k| probability(k, n, p)).sum();
                close(lower(x, n, p), below);
                close(upper(x, n, p), above);
            }
        }
    }

    #[test]
    fn swapping_events_and_others_swaps_the_tails() {
        for (x, n, p) in [(3, 10, 0.25), (970_000, 1_000_000_000, 1.0 / 1024.0), (70, 100, 0.75)] {
            close(lower(x, n, p), upper(n - x, n, 1.0 - p));
            close(ln_probability(x, n, p), ln_probability(n - x, n, 1.0 - p));
        }
    }

    #[test]
    fn edges_are_named() {
        assert_eq!((probability(5, 4, 0.5), lower(5, 4, 0.5), upper(5, 4, 0.5)), (0.0, 1.0, 0.0));
        assert_eq!((probability(0, 0, 0.5), lower(0, 0, 0.5), upper(0, 0, 0.5)), (1.0, 1.0, 1.0));
        assert_eq!((probability(4, 4, 1.0), lower(3, 4, 1.0), upper(4, 4, 1.0)), (1.0, 0.0, 1.0));
        assert_eq!(ln_probability(1, 4, 0.0), f64::NEG_INFINITY);
        assert!(probability(1, 2, 1.1).is_nan() && lower(2, 2, f64::NAN).is_nan());
    }
}
