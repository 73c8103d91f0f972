//! Whose slope index is it?

use crate::stats::level::Level;
use crate::stats::reason::Reason;

/// Whose slope and relative index of inequality, with what each of them needs to know.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum SlopeConvention<'a> {
    /// Public Health England's (PHEindicatormethods, `phe_sii`).
    Phe(Phe<'a>),
    /// Public Health Scotland's (ScotPHO, `calculate_inequality_measures`).
    Scotpho(Scotpho),
}

impl SlopeConvention<'_> {
    /// Every convention's name, as specifications write it.
    pub const WORDS: [&'static str; 2] = ["phe", "scotpho"];

    /// The convention of that name with its defaults; `None` for any other word.
    ///
    /// ```
    /// use wholefamily::stats::inequality::{Scotpho, SlopeConvention};
    /// let scotpho = SlopeConvention::Scotpho(Scotpho::default());
    /// assert_eq!(SlopeConvention::parse("scotpho"), Some(scotpho));
    /// ```
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "phe" => Some(Self::Phe(Phe::default())),
            "scotpho" => Some(Self::Scotpho(Scotpho::default())),
            _ => None,
        }
    }

    /// The convention's name, as specifications write it.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Phe(_) => "phe",
            Self::Scotpho(_) => "scotpho",
        }
    }

    /// Whether the convention takes `k` quantiles: 5 to 100 ("phe"), 5 or 10 ("scotpho").
    ///
    /// With another number some quantile may be missing, and then every rank would be wrong.
    ///
    /// ```
    /// use wholefamily::stats::inequality::SlopeConvention;
    /// let scotpho = SlopeConvention::parse("scotpho").unwrap();
    /// assert!(scotpho.takes(5) && !scotpho.takes(4));
    /// ```
    #[must_use]
    pub const fn takes(&self, k: usize) -> bool {
        match self {
            Self::Phe(_) => k >= 5 && k <= 100,
            Self::Scotpho(_) => k == 5 || k == 10,
        }
    }
}

/// What Public Health England's slope index needs besides the figures.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Phe<'a> {
    /// How sure each quantile's figure is; without it there is no interval.
    pub spread: Spread<'a>,
    /// The scale on which each figure varies normally (`value_type` 0, 1 and 2 there).
    pub scale: Scale,
    /// Whether the line is fitted on that scale and its ends are then taken back (`transform`
    /// there); otherwise it is fitted to the figures themselves.
    pub transform: bool,
    /// What the slope is multiplied by: 100 for percentage points; a negative one turns the sign
    /// where a high figure is good, and turns the relative index over.
    pub multiplier: f64,
}

impl Default for Phe<'_> {
    fn default() -> Self {
        Self { spread: Spread::Unknown, scale: Scale::Plain, transform: false, multiplier: 1.0 }
    }
}

/// What Public Health Scotland's relative index needs besides the figures.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Scotpho {
    /// The whole area's figure; `None` takes the population-weighted mean of the quantiles, which is
    /// the same for crude rates, and not quite for standardised ones.
    pub overall: Option<f64>,
}

/// How sure each quantile's figure is.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Spread<'a> {
    /// Nothing is known.
    #[default]
    Unknown,
    /// Standard errors, on the scale given beside them: of the logarithm for [`Scale::Log`].
    StandardErrors(&'a [f64]),
    /// Limits of the figures as they are published, and their level.
    Limits {
        /// The lower limits.
        lower: &'a [f64],
        /// The upper limits.
        upper: &'a [f64],
        /// The level that these limits were made for.
        level: Level,
    },
}

impl Spread<'_> {
    /// The standard errors on `scale`, or why there are none.
    pub(super) fn standard_errors(&self, scale: Scale, k: usize) -> Result<Vec<f64>, Reason> {
        let errors: Vec<f64> = match *self {
            Self::Unknown => return Err(Reason::NoSpread),
            Self::StandardErrors(errors) => errors.to_vec(),
            Self::Limits { lower, upper, level } => {
                if lower.len() != upper.len() {
                    return Err(Reason::UnequalLengths);
                }
                let width = |(&l, &u): (&f64, &f64)| scale.width(l, u) / (2.0 * level.z());
                lower.iter().zip(upper).map(width).collect()
            }
        };
        if errors.len() != k {
            return Err(Reason::UnequalLengths);
        }
        let possible = errors.iter().all(|error| error.is_finite() && *error >= 0.0);
        if possible { Ok(errors) } else { Err(Reason::ImpossibleError) }
    }
}

/// The scale on which a quantile's figure varies normally.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Scale {
    /// The figure itself: a life expectancy, a mean score.
    #[default]
    Plain,
    /// Its logarithm: a rate.
    Log,
    /// Its log-odds: a proportion between 0 and 1.
    Logit,
}

