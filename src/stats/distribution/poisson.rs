//! How likely are x events where so many are expected?

use std::f64::consts::PI;

use super::gamma;
use super::saddle::{stirling_error, surprise};
use super::twofold::Twofold;

/// P(X = x) for a Poisson count.
///
/// # Formula
/// meanˣ e^−mean / x!, by its saddle point.
///
/// # Edges
/// A mean of 0 leaves the count 0; NaN unless the mean is a finite number of 0 or more.
///
/// # Source
/// C. Loader, 2000, "Fast and accurate computation of binomial probabilities".
///
/// ```
/// use wholefamily::stats::distribution::poisson::probability;
/// assert!((probability(2, 1.0) - 0.5 * (-1.0_f64).exp()).abs() < 1e-15);
/// ```
#[must_use]
pub fn probability(x: u64, mean: f64) -> f64 {
    if !(mean >= 0.0 && mean.is_finite()) {
        return f64::NAN;
    }
    let k = x as f64;
    if mean == 0.0 || x == 0 {
        return if x == 0 { (-mean).exp() } else { 0.0 };
    }
    let exponent = surprise(k, mean.into()) + Twofold::sum(mean, -k) + stirling_error(k).into();
    (-exponent).exp_times(1.0 / (2.0 * PI * k).sqrt())
}

/// P(X ≤ x) for a Poisson count.
///
/// # Formula
/// P(G > mean) for a gamma variable G of shape x + 1.
///
/// ```
/// use wholefamily::stats::distribution::poisson::lower;
/// assert!((lower(1, 1.0) - 2.0 * (-1.0_f64).exp()).abs() < 1e-15);
/// ```
#[must_use]
pub fn lower(x: u64, mean: f64) -> f64 {
    if !(mean >= 0.0 && mean.is_finite()) { f64::NAN } else { gamma::upper(mean, x as f64 + 1.0) }
}

/// P(X ≥ x) for a Poisson count.
///
/// # Formula
/// P(G ≤ mean) for a gamma variable G of shape x; 1 for x = 0.
///
/// ```
/// use wholefamily::stats::distribution::poisson::upper;
/// assert!((upper(1, 1e-9) / -(-1e-9_f64).exp_m1() - 1.0).abs() < 1e-15);
/// ```
#[must_use]
pub fn upper(x: u64, mean: f64) -> f64 {
    if !(mean >= 0.0 && mean.is_finite()) {
        f64::NAN
    } else if x == 0 {
        1.0
    } else {
        gamma::lower(mean, x as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tails_are_sums_of_probabilities() {
        for mean in [1e-6, 0.7, 4.0, 20.0] {
            for x in 0..40 {
                let below: f64 = (0..=x).map(|k| probability(k, mean)).sum();
                let above: f64 = (x..150).map(|k| probability(k, mean)).sum();
                assert!((lower(x, mean) / below - 1.0).abs() < 4e-15, "{x} {mean}");
                assert!((upper(x, mean) / above - 1.0).abs() < 4e-15, "{x} {mean}");
            }
        }
    }

    #[test]
    fn edges_are_named() {
        assert_eq!((probability(0, 0.0), lower(0, 0.0), upper(0, 0.0)), (1.0, 1.0, 1.0));
        assert_eq!((probability(1, 0.0), lower(1, 0.0), upper(1, 0.0)), (0.0, 1.0, 0.0));
        assert!(probability(1, -1.0).is_nan() && lower(1, f64::INFINITY).is_nan());
    }
}
