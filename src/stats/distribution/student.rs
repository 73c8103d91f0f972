//! How likely is a mean so many of its standard errors from where it should be?

use super::beta::{odds_quantile, tail_of};
use super::tail::Side;
use super::twofold::Twofold;

/// P(|T| ≥ |t|) for Student's t with `df` degrees of freedom: the two-sided p-value.
///
/// # Formula
/// I_x(df/2, ½) with x = df/(df + t²).
///
/// # Edges
/// 1 for t = 0, 0 for infinite t; NaN if df is not a positive, finite number.
///
/// # Source
/// Student, 1908, "The probable error of a mean".
///
/// ```
/// use wholefamily::stats::distribution::student::two_sided;
/// assert!((two_sided(1.0, 1.0) - 0.5).abs() < 1e-15);
/// assert!((two_sided(-2.0, 2.0) - (1.0 - 2.0 / 6.0_f64.sqrt())).abs() < 1e-15);
/// ```
#[must_use]
pub fn two_sided(t: f64, df: f64) -> f64 {
    if t.is_nan() || !(df > 0.0 && df.is_finite()) {
        return f64::NAN;
    }
    if t.abs() > 1e150 {
        // t² is beyond all numbers: the far tail is a power of t, P(1e150)·(1e150/t)^df.
        let far = 1e150 / t.abs();
        return two_sided(1e150, df) * far.powf(df);
    }
    let square = Twofold::product(t, t);
    let all = square + df.into();
    tail_of(Side::Lower, Twofold::from(df) / all, square / all, 0.5 * df, 0.5)
}

/// P(T ≥ t) for Student's t with `df` degrees of freedom.
///
/// ```
/// use wholefamily::stats::distribution::student::upper;
/// assert!((upper(1.0, 1.0) - 0.25).abs() < 1e-15);
/// assert!((upper(-1.0, 1.0) - 0.75).abs() < 1e-15);
/// ```
#[must_use]
pub fn upper(t: f64, df: f64) -> f64 {
    let half = 0.5 * two_sided(t, df);
    if t < 0.0 { 1.0 - half } else { half }
}

/// t with P(−t < T < t) = `level` for Student's t with `df` degrees of freedom.
///
/// # Edges
/// 0 for level 0, infinite for level 1; NaN if either is out of range.
///
/// ```
/// use wholefamily::stats::distribution::student::two_sided_quantile;
/// assert!((two_sided_quantile(0.5, 1.0) - 1.0).abs() < 2e-15);
/// assert!((two_sided_quantile(0.95, 2.0) / 4.302652729749464 - 1.0).abs() < 1e-15);
/// ```
#[must_use]
pub fn two_sided_quantile(level: f64, df: f64) -> f64 {
    // The odds of 1 − x are t²/df.
    (df * odds_quantile(Side::Lower, level, 0.5, 0.5 * df)).sqrt()
}

#[cfg(test)]
mod tests {
    use std::f64::consts::PI;

    use super::*;

    #[test]
    fn one_and_two_degrees_of_freedom_have_closed_forms() {
        for t in [1e-9, 0.1, 1.0, 2.5, 12.0, 1e6, 1e100_f64] {
            let cauchy = 2.0 / PI * (1.0 / t).atan();
            assert!((two_sided(t, 1.0) / cauchy - 1.0).abs() < 1e-14, "{t}");
            // 1 − t/√(2 + t²), without cancellation
            let root = 2f64.sqrt().hypot(t);
            let two = 2.0 / (root * (root + t));
            assert!((two_sided(t, 2.0) / two - 1.0).abs() < 1e-14, "{t}");
        }
    }

    #[test]
    fn quantiles_come_back() {
        for df in [0.5, 1.0, 3.0, 29.0, 1e4, 1e9] {
            for level in [1e-9, 0.5, 0.95, 0.998, 1.0 - 1e-12] {
                let t = two_sided_quantile(level, df);
                let rest = two_sided(t, df);
                assert!((rest / (1.0 - level) - 1.0).abs() < 1e-13, "{df} {level}: {t}");
            }
        }
    }

    #[test]
    fn edges_are_named() {
        assert_eq!(two_sided(0.0, 5.0), 1.0);
        assert_eq!(two_sided(f64::INFINITY, 5.0), 0.0);
        assert!(two_sided(1.0, 0.0).is_nan() && two_sided(f64::NAN, 1.0).is_nan());
        assert_eq!(two_sided_quantile(0.0, 5.0), 0.0);
        assert_eq!(two_sided_quantile(1.0, 5.0), f64::INFINITY);
        assert!(two_sided_quantile(1.1, 5.0).is_nan());
        assert!((two_sided(1e160, 1.5) / two_sided(1e140, 1.5) / 1e-30 - 1.0).abs() < 1e-13);
    }
}
