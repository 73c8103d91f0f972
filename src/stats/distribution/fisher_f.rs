//! How likely is a ratio of two mean squares?

use super::beta::{odds_quantile, tail_of};
use super::tail::Side;
use super::twofold::Twofold;

/// P(F ≤ f) for Fisher's F with `df1` and `df2` degrees of freedom.
///
/// # Formula
/// I_x(df1/2, df2/2) with x = df1·f / (df1·f + df2).
///
/// # Edges
/// 0 for f ≤ 0; NaN unless both degrees of freedom are positive, finite numbers.
///
/// ```
/// use wholefamily::stats::distribution::fisher_f::lower;
/// assert!((lower(1.0, 7.0, 7.0) - 0.5).abs() < 1e-15);
/// ```
#[must_use]
pub fn lower(f: f64, df1: f64, df2: f64) -> f64 {
    one_sided(Side::Lower, f, df1, df2)
}

/// P(F > f) for Fisher's F with `df1` and `df2` degrees of freedom.
///
/// ```
/// use wholefamily::stats::distribution::fisher_f::upper;
/// assert!((upper(3.0, 2.0, 2.0) - 0.25).abs() < 1e-15);
/// ```
#[must_use]
pub fn upper(f: f64, df1: f64, df2: f64) -> f64 {
    one_sided(Side::Upper, f, df1, df2)
}

/// The f with P(F ≤ f) = `p`.
///
/// ```
/// use wholefamily::stats::distribution::fisher_f::lower_quantile;
/// assert!((lower_quantile(0.75, 2.0, 2.0) - 3.0).abs() < 1e-14);
/// ```
#[must_use]
pub fn lower_quantile(p: f64, df1: f64, df2: f64) -> f64 {
    odds_quantile(Side::Lower, p, 0.5 * df1, 0.5 * df2) * (df2 / df1)
}

/// The f with P(F > f) = `p`.
///
/// ```
/// use wholefamily::stats::distribution::fisher_f::upper_quantile;
/// assert!((upper_quantile(0.25, 2.0, 2.0) - 3.0).abs() < 1e-14);
/// ```
#[must_use]
pub fn upper_quantile(p: f64, df1: f64, df2: f64) -> f64 {
    odds_quantile(Side::Upper, p, 0.5 * df1, 0.5 * df2) * (df2 / df1)
}

fn one_sided(side: Side, f: f64, df1: f64, df2: f64) -> f64 {
    let fit = |df: f64| df > 0.0 && df.is_finite();
    if f.is_nan() || !fit(df1) || !fit(df2) {
        return f64::NAN;
    }
    if f <= 0.0 || f.is_infinite() {
        return f64::from((side == Side::Lower) != (f <= 0.0));
    }
    let (above, below) = (Twofold::product(df1, f), Twofold::from(df2));
    let all = above + below;
    tail_of(side, above / all, below / all, 0.5 * df1, 0.5 * df2)
}

#[cfg(test)]
mod tests {
    use super::super::{chi_squared, student};
    use super::*;

    #[test]
    fn two_and_two_degrees_of_freedom_have_a_closed_form() {
        for f in [1e-9, 0.2, 1.0, 30.0, 1e12] {
            assert!((lower(f, 2.0, 2.0) / (f / (1.0 + f)) - 1.0).abs() < 4e-15, "{f}");
            assert!((upper(f, 2.0, 2.0) * (1.0 + f) - 1.0).abs() < 4e-15, "{f}");
        }
    }

    #[test]
    fn squares_of_t_and_ratios_to_a_sure_variance() {
        for (t, df) in [(0.3, 1.0), (2.0, 7.0), (9.0, 40.0)] {
            let want = student::two_sided(t, df);
            assert!((upper(t * t, 1.0, df) / want - 1.0).abs() < 1e-14, "{t} {df}");
        }
        for f in [0.2, 1.0, 4.0] {
            let want = chi_squared::upper(5.0 * f, 5.0);
            assert!((upper(f, 5.0, 1e15) / want - 1.0).abs() < 1e-12, "{f}");
        }
    }

    #[test]
    fn edges_are_named() {
        assert_eq!((lower(-1.0, 2.0, 3.0), upper(0.0, 2.0, 3.0)), (0.0, 1.0));
        assert_eq!((lower(f64::INFINITY, 2.0, 3.0), upper(f64::INFINITY, 2.0, 3.0)), (1.0, 0.0));
        assert!(lower(1.0, 0.0, 3.0).is_nan() && upper(f64::NAN, 2.0, 3.0).is_nan());
        assert!(lower_quantile(0.5, 0.0, 3.0).is_nan());
        assert_eq!((lower_quantile(0.0, 2.0, 3.0), upper_quantile(1.0, 2.0, 3.0)), (0.0, 0.0));
    }
}
