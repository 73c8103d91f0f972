//! Exact limits for the mean of a Poisson count.
//!
//! The limits are quantiles of the gamma distribution, but statrs' regularised gamma function loses
//! digits as counts grow (2 parts in 10¹⁰ at 100,000), so they are found here from the Poisson sums
//! themselves, whose terms are all positive.

use super::level::Level;
use std::f64::consts::PI;

/// From this count on, the expansion in powers of 1/√x is right to the last digit.
const LARGE: u64 = 100_000;
/// Newton's method converges from any start here, in fewer than 10 steps in practice.
const STEPS: usize = 100;

/// The smallest mean that a count of `x` does not rule out: λ with P(X ≥ x | λ) = (1 − level)/2,
/// and 0 for `x` = 0.
///
/// λ = qchisq((1 − level)/2, 2x) / 2 (F. Garwood, 1936, "Fiducial limits for the Poisson
/// distribution").
///
/// ```
/// use wholefamily::stats::{Level, poisson::lower_limit};
/// let level = Level::new(0.95).unwrap();
/// assert_eq!(lower_limit(0, level), 0.0);
/// assert!((lower_limit(1, level) - -(0.975_f64.ln())).abs() < 1e-15);
/// ```
#[must_use]
pub fn lower_limit(x: u64, level: Level) -> f64 {
    let tail = level.tail();
    match x {
        0 => 0.0,
        1 => -(-tail).ln_1p(),
        LARGE.. => gamma_quantile(x as f64, -level.z()),
        _ => {
            // In u = ln λ, ln P(X ≥ x) is concave with slope x/T, where T = P(X ≥ x) / P(X = x).
            let shape = x as f64;
            let mut u = start(shape, -level.z()).ln();
            for _ in 0..STEPS {
                let mean = u.exp();
                let t = sum_above(shape, mean);
                let step = (tail.ln() - ln_probability(x, mean) - t.ln()) * t / shape;
                u += step;
                if step.abs() < 1e-12 {
                    break;
                }
            }
            u.exp()
        }
    }
}

/// The largest mean that a count of `x` does not rule out: λ with P(X ≤ x | λ) = (1 − level)/2.
///
/// λ = qchisq((1 + level)/2, 2x + 2) / 2 (F. Garwood, 1936, "Fiducial limits for the Poisson
/// distribution").
///
/// ```
/// use wholefamily::stats::{Level, poisson::upper_limit};
/// let level = Level::new(0.95).unwrap();
/// assert!((upper_limit(0, level) - -(0.025_f64.ln())).abs() < 1e-14);
/// ```
#[must_use]
pub fn upper_limit(x: u64, level: Level) -> f64 {
    let tail = level.tail();
    match x {
        0 => -tail.ln(),
        LARGE.. => gamma_quantile(x as f64 + 1.0, level.z()),
        _ => {
            // ln P(X ≤ x) is concave in λ with slope −1/T, where T = P(X ≤ x) / P(X = x).
            let shape = x as f64;
            let mut mean = start(shape + 1.0, level.z());
            for _ in 0..STEPS {
                let t = sum_below(shape, mean);
                let step = (ln_probability(x, mean) + t.ln() - tail.ln()) * t;
                mean += step;
                if step.abs() < 1e-12 * mean {
                    break;
                }
            }
            mean
        }
    }
}

/// P(X ≥ x) / P(X = x) = 1 + λ/(x+1) + λ²/((x+1)(x+2)) + …
fn sum_above(x: f64, mean: f64) -> f64 {
    let (mut k, mut term, mut sum) = (x, 1.0, 1.0);
    while term > 1e-17 * sum {
        k += 1.0;
        term *= mean / k;
        sum += term;
    }
    sum
}

/// P(X ≤ x) / P(X = x) = 1 + x/λ + x(x−1)/λ² + …
fn sum_below(x: f64, mean: f64) -> f64 {
    let (mut k, mut term, mut sum) = (x, 1.0, 1.0);
    while term > 1e-17 * sum {
        term *= k / mean;
        sum += term;
        k -= 1.0;
    }
    sum
}

