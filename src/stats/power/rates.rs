//! Planning a comparison of two rates.

use super::super::alternative::Alternative;
use super::super::level::Level;
use super::super::normal;
use super::super::reason::Reason;
use super::{critical, finite, first_enough, quantiles, sought};

/// The scale on which two rates are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum RateScale {
    /// The logarithm of their ratio.
    #[default]
    Log,
    /// The difference of their square roots, whose variance is the same whatever the rate.
    Sqrt,
}

impl RateScale {
    /// Every scale's name, as specifications write it.
    pub const WORDS: [&'static str; 2] = ["log", "sqrt"];

    /// The scale of that name; `None` for any other word.
    ///
    /// ```
    /// use wholefamily::stats::power::RateScale;
    /// assert_eq!(RateScale::parse("sqrt"), Some(RateScale::Sqrt));
    /// assert_eq!(RateScale::parse("root"), None);
    /// ```
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Log, Self::Sqrt].into_iter().find(|scale| scale.word() == word)
    }

    /// The scale's name, as specifications write it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Log => "log",
            Self::Sqrt => "sqrt",
        }
    }
}

/// How two rates will be compared.
///
/// ```
/// use wholefamily::stats::power::{RateDesign, RateScale};
/// assert_eq!(RateDesign::default().method, RateScale::Log);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct RateDesign {
    /// One less the chance of finding a difference where there is none.
    pub level: Level,
    /// Which differences the test looks for: `Greater` is λ₁ > λ₂.
    pub alternative: Alternative,
    /// The scale of the comparison.
    pub method: RateScale,
}

/// How much exposure each group needs, in the unit of the rates.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SampleExposure {
    /// In the group.
    pub exposure1: f64,
    /// In the reference group.
    pub exposure2: f64,
}

/// The ratios nearest to 1 that would be found; `None` where none would be, or where the test does
/// not look.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DetectableRatio {
    /// Below 1.
    pub lower: Option<f64>,
    /// Above 1.
    pub higher: Option<f64>,
}

/// How likely is a true difference between two rates to be found?
///
/// # Formula
/// With λ the rates, e the exposures, zα the quantile that the test must reach and Φ the normal
/// distribution:
/// ```text
/// log:   power = Φ(|ln(λ₁/λ₂)| / √(1/(λ₁e₁) + 1/(λ₂e₂)) − zα)
/// sqrt:  power = Φ(2 |√λ₁ − √λ₂| / √(1/e₁ + 1/e₂) − zα)
/// ```
/// A one-sided test takes the signed difference, or its negative. Events are taken to be
/// independent: repeat events by the same child need more.
///
/// # Arguments
/// `rate1`, `rate2`: the true rates, events per unit of exposure; `exposure1`, `exposure2`: the
/// exposure of each group in that unit (children, child-years).
///
/// # Edges
/// A rate of 0 has no logarithm: [`Reason::NoEvents`], [`Reason::NoReferenceEvents`] or
/// [`Reason::NoEventsInEither`] for `log`; `sqrt` takes it. A rate that is negative or not finite
/// is [`Reason::ImpossibleRate`]; an exposure that is not a positive number is
/// [`Reason::NoExposure`] or [`Reason::ImpossibleExposure`].
///
/// # Source
/// log: H. Zhu and H. Lakkis, 2014, "Sample size calculation for comparing two negative binomial
/// rates", with no dispersion and the variance at the true rates. sqrt: M. D. Huffman, 1984, "An
/// improved approximate two-sample Poisson test", without its small-sample shift.
///
/// # Example
/// ```
/// use wholefamily::stats::power::{RateDesign, rate_power};
/// // 20 or 30 referrals per 1,000 children a year, in two areas of 3,000 children
/// let found = rate_power(0.030, 3000.0, 0.020, 3000.0, &RateDesign::default()).unwrap();
/// assert!((found - 0.681832).abs() < 1e-6);
/// ```
pub fn rate_power(
    rate1: f64,
    exposure1: f64,
    rate2: f64,
    exposure2: f64,
    design: &RateDesign,
) -> Result<f64, Reason> {
    design.rates(rate1, rate2)?;
    exposures(exposure1, exposure2)?;
    let apart = sought(design.apart(rate1, rate2), design.alternative);
    let spread = design.spread(rate1, exposure1, rate2, exposure2);
    Ok(normal::lower(apart / spread - critical(design.level, design.alternative)?))
}

