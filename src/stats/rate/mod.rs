//! How many events for so much exposure, and how do two such rates compare?
//!
//! | question | function |
//! |---|---|
//! | how many events for so much exposure? | [`rate()`] |
//! | and when the same child can have several? | [`repeat_rate`] |
//! | how many times the other rate is it? | [`rate_ratio`] |
//! | how much higher than the other rate is it? | [`rate_difference`] |

mod conditional;
mod difference;
mod mid_p;
mod ratio;
mod repeat;

pub use difference::{RateDifferenceMethod, rate_difference};
pub use ratio::{RateRatioMethod, rate_ratio};
pub use repeat::repeat_rate;

use super::interval::Interval;
use super::level::Level;
use super::poisson;
use super::reason::Reason;

/// How to put an interval about a rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum RateMethod {
    /// The exact Poisson limits (F. Garwood, 1936, "Fiducial limits for the Poisson distribution").
    Exact,
    /// Byar's approximation (N. Breslow and N. Day, 1987, "Statistical methods in cancer research
    /// II", p. 69).
    Byar,
    /// Exact below 10 events, Byar from 10 on, as Public Health England's tools do
    /// (PHEindicatormethods, `phe_rate`).
    #[default]
    Phe,
    /// The exact limits with half the probability of the observed count in each tail (G. Cohen and
    /// S.-Y. Yang, 1994, "Mid-p confidence intervals for the Poisson expectation").
    MidP,
}

impl RateMethod {
    /// Every method's name, as specifications write it.
    pub const WORDS: [&'static str; 4] = ["exact", "byar", "phe", "mid-p"];

    /// The method of that name; `None` for any other word.
    ///
    /// ```
    /// use wholefamily::stats::RateMethod;
    /// assert_eq!(RateMethod::parse("phe"), Some(RateMethod::Phe));
    /// ```
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        let methods = [Self::Exact, Self::Byar, Self::Phe, Self::MidP];
        methods.into_iter().find(|method| method.word() == word)
    }

    /// The method's name, as specifications write it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Byar => "byar",
            Self::Phe => "phe",
            Self::MidP => "mid-p",
        }
    }

    /// The method that a count of `x` is given in the end: `Phe` settles on one of the others.
    ///
    /// ```
    /// use wholefamily::stats::RateMethod;
    /// assert_eq!(RateMethod::Phe.settled(9), RateMethod::Exact);
    /// assert_eq!(RateMethod::Phe.settled(10), RateMethod::Byar);
    /// ```
    #[must_use]
    pub const fn settled(self, x: u64) -> Self {
        match self {
            Self::Phe if x < 10 => Self::Exact,
            Self::Phe => Self::Byar,
            settled => settled,
        }
    }
}

/// The rate `x` / `exposure` × `per`, with its two-sided interval for a Poisson count.
///
/// # Formula
/// Limits of the count, to be divided by `exposure` and multiplied by `per`, with z the level's
/// normal quantile:
/// ```text
/// exact   qchisq((1 − level)/2, 2x) / 2              qchisq((1 + level)/2, 2x + 2) / 2
/// byar    x (1 − 1/(9x) − z/(3√x))³                  y (1 − 1/(9y) + z/(3√y))³ with y = x + 1
/// phe     exact if x < 10, otherwise byar
/// mid-p   λ with P(X > x) + ½ P(X = x) = (1 − level)/2   and with P(X < x) + ½ P(X = x) = (1 − level)/2
/// ```
/// Exact limits are sure to cover the rate as often as the level says, and cover it more often;
/// mid-p limits do so on average over rates, and are narrower.
///
/// # Arguments
/// `x`: events, independent of each other ([`repeat_rate`] where they are not); `exposure`: people, days or person-years, above 0;
/// `per`: how much exposure the rate is given for, such as 1000.
///
/// # Edges
/// No events: the value and the lower limit are 0. A Byar lower limit that comes out negative (few
/// events, high level) is 0. `exposure` = 0 is [`Reason::NoExposure`]; negative, infinite or NaN
/// [`Reason::ImpossibleExposure`]; a wrong `per` [`Reason::ImpossibleUnit`].
///
/// # Source
/// F. Garwood, 1936, "Fiducial limits for the Poisson distribution". N. Breslow and N. Day, 1987,
/// "Statistical methods in cancer research II: the design and analysis of cohort studies", p. 69.
/// G. Cohen and S.-Y. Yang, 1994, "Mid-p confidence intervals for the Poisson expectation".
///
/// # Example
/// ```
/// use wholefamily::stats::{Level, RateMethod, rate};
/// let per_1000 = rate(9, 1000.0, 1000.0, RateMethod::Phe, Level::new(0.95).unwrap());
/// assert_eq!(per_1000.value, Some(9.0));
/// assert!((per_1000.lower.unwrap() - 4.115).abs() < 5e-4);
/// assert!((per_1000.upper.unwrap() - 17.085).abs() < 5e-4);
/// ```
#[must_use]
pub fn rate(x: u64, exposure: f64, per: f64, method: RateMethod, level: Level) -> Interval {
    if let Some(reason) = unfit(exposure, per) {
        return Interval::undefined(reason);
    }
    let (lower, upper) = limits(x, method, level);
    let scale = |count: f64| count / exposure * per;
    Interval::new(scale(x as f64), scale(lower), scale(upper))
}

