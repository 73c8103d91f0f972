//! Exact limits for the mean of a Poisson count.

use super::distribution::gamma;
use super::level::Level;

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
    if x == 0 { 0.0 } else { gamma::lower_quantile(level.tail(), x as f64) }
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
    gamma::upper_quantile(level.tail(), x as f64 + 1.0)
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
    fn large_counts_agree_with_the_expansion() {
        // H. Goldberg and H. Levine, 1946, "Approximate formulas for the percentage points and
        // normalization of t and χ²": a + z√a + (z² − 1)/3 + …, for the gamma quantile of shape a
        for x in [1_000_000, 1_000_000_000, 1_000_000_000_000] {
            for wanted in [1e-9, 0.2, 0.95, 0.998, 1.0 - 1e-15] {
                let level = level(wanted);
                for (got, a, z) in [
                    (lower_limit(x, level), x as f64, -level.z()),
                    (upper_limit(x, level), x as f64 + 1.0, level.z()),
                ] {
                    let (root, square) = (a.sqrt(), z * z);
                    let small = z * (square - 7.0) / 36.0 / root
                        - (square * (3.0 * square + 7.0) - 16.0) / 810.0 / a
                        + z * (square * (9.0 * square + 256.0) - 433.0) / 38_880.0 / (a * root);
                    let want = a + (z * root + ((square - 1.0) / 3.0 + small));
                    assert!((got / want - 1.0).abs() < 1e-15, "{x} at {wanted}: {got} {want}");
                }
            }
        }
    }

    #[test]
    fn every_count_lies_within_its_limits() {
        for wanted in [1e-300, 1e-9, 0.5, 0.95, 1.0 - f64::EPSILON / 2.0] {
            for x in [0, 1, 2, 3, 20, 21, 22, 1_000, 99_999, 100_000, u64::MAX] {
                let (lower, upper) = (lower_limit(x, level(wanted)), upper_limit(x, level(wanted)));
                assert!(lower.is_finite() && upper.is_finite(), "{x} at {wanted}");
                assert!(lower <= x as f64 && x as f64 <= upper, "{x} at {wanted}: {lower} {upper}");
            }
        }
    }
}
