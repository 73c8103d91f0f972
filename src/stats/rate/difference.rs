//! How much higher than the other rate is it?

use super::super::interval::Interval;
use super::super::level::Level;
use super::super::normal;
use super::super::reason::Reason;
use super::conditional;
use super::{RateContrast, RateMethod, limits, unfit};

/// How to put an interval about the difference between two rates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum RateDifferenceMethod {
    /// The normal approximation. Simple and usual; too narrow with few events, and without an
    /// interval when there are none.
    #[default]
    Wald,
    /// Recovered from the exact limits of the two rates (the method of variance estimates recovery:
    /// G. Zou and A. Donner, 2008, "Construction of confidence limits about effect measures: a
    /// general approach").
    Mover,
}

impl RateDifferenceMethod {
    /// Every method's name, as specifications write it.
    pub const WORDS: [&'static str; 2] = ["wald", "mover"];

    /// The method of that name; `None` for any other word.
    ///
    /// ```
    /// use wholefamily::stats::RateDifferenceMethod;
    /// assert_eq!(RateDifferenceMethod::parse("mover"), Some(RateDifferenceMethod::Mover));
    /// ```
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Wald, Self::Mover].into_iter().find(|method| method.word() == word)
    }

    /// The method's name, as specifications write it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Wald => "wald",
            Self::Mover => "mover",
        }
    }
}

/// The difference between the rates `x1` / `e1` and `x2` / `e2`, × `per`.
///
/// # Formula
/// r₁ = x₁/e₁, r₂ = x₂/e₂, d = r₁ − r₂, z the level's normal quantile, and (l₁, u₁), (l₂, u₂) the
/// exact limits of the two rates at the same level, all to be multiplied by `per`:
/// ```text
/// wald    d ∓ z √(x₁/e₁² + x₂/e₂²)                p from z = d / √(x₁/e₁² + x₂/e₂²)
/// mover   d − √((r₁ − l₁)² + (u₂ − r₂)²)          p of the exact conditional test, as in
///         d + √((u₁ − r₁)² + (r₂ − l₂)²)          rate_ratio: no difference is a ratio of 1
/// ```
/// # Arguments
/// `x1`, `x2`: events; `e1`, `e2`: exposure in the same unit (people, days, person-years), above 0;
/// `per`: how much exposure the difference is given for, such as 1000.
///
/// # Edges
/// No events in either: the difference is 0; wald has no interval and no p-value
/// ([`Reason::ZeroVariance`]), mover has both. `e1` or `e2` as the exposure of
/// [`rate`](super::rate()). Interval and p-value of mover come from different methods, and near the
/// border one may exclude no difference where the other does not.
///
/// # Source
/// G. Zou and A. Donner, 2008, as above. D. Krishnamoorthy and J. Thomson, 2004, "A more powerful
/// test for comparing two Poisson means", on how the conditional test compares.
///
/// # Example
/// 30 in 1,000 against 20 in 1,000: 10 per 1,000 more, ∓ 1.96 √50.
/// ```
/// use wholefamily::stats::{Level, RateDifferenceMethod, rate_difference};
/// let level = Level::new(0.95).unwrap();
/// let more = rate_difference(30, 1e3, 20, 1e3, 1e3, RateDifferenceMethod::Wald, level);
/// assert!((more.interval.value.unwrap() - 10.0).abs() < 1e-12);
/// assert!((more.interval.lower.unwrap() - (10.0 - 1.959964 * 50_f64.sqrt())).abs() < 1e-5);
/// assert!((more.p_value.unwrap() - 0.157).abs() < 5e-4);
/// ```
#[must_use]
pub fn rate_difference(
    x1: u64,
    e1: f64,
    x2: u64,
    e2: f64,
    per: f64,
    method: RateDifferenceMethod,
    level: Level,
) -> RateContrast {
    if let Some(reason) = unfit(e1, per).or_else(|| unfit(e2, per)) {
        return RateContrast::undefined(reason);
    }
    let (r1, r2) = (x1 as f64 / e1, x2 as f64 / e2);
    let d = less(x1, e1, x2, e2);
    if method == RateDifferenceMethod::Mover {
        let ((l1, u1), (l2, u2)) =
            (limits(x1, RateMethod::Exact, level), limits(x2, RateMethod::Exact, level));
        let down = (r1 - l1 / e1).hypot(u2 / e2 - r2);
        let up = (u1 / e1 - r1).hypot(r2 - l2 / e2);
        let interval = Interval::new(d * per, (d - down) * per, (d + up) * per);
        return RateContrast { interval, p_value: conditional::exact_p(x1, e1, x2, e2) };
    }
    if x1 == 0 && x2 == 0 {
        let interval = Interval::without_limits(0.0, Reason::ZeroVariance);
        return RateContrast { interval, p_value: None };
    }
    let error = (r1 / e1 + r2 / e2).sqrt();
    let reach = level.z() * error;
    let interval = Interval::new(d * per, (d - reach) * per, (d + reach) * per);
    let z = d / error;
    RateContrast { interval, p_value: z.is_finite().then(|| normal::two_sided_p(z)) }
}

