//! What is the rate in a population of a standard make-up?

use super::super::distribution::gamma;
use super::super::interval::Interval;
use super::super::level::Level;
use super::super::rate::{RateMethod, byar, limits, unfit};
use super::super::reason::Reason;

/// The fewest events for which Public Health England's tools give a directly standardised rate.
const FEWEST: u64 = 10;

/// One band of age (or of sex and age, or of any other make-up): x events among n, and the
/// standard's weight.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct DirectBand {
    /// Events.
    pub x: u64,
    /// Population, or person-years; above 0.
    pub n: f64,
    /// The standard population; only its size against the other bands' matters.
    pub weight: f64,
}

/// Whose rules a directly standardised rate follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum DirectConvention {
    /// Public Health England's (PHEindicatormethods, `calculate_dsr`): no rate for fewer than 10
    /// events; z is the level's own quantile, 1.959963984540054 at 0.95.
    #[default]
    Phe,
    /// The Scottish Public Health Observatory's (`calculate_easr`): a rate for any number of
    /// events; at level 0.95, z is 1.96, and the level's own quantile at any other.
    Scotpho,
}

impl DirectConvention {
    /// Every convention's name, as specifications write it.
    pub const WORDS: [&'static str; 2] = ["phe", "scotpho"];

    /// The convention of that name; `None` for any other word.
    ///
    /// ```
    /// use wholefamily::stats::DirectConvention;
    /// assert_eq!(DirectConvention::parse("scotpho"), Some(DirectConvention::Scotpho));
    /// ```
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Phe, Self::Scotpho].into_iter().find(|convention| convention.word() == word)
    }

    /// The convention's name, as specifications write it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Phe => "phe",
            Self::Scotpho => "scotpho",
        }
    }

    fn z(self, level: Level) -> f64 {
        let usual = (level.get() - 0.95).abs() < f64::EPSILON;
        if self == Self::Scotpho && usual { 1.96 } else { level.z() }
    }
}

/// How to put an interval about a directly standardised rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum DirectMethod {
    /// Dobson's form with Byar's limits of the total count.
    #[default]
    Byar,
    /// Dobson's form with the exact limits of the total count.
    Exact,
    /// Fay and Feuer's gamma interval.
    FayFeuer,
}

impl DirectMethod {
    /// Every method's name, as specifications write it.
    pub const WORDS: [&'static str; 3] = ["byar", "exact", "fay-feuer"];

    /// The method of that name; `None` for any other word.
    ///
    /// ```
    /// use wholefamily::stats::DirectMethod;
    /// assert_eq!(DirectMethod::parse("fay-feuer"), Some(DirectMethod::FayFeuer));
    /// ```
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Byar, Self::Exact, Self::FayFeuer].into_iter().find(|method| method.word() == word)
    }

    /// The method's name, as specifications write it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Byar => "byar",
            Self::Exact => "exact",
            Self::FayFeuer => "fay-feuer",
        }
    }
}

/// The directly standardised rate: that of a population of the standard's make-up, in which each
/// band has the rate seen in it.
///
/// # Formula
/// x, n, w of each band (events, population, weight), O = Σ x, k = `per`, z as the convention says,
/// c = w / (n Σw), and (L, U) the limits of a count of O:
/// ```text
/// value       R k,  R = Σ c x           variance   V = Σ c² x
/// byar        L = O (1 − 1/(9O) − z/(3√O))³,  U = P (1 − 1/(9P) + z/(3√P))³,  P = O + 1
/// exact       L = qchisq((1 − level)/2, 2O) / 2,  U = qchisq((1 + level)/2, 2O + 2) / 2
///             limits  (R + √(V/O) (L − O)) k  and  (R + √(V/O) (U − O)) k
/// fay-feuer   limits  (V/R) qgamma((1 − level)/2, R²/V) k  and
///             (V′/R′) qgamma((1 + level)/2, R′²/V′) k,  R′ = R + m,  V′ = V + m²,  m = max c
/// ```
/// # Arguments
/// `bands`: in any order, every band of the standard once; `per`: how many people the rate is given
/// for, such as 1000.
///
/// # Edges
/// - Convention phe and fewer than 10 events: no rate ([`Reason::FewEvents`]).
/// - Convention scotpho and no events: the rate is 0 without limits ([`Reason::NoEvents`]), because
///   V/O is 0/0. ScotPHO's own program prints 0 to 0. Fay and Feuer's upper limit exists.
/// - No band is [`Reason::NoRows`]. An n of 0 in any band is [`Reason::NoExposure`] (ScotPHO's own
///   program counts such a band as having no events), any other impossible n
///   [`Reason::ImpossibleExposure`], a weight that is negative, infinite or NaN
///   [`Reason::ImpossibleWeight`], only weights of 0 [`Reason::NoWeight`].
/// - A lower limit that comes out negative is 0; it can, where the weights differ much. PHE's own
///   program prints it as it is.
///
/// # Source
/// A. Dobson, K. Kuulasmaa, E. Eberle and J. Scherer, 1991, "Confidence intervals for weighted sums
/// of Poisson parameters". M. Fay and E. Feuer, 1997, "Confidence intervals for directly
/// standardized rates: a method based on the gamma distribution". Association of Public Health
/// Observatories, 2008, "Technical briefing 3: commonly used public health statistics and their
/// confidence intervals".
///
/// # Example
/// 10 of 100 children under 5 and 10 of 200 older ones, to a standard of as many of each: 7.5 %.
/// ```
/// use wholefamily::stats::{DirectBand, DirectConvention, DirectMethod, Level, standardise_direct};
/// let bands = [
///     DirectBand { x: 10, n: 100.0, weight: 1.0 },
///     DirectBand { x: 10, n: 200.0, weight: 1.0 },
/// ];
/// let (convention, method) = (DirectConvention::Phe, DirectMethod::Byar);
/// let got = standardise_direct(&bands, 100.0, convention, method, Level::new(0.95).unwrap());
/// assert!((got.value.unwrap() - 7.5).abs() < 1e-12);
/// assert!((got.lower.unwrap() - 4.421).abs() < 5e-4);
/// assert!((got.upper.unwrap() - 11.805).abs() < 5e-4);
/// ```
#[must_use]
pub fn standardise_direct(
    bands: &[DirectBand],
    per: f64,
    convention: DirectConvention,
    method: DirectMethod,
    level: Level,
) -> Interval {
    match Sums::over(bands.iter().map(|band| Counts::once(band.x, band.n, band.weight))) {
        Ok(sums) => sums.interval(per, convention, method, level),
        Err(reason) => Interval::undefined(reason),
    }
}