/// How much exposure is needed to find a true difference between two rates?
///
/// # Formula
/// With r = e₂/e₁, zα the quantile that the test must reach and zβ the quantile of the power:
/// ```text
/// log:   e₁ = (zα + zβ)² (1/λ₁ + 1/(rλ₂)) / ln²(λ₁/λ₂)
/// sqrt:  e₁ = (zα + zβ)² (1 + 1/r) / (4 (√λ₁ − √λ₂)²)
/// ```
/// # Arguments
/// `rate1`, `rate2`: the true rates, events per unit of exposure; `power`: the chance of finding
/// them to differ, such as 0.8; `ratio`: e₂/e₁.
///
/// # Edges
/// Equal rates, or a difference that a one-sided test does not look for: [`Reason::NoDifference`].
/// [`Reason::ImpossiblePower`] and [`Reason::ImpossibleRatio`] as for shares; rates as in
/// [`rate_power`].
///
/// # Source
/// As [`rate_power`].
///
/// # Example
/// ```
/// use wholefamily::stats::power::{RateDesign, rate_power, rate_sample_size};
/// let design = RateDesign::default();
/// let needed = rate_sample_size(0.030, 0.020, 0.8, 1.0, &design).unwrap();
/// let found = rate_power(0.030, needed.exposure1, 0.020, needed.exposure2, &design).unwrap();
/// assert!((found - 0.8).abs() < 1e-14);
/// ```
pub fn rate_sample_size(
    rate1: f64,
    rate2: f64,
    power: f64,
    ratio: f64,
    design: &RateDesign,
) -> Result<SampleExposure, Reason> {
    design.rates(rate1, rate2)?;
    if !(ratio > 0.0 && ratio.is_finite()) {
        return Err(Reason::ImpossibleRatio);
    }
    let (reach, margin) = quantiles(power, design.level, design.alternative)?;
    let apart = sought(design.apart(rate1, rate2), design.alternative);
    if apart.is_nan() || apart <= 0.0 {
        return Err(Reason::NoDifference);
    }
    let root = (reach + margin) * design.spread(rate1, 1.0, rate2, ratio) / apart;
    let exposure1 = root * root;
    Ok(SampleExposure { exposure1: finite(exposure1)?, exposure2: finite(exposure1 * ratio)? })
}

/// What is the smallest ratio of two rates that so much exposure would find?
///
/// # Formula
/// The λ₁ nearest to λ₂ on either side at which [`rate_power`] is what is asked for, as λ₁/λ₂. For
/// `log` found by halving, to the last digit; for `sqrt`
/// ```text
/// λ₁/λ₂ = (1 ± (zα + zβ) √(1/e₁ + 1/e₂) / (2 √λ₂))²
/// ```
/// # Arguments
/// `rate2`: the rate of the reference group, events per unit of exposure; `exposure1`,
/// `exposure2`: the exposure of each group; `power`: the chance of finding the difference.
///
/// # Edges
/// A side is `None` where a one-sided test does not look. Below 1, `sqrt` has none where not even a
/// rate of 0 is far enough away, and `log` where none is: a lower rate has fewer events, so that
/// its logarithm is less sure. Reasons as in [`rate_power`] and [`rate_sample_size`].
///
/// # Source
/// As [`rate_power`].
///
/// # Example
/// ```
/// use wholefamily::stats::power::{RateDesign, rate_detectable_ratio};
/// let smallest = rate_detectable_ratio(0.02, 3000.0, 3000.0, 0.8, &RateDesign::default()).unwrap();
/// assert!(smallest.lower.unwrap() > 0.5 && smallest.higher.unwrap() < 1.7);
/// ```
pub fn rate_detectable_ratio(
    rate2: f64,
    exposure1: f64,
    exposure2: f64,
    power: f64,
    design: &RateDesign,
) -> Result<DetectableRatio, Reason> {
    if rate2 == 0.0 {
        return Err(Reason::NoReferenceEvents);
    }
    design.rates(rate2, rate2)?;
    exposures(exposure1, exposure2)?;
    let (reach, margin) = quantiles(power, design.level, design.alternative)?;
    let need = reach + margin;
    let (up, down) = match design.method {
        RateScale::Log => {
            detectable_log(1.0 / (rate2 * exposure1), 1.0 / (rate2 * exposure2), need)
        }
        RateScale::Sqrt => {
            let step = need * (1.0 / exposure1 + 1.0 / exposure2).sqrt() / (2.0 * rate2.sqrt());
            let square = |root: f64| root * root;
            (Some(square(1.0 + step)), (step <= 1.0).then(|| square(1.0 - step)))
        }
    };
    let looks = |other: Alternative| design.alternative != other;
    Ok(DetectableRatio {
        lower: down.filter(|_| looks(Alternative::Greater)),
        higher: up.filter(|ratio| looks(Alternative::Less) && ratio.is_finite()),
    })
}

