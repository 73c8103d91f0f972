//! Which contrasts, by which methods, and which test.

use crate::error::{Error, Result};
use crate::stats::alternative::Alternative;
use crate::stats::contrast::{
    DifferenceMethod, OddsRatioMethod, RatioMethod, chi_squared, difference, odds_ratio, ratio,
};
use crate::stats::exact::{ExactMethod, exact_test};
use crate::stats::interval::Interval;
use crate::stats::level::Level;
use crate::stats::rate::{
    RateContrast, RateDifferenceMethod, RateRatioMethod, rate_difference, rate_ratio,
};
use crate::stats::strata::{Estimand, Stratum, mantel_haenszel};

use super::{Comparison, Pair};

/// What the rows of a result are.
pub(super) enum Compared {
    Shares,
    Rates { per: f64, unit: String },
}

impl Compared {
    /// What a measure's unit means, where it can be compared.
    pub(super) fn of(measure: &str, unit: &str) -> Option<Self> {
        if unit == "share" && !NOT_OF_COUNTS.contains(&measure) {
            return Some(Self::Shares);
        }
        let rates = ["flow_rates", "looked_after", "rate"];
        let per = unit.strip_prefix("per ").filter(|_| rates.contains(&measure))?;
        let number = per.strip_suffix(" child-years").unwrap_or(per);
        let per = number.replace(',', "").parse().ok()?;
        Some(Self::Rates { per, unit: unit.to_owned() })
    }
}

/// Measures whose shares are not those of one count among another.
const NOT_OF_COUNTS: [&str; 5] =
    ["paired_change", "inequality_gradient", "survival", "cumulative_incidence", "fixed_horizon"];

/// One contrast and the method of its interval.
#[derive(Debug, Clone, Copy)]
pub(super) enum Contrast {
    Difference(DifferenceMethod),
    Ratio(RatioMethod),
    OddsRatio(OddsRatioMethod),
    Pooled(Estimand),
    RateDifference(RateDifferenceMethod, f64),
    RateRatio(RateRatioMethod),
}

const POOLED: &str = "mantel-haenszel";
const CHI_SQUARED: &str = "chi-squared";

impl Contrast {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Difference(_) | Self::RateDifference(..) => "difference",
            Self::Ratio(_) | Self::RateRatio(_) => "ratio",
            Self::OddsRatio(_) => "odds_ratio",
            Self::Pooled(Estimand::Difference) => "difference",
            Self::Pooled(Estimand::Ratio) => "ratio",
            Self::Pooled(Estimand::OddsRatio) => "odds_ratio",
        }
    }

    pub(super) fn unit(self, compared: &Compared) -> String {
        match (self.name(), compared) {
            ("difference", Compared::Shares) => "difference in share".to_owned(),
            ("difference", Compared::Rates { unit, .. }) => format!("difference {unit}"),
            ("odds_ratio", _) => "odds ratio".to_owned(),
            _ => "ratio".to_owned(),
        }
    }

    pub(super) fn method(self) -> &'static str {
        match self {
            Self::Difference(method) => method.word(),
            Self::Ratio(method) => method.word(),
            Self::OddsRatio(method) => method.word(),
            Self::Pooled(_) => POOLED,
            Self::RateDifference(method, _) => method.word(),
            Self::RateRatio(method) => method.word(),
        }
    }
}

/// How two shares are tested.
#[derive(Debug, Clone, Copy)]
enum Test {
    Exact(ExactMethod),
    ChiSquared,
}

impl Test {
    fn parse(word: &str) -> Option<Self> {
        match word {
            CHI_SQUARED => Some(Self::ChiSquared),
            word => ExactMethod::parse(word).map(Self::Exact),
        }
    }

    fn p_value(self, x1: u64, n1: u64, x2: u64, n2: u64) -> Option<f64> {
        let two_sided = Alternative::TwoSided;
        match self {
            Self::Exact(method) => exact_test(x1, n1, x2, n2, method, two_sided).p_value,
            Self::ChiSquared => chi_squared(x1, n1, x2, n2, false, two_sided).p_value,
        }
    }
}

/// What a comparison computes.
pub(super) struct Plan {
    contrasts: Vec<Contrast>,
    test: Test,
}

impl Plan {
    /// The contrasts and the test that a comparison asks for.
    pub(super) fn new(compared: &Compared, comparison: &Comparison) -> Result<Self> {
        let method = comparison.method.as_deref();
        let fisher = Test::Exact(ExactMethod::Fisher);
        match (compared, comparison.within.is_some()) {
            (Compared::Rates { .. }, true) => Err(Error::spec(
                "rates are not pooled within strata by this version; leave `within` out, or standardise the rates",
            )),
            (Compared::Rates { per, .. }, false) => {
                Ok(Self { contrasts: of_rates(method, *per)?, test: fisher })
            }
            (Compared::Shares, true) => match method {
                None | Some(POOLED) => {
                    let estimands = [Estimand::Difference, Estimand::Ratio, Estimand::OddsRatio];
                    Ok(Self { contrasts: estimands.map(Contrast::Pooled).to_vec(), test: fisher })
                }
                Some(other) => Err(Error::unknown_word(
                    "method of a comparison within strata",
                    other,
                    &[POOLED],
                )),
            },
            (Compared::Shares, false) => match method {
                None => Ok(Self { contrasts: usual(), test: fisher }),
                Some(word) => match Test::parse(word) {
                    Some(test) => Ok(Self { contrasts: usual(), test }),
                    None => Ok(Self { contrasts: of_shares(word)?, test: fisher }),
                },
            },
        }
    }