impl Scale {
    /// Every scale's name, as specifications write it.
    pub const WORDS: [&'static str; 3] = ["plain", "log", "logit"];

    /// The scale of that name; `None` for any other word.
    ///
    /// ```
    /// use wholefamily::stats::inequality::Scale;
    /// assert_eq!(Scale::parse("logit"), Some(Scale::Logit));
    /// ```
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Plain, Self::Log, Self::Logit].into_iter().find(|scale| scale.word() == word)
    }

    /// The scale's name, as specifications write it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Log => "log",
            Self::Logit => "logit",
        }
    }

    /// A figure on this scale; not finite where it has no place there.
    pub(super) fn of(self, y: f64) -> f64 {
        match self {
            Self::Plain => y,
            Self::Log => y.ln(),
            Self::Logit => y.ln() - (-y).ln_1p(),
        }
    }

    /// What a small step on this scale is on the figure's own: its derivative.
    pub(super) fn step(self, y: f64) -> f64 {
        match self {
            Self::Plain => 1.0,
            Self::Log => y,
            Self::Logit => y * (1.0 - y),
        }
    }

    /// Whether a figure has a place on this scale.
    pub(super) fn holds(self, y: f64) -> bool {
        match self {
            Self::Plain => true,
            Self::Log => y > 0.0,
            Self::Logit => y > 0.0 && y < 1.0,
        }
    }

    /// Whether a figure can be of this kind at all, be it at the end of the scale.
    pub(super) fn allows(self, y: f64) -> bool {
        y.is_finite()
            && match self {
                Self::Plain => true,
                Self::Log => y >= 0.0,
                Self::Logit => (0.0..=1.0).contains(&y),
            }
    }

    /// The distance between two limits on this scale.
    fn width(self, lower: f64, upper: f64) -> f64 {
        match self {
            Self::Plain => upper - lower,
            Self::Log => (upper / lower).ln(),
            Self::Logit => (upper / lower * ((1.0 - lower) / (1.0 - upper))).ln(),
        }
    }

    /// The figure at `middle` + `slope`/2 less the figure at `middle` − `slope`/2.
    pub(super) fn rise(self, middle: f64, slope: f64) -> f64 {
        let half = slope / 2.0;
        match self {
            Self::Plain => slope,
            Self::Log => 2.0 * middle.exp() * half.sinh(),
            Self::Logit => {
                half.sinh()
                    / (2.0 * ((middle + half) / 2.0).cosh() * ((middle - half) / 2.0).cosh())
            }
        }
    }

    /// The figure at `middle` + `slope`/2 over the figure at `middle` − `slope`/2.
    pub(super) fn fold(self, middle: f64, slope: f64) -> f64 {
        let half = slope / 2.0;
        match self {
            Self::Plain => (middle + half) / (middle - half),
            Self::Log => slope.exp(),
            Self::Logit => (1.0 + (half - middle).exp()) / (1.0 + (-half - middle).exp()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_names_its_meaning() {
        for word in SlopeConvention::WORDS {
            assert_eq!(SlopeConvention::parse(word).unwrap().word(), word);
        }
        for word in Scale::WORDS {
            assert_eq!(Scale::parse(word).unwrap().word(), word);
        }
        assert_eq!((SlopeConvention::parse("ons"), Scale::parse("rate")), (None, None));
    }

    #[test]
    fn limits_give_standard_errors_on_their_scale() {
        let level = Level::default();
        let z = level.z();
        let limits = |lower, upper| Spread::Limits { lower, upper, level };
        let one = |spread: Spread, scale| spread.standard_errors(scale, 1).unwrap()[0];
        assert!((one(limits(&[1.0], &[3.0]), Scale::Plain) * z - 1.0).abs() < 1e-15);
        assert!((one(limits(&[1.0], &[4.0]), Scale::Log) * z - 2_f64.ln()).abs() < 1e-15);
        // the odds go from 1/4 to 4
        assert!((one(limits(&[0.2], &[0.8]), Scale::Logit) * z - 4_f64.ln()).abs() < 1e-14);
    }

    #[test]
    fn impossible_spreads_say_why() {
        let level = Level::default();
        let limits = |lower, upper| Spread::Limits { lower, upper, level };
        for (spread, scale, reason) in [
            (Spread::Unknown, Scale::Plain, Reason::NoSpread),
            (Spread::StandardErrors(&[1.0, 2.0]), Scale::Plain, Reason::UnequalLengths),
            (Spread::StandardErrors(&[-1.0]), Scale::Plain, Reason::ImpossibleError),
            (Spread::StandardErrors(&[f64::NAN]), Scale::Plain, Reason::ImpossibleError),
            (limits(&[0.0], &[1.0]), Scale::Log, Reason::ImpossibleError),
            (limits(&[0.5], &[1.0]), Scale::Logit, Reason::ImpossibleError),
            (limits(&[2.0], &[1.0]), Scale::Plain, Reason::ImpossibleError),
            (limits(&[2.0], &[]), Scale::Plain, Reason::UnequalLengths),
        ] {
            assert_eq!(spread.standard_errors(scale, 1), Err(reason), "{spread:?}");
        }
    }

    #[test]
    fn rise_and_fold_are_what_they_say() {
        for (middle, slope) in [(0.3, 0.4), (-2.0, -1.5), (0.0, 6.0)] {
            let (top, bottom): (f64, f64) = (middle + slope / 2.0, middle - slope / 2.0);
            let share = |u: f64| 1.0 / (1.0 + (-u).exp());
            assert!((Scale::Log.rise(middle, slope) - (top.exp() - bottom.exp())).abs() < 1e-13);
            assert!(
                (Scale::Logit.rise(middle, slope) - (share(top) - share(bottom))).abs() < 1e-15
            );
            assert!(
                (Scale::Log.fold(middle, slope) / (top.exp() / bottom.exp()) - 1.0).abs() < 1e-14
            );
            assert!(
                (Scale::Logit.fold(middle, slope) / (share(top) / share(bottom)) - 1.0).abs()
                    < 1e-14
            );
        }
    }
}
