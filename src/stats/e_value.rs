//! How strong would an unmeasured cause have to be to explain this away?

use super::reason::Reason;

/// What kind of ratio an E-value is asked of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum RatioKind {
    /// A ratio of shares (a risk ratio).
    #[default]
    Ratio,
    /// A ratio of rates.
    RateRatio,
    /// An odds ratio of an outcome that more than about 15% have: its square root stands in for
    /// the ratio of shares.
    OddsRatio,
    /// An odds ratio of an outcome that fewer than about 15% have: it stands in for the ratio of
    /// shares as it is.
    RareOddsRatio,
}

impl RatioKind {
    /// Every kind's name, as specifications write it.
    pub const WORDS: [&'static str; 4] = ["ratio", "rate_ratio", "odds_ratio", "rare_odds_ratio"];

    const ALL: [Self; 4] = [Self::Ratio, Self::RateRatio, Self::OddsRatio, Self::RareOddsRatio];

    /// The kind of that name; `None` for any other word.
    ///
    /// ```
    /// use wholefamily::stats::RatioKind;
    /// assert_eq!(RatioKind::parse("odds_ratio"), Some(RatioKind::OddsRatio));
    /// ```
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// The kind's name, as specifications write it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ratio => "ratio",
            Self::RateRatio => "rate_ratio",
            Self::OddsRatio => "odds_ratio",
            Self::RareOddsRatio => "rare_odds_ratio",
        }
    }
}

/// The E-values of a ratio and of its limit nearer to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EValue {
    /// The E-value of the ratio itself, 1 or more.
    pub value: Option<f64>,
    /// That of the limit nearer to 1; 1 if the interval holds 1.
    pub limit: Option<f64>,
    /// Why either is undefined.
    pub reason: Option<Reason>,
}

/// How strongly would something unmeasured have to go with both the group and the outcome, to
/// explain this ratio away entirely?
///
/// # Formula
/// With R the ratio, or 1/R if that is larger:
/// ```text
/// E = R + √(R (R − 1))
/// ```
/// on the scale of risk ratios: both associations would have to be at least E. The `limit` is the
/// same of the interval's limit nearer to 1, or 1 if the interval holds 1. For the odds ratio of
/// a common outcome, R is its square root.
///
/// # Arguments
/// `ratio`: above 0; `lower`, `upper`: its limits, 0 or more, `None` where there are none (then
/// there is no `limit` either); `kind`: what ratio it is.
///
/// # Edges
/// A ratio that is not a positive finite number, or a negative or NaN limit, is
/// [`Reason::ImpossibleRatio`]; limits that do not hold the ratio are
/// [`Reason::LimitsOutOfOrder`]; a ratio so near to 0 that E overflows is [`Reason::TooLarge`]. An
/// infinite upper limit is allowed. No limits: the value stands, with [`Reason::NoLimits`].
///
/// # Source
/// T. VanderWeele and P. Ding, 2017, "Sensitivity analysis in observational research: introducing
/// the E-value", table 2; T. VanderWeele, 2017, "On a square-root transformation of the odds ratio
/// for a common outcome".
///
/// # Example
/// ```
/// use wholefamily::stats::{RatioKind, e_value};
/// // VanderWeele and Ding's own example: 3.9 (1.8 to 8.7)
/// let e = e_value(3.9, Some(1.8), Some(8.7), RatioKind::Ratio);
/// assert!((e.value.unwrap() - 7.26).abs() < 0.005);
/// assert!((e.limit.unwrap() - 3.0).abs() < 1e-12);
/// ```
#[must_use]
pub fn e_value(ratio: f64, lower: Option<f64>, upper: Option<f64>, kind: RatioKind) -> EValue {
    let undefined = |reason| EValue { value: None, limit: None, reason: Some(reason) };
    let impossible = |limit: Option<f64>| limit.is_some_and(|limit| limit.is_nan() || limit < 0.0);
    if !(ratio.is_finite() && ratio > 0.0) || impossible(lower) || impossible(upper) {
        return undefined(Reason::ImpossibleRatio);
    }
    if lower.is_some_and(|lower| lower > ratio) || upper.is_some_and(|upper| upper < ratio) {
        return undefined(Reason::LimitsOutOfOrder);
    }
    let Some(value) = of_ratio(ratio, kind) else {
        return undefined(Reason::TooLarge);
    };
    let nearer = if ratio >= 1.0 {
        lower.map(|lower| lower.max(1.0))
    } else {
        upper.map(|upper| upper.min(1.0))
    };
    let limit = nearer.and_then(|limit| of_ratio(limit, kind));
    let reason = if limit.is_none() { Some(Reason::NoLimits) } else { None };
    EValue { value: Some(value), limit, reason }
}