    /// Each contrast of two groups with its interval and its p-value.
    pub(super) fn estimates(
        &self,
        pair: &Pair,
        level: Level,
    ) -> Vec<(Contrast, Interval, Option<f64>)> {
        let [group, reference] = pair.total();
        let (x1, x2) = (group.with, reference.with);
        let (n1, n2) = (group.base as u64, reference.base as u64);
        let of_shares = self.contrasts.iter().any(|contrast| {
            matches!(
                contrast,
                Contrast::Difference(_) | Contrast::Ratio(_) | Contrast::OddsRatio(_)
            )
        });
        // Once for all contrasts: some tests take their time.
        let p_value = of_shares.then(|| self.test.p_value(x1, n1, x2, n2)).flatten();
        let of_rates = |contrast: RateContrast| (contrast.interval, contrast.p_value);
        let estimate = |contrast: &Contrast| {
            let (interval, p_value) = match *contrast {
                Contrast::Difference(method) => {
                    (difference(x1, n1, x2, n2, method, level), p_value)
                }
                Contrast::Ratio(method) => (ratio(x1, n1, x2, n2, method, level), p_value),
                Contrast::OddsRatio(method) => (odds_ratio(x1, n1, x2, n2, method, level), p_value),
                Contrast::Pooled(estimand) => {
                    let pooled = mantel_haenszel(&strata(pair), estimand, false, level);
                    (pooled.interval, pooled.p_value)
                }
                Contrast::RateDifference(method, per) => {
                    let (e1, e2) = (group.base, reference.base);
                    of_rates(rate_difference(x1, e1, x2, e2, per, method, level))
                }
                Contrast::RateRatio(method) => {
                    of_rates(rate_ratio(x1, group.base, x2, reference.base, method, level))
                }
            };
            (*contrast, interval, p_value)
        };
        self.contrasts.iter().map(estimate).collect()
    }
}

fn strata(pair: &Pair) -> Vec<Stratum> {
    let stratum = |[group, reference]: &[super::Counts; 2]| Stratum {
        x1: group.with,
        n1: group.base as u64,
        x2: reference.with,
        n2: reference.base as u64,
    };
    pair.strata.values().map(stratum).collect()
}

/// Every contrast of shares by its usual method.
fn usual() -> Vec<Contrast> {
    vec![
        Contrast::Difference(DifferenceMethod::default()),
        Contrast::Ratio(RatioMethod::default()),
        Contrast::OddsRatio(OddsRatioMethod::default()),
    ]
}

/// The contrasts of shares that a method of intervals makes.
fn of_shares(word: &str) -> Result<Vec<Contrast>> {
    let contrasts: Vec<Contrast> = [
        DifferenceMethod::parse(word).map(Contrast::Difference),
        RatioMethod::parse(word).map(Contrast::Ratio),
        OddsRatioMethod::parse(word).map(Contrast::OddsRatio),
    ]
    .into_iter()
    .flatten()
    .collect();
    if !contrasts.is_empty() {
        return Ok(contrasts);
    }
    let mut known: Vec<&str> = DifferenceMethod::WORDS.to_vec();
    known.extend(RatioMethod::WORDS.iter().filter(|word| !DifferenceMethod::WORDS.contains(word)));
    known.extend(OddsRatioMethod::WORDS);
    known.extend(ExactMethod::WORDS);
    known.push(CHI_SQUARED);
    Err(Error::unknown_word("method of a comparison", word, &known))
}

/// The contrasts of rates that a method makes, or all.
fn of_rates(method: Option<&str>, per: f64) -> Result<Vec<Contrast>> {
    let Some(word) = method else {
        return Ok(vec![
            Contrast::RateDifference(RateDifferenceMethod::default(), per),
            Contrast::RateRatio(RateRatioMethod::default()),
        ]);
    };
    let difference = RateDifferenceMethod::parse(word);
    let ratio = RateRatioMethod::parse(word);
    let contrasts: Vec<Contrast> = [
        difference.map(|method| Contrast::RateDifference(method, per)),
        ratio.map(Contrast::RateRatio),
    ]
    .into_iter()
    .flatten()
    .collect();
    if !contrasts.is_empty() {
        return Ok(contrasts);
    }
    let known: Vec<&str> =
        RateDifferenceMethod::WORDS.into_iter().chain(RateRatioMethod::WORDS).collect();
    Err(Error::unknown_word("method of a comparison of rates", word, &known))
}
