//! How likely is a sum of squares of so many standard normal variables?

use super::gamma;

/// P(X ≤ x) for χ² with `df` degrees of freedom.
///
/// # Formula
/// The gamma distribution of shape df/2, at x/2.
///
/// # Edges
/// 0 for x ≤ 0; NaN if df is not a positive, finite number.
///
/// ```
/// use wholefamily::stats::distribution::chi_squared::lower;
/// assert!((lower(3.0, 2.0) - -(-1.5_f64).exp_m1()).abs() < 1e-15);
/// ```
#[must_use]
pub fn lower(x: f64, df: f64) -> f64 {
    gamma::lower(0.5 * x, 0.5 * df)
}

/// P(X > x) for χ² with `df` degrees of freedom: the p-value of a χ² statistic.
///
/// # Edges
/// 1 for x ≤ 0; NaN if df is not a positive, finite number.
///
/// ```
/// use wholefamily::stats::distribution::chi_squared::upper;
/// assert!((upper(3.0, 2.0) / (-1.5_f64).exp() - 1.0).abs() < 1e-15);
/// assert!((upper(3.841458820694124, 1.0) - 0.05).abs() < 1e-15);
/// ```
#[must_use]
pub fn upper(x: f64, df: f64) -> f64 {
    gamma::upper(0.5 * x, 0.5 * df)
}

/// The x with P(X ≤ x) = `p` for χ² with `df` degrees of freedom.
///
/// ```
/// use wholefamily::stats::distribution::chi_squared::lower_quantile;
/// assert!((lower_quantile(0.95, 1.0) / 3.841458820694124 - 1.0).abs() < 1e-15);
/// ```
#[must_use]
pub fn lower_quantile(p: f64, df: f64) -> f64 {
    2.0 * gamma::lower_quantile(p, 0.5 * df)
}

/// The x with P(X > x) = `p` for χ² with `df` degrees of freedom.
///
/// ```
/// use wholefamily::stats::distribution::chi_squared::upper_quantile;
/// assert!((upper_quantile(1e-9, 2.0) / (-2.0 * 1e-9_f64.ln()) - 1.0).abs() < 1e-15);
/// ```
#[must_use]
pub fn upper_quantile(p: f64, df: f64) -> f64 {
    2.0 * gamma::upper_quantile(p, 0.5 * df)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_degrees_of_freedom_are_an_exponential() {
        for x in [1e-9, 0.3, 1.0, 2.0, 50.0, 1400.0_f64] {
            assert!((upper(x, 2.0) / (-0.5 * x).exp() - 1.0).abs() < 4e-15, "{x}");
            assert!((lower(x, 2.0) / -(-0.5 * x).exp_m1() - 1.0).abs() < 4e-15, "{x}");
        }
    }

    #[test]
    fn nothing_lies_below_0() {
        assert_eq!((lower(-1.0, 3.0), upper(-1.0, 3.0)), (0.0, 1.0));
        assert_eq!((lower(0.0, 3.0), upper(0.0, 3.0)), (0.0, 1.0));
        assert!(upper(1.0, 0.0).is_nan() && upper(f64::NAN, 1.0).is_nan());
    }
}
