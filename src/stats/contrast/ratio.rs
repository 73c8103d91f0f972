//! How many times the other is one share?

use super::super::interval::Interval;
use super::super::level::Level;
use super::super::reason::Reason;
use super::{about, product, score, unfit};

/// How to put an interval about the ratio of two shares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum RatioMethod {
    /// Even on the scale of logarithms; needs events in both groups (D. Katz, J. Baptista, S. P.
    /// Azen and M. C. Pike, 1978, "Obtaining confidence intervals for the risk ratio in cohort
    /// studies").
    #[default]
    Katz,
    /// Every ratio that a score test does not reject; limits without events too (O. Miettinen and
    /// M. Nurminen, 1985, "Comparative analysis of two rates").
    MiettinenNurminen,
}

impl RatioMethod {
    /// Every method's name, as specifications write it.
    pub const WORDS: [&'static str; 2] = ["katz", "miettinen-nurminen"];

    /// The method of that name; `None` for any other word.
    ///
    /// ```
    /// use wholefamily::stats::RatioMethod;
    /// assert_eq!(RatioMethod::parse("katz"), Some(RatioMethod::Katz));
    /// assert_eq!(RatioMethod::parse("log"), None);
    /// ```
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Katz, Self::MiettinenNurminen].into_iter().find(|method| method.word() == word)
    }

    /// The method's name, as specifications write it and results show it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Katz => "katz",
            Self::MiettinenNurminen => "miettinen-nurminen",
        }
    }
}

