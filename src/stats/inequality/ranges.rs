//! How far apart are the first and the last quantile?

use crate::stats::interval::Interval;
use crate::stats::reason::Reason;

/// The absolute range: the most deprived quantile's figure less the least deprived one's.
///
/// # Formula
/// Y₁ and Yₖ are the first and the last figure, l and u their limits, all of one level:
/// ```text
/// R = Y₁ − Yₖ
/// R − √((Y₁ − l₁)² + (uₖ − Yₖ)²)   to   R + √((u₁ − Y₁)² + (Yₖ − lₖ)²)
/// ```
/// With Wilson limits of two proportions this is R. G. Newcombe's method 10; it serves any figure that
/// has limits, such as a standardised rate. The level is that of the limits.
///
/// # Arguments
/// `value`, `lower`, `upper`: a figure and its limits for each quantile, from the most deprived to
/// the least; only the first and the last are used.
///
/// # Edges
/// Fewer than two quantiles: [`Reason::QuantileCount`]. A figure that is not a number:
/// [`Reason::ImpossibleValue`]. A limit that is not, or lies on the wrong side of its figure, leaves
/// no limits: [`Reason::ImpossibleError`].
///
/// # Source
/// ScotPHO, `calculate_inequality_measures` (`abs_range`, no interval); its interval: G. Y. Zou and
/// A. Donner, 2008, "Construction of confidence limits about effect measures: a general approach".
///
/// # Example
/// ```
/// use wholefamily::stats::inequality::absolute_range;
/// let range = absolute_range(&[40.0, 25.0, 10.0], &[37.0, 23.0, 8.0], &[43.0, 27.0, 14.0]);
/// assert_eq!((range.value, range.lower), (Some(30.0), Some(25.0))); // 30 − √(3² + 4²)
/// ```
#[must_use]
pub fn absolute_range(value: &[f64], lower: &[f64], upper: &[f64]) -> Interval {
    let (first, last) = match ends(value, lower, upper) {
        Ok(ends) => ends,
        Err(reason) => return Interval::undefined(reason),
    };
    let range = first.value - last.value;
    if !(first.has_limits() && last.has_limits()) {
        return Interval::without_limits(range, Reason::ImpossibleError);
    }
    let down = (first.value - first.lower).hypot(last.upper - last.value);
    let up = (first.upper - first.value).hypot(last.value - last.lower);
    Interval::new(range, range - down, range + up)
}

/// The relative range: the most deprived quantile's figure over the least deprived one's, such as a
/// rate ratio.
///
/// # Formula
/// As [`absolute_range`], on the scale of logarithms:
/// ```text
/// R = Y₁ / Yₖ
/// R e^(−√(ln(Y₁/l₁)² + ln(uₖ/Yₖ)²))   to   R e^(√(ln(u₁/Y₁)² + ln(Yₖ/lₖ)²))
/// ```
/// # Arguments
/// As [`absolute_range`], with no figure or limit below 0. From counts,
/// [`rate_ratio`](crate::stats::rate_ratio()) or [`ratio`](crate::stats::ratio()) of the first and the
/// last quantile is the same figure, with exact or score limits of its own.
///
/// # Edges
/// As [`absolute_range`]. A last figure of 0 is [`Reason::NoReferenceEvents`]; a first one of 0 gives
/// a ratio of 0 without limits ([`Reason::NoEvents`]). A lower limit of 0 in the first makes the lower
/// limit 0; in the last it leaves no limits ([`Reason::UnboundedRatio`]).
///
/// # Source
/// ScotPHO, `calculate_inequality_measures` (`rel_range`, no interval); its interval: Zou and Donner
/// as above.
///
/// # Example
/// ```
/// use wholefamily::stats::inequality::relative_range;
/// let range = relative_range(&[40.0, 25.0, 10.0], &[37.0, 23.0, 8.0], &[43.0, 27.0, 14.0]);
/// assert_eq!(range.value, Some(4.0));
/// ```
///
#[must_use]
pub fn relative_range(value: &[f64], lower: &[f64], upper: &[f64]) -> Interval {
    let (first, last) = match ends(value, lower, upper) {
        Ok(ends) => ends,
        Err(reason) => return Interval::undefined(reason),
    };
    if first.value < 0.0 || last.value < 0.0 {
        return Interval::undefined(Reason::ImpossibleValue);
    }
    if last.value == 0.0 {
        return Interval::undefined(Reason::NoReferenceEvents);
    }
    let ratio = first.value / last.value;
    if first.value == 0.0 {
        return Interval::without_limits(ratio, Reason::NoEvents);
    }
    let limits = first.has_limits() && last.has_limits();
    if !limits || first.lower < 0.0 || last.lower < 0.0 {
        return Interval::without_limits(ratio, Reason::ImpossibleError);
    }
    if last.lower == 0.0 {
        return Interval::without_limits(ratio, Reason::UnboundedRatio);
    }
    let down = (first.value / first.lower).ln().hypot((last.upper / last.value).ln());
    let up = (first.upper / first.value).ln().hypot((last.value / last.lower).ln());
    Interval::new(ratio, ratio * (-down).exp(), ratio * up.exp())
}

