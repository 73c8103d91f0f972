//! Could chance alone have made two large groups so unlike?

use super::super::alternative::Alternative;
use super::super::normal;
use super::super::reason::Reason;
use super::super::significance::Significance;
use super::{cross_difference, product, unfit};

/// Could chance alone have made two shares so unlike: Pearson's chi-squared test of a two-by-two
/// table?
///
/// # Formula
/// With N = n₁ + n₂ and m = x₁ + x₂:
/// ```text
/// χ² = N (|x₁n₂ − x₂n₁| − k)² / (n₁ n₂ m (N − m)),   1 degree of freedom
/// k = 0, or with Yates' correction N/2 (at most |x₁n₂ − x₂n₁|)
/// two-sided   p = P(χ²₁ ≥ χ²)
/// greater     p = P(Z ≥ √χ²) if p₁ > p₂, P(Z ≥ −√χ²) if p₁ < p₂, ½ if equal;  less: the mirror
/// ```
/// # Arguments
/// `x1` of `n1`: the group; `x2` of `n2`: the reference group; `correct`: with Yates' correction
/// for continuity; `alternative`: less means that the group's share is the smaller one.
///
/// # Edges
/// No events, or only events, in both: nothing varies, so no statistic
/// ([`Reason::NoEventsInEither`], [`Reason::OnlyEventsInBoth`]). Empty groups as in
/// [`difference`](super::difference). Not for small groups: where an expected count is below 5,
/// use [`exact_test`](crate::stats::exact_test).
///
/// # Source
/// K. Pearson, 1900, "On the criterion that a given system of deviations … can be reasonably
/// supposed to have arisen from random sampling"; F. Yates, 1934, "Contingency tables involving
/// small numbers and the χ² test". One-sided as in R's `prop.test`.
///
/// # Example
/// ```
/// use wholefamily::stats::{Alternative, chi_squared};
/// let test = chi_squared(3, 4, 1, 4, false, Alternative::TwoSided);
/// assert_eq!(test.statistic, Some(2.0)); // 8 · (12 − 4)² / (4 · 4 · 4 · 4)
/// assert!((test.p_value.unwrap() - 0.1573).abs() < 5e-5);
/// ```
#[must_use]
pub fn chi_squared(
    x1: u64,
    n1: u64,
    x2: u64,
    n2: u64,
    correct: bool,
    alternative: Alternative,
) -> Significance {
    if let Some(reason) = unfit(x1, n1, x2, n2) {
        return Significance::undefined(reason);
    }
    if x1 == 0 && x2 == 0 {
        return Significance::undefined(Reason::NoEventsInEither);
    }
    if x1 == n1 && x2 == n2 {
        return Significance::undefined(Reason::OnlyEventsInBoth);
    }
    let total = n1 as f64 + n2 as f64;
    let (events, rest) = (x1 as f64 + x2 as f64, (n1 - x1) as f64 + (n2 - x2) as f64);
    let cross = cross_difference(x1, n1, x2, n2);
    let unlike = if correct { (cross.abs() - total / 2.0).max(0.0) } else { cross.abs() };
    let root = unlike / product(n1, n2).sqrt() * (total / events / rest).sqrt();
    let beyond = normal::two_sided_p(root);
    let p_value = match alternative {
        Alternative::TwoSided => beyond,
        _ if cross == 0.0 => 0.5,
        Alternative::Greater if cross > 0.0 => beyond / 2.0,
        Alternative::Less if cross < 0.0 => beyond / 2.0,
        Alternative::Greater | Alternative::Less => 1.0 - beyond / 2.0,
    };
    let statistic = unlike * unlike / product(n1, n2) * (total / events / rest);
    Significance::new(Some(statistic), Some(1.0), p_value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use Alternative::{Greater, Less, TwoSided};

    #[test]
    fn statistics_by_hand() {
        let statistic = |correct| chi_squared(3, 4, 1, 4, correct, TwoSided).statistic;
        assert_eq!(statistic(false), Some(2.0));
        assert_eq!(statistic(true), Some(0.5)); // 8 · (8 − 4)² / 256
        assert_eq!(chi_squared(2, 4, 1, 4, true, TwoSided).statistic, Some(0.0));
        assert_eq!(chi_squared(2, 4, 1, 4, true, TwoSided).p_value, Some(1.0));
    }

    #[test]
    fn one_side_and_the_other_add_up_to_one() {
        for (x1, n1, x2, n2) in [(3, 25, 7, 10), (1, 9, 1, 9), (56, 70, 48, 80)] {
            for correct in [false, true] {
                let p = |side| chi_squared(x1, n1, x2, n2, correct, side).p_value.unwrap();
                assert!((p(Less) + p(Greater) - 1.0).abs() < 1e-15);
                assert!((2.0 * p(Less).min(p(Greater)) - p(TwoSided)).abs() < 1e-15);
                let turned = chi_squared(x2, n2, x1, n1, correct, Less).p_value;
                assert_eq!(turned, Some(p(Greater)));
            }
        }
        assert_eq!(chi_squared(1, 2, 2, 4, false, Less).p_value, Some(0.5));
    }

    #[test]
    fn where_nothing_varies_there_is_no_test() {
        let reason = |x1, n1, x2, n2| chi_squared(x1, n1, x2, n2, false, TwoSided).reason;
        assert_eq!(reason(0, 3, 0, 4), Some(Reason::NoEventsInEither));
        assert_eq!(reason(3, 3, 4, 4), Some(Reason::OnlyEventsInBoth));
        assert_eq!(reason(0, 0, 4, 4), Some(Reason::EmptyGroup));
        assert_eq!(reason(5, 4, 4, 4), Some(Reason::CountAboveBase));
    }

    #[test]
    fn huge_counts_stay_finite() {
        let most = u64::MAX;
        let test = chi_squared(most, most, 1, most, true, TwoSided);
        assert!(test.statistic.unwrap() > 1e19 && test.p_value == Some(0.0), "{test:?}");
    }
}
