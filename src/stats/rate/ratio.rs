//! How many times the other rate is it?

use super::super::interval::Interval;
use super::super::level::Level;
use super::super::normal;
use super::super::reason::Reason;
use super::difference::less;
use super::{RateContrast, conditional, unfit};

/// How to put an interval about the ratio of two rates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum RateRatioMethod {
    /// Exact, given the total of the events (J. Przyborowski and H. Wilenski, 1940, "Homogeneity of
    /// results in testing samples from Poisson series").
    #[default]
    Exact,
    /// The same with half the probability of the observed counts (G. Berry and P. Armitage, 1995,
    /// "Mid-P confidence intervals: a brief review").
    MidP,
    /// The normal approximation of the logarithm.
    Log,
}

impl RateRatioMethod {
    /// Every method's name, as specifications write it.
    pub const WORDS: [&'static str; 3] = ["exact", "mid-p", "log"];

    /// The method of that name; `None` for any other word.
    ///
    /// ```
    /// use wholefamily::stats::RateRatioMethod;
    /// assert_eq!(RateRatioMethod::parse("mid-p"), Some(RateRatioMethod::MidP));
    /// ```
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Exact, Self::MidP, Self::Log].into_iter().find(|method| method.word() == word)
    }

    /// The method's name, as specifications write it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::MidP => "mid-p",
            Self::Log => "log",
        }
    }
}

/// The ratio of the rates `x1` / `e1` and `x2` / `e2`.
///
/// # Formula
/// r = (x₁/e₁) / (x₂/e₂), n = x₁ + x₂, z the level's normal quantile, α = 1 − level. Given n, x₁ is
/// binomial with share π = r e₁ / (r e₁ + e₂), so that limits of π are limits of
/// r = π/(1 − π) × e₂/e₁:
/// ```text
/// exact   π with P(X ≥ x₁) = α/2,  π with P(X ≤ x₁) = α/2  (Clopper and Pearson)
///         p = Σ P(X = k) over all k that are no more probable than x₁, at r = 1
/// mid-p   π with P(X > x₁) + ½ P(X = x₁) = α/2,  π with P(X < x₁) + ½ P(X = x₁) = α/2
///         p = twice the smaller of these two tails at r = 1
/// log     r exp(∓ z √(1/x₁ + 1/x₂));  p from z = ln r / √(1/x₁ + 1/x₂)
/// ```
/// The p-value of exact is that of R's `poisson.test` (`binom.test`), which counts probabilities up
/// to 1 part in 10⁷ larger as equal. Its interval puts α/2 on either side, so near the border the
/// two may disagree; those of mid-p and of log never do.
///
/// # Arguments
/// `x1`, `x2`: events, independent of each other; `e1`, `e2`: exposure in the same unit (people,
/// days, person-years), above 0.
///
/// # Edges
/// `x1` = 0: the ratio and its lower limit are 0; log has no limits and no p-value
/// ([`Reason::NoEvents`]). `x2` = 0: no ratio and no upper limit ([`Reason::NoReferenceEvents`]), yet
/// exact and mid-p have a lower limit and a p-value. Both 0: [`Reason::NoEventsInEither`], and nothing speaks against equal rates (p =
/// 1). `e1` or `e2` as the exposure of [`rate`](super::rate()).
///
/// # Source
/// J. Przyborowski and H. Wilenski, 1940, as above. K. Rothman, S. Greenland and T. Lash, 2008,
/// "Modern epidemiology", 3rd edition, ch. 14, for log and mid-p.
///
/// # Example
/// Rothman's breast cancers after fluoroscopy: 41 in 28,010 woman-years against 15 in 19,017.
/// ```
/// use wholefamily::stats::{Level, RateRatioMethod, rate_ratio};
/// let level = Level::new(0.95).unwrap();
/// let times = rate_ratio(41, 28_010.0, 15, 19_017.0, RateRatioMethod::Log, level).interval;
/// assert!((times.value.unwrap() - 1.86).abs() < 5e-3);
/// assert!((times.lower.unwrap() - 1.03).abs() < 5e-3);
/// assert!((times.upper.unwrap() - 3.35).abs() < 7e-3);
/// ```
#[must_use]
pub fn rate_ratio(
    x1: u64,
    e1: f64,
    x2: u64,
    e2: f64,
    method: RateRatioMethod,
    level: Level,
) -> RateContrast {
    if let Some(reason) = unfit(e1, 1.0).or_else(|| unfit(e2, 1.0)) {
        return RateContrast::undefined(reason);
    }
    let p_value = match method {
        RateRatioMethod::Exact => conditional::exact_p(x1, e1, x2, e2),
        RateRatioMethod::MidP => conditional::mid_p(x1, e1, x2, e2),
        RateRatioMethod::Log => log_p(x1, e1, x2, e2),
    };
    let interval = match (x1, x2) {
        (0, 0) => Interval::undefined(Reason::NoEventsInEither),
        (_, 0) if method == RateRatioMethod::Log => Interval::undefined(Reason::NoReferenceEvents),
        _ => about(x1, e1, x2, e2, method, level),
    };
    RateContrast { interval, p_value }
}