/// A figure and its limits.
struct End {
    value: f64,
    lower: f64,
    upper: f64,
}

impl End {
    fn has_limits(&self) -> bool {
        let finite = self.lower.is_finite() && self.upper.is_finite();
        finite && self.lower <= self.value && self.value <= self.upper
    }
}

fn ends(value: &[f64], lower: &[f64], upper: &[f64]) -> Result<(End, End), Reason> {
    if value.len() != lower.len() || value.len() != upper.len() {
        return Err(Reason::UnequalLengths);
    }
    let ([v1, .., vk], [l1, .., lk], [u1, .., uk]) = (value, lower, upper) else {
        return Err(Reason::QuantileCount);
    };
    if !(v1.is_finite() && vk.is_finite()) {
        return Err(Reason::ImpossibleValue);
    }
    let end =
        |value: &f64, lower: &f64, upper: &f64| End { value: *value, lower: *lower, upper: *upper };
    Ok((end(v1, l1, u1), end(vk, lk, uk)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exchanging_the_ends_turns_both_ranges() {
        let (v, l, u) = ([40.0, 10.0], [37.0, 8.0], [43.0, 14.0]);
        let turned = |pair: [f64; 2]| [pair[1], pair[0]];
        let there = absolute_range(&v, &l, &u);
        let back = absolute_range(&turned(v), &turned(l), &turned(u));
        assert_eq!((back.lower.unwrap(), back.upper.unwrap()), (-there.upper.unwrap(), -25.0));
        let there = relative_range(&v, &l, &u);
        let back = relative_range(&turned(v), &turned(l), &turned(u));
        assert!((back.lower.unwrap() * there.upper.unwrap() - 1.0).abs() < 1e-15);
        assert!((back.upper.unwrap() * there.lower.unwrap() - 1.0).abs() < 1e-15);
    }

    #[test]
    fn limits_even_on_the_log_scale_are_the_delta_methods() {
        let (s1, s2): (f64, f64) = (0.3, 0.4);
        let (v, z) = ([6.0, 2.0], 1.5);
        let limits = |sign: f64| [6.0 * (sign * z * s1).exp(), 2.0 * (sign * z * s2).exp()];
        let got = relative_range(&v, &limits(-1.0), &limits(1.0));
        assert!((got.upper.unwrap() - 3.0 * (z * 0.5_f64).exp()).abs() < 1e-14);
    }

    #[test]
    fn edges_say_why() {
        let both = [absolute_range, relative_range];
        for range in both {
            assert_eq!(range(&[], &[], &[]), Interval::undefined(Reason::QuantileCount));
            assert_eq!(range(&[1.0], &[1.0], &[1.0]), Interval::undefined(Reason::QuantileCount));
            assert_eq!(
                range(&[1.0, 2.0], &[1.0], &[1.0, 2.0]),
                Interval::undefined(Reason::UnequalLengths)
            );
            assert_eq!(
                range(&[f64::NAN, 2.0], &[1.0, 1.0], &[3.0, 3.0]),
                Interval::undefined(Reason::ImpossibleValue)
            );
            let wrong = range(&[1.0, 2.0], &[f64::NAN, 1.0], &[3.0, 3.0]);
            assert_eq!((wrong.lower, wrong.reason), (None, Some(Reason::ImpossibleError)));
        }
        let ratio = |v: [f64; 2], l: [f64; 2]| relative_range(&v, &l, &[9.0, 9.0]);
        let none = Interval::undefined(Reason::NoReferenceEvents);
        assert_eq!(ratio([1.0, 0.0], [0.5, 0.0]), none);
        assert_eq!(ratio([-1.0, 1.0], [-2.0, 0.5]), Interval::undefined(Reason::ImpossibleValue));
        assert_eq!(ratio([0.0, 1.0], [0.0, 0.5]), Interval::without_limits(0.0, Reason::NoEvents));
        assert_eq!(
            ratio([1.0, 1.0], [0.5, 0.0]),
            Interval::without_limits(1.0, Reason::UnboundedRatio)
        );
        assert_eq!(ratio([1.0, 1.0], [0.0, 0.5]).lower, Some(0.0));
    }
}