/// The ratios ρ above and below 1 with |ln ρ| = need · √(v₁/ρ + v₂), where v₁ and v₂ are one over
/// the events expected in each group at the reference's rate.
fn detectable_log(v1: f64, v2: f64, need: f64) -> (Option<f64>, Option<f64>) {
    let shortfall = |log: f64| need * (v1 * (-log).exp() + v2).sqrt() - log.abs();
    // Upwards the spread at a ratio of 1 is more than enough.
    let up = first_enough(need * (v1 + v2).sqrt(), shortfall);
    // Downwards the spread of a ratio e^(−x) grows as e^(x/2) at last: x / spread is largest where
    // x v₁eˣ = 2(v₁eˣ + v₂), which lies at or beyond 2; past it no ratio is found any better.
    let peak = first_enough(2.0 + 2.0 * (v2 / v1), |x| 2.0 * (1.0 + v2 / v1 * (-x).exp()) - x);
    let down = peak.and_then(|peak| first_enough(peak, |x| shortfall(-x)));
    (up.map(f64::exp), down.map(|x| (-x).exp()))
}

impl RateDesign {
    /// How far apart two rates are on the scale of the comparison.
    fn apart(&self, rate1: f64, rate2: f64) -> f64 {
        match self.method {
            RateScale::Log => log_ratio(rate1, rate2),
            RateScale::Sqrt => {
                (rate1 - rate2) / (rate1.sqrt() + rate2.sqrt()).max(f64::MIN_POSITIVE)
            }
        }
    }

    /// The standard error of that.
    fn spread(&self, rate1: f64, exposure1: f64, rate2: f64, exposure2: f64) -> f64 {
        match self.method {
            RateScale::Log => (1.0 / (rate1 * exposure1) + 1.0 / (rate2 * exposure2)).sqrt(),
            RateScale::Sqrt => (1.0 / exposure1 + 1.0 / exposure2).sqrt() / 2.0,
        }
    }

    fn rates(&self, rate1: f64, rate2: f64) -> Result<(), Reason> {
        let possible = |rate: f64| (0.0..f64::INFINITY).contains(&rate);
        if !possible(rate1) || !possible(rate2) {
            return Err(Reason::ImpossibleRate);
        }
        match (self.method, rate1 > 0.0, rate2 > 0.0) {
            (RateScale::Log, false, false) => Err(Reason::NoEventsInEither),
            (RateScale::Log, false, true) => Err(Reason::NoEvents),
            (RateScale::Log, true, false) => Err(Reason::NoReferenceEvents),
            _ => Ok(()),
        }
    }
}

/// ln(a/b), to the last digits where a is near b too.
fn log_ratio(a: f64, b: f64) -> f64 {
    let excess = (a - b) / b;
    if excess.abs() < 0.5 { excess.ln_1p() } else { (a / b).ln() }
}

