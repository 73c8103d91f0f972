//! Between which limits would a unit of this size lie by chance?

use super::{proportion, rate};
use crate::stats::level::Level;
use crate::stats::reason::Reason;

/// What the units' figures are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FunnelOf {
    /// People out of so many: a size is a number of people.
    Proportion,
    /// Events over an exposure: a size is an exposure.
    Rate,
    /// Events observed over events expected: a size is a number expected.
    Ratio,
}

impl FunnelOf {
    /// Every kind's name, as specifications write it.
    pub const WORDS: [&'static str; 3] = ["proportion", "rate", "ratio"];

    /// The kind of that name; `None` for any other word.
    ///
    /// ```
    /// use wholefamily::stats::funnel::FunnelOf;
    /// assert_eq!(FunnelOf::parse("rate"), Some(FunnelOf::Rate));
    /// ```
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Proportion, Self::Rate, Self::Ratio].into_iter().find(|of| of.word() == word)
    }

    /// The kind's name, as specifications write it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Proportion => "proportion",
            Self::Rate => "rate",
            Self::Ratio => "ratio",
        }
    }
}

/// How to find the limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum FunnelMethod {
    /// Public Health England's (PHEindicatormethods, `calculate_funnel_limits`): for proportions
    /// [`Self::Score`]; for rates and ratios, by the number of events *observed*.
    #[default]
    Phe,
    /// The normal approximation about the average.
    Score,
    /// The quantiles of the binomial or Poisson distribution: whole counts, over the size.
    Exact,
    /// The same quantiles, interpolated between counts so that the funnel is smooth (D. J.
    /// Spiegelhalter, 2005).
    Interpolated,
    /// The exact confidence limits of a unit that is itself on the average: Clopper and Pearson's, or
    /// Garwood's by chi-squared quantiles (FunnelPlotR, for ratios).
    Confidence,
}

impl FunnelMethod {
    /// Every method's name, as specifications write it.
    pub const WORDS: [&'static str; 5] = ["phe", "score", "exact", "interpolated", "confidence"];

    /// The method of that name; `None` for any other word.
    ///
    /// ```
    /// use wholefamily::stats::funnel::FunnelMethod;
    /// assert_eq!(FunnelMethod::parse("exact"), Some(FunnelMethod::Exact));
    /// ```
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Phe, Self::Score, Self::Exact, Self::Interpolated, Self::Confidence]
            .into_iter()
            .find(|method| method.word() == word)
    }

    /// The method's name, as specifications write it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Phe => "phe",
            Self::Score => "score",
            Self::Exact => "exact",
            Self::Interpolated => "interpolated",
            Self::Confidence => "confidence",
        }
    }
}

/// A lower and an upper limit, or why there are none.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// The lower limit.
    pub lower: Option<f64>,
    /// The upper limit.
    pub upper: Option<f64>,
    /// Why there are none.
    pub reason: Option<Reason>,
}

impl Limits {
    /// Both limits; numbers that are not finite become undefined.
    pub(super) fn new(lower: f64, upper: f64) -> Self {
        if lower.is_finite() && upper.is_finite() {
            Self { lower: Some(lower), upper: Some(upper), reason: None }
        } else {
            Self::undefined(Reason::TooLarge)
        }
    }

    /// No limits, and why.
    pub(super) const fn undefined(reason: Reason) -> Self {
        Self { lower: None, upper: None, reason: Some(reason) }
    }
}

/// The limits at 95% and at 99.8%, which funnels are drawn with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FunnelLimits {
    /// The lower limit at 95%.
    pub lower_95: Option<f64>,
    /// The upper limit at 95%.
    pub upper_95: Option<f64>,
    /// The lower limit at 99.8%.
    pub lower_998: Option<f64>,
    /// The upper limit at 99.8%.
    pub upper_998: Option<f64>,
    /// Why there are none.
    pub reason: Option<Reason>,
}

impl FunnelLimits {
    pub(super) fn new(inner: Limits, outer: Limits) -> Self {
        match inner.reason.or(outer.reason) {
            None => Self {
                lower_95: inner.lower,
                upper_95: inner.upper,
                lower_998: outer.lower,
                upper_998: outer.upper,
                reason: None,
            },
            reason => {
                Self { lower_95: None, upper_95: None, lower_998: None, upper_998: None, reason }
            }
        }
    }
}

