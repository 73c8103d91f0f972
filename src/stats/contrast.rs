//! How do two groups compare?
//!
//! Throughout, x₁ of n₁ in the group are compared with x₂ of n₂ in the reference group; p₁ = x₁/n₁
//! and p₂ = x₂/n₂ are their shares.

use super::interval::Interval;
use super::level::Level;
use super::proportion::wilson_reach;
use super::reason::Reason;

/// The difference between two shares, p₁ − p₂, with Newcombe's interval.
///
/// # Formula
/// With (l, u) Wilson's limits of each share:
/// ```text
/// d = p₁ − p₂;   d − √((p₁ − l₁)² + (u₂ − p₂)²)   to   d + √((u₁ − p₁)² + (p₂ − l₂)²)
/// ```
/// # Arguments
/// `x1` of `n1`: the group; `x2` of `n2`: the reference group. The difference lies between −1 and
/// 1.
///
/// # Edges
/// Defined whenever both groups have rows, at 0% and 100% too. An empty group is
/// [`Reason::EmptyGroup`], [`Reason::EmptyReference`] or [`Reason::NoRows`]; x > n is
/// [`Reason::CountAboveBase`].
///
/// # Source
/// R. G. Newcombe, 1998, "Interval estimation for the difference between independent proportions",
/// method 10 (no continuity correction).
///
/// # Example
/// ```
/// use wholefamily::stats::{Level, difference};
/// let d = difference(56, 70, 48, 80, Level::new(0.95).unwrap()); // Newcombe's table II, case (a)
/// assert!((d.value.unwrap() - 0.2).abs() < 1e-15);
/// assert!((d.lower.unwrap() - 0.0524).abs() < 5e-5 && (d.upper.unwrap() - 0.3339).abs() < 5e-5);
/// ```
#[must_use]
pub fn difference(x1: u64, n1: u64, x2: u64, n2: u64, level: Level) -> Interval {
    if let Some(reason) = unfit(x1, n1, x2, n2) {
        return Interval::undefined(reason);
    }
    let d = cross_difference(x1, n1, x2, n2) / product(n1, n2);
    let (below1, above1) = wilson_reach(x1, n1, level.z());
    let (below2, above2) = wilson_reach(x2, n2, level.z());
    let lower = (d - below1.hypot(above2)).clamp(-1.0, 1.0);
    let upper = (d + above1.hypot(below2)).clamp(-1.0, 1.0);
    Interval::new(d, lower, upper)
}

/// The ratio of two shares, p₁ / p₂, with Katz's interval.
///
/// # Formula
/// ```text
/// r = p₁/p₂;   r exp(± z √((1 − p₁)/x₁ + (1 − p₂)/x₂))
/// ```
/// # Arguments
/// `x1` of `n1`: the group; `x2` of `n2`: the reference group.
///
/// # Edges
/// No events in the group: the ratio is 0 without limits ([`Reason::NoEvents`]). None in the
/// reference group: no ratio ([`Reason::NoReferenceEvents`], [`Reason::NoEventsInEither`]). Only
/// events in both: the ratio is 1 and its formula has no width, so no limits
/// ([`Reason::OnlyEventsInBoth`]). Empty groups as in [`difference`].
///
/// # Source
/// D. Katz, J. Baptista, S. P. Azen and M. C. Pike, 1978, "Obtaining confidence intervals for the
/// risk ratio in cohort studies".
///
/// # Example
/// ```
/// use wholefamily::stats::{Level, Reason, ratio};
/// let level = Level::new(0.95).unwrap();
/// let r = ratio(7, 10, 3, 25, level);
/// assert!((r.value.unwrap() - 35.0 / 6.0).abs() < 1e-15);
/// assert_eq!(ratio(0, 10, 3, 25, level).reason, Some(Reason::NoEvents));
/// ```
#[must_use]
pub fn ratio(x1: u64, n1: u64, x2: u64, n2: u64, level: Level) -> Interval {
    if let Some(reason) = unfit(x1, n1, x2, n2) {
        return Interval::undefined(reason);
    }
    match (x1, x2) {
        (0, 0) => return Interval::undefined(Reason::NoEventsInEither),
        (_, 0) => return Interval::undefined(Reason::NoReferenceEvents),
        (0, _) => return Interval::without_limits(0.0, Reason::NoEvents),
        _ if x1 == n1 && x2 == n2 => {
            return Interval::without_limits(1.0, Reason::OnlyEventsInBoth);
        }
        _ => {}
    }
    let value = product(x1, n2) / product(x2, n1);
    let variance = |x: u64, n: u64| n.saturating_sub(x) as f64 / n as f64 / x as f64;
    about(value, variance(x1, n1) + variance(x2, n2), level)
}