/// Two rates compared.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RateContrast {
    /// The figure that compares them, and its interval.
    pub interval: Interval,
    /// The two-sided p-value of there being no difference; `None` where no count could have spoken
    /// against it.
    pub p_value: Option<f64>,
}

impl RateContrast {
    /// No comparison, and why.
    pub(super) const fn undefined(reason: Reason) -> Self {
        Self { interval: Interval::undefined(reason), p_value: None }
    }
}

/// Why nothing can be said of this exposure or for this unit.
pub(super) fn unfit(exposure: f64, per: f64) -> Option<Reason> {
    if exposure == 0.0 {
        Some(Reason::NoExposure)
    } else if !(exposure.is_finite() && exposure > 0.0) {
        Some(Reason::ImpossibleExposure)
    } else if !(per.is_finite() && per > 0.0) {
        Some(Reason::ImpossibleUnit)
    } else {
        None
    }
}

/// The limits of a count's mean.
pub(super) fn limits(x: u64, method: RateMethod, level: Level) -> (f64, f64) {
    match method.settled(x) {
        RateMethod::Exact => (poisson::lower_limit(x, level), poisson::upper_limit(x, level)),
        RateMethod::Byar | RateMethod::Phe => byar(x, level.z()),
        RateMethod::MidP => mid_p::limits(x, level),
    }
}

/// Byar's limits of a count's mean; a lower limit under 0 is 0.
pub(super) fn byar(x: u64, z: f64) -> (f64, f64) {
    let cube =
        |count: f64, z: f64| count * (1.0 - 1.0 / (9.0 * count) + z / (3.0 * count.sqrt())).powi(3);
    let count = x as f64;
    let lower = if x == 0 { 0.0 } else { cube(count, -z).max(0.0) };
    (lower, cube(count + 1.0, z))
}

#[cfg(test)]
mod tests {
    use super::*;
    use RateMethod::{Byar, Exact, MidP, Phe};

    const METHODS: [RateMethod; 4] = [Exact, Byar, Phe, MidP];

    fn level() -> Level {
        Level::default()
    }

    #[test]
    fn no_events_by_hand() {
        // P(X = 0 | λ) = e^−λ = 0.025, so λ = ln 40
        let none = rate(0, 1.0, 1.0, Exact, level());
        assert_eq!((none.value, none.lower), (Some(0.0), Some(0.0)));
        assert!((none.upper.unwrap() - 40_f64.ln()).abs() < 1e-14);
    }

    #[test]
    fn the_methods_part_at_ten_events() {
        assert_eq!(rate(9, 7.0, 1.0, Phe, level()), rate(9, 7.0, 1.0, Exact, level()));
        assert_eq!(rate(10, 7.0, 1.0, Phe, level()), rate(10, 7.0, 1.0, Byar, level()));
        assert_ne!(rate(10, 7.0, 1.0, Exact, level()), rate(10, 7.0, 1.0, Byar, level()));
    }

    #[test]
    fn a_byar_limit_is_never_negative() {
        let one = rate(1, 1.0, 1.0, Byar, Level::new(0.999).unwrap());
        assert_eq!(one.lower, Some(0.0));
    }

    #[test]
    fn impossible_exposures_say_why() {
        for method in METHODS {
            for (exposure, reason) in [
                (0.0, Reason::NoExposure),
                (-0.0, Reason::NoExposure),
                (-1.0, Reason::ImpossibleExposure),
                (f64::NAN, Reason::ImpossibleExposure),
                (f64::INFINITY, Reason::ImpossibleExposure),
            ] {
                assert_eq!(rate(3, exposure, 1.0, method, level()), Interval::undefined(reason));
            }
            for per in [0.0, -1.0, f64::NAN, f64::INFINITY] {
                assert_eq!(
                    rate(3, 1.0, per, method, level()),
                    Interval::undefined(Reason::ImpossibleUnit)
                );
            }
            assert_eq!(
                rate(3, f64::MIN_POSITIVE, 1e300, method, level()),
                Interval::undefined(Reason::TooLarge)
            );
        }
    }

    #[test]
    fn any_count_has_ordered_limits() {
        for method in METHODS {
            for x in [0, 1, 9, 10, 1 << 20, u64::MAX] {
                let rate = rate(x, 3.0, 1000.0, method, Level::new(1.0 - 1e-15).unwrap());
                assert!(
                    rate.lower.unwrap() >= 0.0
                        && rate.lower <= rate.value
                        && rate.value <= rate.upper,
                    "{x} {method:?}"
                );
            }
        }
    }

    #[test]
    fn every_word_names_its_method() {
        for (word, method) in RateMethod::WORDS.into_iter().zip(METHODS) {
            assert_eq!((RateMethod::parse(word), method.word()), (Some(method), word));
        }
        assert_eq!(RateMethod::parse("poisson"), None);
    }
}
