//! On which scale is a probability as likely to be too high as too low?

use std::f64::consts::FRAC_PI_2;

use super::super::interval::Interval;
use super::super::level::Level;
use super::super::reason::Reason;
use super::estimate::Estimate;

/// The scale on which the interval of a probability by a day is even.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Band {
    /// The probability itself, cut off at 0 and 1. Poor near either.
    Plain,
    /// Its logarithm, cut off at 1: R's default for survival.
    Log,
    /// The logarithm of its negative logarithm. Never leaves 0 to 1, and holds its level well even
    /// among few (J. D. Kalbfleisch and R. L. Prentice, 1980, "The Statistical Analysis of Failure
    /// Time Data"). Called "exponential Greenwood" too.
    #[default]
    LogLog,
    /// Its log-odds. Never leaves 0 to 1.
    Logit,
    /// The arcsine of its square root, cut off at 0 and 1.
    Arcsine,
}

impl Band {
    /// Every scale's name, as specifications write it.
    pub const WORDS: [&'static str; 5] = ["plain", "log", "log-log", "logit", "arcsine"];

    const ALL: [Self; 5] = [Self::Plain, Self::Log, Self::LogLog, Self::Logit, Self::Arcsine];

    /// The scale of that name; `None` for any other word.
    ///
    /// ```
    /// use wholefamily::stats::survival::Band;
    /// assert_eq!(Band::parse("log-log"), Some(Band::LogLog));
    /// assert_eq!(Band::parse("greenwood"), None);
    /// ```
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|band| band.word() == word)
    }

    /// The scale's name, as specifications write it and results show it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Log => "log",
            Self::LogLog => "log-log",
            Self::Logit => "logit",
            Self::Arcsine => "arcsine",
        }
    }

    /// How sure is a probability of so much variance?
    ///
    /// # Formula
    /// With p the probability, σ its standard error and z the level's normal quantile:
    /// ```text
    /// plain     p ± zσ, within 0 and 1
    /// log       p exp(± zσ/p), at most 1
    /// log-log   p^exp(± zσ/(p log p))
    /// logit     expit(logit p ± zσ/(p(1 − p)))
    /// arcsine   sin²(arcsin √p ± zσ/(2√(p(1 − p)))), the angle within 0 and π/2
    /// ```
    /// # Arguments
    /// `of`: a probability, 0 to 1, with its variance.
    ///
    /// # Edges
    /// No variance: no limits ([`Reason::ZeroVariance`]); R gives the probability itself as both
    /// limits of plain and log (0 and 1), and none of the others. A variance at 0, or at 1: only
    /// plain, and log at 1, have limits; the others have none ([`Reason::OffScale`]). Not a
    /// probability: [`Reason::NotAProbability`].
    ///
    /// # Source
    /// O. Borgan and K. Liestøl, 1990, "A note on confidence intervals and bands for the survival
    /// function based on transformations"; the same as `conf.type` of R's survfit.
    ///
    /// # Example
    /// ```
    /// use wholefamily::stats::{Level, survival::{Band, Estimate}};
    /// let half = Estimate { value: 0.5, variance: 0.01 };
    /// let plain = Band::Plain.interval(half, Level::default());
    /// assert!((plain.lower.unwrap() - 0.304).abs() < 1e-5);
    /// ```
    #[must_use]
    pub fn interval(self, of: Estimate, level: Level) -> Interval {
        let p = of.value;
        if !(0.0..=1.0).contains(&p) {
            return Interval::undefined(Reason::NotAProbability);
        }
        if of.variance.is_nan() || of.variance <= 0.0 {
            return Interval::without_limits(p, Reason::ZeroVariance);
        }
        match self.limits(p, of.standard_error(), level) {
            Some((lower, upper)) => Interval::new(p, lower, upper),
            None => Interval::without_limits(p, Reason::OffScale),
        }
    }

    /// The limits; `None` where the scale has none.
    pub(super) fn limits(self, p: f64, error: f64, level: Level) -> Option<(f64, f64)> {
        let reach = level.z() * error;
        let at_end = p <= 0.0 || p >= 1.0;
        let (lower, upper) = match self {
            Self::Plain => ((p - reach).max(0.0), (p + reach).min(1.0)),
            Self::Log if p > 0.0 => (p * (-reach / p).exp(), (p * (reach / p).exp()).min(1.0)),
            Self::LogLog if !at_end => {
                let log = p.ln();
                let factor = (reach / (p * log).abs()).exp();
                ((log * factor).exp(), (log / factor).exp())
            }
            Self::Logit if !at_end => {
                let reach = (reach / (p * (1.0 - p))).exp();
                let odds = p / (1.0 - p);
                // odds/(1 + odds) in the form that neither overflows nor cancels
                ((1.0 + reach / odds).recip(), (1.0 + (reach * odds).recip()).recip())
            }
            Self::Arcsine if !at_end => {
                let (angle, reach) = (p.sqrt().asin(), 0.5 * reach / (p * (1.0 - p)).sqrt());
                let squared_sine = |angle: f64| angle.sin() * angle.sin();
                (
                    squared_sine((angle - reach).max(0.0)),
                    squared_sine((angle + reach).min(FRAC_PI_2)),
                )
            }
            _ => return None,
        };
        (lower.is_finite() && upper.is_finite()).then_some((lower, upper))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn level() -> Level {
        Level::default()
    }

    #[test]
    fn every_word_names_its_scale() {
        for (word, band) in Band::WORDS.into_iter().zip(Band::ALL) {
            assert_eq!((Band::parse(word), band.word()), (Some(band), word));
        }
        assert_eq!(Band::parse("loglog"), None);
    }

    #[test]
    fn limits_stay_within_0_and_1_and_hold_the_figure() {
        for band in Band::ALL {
            for value in [1e-300, 1e-9, 0.01, 0.5, 0.99, 1.0 - 1e-12] {
                for variance in [1e-300, 1e-12, 1e-4, 0.25, 1e300] {
                    let got = band.interval(Estimate { value, variance }, level());
                    let (lower, upper) = (got.lower.unwrap(), got.upper.unwrap());
                    assert!(0.0 <= lower && lower <= value, "{band:?} {value} {variance} {got:?}");
                    assert!(value <= upper && upper <= 1.0, "{band:?} {value} {variance} {got:?}");
                }
            }
        }
    }

    #[test]
    fn turning_a_probability_round_turns_three_of_the_scales() {
        let (p, q) =
            (Estimate { value: 0.25, variance: 1e-3 }, Estimate { value: 0.75, variance: 1e-3 });
        for band in [Band::Plain, Band::Logit, Band::Arcsine] {
            let (p, q) = (band.interval(p, level()), band.interval(q, level()));
            assert!((p.lower.unwrap() + q.upper.unwrap() - 1.0).abs() < 1e-15, "{band:?}");
            assert!((p.upper.unwrap() + q.lower.unwrap() - 1.0).abs() < 1e-15, "{band:?}");
        }
    }

    #[test]
    fn the_ends_say_why_they_have_no_limits() {
        for band in Band::ALL {
            for value in [0.0, 1.0] {
                let fixed = band.interval(Estimate { value, variance: 0.0 }, level());
                assert_eq!(fixed, Interval::without_limits(value, Reason::ZeroVariance));
            }
            let wrong = band.interval(Estimate { value: 1.5, variance: 0.1 }, level());
            assert_eq!(wrong.reason, Some(Reason::NotAProbability));
        }
        let at_one = |band: Band| band.interval(Estimate { value: 1.0, variance: 0.01 }, level());
        assert!(at_one(Band::Plain).lower.is_some() && at_one(Band::Log).lower.is_some());
        assert_eq!(at_one(Band::LogLog).reason, Some(Reason::OffScale));
    }
}
