//! On which scale do units vary alike about the average?

use super::limits::FunnelOf;
use crate::stats::reason::Reason;
use std::f64::consts::FRAC_PI_2;

/// The scale on which units vary alike, and what they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Transform {
    /// arcsin √p, for proportions: standard error 1/(2√n) whatever the share.
    Arcsine,
    /// √r, for rates and ratios: standard error 1/(2√n). No events is a figure like any other.
    Sqrt,
    /// ln r, for rates and ratios: standard error 1/√E with E = n·average. No events has no place.
    Log,
}

impl Transform {
    /// Every scale's name, as specifications write it.
    pub const WORDS: [&'static str; 3] = ["arcsine", "sqrt", "log"];

    /// The scale of that name; `None` for any other word.
    ///
    /// ```
    /// use wholefamily::stats::funnel::Transform;
    /// assert_eq!(Transform::parse("sqrt"), Some(Transform::Sqrt));
    /// ```
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Arcsine, Self::Sqrt, Self::Log].into_iter().find(|scale| scale.word() == word)
    }

    /// The scale's name, as specifications write it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Arcsine => "arcsine",
            Self::Sqrt => "sqrt",
            Self::Log => "log",
        }
    }

    /// What a unit's size is on this scale.
    pub(super) const fn of(self) -> FunnelOf {
        match self {
            Self::Arcsine => FunnelOf::Proportion,
            Self::Sqrt | Self::Log => FunnelOf::Rate,
        }
    }

    /// A figure on this scale.
    pub(super) fn at(self, y: f64) -> f64 {
        match self {
            // arcsin √y, without losing digits near 1
            Self::Arcsine => y.sqrt().atan2((1.0 - y).sqrt()),
            Self::Sqrt => y.sqrt(),
            Self::Log => y.ln(),
        }
    }

    /// The figure of a place on this scale, cut where the scale ends.
    pub(super) fn back(self, place: f64) -> f64 {
        match self {
            Self::Arcsine => place.clamp(0.0, FRAC_PI_2).sin().powi(2),
            Self::Sqrt => place.max(0.0).powi(2),
            Self::Log => place.exp(),
        }
    }

    /// The standard error that chance alone gives a unit of size `n`.
    pub(super) fn error(self, n: f64, average: f64) -> f64 {
        match self {
            Self::Arcsine | Self::Sqrt => 0.5 / n.sqrt(),
            Self::Log => 1.0 / (n * average).sqrt(),
        }
    }

    /// How many standard errors `x` of `n` lies from the average, or why it has no place.
    pub(super) fn z(self, x: u64, n: f64, average: f64) -> Result<f64, Reason> {
        let x = x as f64;
        if n == 0.0 {
            let people = self == Self::Arcsine;
            return Err(if people { Reason::NoRows } else { Reason::NoExposure });
        }
        if !(n.is_finite() && n > 0.0) {
            return Err(Reason::ImpossibleExposure);
        }
        let difference = match self {
            Self::Arcsine if x > n => return Err(Reason::CountAboveBase),
            Self::Log if x == 0.0 => return Err(Reason::NoEvents),
            // ln(r/θ) and (r − θ)/(√r + √θ) keep the digits of a small difference
            Self::Log => ((x - n * average) / (n * average)).ln_1p(),
            Self::Sqrt => (x / n - average) / ((x / n).sqrt() + average.sqrt()),
            Self::Arcsine => self.at(x / n) - self.at(average),
        };
        let z = difference / self.error(n, average);
        if z.is_finite() { Ok(z) } else { Err(Reason::TooLarge) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        for scale in [Transform::Arcsine, Transform::Sqrt, Transform::Log] {
            for y in [1e-9, 0.1, 0.5, 0.999] {
                assert!((scale.back(scale.at(y)) / y - 1.0).abs() < 1e-14, "{scale:?} {y}");
            }
        }
        assert_eq!(Transform::Arcsine.back(-0.1), 0.0);
        assert_eq!(Transform::Arcsine.back(2.0), 1.0);
        assert_eq!(Transform::Sqrt.back(-1.0), 0.0);
    }

    #[test]
    fn a_unit_on_the_average_is_no_way_from_it() {
        for scale in [Transform::Arcsine, Transform::Sqrt, Transform::Log] {
            assert_eq!(scale.z(5, 20.0, 0.25), Ok(0.0));
        }
        // √(16/4) − √1 = 1, over 1/(2·2)
        assert_eq!(Transform::Sqrt.z(16, 4.0, 1.0), Ok(4.0));
    }

    #[test]
    fn units_without_a_place_say_why() {
        assert_eq!(Transform::Log.z(0, 5.0, 0.1), Err(Reason::NoEvents));
        assert_eq!(Transform::Arcsine.z(6, 5.0, 0.1), Err(Reason::CountAboveBase));
        assert_eq!(Transform::Arcsine.z(0, 0.0, 0.1), Err(Reason::NoRows));
        assert_eq!(Transform::Sqrt.z(0, 0.0, 0.1), Err(Reason::NoExposure));
        assert_eq!(Transform::Sqrt.z(1, f64::NAN, 0.1), Err(Reason::ImpossibleExposure));
        assert!(Transform::Sqrt.z(0, 5.0, 0.1).is_ok());
    }

    #[test]
    fn every_word_names_its_scale() {
        for word in Transform::WORDS {
            assert_eq!(Transform::parse(word).unwrap().word(), word);
        }
        assert_eq!(Transform::parse("logit"), None);
    }
}