/// E of a ratio, none of whose digits are lost near 1.
fn of_ratio(ratio: f64, kind: RatioKind) -> Option<f64> {
    // the ratio of shares, and how far it is from 1
    let (risk, apart) = if kind == RatioKind::OddsRatio {
        (ratio.sqrt(), (ratio - 1.0).abs() / (ratio.sqrt() + 1.0))
    } else {
        (ratio, (ratio - 1.0).abs())
    };
    let e = if ratio >= 1.0 {
        risk + risk.sqrt() * apart.sqrt()
    } else {
        // with R = 1/risk: R + √(R(R − 1)) = (1 + √(1 − risk))/risk
        (1.0 + apart.sqrt()) / risk
    };
    e.is_finite().then_some(e)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn e(ratio: f64, lower: f64, upper: f64, kind: RatioKind) -> (f64, f64) {
        let e = e_value(ratio, Some(lower), Some(upper), kind);
        assert_eq!(e.reason, None);
        (e.value.unwrap(), e.limit.unwrap())
    }

    #[test]
    fn by_hand() {
        // 2 + √2, and its limit 4/3 + √(4/9) = 2
        let (value, limit) = e(2.0, 4.0 / 3.0, 9.0, RatioKind::Ratio);
        assert!((value - 2.0 - 2_f64.sqrt()).abs() < 1e-15 && (limit - 2.0).abs() < 1e-15);
        // a ratio of 3/4 is one of 4/3
        assert!((e(0.75, 0.1, 0.8, RatioKind::Ratio).0 - 2.0).abs() < 1e-15);
        // an odds ratio of 16/9 of something common
        assert!((e(16.0 / 9.0, 1.0, 9.0, RatioKind::OddsRatio).0 - 2.0).abs() < 1e-14);
    }

    #[test]
    fn nothing_to_explain_needs_nothing() {
        for kind in RatioKind::ALL {
            assert_eq!(e(1.0, 0.5, 2.0, kind), (1.0, 1.0));
            assert_eq!(e(1.5, 0.9, 2.0, kind).1, 1.0);
            assert_eq!(e(0.5, 0.1, 1.0, kind).1, 1.0);
            assert_eq!(e(0.5, 0.0, f64::INFINITY, kind).1, 1.0);
        }
    }

    #[test]
    fn swapping_the_groups_changes_nothing() {
        for kind in RatioKind::ALL {
            for (ratio, lower, upper) in [(1.25, 1.01, 1.5), (4.0, 2.0, 8.0), (1e9, 3.0, 1e12)] {
                let (there, back) =
                    (e(ratio, lower, upper, kind), e(1.0 / ratio, 1.0 / upper, 1.0 / lower, kind));
                assert!((there.0 / back.0 - 1.0).abs() < 1e-14, "{ratio}");
                assert!((there.1 / back.1 - 1.0).abs() < 1e-14, "{ratio}");
            }
        }
    }

    #[test]
    fn what_cannot_be_says_why() {
        let reason = |ratio, lower, upper| {
            let e = e_value(ratio, lower, upper, RatioKind::Ratio);
            assert_eq!(e.value, None);
            e.reason.unwrap()
        };
        for wrong in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(reason(wrong, None, None), Reason::ImpossibleRatio);
        }
        assert_eq!(reason(2.0, Some(-1.0), None), Reason::ImpossibleRatio);
        assert_eq!(reason(2.0, None, Some(f64::NAN)), Reason::ImpossibleRatio);
        assert_eq!(reason(2.0, Some(2.1), None), Reason::LimitsOutOfOrder);
        assert_eq!(reason(2.0, None, Some(1.9)), Reason::LimitsOutOfOrder);
        assert_eq!(reason(1e-310, None, None), Reason::TooLarge);
        assert_eq!(reason(f64::MAX, None, None), Reason::TooLarge);
        let alone = e_value(2.0, None, None, RatioKind::Ratio);
        assert!(alone.value.is_some());
        assert_eq!((alone.limit, alone.reason), (None, Some(Reason::NoLimits)));
    }

    #[test]
    fn every_word_names_its_kind() {
        for (word, kind) in RatioKind::WORDS.into_iter().zip(RatioKind::ALL) {
            assert_eq!((RatioKind::parse(word), kind.word()), (Some(kind), word));
        }
        assert_eq!(RatioKind::parse("hazard_ratio"), None);
    }
}