/// How many times the share of the reference group is that of the group: p₁ / p₂, with its
/// interval?
///
/// # Formula
/// With r = p₁/p₂, z the level's normal quantile and N = n₁ + n₂:
/// ```text
/// katz                 r exp(± z √((1 − p₁)/x₁ + (1 − p₂)/x₂))
/// miettinen-nurminen   both φ with (p₁ − φp₂)² = z² N/(N − 1) (p̃₁q̃₁/n₁ + φ²p̃₂q̃₂/n₂),
///                      where p̃₁ = φp̃₂ are the likeliest shares of that ratio, q̃ = 1 − p̃
/// ```
/// # Arguments
/// `x1` of `n1`: the group; `x2` of `n2`: the reference group.
///
/// # Edges
/// No events in the group: the ratio is 0; Katz gives no limits ([`Reason::NoEvents`]), the score
/// method 0 and an upper one. None in the reference group: the ratio is infinite, so there is no
/// value and no upper limit ([`Reason::NoReferenceEvents`]); the score method still has a lower
/// one. None in either: nothing is known ([`Reason::NoEventsInEither`]). Only events in both: the
/// ratio is 1, and Katz's formula has no width, so it gives no limits
/// ([`Reason::OnlyEventsInBoth`]). Empty groups as in [`difference`](super::difference).
///
/// # Source
/// D. Katz, J. Baptista, S. P. Azen and M. C. Pike, 1978, "Obtaining confidence intervals for the
/// risk ratio in cohort studies"; O. Miettinen and M. Nurminen, 1985, "Comparative analysis of two
/// rates".
///
/// # Example
/// ```
/// use wholefamily::stats::{Level, RatioMethod, Reason, ratio};
/// let level = Level::default();
/// let r = ratio(7, 10, 3, 25, RatioMethod::Katz, level);
/// assert!((r.value.unwrap() - 35.0 / 6.0).abs() < 1e-15);
/// assert_eq!(ratio(0, 10, 3, 25, RatioMethod::Katz, level).reason, Some(Reason::NoEvents));
/// let none = ratio(0, 10, 3, 25, RatioMethod::MiettinenNurminen, level);
/// assert_eq!((none.value, none.lower), (Some(0.0), Some(0.0)));
/// assert!((none.upper.unwrap() - 2.8024).abs() < 5e-5);
/// ```
#[must_use]
pub fn ratio(x1: u64, n1: u64, x2: u64, n2: u64, method: RatioMethod, level: Level) -> Interval {
    if let Some(reason) = unfit(x1, n1, x2, n2) {
        return Interval::undefined(reason);
    }
    match (method, x1, x2) {
        (_, 0, 0) => return Interval::undefined(Reason::NoEventsInEither),
        (RatioMethod::Katz, _, 0) => return Interval::undefined(Reason::NoReferenceEvents),
        (RatioMethod::Katz, 0, _) => return Interval::without_limits(0.0, Reason::NoEvents),
        (RatioMethod::Katz, ..) if x1 == n1 && x2 == n2 => {
            return Interval::without_limits(1.0, Reason::OnlyEventsInBoth);
        }
        (RatioMethod::MiettinenNurminen, _, 0) => {
            let lower = score::ratio_lower(x1, n1, x2, n2, level.z());
            return Interval::at_least(lower, Reason::NoReferenceEvents);
        }
        _ => {}
    }
    let value = product(x1, n2) / product(x2, n1);
    match method {
        RatioMethod::Katz => {
            let variance = |x: u64, n: u64| n.saturating_sub(x) as f64 / n as f64 / x as f64;
            about(value, variance(x1, n1) + variance(x2, n2), level)
        }
        RatioMethod::MiettinenNurminen => {
            let z = level.z();
            let lower = if x1 == 0 { 0.0 } else { score::ratio_lower(x1, n1, x2, n2, z) };
            Interval::new(value, lower, score::ratio_lower(x2, n2, x1, n1, z).recip())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use RatioMethod::{Katz, MiettinenNurminen};

    fn level() -> Level {
        Level::default()
    }

    #[test]
    fn every_word_names_its_method() {
        for (word, method) in RatioMethod::WORDS.into_iter().zip([Katz, MiettinenNurminen]) {
            assert_eq!(RatioMethod::parse(word), Some(method));
            assert_eq!(method.word(), word);
        }
        assert_eq!(RatioMethod::parse("score"), None);
    }

    #[test]
    fn empty_cells_of_katzs_ratio_say_why() {
        let katz = |x1, n1, x2, n2| ratio(x1, n1, x2, n2, Katz, level());
        assert_eq!(katz(3, 4, 1, 4).value, Some(3.0));
        assert_eq!(katz(0, 5, 2, 5), Interval::without_limits(0.0, Reason::NoEvents));
        assert_eq!(katz(2, 5, 0, 5), Interval::undefined(Reason::NoReferenceEvents));
        assert_eq!(katz(0, 5, 0, 5), Interval::undefined(Reason::NoEventsInEither));
        assert_eq!(katz(5, 5, 3, 3), Interval::without_limits(1.0, Reason::OnlyEventsInBoth));
        assert!(katz(5, 5, 2, 3).upper.is_some());
    }

    #[test]
    fn the_score_method_keeps_the_limits_that_exist() {
        let score = |x1, n1, x2, n2| ratio(x1, n1, x2, n2, MiettinenNurminen, level());
        let none = score(0, 5, 2, 5);
        assert_eq!((none.value, none.lower, none.reason), (Some(0.0), Some(0.0), None));
        let infinite = score(2, 5, 0, 5);
        assert_eq!((infinite.value, infinite.upper), (None, None));
        assert_eq!(infinite.reason, Some(Reason::NoReferenceEvents));
        let turned = infinite.lower.unwrap() * none.upper.unwrap();
        assert!((turned - 1.0).abs() < 1e-14, "{turned}");
        assert_eq!(score(0, 5, 0, 5), Interval::undefined(Reason::NoEventsInEither));
    }

    #[test]
    fn the_score_limits_by_hand_where_all_have_the_event() {
        // Below 1 the likeliest shares are φ and 1: (1 − φ)² = c φ(1 − φ), so φ = 1/(1 + c) with
        // c = z² N/(N − 1)/n₁
        let all = ratio(8, 8, 9, 9, MiettinenNurminen, level());
        let factor = level().z() * level().z() * 17.0 / 16.0;
        assert!((all.lower.unwrap() - 1.0 / (1.0 + factor / 8.0)).abs() < 1e-15, "{all:?}");
        assert!((all.upper.unwrap() - (1.0 + factor / 9.0)).abs() < 1e-15, "{all:?}");
    }
}