/// What a band adds to the sums.
#[derive(Debug, Clone, Copy)]
pub(super) struct Counts {
    pub(super) x: u64,
    /// The variance of `x`.
    pub(super) variance: f64,
    pub(super) n: f64,
    pub(super) weight: f64,
}

impl Counts {
    /// Events that are independent.
    pub(super) const fn once(x: u64, n: f64, weight: f64) -> Self {
        Self { x, variance: x as f64, n, weight }
    }
}

/// What the interval of a directly standardised rate rests on.
pub(super) struct Sums {
    pub(super) events: u64,
    pub(super) rate: f64,
    pub(super) variance: f64,
    /// The largest that one event can add to the rate.
    largest: f64,
}

impl Sums {
    pub(super) fn over(bands: impl Iterator<Item = Counts> + Clone) -> Result<Self, Reason> {
        let mut whole = 0.0;
        let mut rows = 0_usize;
        for Counts { n, weight, .. } in bands.clone() {
            if let Some(reason) = unfit(n, 1.0) {
                return Err(reason);
            }
            if !(weight.is_finite() && weight >= 0.0) {
                return Err(Reason::ImpossibleWeight);
            }
            whole += weight;
            rows += 1;
        }
        if rows == 0 {
            return Err(Reason::NoRows);
        }
        if whole == 0.0 {
            return Err(Reason::NoWeight);
        }
        let mut sums = Self { events: 0, rate: 0.0, variance: 0.0, largest: 0.0 };
        for Counts { x, variance, n, weight } in bands {
            let share = weight / whole / n;
            sums.events = sums.events.checked_add(x).ok_or(Reason::TooLarge)?;
            sums.rate += x as f64 * share;
            sums.variance += variance * share * share;
            sums.largest = sums.largest.max(share);
        }
        Ok(sums)
    }

    pub(super) fn interval(
        &self,
        per: f64,
        convention: DirectConvention,
        method: DirectMethod,
        level: Level,
    ) -> Interval {
        if let Some(reason) = unfit(1.0, per) {
            return Interval::undefined(reason);
        }
        if convention == DirectConvention::Phe && self.events < FEWEST {
            return Interval::undefined(Reason::FewEvents);
        }
        let count = match method {
            DirectMethod::FayFeuer => return self.fay_feuer(per, level),
            _ if self.events == 0 => return Interval::without_limits(0.0, Reason::NoEvents),
            DirectMethod::Byar => byar(self.events, convention.z(level)),
            DirectMethod::Exact => limits(self.events, RateMethod::Exact, level),
        };
        let seen = self.events as f64;
        let slope = (self.variance / seen).sqrt();
        // R + √(V/O) (L − O), written so that equal weights give the crude rate's own limits.
        let moved = |limit: f64| slope * limit + (self.rate - slope * seen);
        Interval::new(self.rate * per, (moved(count.0) * per).max(0.0), moved(count.1) * per)
    }