fn about(x1: u64, e1: f64, x2: u64, e2: f64, method: RateRatioMethod, level: Level) -> Interval {
    let odds = x1 as f64 / x2 as f64;
    // First the smaller by the larger, lest the product overflow or vanish on the way.
    let scale = |odds: f64| if (odds < 1.0) == (e2 < e1) { odds / e1 * e2 } else { odds * e2 / e1 };
    let (lower, upper) = match method {
        RateRatioMethod::Exact => conditional::exact_odds(x1, x2, level),
        RateRatioMethod::MidP => conditional::mid_p_odds(x1, x2, level),
        RateRatioMethod::Log if x1 == 0 => return Interval::without_limits(0.0, Reason::NoEvents),
        RateRatioMethod::Log => {
            let reach = level.z() * error(x1, x2);
            (odds * (-reach).exp(), odds * reach.exp())
        }
    };
    if x2 == 0 {
        return Interval::at_least(scale(lower), Reason::NoReferenceEvents);
    }
    Interval::new(scale(odds), scale(lower), scale(upper))
}

/// The standard error of the log of the ratio.
fn error(x1: u64, x2: u64) -> f64 {
    (1.0 / x1 as f64 + 1.0 / x2 as f64).sqrt()
}

fn log_p(x1: u64, e1: f64, x2: u64, e2: f64) -> Option<f64> {
    if x1 == 0 || x2 == 0 {
        return None;
    }
    let r2 = x2 as f64 / e2;
    let away = less(x1, e1, x2, e2) / r2;
    let log = if away.abs() < 0.5 {
        away.ln_1p()
    } else {
        (x1 as f64 / x2 as f64).ln() + e2.ln() - e1.ln()
    };
    let z = log / error(x1, x2);
    z.is_finite().then(|| normal::two_sided_p(z))
}

#[cfg(test)]
mod tests {
    use super::*;
    use RateRatioMethod::{Exact, Log, MidP};

    const METHODS: [RateRatioMethod; 3] = [Exact, MidP, Log];

    fn level() -> Level {
        Level::default()
    }

    fn near(got: Option<f64>, want: f64) {
        let got = got.unwrap();
        assert!((got / want - 1.0).abs() < 1e-12, "{got} for {want}");
    }

    #[test]
    fn one_event_each_by_hand() {
        // n = 2: P(X ≥ 1) = 1 − (1 − π)² = 0.025, and by symmetry the upper limit is its inverse.
        let got = rate_ratio(1, 5.0, 1, 5.0, Exact, level());
        let rest = 0.975_f64.sqrt();
        near(got.interval.upper, rest / (1.0 - rest));
        near(got.interval.lower, (1.0 - rest) / rest);
        assert_eq!((got.interval.value, got.p_value), (Some(1.0), Some(1.0)));
        // mid-p: π² + π(1 − π) = π = 0.025
        let got = rate_ratio(1, 5.0, 1, 5.0, MidP, level());
        near(got.interval.lower, 0.025 / 0.975);
        near(got.interval.upper, 0.975 / 0.025);
    }

    #[test]
    fn no_events_in_the_group_leave_an_upper_limit() {
        // (1 − π)³ = 0.025; mid-p: ½ (1 − π)³ = 0.025
        for (method, tail) in [(Exact, 0.025_f64), (MidP, 0.05)] {
            let got = rate_ratio(0, 2.0, 3, 1.0, method, level());
            let rest = tail.cbrt();
            assert_eq!((got.interval.value, got.interval.lower), (Some(0.0), Some(0.0)));
            near(got.interval.upper, (1.0 - rest) / rest / 2.0);
        }
        // π = 2/3: P(X = 0) = 1/27, and nothing else is as rare.
        near(rate_ratio(0, 2.0, 3, 1.0, Exact, level()).p_value, 1.0 / 27.0);
        near(rate_ratio(0, 2.0, 3, 1.0, MidP, level()).p_value, 1.0 / 27.0);
        let log = rate_ratio(0, 2.0, 3, 1.0, Log, level());
        assert_eq!(log.interval, Interval::without_limits(0.0, Reason::NoEvents));
        assert_eq!(log.p_value, None);
    }