fn exposures(exposure1: f64, exposure2: f64) -> Result<(), Reason> {
    if exposure1 == 0.0 || exposure2 == 0.0 {
        return Err(Reason::NoExposure);
    }
    let possible = |exposure: f64| exposure > 0.0 && exposure.is_finite();
    if possible(exposure1) && possible(exposure2) {
        Ok(())
    } else {
        Err(Reason::ImpossibleExposure)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn designs() -> Vec<RateDesign> {
        let mut all = Vec::new();
        for alternative in [Alternative::TwoSided, Alternative::Less, Alternative::Greater] {
            for method in [RateScale::Log, RateScale::Sqrt] {
                all.push(RateDesign { level: Level::default(), alternative, method });
            }
        }
        all
    }

    #[test]
    fn every_word_comes_back() {
        for word in RateScale::WORDS {
            assert_eq!(RateScale::parse(word).unwrap().word(), word);
        }
    }

    #[test]
    fn power_by_hand() {
        // sqrt: 2 (5 − 4) / √2 = √2; log: ln 1.5625 / √(1/25 + 1/16)
        let sqrt = RateDesign { method: RateScale::Sqrt, ..RateDesign::default() };
        let got = rate_power(25.0, 1.0, 16.0, 1.0, &sqrt).unwrap();
        assert!((got - normal::lower(2.0_f64.sqrt() - 1.959_963_984_540_054)).abs() < 1e-15);
        let got = rate_power(25.0, 1.0, 16.0, 1.0, &RateDesign::default()).unwrap();
        let z = 1.5625_f64.ln() / (0.04_f64 + 0.0625).sqrt();
        assert!((got - normal::lower(z - 1.959_963_984_540_054)).abs() < 1e-15);
    }

    #[test]
    fn the_three_undo_each_other() {
        for design in designs() {
            for (rate1, rate2) in [(0.03, 0.02), (0.02, 0.03), (5e-6, 1e-6), (1.0, 1.0001)] {
                for (wanted, ratio) in [(0.8, 1.0), (0.99, 0.2), (0.3, 4.0)] {
                    let needed = rate_sample_size(rate1, rate2, wanted, ratio, &design);
                    let wrong_way = match design.alternative {
                        Alternative::TwoSided => false,
                        Alternative::Less => rate1 > rate2,
                        Alternative::Greater => rate1 < rate2,
                    };
                    if wrong_way {
                        assert_eq!(needed, Err(Reason::NoDifference));
                        continue;
                    }
                    let SampleExposure { exposure1, exposure2 } = needed.unwrap();
                    let found = rate_power(rate1, exposure1, rate2, exposure2, &design).unwrap();
                    assert!((found / wanted - 1.0).abs() < 1e-13, "{design:?} {found}");
                    let smallest =
                        rate_detectable_ratio(rate2, exposure1, exposure2, wanted, &design)
                            .unwrap();
                    let side = if rate1 > rate2 { smallest.higher } else { smallest.lower };
                    let got = side.unwrap();
                    assert!((got * rate2 / rate1 - 1.0).abs() < 1e-12, "{design:?} {got}");
                }
            }
        }
    }

    #[test]
    fn a_lower_rate_may_be_past_finding() {
        // 4 events expected: on the log scale fewer are ever less sure.
        for (method, none) in [(RateScale::Log, true), (RateScale::Sqrt, false)] {
            let design = RateDesign { method, ..RateDesign::default() };
            let smallest = rate_detectable_ratio(0.004, 1000.0, 1000.0, 0.8, &design).unwrap();
            assert_eq!(smallest.lower.is_none(), none, "{smallest:?}");
            assert!(smallest.higher.unwrap() > 2.0);
        }
    }

    #[test]
    fn what_cannot_be_planned_says_why() {
        let log = RateDesign::default();
        let sqrt = RateDesign { method: RateScale::Sqrt, ..log };
        let ask = |rate1, rate2, e| rate_power(rate1, e, rate2, 1.0, &log);
        assert_eq!(ask(0.0, 1.0, 1.0), Err(Reason::NoEvents));
        assert_eq!(ask(1.0, 0.0, 1.0), Err(Reason::NoReferenceEvents));
        assert_eq!(ask(0.0, 0.0, 1.0), Err(Reason::NoEventsInEither));
        assert_eq!(ask(-1.0, 1.0, 1.0), Err(Reason::ImpossibleRate));
        assert_eq!(ask(f64::NAN, 1.0, 1.0), Err(Reason::ImpossibleRate));
        assert_eq!(ask(1.0, 1.0, 0.0), Err(Reason::NoExposure));
        assert_eq!(ask(1.0, 1.0, -1.0), Err(Reason::ImpossibleExposure));
        assert!((rate_power(0.0, 9.0, 0.0, 9.0, &sqrt).unwrap() - 0.025).abs() < 1e-15);
        assert!(rate_power(0.0, 9.0, 1.0, 9.0, &sqrt).unwrap() > 0.9);
        assert_eq!(rate_sample_size(1.0, 1.0, 0.8, 1.0, &log), Err(Reason::NoDifference));
        assert_eq!(rate_sample_size(1.0, 2.0, 0.0, 1.0, &log), Err(Reason::ImpossiblePower));
        assert_eq!(rate_sample_size(1.0, 2.0, 0.8, f64::NAN, &log), Err(Reason::ImpossibleRatio));
        assert_eq!(
            rate_detectable_ratio(0.0, 1.0, 1.0, 0.8, &sqrt),
            Err(Reason::NoReferenceEvents)
        );
    }
}