    fn fay_feuer(&self, per: f64, level: Level) -> Interval {
        let lower = if self.rate > 0.0 {
            let shape = self.rate * (self.rate / self.variance);
            gamma::lower_quantile(level.tail(), shape) * (self.variance / self.rate)
        } else {
            0.0
        };
        let (rate, variance) = (self.rate + self.largest, self.variance + self.largest.powi(2));
        let upper =
            gamma::upper_quantile(level.tail(), rate * (rate / variance)) * (variance / rate);
        Interval::new(self.rate * per, lower * per, upper * per)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::rate;
    use DirectConvention::{Phe, Scotpho};
    use DirectMethod::{Byar, Exact, FayFeuer};

    const METHODS: [DirectMethod; 3] = [Byar, Exact, FayFeuer];

    fn level() -> Level {
        Level::default()
    }

    fn band(x: u64, n: f64, weight: f64) -> DirectBand {
        DirectBand { x, n, weight }
    }

    fn near(got: Option<f64>, want: Option<f64>) {
        let (got, want) = (got.unwrap(), want.unwrap());
        assert!((got / want - 1.0).abs() < 1e-12, "{got} for {want}");
    }

    #[test]
    fn the_groups_own_make_up_gives_the_crude_rate() {
        let bands = [band(7, 100.0, 10.0), band(0, 50.0, 5.0), band(30, 250.0, 25.0)];
        for (method, plain) in
            [(Byar, RateMethod::Byar), (Exact, RateMethod::Exact), (FayFeuer, RateMethod::Exact)]
        {
            let got = standardise_direct(&bands, 1000.0, Phe, method, level());
            let crude = rate(37, 400.0, 1000.0, plain, level());
            near(got.value, crude.value);
            near(got.lower, crude.lower);
            near(got.upper, crude.upper);
        }
    }

    #[test]
    fn phe_gives_no_rate_under_ten_events() {
        for method in METHODS {
            let of = |x| standardise_direct(&[band(x, 100.0, 3.0)], 1.0, Phe, method, level());
            assert_eq!(of(9), Interval::undefined(Reason::FewEvents));
            assert_eq!(of(10).value, Some(0.1));
        }
    }

    #[test]
    fn scotpho_gives_a_rate_for_few_events_with_its_own_z() {
        let of =
            |x, method| standardise_direct(&[band(x, 1.0, 3.0)], 1.0, Scotpho, method, level());
        let y = 4.0_f64;
        near(of(3, Byar).upper, Some(y * (1.0_f64 - 1.0 / 36.0 + 1.96 / 6.0_f64).powi(3)));
        assert_eq!(of(0, Byar), Interval::without_limits(0.0, Reason::NoEvents));
        assert_eq!(of(0, Exact), Interval::without_limits(0.0, Reason::NoEvents));
        assert_eq!((of(0, FayFeuer).value, of(0, FayFeuer).lower), (Some(0.0), Some(0.0)));
        near(of(0, FayFeuer).upper, Some(40_f64.ln()));
    }

    #[test]
    fn only_proportions_of_weights_matter() {
        let bands = [band(7, 100.0, 0.3), band(12, 50.0, 0.1), band(30, 250.0, 0.6)];
        let more = bands.map(|band| DirectBand { weight: band.weight * 1e5, ..band });
        for method in METHODS {
            let got = standardise_direct(&bands, 1000.0, Phe, method, level());
            let same = standardise_direct(&more, 1000.0, Phe, method, level());
            near(got.value, same.value);
            near(got.lower, same.lower);
            near(got.upper, same.upper);
        }
    }

    #[test]
    fn a_lower_limit_is_never_negative() {
        let bands = [band(1, 1.0, 99.0), band(99, 1e6, 1.0)];
        let got = standardise_direct(&bands, 1.0, Phe, Byar, Level::new(0.998).unwrap());
        assert_eq!(got.lower, Some(0.0));
    }

    #[test]
    fn impossible_bands_say_why() {
        let good = band(20, 100.0, 1.0);
        for (bad, reason) in [
            (band(1, 0.0, 1.0), Reason::NoExposure),
            (band(1, -2.0, 1.0), Reason::ImpossibleExposure),
            (band(1, f64::NAN, 1.0), Reason::ImpossibleExposure),
            (band(1, 2.0, -1.0), Reason::ImpossibleWeight),
            (band(1, 2.0, f64::INFINITY), Reason::ImpossibleWeight),
            (band(u64::MAX, 2.0, 1.0), Reason::TooLarge),
        ] {
            let got = standardise_direct(&[good, bad], 1.0, Phe, Byar, level());
            assert_eq!(got, Interval::undefined(reason));
        }
        let of = |bands: &[DirectBand], per| standardise_direct(bands, per, Phe, Byar, level());
        assert_eq!(of(&[], 1.0), Interval::undefined(Reason::NoRows));
        assert_eq!(of(&[band(20, 1.0, 0.0)], 1.0), Interval::undefined(Reason::NoWeight));
        assert_eq!(of(&[good], 0.0), Interval::undefined(Reason::ImpossibleUnit));
    }

    #[test]
    fn every_word_names_its_method() {
        for (word, method) in DirectMethod::WORDS.into_iter().zip(METHODS) {
            assert_eq!((DirectMethod::parse(word), method.word()), (Some(method), word));
        }
        for (word, convention) in DirectConvention::WORDS.into_iter().zip([Phe, Scotpho]) {
            assert_eq!(
                (DirectConvention::parse(word), convention.word()),
                (Some(convention), word)
            );
        }
        assert_eq!(DirectMethod::parse("dobson"), None);
        assert_eq!(DirectConvention::parse("ons"), None);
    }
}