/// The limits at 95% and at 99.8% for a unit of size `n`: [`limits_at`] both.
///
/// # Formula
/// As [`limits_at`].
///
/// # Arguments
/// As [`limits_at`].
///
/// # Edges
/// As [`limits_at`].
///
/// # Source
/// D. J. Spiegelhalter, 2005, "Funnel plots for comparing institutional performance".
///
/// # Example
/// ```
/// use wholefamily::stats::funnel::{FunnelMethod, FunnelOf, funnel_limits};
/// let limits = funnel_limits(100.0, 0.2, FunnelOf::Proportion, FunnelMethod::Phe);
/// assert!((limits.upper_95.unwrap() - 0.2784).abs() < 5e-5);
/// assert!(limits.upper_998 > limits.upper_95);
/// ```
#[must_use]
pub fn funnel_limits(n: f64, average: f64, of: FunnelOf, method: FunnelMethod) -> FunnelLimits {
    let at = |level| {
        Level::new(level).map_or(Limits::undefined(Reason::TooLarge), |level| {
            limits_at(n, average, of, method, level)
        })
    };
    FunnelLimits::new(at(0.95), at(0.998))
}

/// The limits between which a unit of size `n` lies by chance, if it has the average.
///
/// # Formula
/// θ is the average, E = nθ, z the level's normal quantile, ε = (1 − level)/2 its tail:
/// ```text
/// proportion
///   phe, score     θ ∓ z √(θ(1 − θ)/n), cut at 0 and 1: the shares whose Wilson bound is the average
///   exact          q(ε)/n and q(1 − ε)/n,  q(p) the smallest r with P(R ≤ r) ≥ p, R binomial
///   interpolated   (r − (P(R ≤ r) − p) / P(R = r)) / n with r = q(p), cut at 0 and 1
///   confidence     Clopper and Pearson's limits of nθ out of n
/// rate (n an exposure), ratio (n expected)
///   score          θ ∓ z √(θ/n), cut at 0
///   exact, interpolated   as above, R Poisson with mean E
///   confidence     qchisq(ε, 2E)/(2n) and qchisq(1 − ε, 2E + 2)/(2n)
///   phe            n is the number *observed*: nθ/U and nθ/L, with L and U its exact Poisson limits
/// ```
/// # Arguments
/// `n`: the unit's size: people, exposure, events expected, or (phe, for rates and ratios) events
/// observed, a whole number; `average`: θ, for a ratio usually 1.
///
/// # What differs from PHEindicatormethods
/// It cuts proportions at 0 and *100* whatever their multiplier. It finds Poisson limits by bisection,
/// which leaves them up to 5 parts in 100,000 off; these are right to 13 digits.
///
/// # Edges
/// A size of 0 is [`Reason::NoRows`] (people), [`Reason::NoExposure`] or, observed, [`Reason::NoEvents`]:
/// there is no figure to place. Negative or not finite, or a fraction of a person:
/// [`Reason::ImpossibleExposure`]. An average that is not a number from 0 (and to 1 for proportions):
/// [`Reason::ImpossibleAverage`]. At an average of 0, or of 1 for proportions, nothing varies and both
/// limits are the average.
///
/// # Source
/// D. J. Spiegelhalter, 2005, "Funnel plots for comparing institutional performance", appendix A.1;
/// PHEindicatormethods 2.1.0, `calculate_funnel_limits`; FunnelPlotR.
///
/// # Example
/// ```
/// use wholefamily::stats::Level;
/// use wholefamily::stats::funnel::{FunnelMethod, FunnelOf, limits_at};
/// let level = Level::new(0.95).unwrap();
/// let limits = limits_at(20.0, 0.5, FunnelOf::Proportion, FunnelMethod::Exact, level);
/// assert_eq!((limits.lower, limits.upper), (Some(0.3), Some(0.7))); // 6 to 14 of 20
/// ```
#[must_use]
pub fn limits_at(n: f64, average: f64, of: FunnelOf, method: FunnelMethod, level: Level) -> Limits {
    if let Some(reason) = unfit(n, average, of, method) {
        return Limits::undefined(reason);
    }
    if average == 0.0 || (of == FunnelOf::Proportion && average == 1.0) {
        return Limits::new(average, average);
    }
    let (lower, upper) = match of {
        FunnelOf::Proportion => proportion::limits(n as u64, average, method, level),
        FunnelOf::Rate | FunnelOf::Ratio => rate::limits(n, average, method, level),
    };
    Limits::new(lower, upper)
}

/// Why a unit of this size has no place in the funnel.
pub(super) fn unfit(n: f64, average: f64, of: FunnelOf, method: FunnelMethod) -> Option<Reason> {
    let observed = of != FunnelOf::Proportion && method == FunnelMethod::Phe;
    // above 2⁵³ a floating-point number cannot count people one by one
    let whole = n.fract() == 0.0 && n <= 9_007_199_254_740_992.0;
    if n == 0.0 {
        return Some(match (of, observed) {
            (FunnelOf::Proportion, _) => Reason::NoRows,
            (_, true) => Reason::NoEvents,
            _ => Reason::NoExposure,
        });
    }
    if !(n.is_finite() && n > 0.0) || ((of == FunnelOf::Proportion || observed) && !whole) {
        return Some(Reason::ImpossibleExposure);
    }
    impossible_average(average, of)
}