/// The ratio of two odds, (x₁/(n₁ − x₁)) / (x₂/(n₂ − x₂)), with Woolf's interval.
///
/// # Formula
/// With a = x₁, b = n₁ − x₁, c = x₂, d = n₂ − x₂:
/// ```text
/// o = ad/(bc);   o exp(± z √(1/a + 1/b + 1/c + 1/d))
/// ```
/// # Arguments
/// `x1` of `n1`: the group; `x2` of `n2`: the reference group.
///
/// # Edges
/// Limits need all four cells. Where b or c is 0 there is no odds ratio either; where only a or d
/// is, it is 0. The reason names the empty cell: [`Reason::NoEvents`], [`Reason::OnlyEvents`],
/// [`Reason::NoReferenceEvents`], [`Reason::OnlyReferenceEvents`], [`Reason::NoEventsInEither`],
/// [`Reason::OnlyEventsInBoth`]. Empty groups as in [`difference`].
///
/// # Source
/// B. Woolf, 1955, "On estimating the relation between blood group and disease".
///
/// # Example
/// ```
/// use wholefamily::stats::{Level, odds_ratio};
/// let o = odds_ratio(7, 10, 3, 25, Level::new(0.95).unwrap());
/// assert!((o.value.unwrap() - (7.0 * 22.0) / (3.0 * 3.0)).abs() < 1e-14);
/// ```
#[must_use]
pub fn odds_ratio(x1: u64, n1: u64, x2: u64, n2: u64, level: Level) -> Interval {
    if let Some(reason) = unfit(x1, n1, x2, n2) {
        return Interval::undefined(reason);
    }
    let (a, b, c, d) = (x1, n1.saturating_sub(x1), x2, n2.saturating_sub(x2));
    match (a, b, c, d) {
        (0, _, 0, _) => return Interval::undefined(Reason::NoEventsInEither),
        (_, 0, _, 0) => return Interval::undefined(Reason::OnlyEventsInBoth),
        (_, 0, _, _) => return Interval::undefined(Reason::OnlyEvents),
        (_, _, 0, _) => return Interval::undefined(Reason::NoReferenceEvents),
        (0, _, _, _) => return Interval::without_limits(0.0, Reason::NoEvents),
        (_, _, _, 0) => return Interval::without_limits(0.0, Reason::OnlyReferenceEvents),
        _ => {}
    }
    let variance = 1.0 / a as f64 + 1.0 / b as f64 + 1.0 / c as f64 + 1.0 / d as f64;
    about(product(a, d) / product(b, c), variance, level)
}

/// value · exp(± z √variance): an interval that is even on the scale of logarithms.
pub(super) fn about(value: f64, variance: f64, level: Level) -> Interval {
    let reach = level.z() * variance.sqrt();
    Interval::new(value, value * (-reach).exp(), value * reach.exp())
}

/// Why two groups cannot be compared, if they cannot.
pub(super) const fn unfit(x1: u64, n1: u64, x2: u64, n2: u64) -> Option<Reason> {
    match (n1, n2) {
        _ if x1 > n1 || x2 > n2 => Some(Reason::CountAboveBase),
        (0, 0) => Some(Reason::NoRows),
        (0, _) => Some(Reason::EmptyGroup),
        (_, 0) => Some(Reason::EmptyReference),
        _ => None,
    }
}

/// x₁n₂ − x₂n₁, rounded once.
pub(super) fn cross_difference(x1: u64, n1: u64, x2: u64, n2: u64) -> f64 {
    let (forward, back) = (u128::from(x1) * u128::from(n2), u128::from(x2) * u128::from(n1));
    let size = forward.abs_diff(back) as f64;
    if forward < back { -size } else { size }
}