/// ln P(X = x) for a Poisson mean; by its saddle point from 21 on (C. Loader, 2000, "Fast and
/// accurate computation of binomial probabilities"), because x ln λ − λ − ln x! cancels.
fn ln_probability(x: u64, mean: f64) -> f64 {
    let n = x as f64;
    if x <= 20 {
        let factorial: u64 = (1..=x).product();
        return n * mean.ln() - mean - (factorial as f64).ln();
    }
    let square = n * n;
    let stirling = (1.0 / 12.0
        - (1.0 / 360.0
            - (1.0 / 1260.0 - (1.0 / 1680.0 - 1.0 / 1188.0 / square) / square) / square)
            / square)
        / n;
    let away = (mean - n) / n;
    -stirling - n * (away - away.ln_1p()) - 0.5 * (2.0 * PI * n).ln()
}

/// Where to start from: Wilson and Hilferty's cube (1931), kept above 0.
fn start(shape: f64, z: f64) -> f64 {
    let root = 1.0 - 1.0 / (9.0 * shape) + z / (3.0 * shape.sqrt());
    shape * root.max(0.05).powi(3)
}

/// The quantile of a gamma distribution of large shape a at the normal quantile z: a + z√a + (z² −
/// 1)/3 + … (H. Goldberg and H. Levine, 1946, "Approximate formulas for the percentage points and
/// normalization of t and χ²").
fn gamma_quantile(a: f64, z: f64) -> f64 {
    let (root, square) = (a.sqrt(), z * z);
    let small = z * (square - 7.0) / 36.0 / root
        - (square * (3.0 * square + 7.0) - 16.0) / 810.0 / a
        + z * (square * (9.0 * square + 256.0) - 433.0) / 38_880.0 / (a * root)
        + (square * (square * (12.0 * square - 243.0) - 923.0) + 1472.0) / 204_120.0 / (a * a);
    a + (z * root + ((square - 1.0) / 3.0 + small))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn level(level: f64) -> Level {
        Level::new(level).unwrap()
    }

    #[test]
    fn small_counts_agree_with_40_digits() {
        // mpmath 1.4.1: root of the regularised gamma function less 0.025 and 0.975
        for (x, lower, upper) in [
            (2, 0.242_209_278_543_965, 7.224_687_667_723_96),
            (10, 4.795_388_696_132_434, 18.390_356_042_017_78),
        ] {
            assert!((lower_limit(x, level(0.95)) / lower - 1.0).abs() < 1e-13, "{x}");
            assert!((upper_limit(x, level(0.95)) / upper - 1.0).abs() < 1e-13, "{x}");
        }
    }

    #[test]
    fn the_sums_and_the_expansion_agree_where_they_meet() {
        for wanted in [1e-9, 0.2, 0.95, 0.998, 1.0 - 1e-15] {
            let level = level(wanted);
            let x = LARGE - 1;
            let (lower, upper) =
                (gamma_quantile(x as f64, -level.z()), gamma_quantile(x as f64 + 1.0, level.z()));
            assert!((lower_limit(x, level) / lower - 1.0).abs() < 1e-14, "{wanted}");
            assert!((upper_limit(x, level) / upper - 1.0).abs() < 1e-14, "{wanted}");
        }
    }

    #[test]
    fn every_count_lies_within_its_limits() {
        for wanted in [1e-300, 1e-9, 0.5, 0.95, 1.0 - f64::EPSILON / 2.0] {
            for x in [0, 1, 2, 3, 20, 21, 22, 1_000, LARGE - 1, LARGE, u64::MAX] {
                let (lower, upper) = (lower_limit(x, level(wanted)), upper_limit(x, level(wanted)));
                assert!(lower.is_finite() && upper.is_finite(), "{x} at {wanted}");
                assert!(lower <= x as f64 && x as f64 <= upper, "{x} at {wanted}: {lower} {upper}");
            }
        }
    }
}