/// Why this is no average.
pub(super) fn impossible_average(average: f64, of: FunnelOf) -> Option<Reason> {
    let most = if of == FunnelOf::Proportion { 1.0 } else { f64::MAX };
    (!(0.0..=most).contains(&average)).then_some(Reason::ImpossibleAverage)
}

#[cfg(test)]
mod tests {
    use super::FunnelMethod::{Confidence, Exact, Interpolated, Phe, Score};
    use super::FunnelOf::{Proportion, Rate, Ratio};
    use super::*;

    const METHODS: [FunnelMethod; 5] = [Phe, Score, Exact, Interpolated, Confidence];

    fn level() -> Level {
        Level::default()
    }

    #[test]
    fn the_outer_limits_lie_outside_and_the_average_inside() {
        for of in [Proportion, Rate, Ratio] {
            for method in METHODS {
                for n in [1.0, 7.0, 40.0, 1000.0, 1e6, 1e9] {
                    for average in [1e-6, 0.01, 0.3, 0.5, 0.99] {
                        let at = funnel_limits(n, average, of, method);
                        assert_eq!(at.reason, None, "{of:?} {method:?} {n} {average}");
                        assert!(at.lower_998 <= at.lower_95 && at.upper_95 <= at.upper_998);
                        assert!(at.lower_998 >= Some(0.0));
                        assert!(of != Proportion || at.upper_998 <= Some(1.0));
                        // a whole count can miss the average by itself
                        let counted = matches!(method, Exact | Interpolated);
                        let slack = if counted { 1.0 / n } else { 1e-12 };
                        assert!(at.lower_95.unwrap() <= average + slack, "{method:?} {at:?}");
                        assert!(at.upper_95.unwrap() >= average - slack, "{method:?} {at:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_ratio_is_a_rate_whose_average_is_one() {
        for method in METHODS {
            let ratio = limits_at(17.0, 1.0, Ratio, method, level());
            assert_eq!(ratio, limits_at(17.0, 1.0, Rate, method, level()));
        }
    }

    #[test]
    fn larger_units_have_narrower_limits() {
        for of in [Proportion, Rate] {
            for method in [Phe, Score, Interpolated, Confidence] {
                let width = |n: f64| {
                    let at = limits_at(n, 0.3, of, method, level());
                    at.upper.unwrap() - at.lower.unwrap()
                };
                assert!(width(10.0) > width(100.0) && width(100.0) > width(1000.0), "{method:?}");
            }
        }
    }

    #[test]
    fn what_cannot_be_placed_says_why() {
        for (n, average, of, method, reason) in [
            (0.0, 0.5, Proportion, Exact, Reason::NoRows),
            (0.0, 0.5, Rate, Exact, Reason::NoExposure),
            (0.0, 0.5, Rate, Phe, Reason::NoEvents),
            (-1.0, 0.5, Rate, Score, Reason::ImpossibleExposure),
            (f64::NAN, 0.5, Rate, Score, Reason::ImpossibleExposure),
            (f64::INFINITY, 0.5, Proportion, Score, Reason::ImpossibleExposure),
            (2.5, 0.5, Proportion, Score, Reason::ImpossibleExposure),
            (2.5, 0.5, Ratio, Phe, Reason::ImpossibleExposure),
            (2.0, 1.5, Proportion, Score, Reason::ImpossibleAverage),
            (2.0, -0.5, Ratio, Score, Reason::ImpossibleAverage),
            (2.0, f64::NAN, Ratio, Score, Reason::ImpossibleAverage),
        ] {
            assert_eq!(limits_at(n, average, of, method, level()), Limits::undefined(reason));
        }
        assert_eq!(limits_at(2.5, 0.5, Ratio, Exact, level()).reason, None);
    }

    #[test]
    fn nothing_varies_about_none_or_all() {
        for method in METHODS {
            let none = limits_at(9.0, 0.0, Rate, method, level());
            assert_eq!((none.lower, none.upper), (Some(0.0), Some(0.0)));
            let all = limits_at(9.0, 1.0, Proportion, method, level());
            assert_eq!((all.lower, all.upper), (Some(1.0), Some(1.0)));
        }
    }

    #[test]
    fn every_word_names_its_meaning() {
        for word in FunnelOf::WORDS {
            assert_eq!(FunnelOf::parse(word).unwrap().word(), word);
        }
        for (word, method) in FunnelMethod::WORDS.into_iter().zip(METHODS) {
            assert_eq!((FunnelMethod::parse(word), method.word()), (Some(method), word));
        }
        assert_eq!((FunnelOf::parse("mean"), FunnelMethod::parse("normal")), (None, None));
    }
}