/// The product of two counts, rounded once.
pub(super) fn product(a: u64, b: u64) -> f64 {
    (u128::from(a) * u128::from(b)) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    type Contrast = fn(u64, u64, u64, u64, Level) -> Interval;
    const ALL: [Contrast; 3] = [difference, ratio, odds_ratio];

    fn level() -> Level {
        Level::default()
    }

    #[test]
    fn an_empty_group_has_no_contrast_and_says_which() {
        for contrast in ALL {
            assert_eq!(contrast(0, 0, 0, 0, level()), Interval::undefined(Reason::NoRows));
            assert_eq!(contrast(0, 0, 1, 2, level()), Interval::undefined(Reason::EmptyGroup));
            assert_eq!(contrast(1, 2, 0, 0, level()), Interval::undefined(Reason::EmptyReference));
            assert_eq!(contrast(3, 2, 1, 2, level()), Interval::undefined(Reason::CountAboveBase));
            assert_eq!(contrast(1, 2, 3, 2, level()), Interval::undefined(Reason::CountAboveBase));
        }
    }

    #[test]
    fn values_by_hand() {
        assert_eq!(difference(3, 4, 1, 4, level()).value, Some(0.5));
        assert_eq!(ratio(3, 4, 1, 4, level()).value, Some(3.0));
        assert_eq!(odds_ratio(3, 4, 1, 4, level()).value, Some(9.0));
    }

    #[test]
    fn difference_is_defined_at_every_edge() {
        // z = 2, 0 of 12 against 12 of 12: Wilson 0..1/4 and 3/4..1, so −1 to −1 + √(1/16 + 1/16)
        let two = Level::new(1.0 - crate::stats::normal::two_sided_p(2.0)).unwrap();
        let d = difference(0, 12, 12, 12, two);
        assert_eq!((d.value, d.lower), (Some(-1.0), Some(-1.0)));
        assert!((d.upper.unwrap() - (-1.0 + 0.125_f64.sqrt())).abs() < 1e-14);
        let same = difference(0, 1, 0, 1, level());
        assert_eq!(same.value, Some(0.0));
        assert_eq!(same.lower.map(|lower| -lower), same.upper);
    }

    #[test]
    fn empty_cells_of_a_ratio_say_why() {
        assert_eq!(ratio(0, 5, 2, 5, level()), Interval::without_limits(0.0, Reason::NoEvents));
        assert_eq!(ratio(2, 5, 0, 5, level()), Interval::undefined(Reason::NoReferenceEvents));
        assert_eq!(ratio(0, 5, 0, 5, level()), Interval::undefined(Reason::NoEventsInEither));
        assert_eq!(
            ratio(5, 5, 3, 3, level()),
            Interval::without_limits(1.0, Reason::OnlyEventsInBoth)
        );
        assert!(ratio(5, 5, 2, 3, level()).upper.is_some());
    }

    #[test]
    fn empty_cells_of_an_odds_ratio_say_why() {
        assert_eq!(
            odds_ratio(0, 5, 2, 5, level()),
            Interval::without_limits(0.0, Reason::NoEvents)
        );
        assert_eq!(
            odds_ratio(2, 5, 5, 5, level()),
            Interval::without_limits(0.0, Reason::OnlyReferenceEvents)
        );
        assert_eq!(
            odds_ratio(0, 5, 5, 5, level()),
            Interval::without_limits(0.0, Reason::NoEvents)
        );
        assert_eq!(odds_ratio(5, 5, 2, 5, level()), Interval::undefined(Reason::OnlyEvents));
        assert_eq!(odds_ratio(2, 5, 0, 5, level()), Interval::undefined(Reason::NoReferenceEvents));
        assert_eq!(odds_ratio(5, 5, 0, 5, level()), Interval::undefined(Reason::OnlyEvents));
        assert_eq!(odds_ratio(0, 5, 0, 5, level()), Interval::undefined(Reason::NoEventsInEither));
        assert_eq!(odds_ratio(5, 5, 5, 5, level()), Interval::undefined(Reason::OnlyEventsInBoth));
    }

    #[test]
    fn swapping_the_groups_turns_the_contrast_round() {
        for (x1, n1, x2, n2) in [(3, 7, 5, 9), (1, 100, 40, 41), (56, 70, 48, 80)] {
            let (d, back) =
                (difference(x1, n1, x2, n2, level()), difference(x2, n2, x1, n1, level()));
            assert_eq!((d.value, d.lower), (back.value.map(|v| -v), back.upper.map(|v| -v)));
            for contrast in [ratio, odds_ratio] {
                let (r, back) =
                    (contrast(x1, n1, x2, n2, level()), contrast(x2, n2, x1, n1, level()));
                assert!((r.lower.unwrap() * back.upper.unwrap() - 1.0).abs() < 1e-14);
            }
        }
    }

    #[test]
    fn huge_counts_give_ordered_finite_limits() {
        let most = u64::MAX;
        for contrast in ALL {
            for (x1, n1, x2, n2) in [
                (most - 1, most, 1, most),
                (1, most, most - 1, most),
                (1, 2, 1, most),
                (most / 2, most, 1, 2),
            ] {
                let got = contrast(x1, n1, x2, n2, Level::new(1.0 - 1e-15).unwrap());
                assert!(
                    got.lower.is_some() && got.lower <= got.value && got.value <= got.upper,
                    "{got:?}"
                );
            }
        }
    }
}