/// x₁/e₁ − x₂/e₂ with the remainders of both divisions, so that rates that nearly agree keep their
/// digits.
pub(super) fn less(x1: u64, e1: f64, x2: u64, e2: f64) -> f64 {
    let (x1, x2) = (x1 as f64, x2 as f64);
    let (r1, r2) = (x1 / e1, x2 / e2);
    let rest = (-r1).mul_add(e1, x1) / e1 - (-r2).mul_add(e2, x2) / e2;
    let d = r1 - r2;
    if rest.is_finite() { d + rest } else { d }
}

#[cfg(test)]
mod tests {
    use super::*;
    use RateDifferenceMethod::{Mover, Wald};

    fn level() -> Level {
        Level::default()
    }

    #[test]
    fn no_events_by_hand() {
        let wald = rate_difference(0, 10.0, 0, 20.0, 1.0, Wald, level());
        assert_eq!(wald.interval, Interval::without_limits(0.0, Reason::ZeroVariance));
        assert_eq!(wald.p_value, None);
        // With nothing in the way, each limit is the other group's own: ln 40 over its exposure.
        let mover = rate_difference(0, 10.0, 0, 20.0, 1.0, Mover, level());
        assert!((mover.interval.lower.unwrap() + 40_f64.ln() / 20.0).abs() < 1e-15);
        assert!((mover.interval.upper.unwrap() - 40_f64.ln() / 10.0).abs() < 1e-15);
        assert_eq!((mover.interval.value, mover.p_value), (Some(0.0), Some(1.0)));
    }

    #[test]
    fn swapping_the_groups_turns_the_sign() {
        for method in [Wald, Mover] {
            for (x1, e1, x2, e2) in [(3, 7.0, 9, 11.5), (0, 4.0, 6, 3.0), (1_000_000, 3e7, 9, 2.0)]
            {
                let ahead = rate_difference(x1, e1, x2, e2, 100.0, method, level());
                let back = rate_difference(x2, e2, x1, e1, 100.0, method, level());
                assert_eq!(ahead.interval.value, back.interval.value.map(|d| -d));
                assert_eq!(ahead.interval.lower, back.interval.upper.map(|d| -d));
                assert_eq!(ahead.interval.upper, back.interval.lower.map(|d| -d));
                let (p, q) = (ahead.p_value.unwrap(), back.p_value.unwrap());
                assert!((p - q).abs() <= 1e-12 * p);
            }
        }
    }

    #[test]
    fn rates_that_nearly_agree_keep_their_digits() {
        // 1/3 − 333,333,333/1,000,000,000 = 1/3,000,000,000
        let d = less(1, 3.0, 333_333_333, 1e9);
        assert!((d * 3e9 - 1.0).abs() < 1e-15, "{d}");
    }

    #[test]
    fn impossible_exposures_say_why() {
        for method in [Wald, Mover] {
            let of = |e1, e2, per| rate_difference(3, e1, 4, e2, per, method, level());
            assert_eq!(of(0.0, 1.0, 1.0), RateContrast::undefined(Reason::NoExposure));
            assert_eq!(of(1.0, -1.0, 1.0), RateContrast::undefined(Reason::ImpossibleExposure));
            assert_eq!(of(1.0, 1.0, f64::NAN), RateContrast::undefined(Reason::ImpossibleUnit));
        }
    }

    #[test]
    fn nothing_is_ever_nan() {
        for method in [Wald, Mover] {
            for (x1, e1, x2, e2) in [
                (u64::MAX, 1e-300, 1, 1e300),
                (1, f64::MIN_POSITIVE, u64::MAX, f64::MAX),
                (u64::MAX, 1.0, u64::MAX, 1.0),
                (1, 5e-324, 1, 5e-324),
            ] {
                let got = rate_difference(x1, e1, x2, e2, 1e3, method, level());
                let all = [got.interval.value, got.interval.lower, got.interval.upper, got.p_value];
                assert!(all.into_iter().flatten().all(f64::is_finite), "{got:?}");
            }
        }
    }

    #[test]
    fn every_word_names_its_method() {
        for (word, method) in RateDifferenceMethod::WORDS.into_iter().zip([Wald, Mover]) {
            assert_eq!((RateDifferenceMethod::parse(word), method.word()), (Some(method), word));
        }
        assert_eq!(RateDifferenceMethod::parse("score"), None);
    }
}