    #[test]
    fn no_events_in_the_reference_leave_a_lower_limit_and_a_p_value() {
        let got = rate_ratio(3, 1.0, 0, 2.0, Log, level());
        assert_eq!(got, RateContrast::undefined(Reason::NoReferenceEvents));
        // π³ = 0.025; mid-p: ½ π³ = 0.025
        for (method, tail) in [(Exact, 0.025_f64), (MidP, 0.05)] {
            let got = rate_ratio(3, 1.0, 0, 2.0, method, level()).interval;
            let share = tail.cbrt();
            near(got.lower, share / (1.0 - share) * 2.0);
            assert_eq!((got.value, got.upper), (None, None));
            assert_eq!(got.reason, Some(Reason::NoReferenceEvents));
        }
        for method in METHODS {
            let none = rate_ratio(0, 1.0, 0, 2.0, method, level());
            assert_eq!(none.interval, Interval::undefined(Reason::NoEventsInEither));
            assert_eq!(none.p_value, (method != Log).then_some(1.0));
        }
        near(rate_ratio(3, 1.0, 0, 2.0, Exact, level()).p_value, 1.0 / 27.0);
    }

    #[test]
    fn swapping_the_groups_inverts() {
        for method in METHODS {
            for (x1, e1, x2, e2) in [
                (3, 7.0, 9, 11.5),
                (1, 1e-6, 12, 1e6),
                (41, 28_010.0, 15, 19_017.0),
                (1_000_000_000, 3e9, 999_000_000, 3e9),
                (1, 1.0, 2_000_000_000, 1e9),
            ] {
                let ahead = rate_ratio(x1, e1, x2, e2, method, level());
                let back = rate_ratio(x2, e2, x1, e1, method, level());
                near(back.interval.value, 1.0 / ahead.interval.value.unwrap());
                near(back.interval.lower, 1.0 / ahead.interval.upper.unwrap());
                near(back.interval.upper, 1.0 / ahead.interval.lower.unwrap());
                let (p, q) = (ahead.p_value.unwrap(), back.p_value.unwrap());
                assert!((p - q).abs() <= 1e-12 * p, "{p} {q}");
            }
        }
    }

    #[test]
    fn mid_p_lies_within_exact() {
        for (x1, x2) in [(0, 3), (1, 1), (5, 2), (100, 120), (70_000, 71_000)] {
            let (exact, mid_p) = (
                rate_ratio(x1, 1.0, x2, 2.0, Exact, level()).interval,
                rate_ratio(x1, 1.0, x2, 2.0, MidP, level()).interval,
            );
            assert!(exact.lower <= mid_p.lower && mid_p.upper < exact.upper);
        }
    }

    #[test]
    fn nothing_is_ever_nan() {
        for method in METHODS {
            for (x1, e1, x2, e2) in [
                (u64::MAX, 1.0, u64::MAX, 1.0),
                (1, 1e-300, 1, 1e300),
                (1, 1e300, 1, 1e-300),
                (5, f64::MIN_POSITIVE, 7, f64::MAX),
                (u64::MAX / 2, 1.0, 1, 3.0),
            ] {
                for level in [1e-300, 0.95, 1.0 - f64::EPSILON / 2.0] {
                    let got = rate_ratio(x1, e1, x2, e2, method, Level::new(level).unwrap());
                    let all =
                        [got.interval.value, got.interval.lower, got.interval.upper, got.p_value];
                    assert!(all.into_iter().flatten().all(f64::is_finite), "{got:?}");
                }
            }
        }
    }

    #[test]
    fn every_word_names_its_method() {
        for (word, method) in RateRatioMethod::WORDS.into_iter().zip(METHODS) {
            assert_eq!((RateRatioMethod::parse(word), method.word()), (Some(method), word));
        }
        assert_eq!(RateRatioMethod::parse("wald"), None);
    }
}
