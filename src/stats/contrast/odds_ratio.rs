//! How many times the other are one group's odds?

use super::super::interval::Interval;
use super::super::level::Level;
use super::super::reason::Reason;
use super::{about, conditional, product, unfit};

/// How to estimate an odds ratio and put an interval about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum OddsRatioMethod {
    /// ad/(bc), even on the scale of logarithms; needs all four cells (B. Woolf, 1955, "On
    /// estimating the relation between blood group and disease").
    #[default]
    Woolf,
    /// The likeliest odds ratio and its exact limits given all margins; limits with empty cells too
    /// (J. Cornfield, 1956, "A statistical problem arising from retrospective studies").
    Conditional,
}

impl OddsRatioMethod {
    /// Every method's name, as specifications write it.
    pub const WORDS: [&'static str; 2] = ["woolf", "conditional"];

    /// The method of that name; `None` for any other word.
    ///
    /// ```
    /// use wholefamily::stats::OddsRatioMethod;
    /// assert_eq!(OddsRatioMethod::parse("conditional"), Some(OddsRatioMethod::Conditional));
    /// assert_eq!(OddsRatioMethod::parse("fisher"), None);
    /// ```
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Woolf, Self::Conditional].into_iter().find(|method| method.word() == word)
    }

    /// The method's name, as specifications write it and results show it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Woolf => "woolf",
            Self::Conditional => "conditional",
        }
    }
}

/// How many times the odds of the reference group are those of the group, (x₁/(n₁ − x₁)) / (x₂/(n₂
/// − x₂)), with its interval?
///
/// # Formula
/// With a = x₁, b = n₁ − x₁, c = x₂, d = n₂ − x₂, m = x₁ + x₂ and z the level's normal quantile:
/// ```text
/// woolf         o = ad/(bc);   o exp(± z √(1/a + 1/b + 1/c + 1/d))
/// conditional   the ψ with E(X) = x₁;   those with P(X ≥ x₁) and with P(X ≤ x₁) = (1 − level)/2
///               P(X = k) ∝ C(n₁, k) C(n₂, m − k) ψᵏ, the noncentral hypergeometric law
/// ```
/// # Arguments
/// `x1` of `n1`: the group; `x2` of `n2`: the reference group.
///
/// # Edges
/// Where b or c is 0 the odds ratio is infinite, so there is no value and no upper limit; where
/// only a or d is, it is 0. Woolf's limits need all four cells; the conditional method has an upper
/// limit where the odds ratio is 0, and a lower one where it is infinite. The reason names the
/// empty cell: [`Reason::NoEvents`], [`Reason::OnlyEvents`], [`Reason::NoReferenceEvents`],
/// [`Reason::OnlyReferenceEvents`], [`Reason::NoEventsInEither`], [`Reason::OnlyEventsInBoth`].
/// Empty groups as in [`difference`](super::difference). The conditional method is
/// [`Reason::TooLarge`] where every margin is beyond 4·10¹⁰.
///
/// # Source
/// B. Woolf, 1955, "On estimating the relation between blood group and disease"; J. Cornfield,
/// 1956, "A statistical problem arising from retrospective studies", with R. A. Fisher's
/// conditional law, as in R's `fisher.test` (whose own figures are good to some 3 digits only).
///
/// # Example
/// ```
/// use wholefamily::stats::{Level, OddsRatioMethod, odds_ratio};
/// let o = odds_ratio(7, 10, 3, 25, OddsRatioMethod::Woolf, Level::default());
/// assert!((o.value.unwrap() - (7.0 * 22.0) / (3.0 * 3.0)).abs() < 1e-14);
/// // The lady tasting tea; R's fisher.test says 6.408309, 0.2117329 to 621.9
/// let tea = odds_ratio(3, 4, 1, 4, OddsRatioMethod::Conditional, Level::default());
/// assert!((tea.value.unwrap() - 6.408320).abs() < 5e-7);
/// assert!((tea.lower.unwrap() - 0.2117356).abs() < 5e-8);
/// assert!((tea.upper.unwrap() - 626.2435).abs() < 5e-5);
/// ```
#[must_use]
pub fn odds_ratio(
    x1: u64,
    n1: u64,
    x2: u64,
    n2: u64,
    method: OddsRatioMethod,
    level: Level,
) -> Interval {
    if let Some(reason) = unfit(x1, n1, x2, n2) {
        return Interval::undefined(reason);
    }
    let (a, b, c, d) = (x1, n1.saturating_sub(x1), x2, n2.saturating_sub(x2));
    let found = match (a, b, c, d) {
        (0, _, 0, _) => return Interval::undefined(Reason::NoEventsInEither),
        (_, 0, _, 0) => return Interval::undefined(Reason::OnlyEventsInBoth),
        (_, 0, _, _) => Odds::Infinite(Reason::OnlyEvents),
        (_, _, 0, _) => Odds::Infinite(Reason::NoReferenceEvents),
        (0, _, _, _) => Odds::Zero(Reason::NoEvents),
        (_, _, _, 0) => Odds::Zero(Reason::OnlyReferenceEvents),
        _ => Odds::Between,
    };
    let cells = [a, b, c, d];
    match (method, found) {
        (OddsRatioMethod::Woolf, Odds::Between) => {
            let variance = cells.map(|cell| 1.0 / cell as f64).iter().sum();
            about(product(a, d) / product(b, c), variance, level)
        }
        (OddsRatioMethod::Woolf, Odds::Zero(reason)) => Interval::without_limits(0.0, reason),
        (OddsRatioMethod::Woolf, Odds::Infinite(reason)) => Interval::undefined(reason),
        (OddsRatioMethod::Conditional, _) if !conditional::can(cells) => {
            Interval::undefined(Reason::TooLarge)
        }
        (OddsRatioMethod::Conditional, Odds::Between) => Interval::new(
            conditional::likeliest(cells),
            conditional::lower(cells, level),
            conditional::upper(cells, level),
        ),
        (OddsRatioMethod::Conditional, Odds::Zero(_)) => {
            Interval::new(0.0, 0.0, conditional::upper(cells, level))
        }
        (OddsRatioMethod::Conditional, Odds::Infinite(reason)) => {
            Interval::at_least(conditional::lower(cells, level), reason)
        }
    }
}

/// Where the odds ratio lies, and which empty cell put it there.
enum Odds {
    Zero(Reason),
    Between,
    Infinite(Reason),
}

#[cfg(test)]
mod tests {
    use super::*;
    use OddsRatioMethod::{Conditional, Woolf};

    fn level() -> Level {
        Level::default()
    }

    #[test]
    fn every_word_names_its_method() {
        for (word, method) in OddsRatioMethod::WORDS.into_iter().zip([Woolf, Conditional]) {
            assert_eq!(OddsRatioMethod::parse(word), Some(method));
            assert_eq!(method.word(), word);
        }
        assert_eq!(OddsRatioMethod::parse("exact"), None);
    }

    #[test]
    fn empty_cells_of_woolfs_odds_ratio_say_why() {
        let woolf = |x1, n1, x2, n2| odds_ratio(x1, n1, x2, n2, Woolf, level());
        assert_eq!(woolf(3, 4, 1, 4).value, Some(9.0));
        assert_eq!(woolf(0, 5, 2, 5), Interval::without_limits(0.0, Reason::NoEvents));
        assert_eq!(woolf(2, 5, 5, 5), Interval::without_limits(0.0, Reason::OnlyReferenceEvents));
        assert_eq!(woolf(0, 5, 5, 5), Interval::without_limits(0.0, Reason::NoEvents));
        assert_eq!(woolf(5, 5, 2, 5), Interval::undefined(Reason::OnlyEvents));
        assert_eq!(woolf(2, 5, 0, 5), Interval::undefined(Reason::NoReferenceEvents));
        assert_eq!(woolf(5, 5, 0, 5), Interval::undefined(Reason::OnlyEvents));
        for method in [Woolf, Conditional] {
            let got = |x1, x2| odds_ratio(x1, 5, x2, 5, method, level());
            assert_eq!(got(0, 0), Interval::undefined(Reason::NoEventsInEither));
            assert_eq!(got(5, 5), Interval::undefined(Reason::OnlyEventsInBoth));
        }
    }

    #[test]
    fn conditional_limits_by_hand() {
        // One event among two people: P(X = 1) = ψ/(1 + ψ), so 1/39 and 39 at 95%
        let one = odds_ratio(1, 1, 0, 1, Conditional, level());
        assert_eq!((one.value, one.upper, one.reason), (None, None, Some(Reason::OnlyEvents)));
        assert!((one.lower.unwrap() * 39.0 - 1.0).abs() < 1e-14, "{one:?}");
        let none = odds_ratio(0, 1, 1, 1, Conditional, level());
        assert_eq!((none.value, none.lower, none.reason), (Some(0.0), Some(0.0), None));
        assert!((none.upper.unwrap() / 39.0 - 1.0).abs() < 1e-14, "{none:?}");
        // 1 of 2 against 1 of 2: weights 1, 4ψ, ψ²; P(X ≥ 1) = t where ψ² + 4ψ = t/(1 − t)
        let even = odds_ratio(1, 2, 1, 2, Conditional, level());
        assert!((even.value.unwrap() - 1.0).abs() < 1e-15);
        let want = (4.0 + 0.025_f64 / 0.975).sqrt() - 2.0;
        assert!((even.lower.unwrap() / want - 1.0).abs() < 1e-13, "{even:?}");
    }
}
