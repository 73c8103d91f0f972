//! How do the events compare with those expected at reference rates?

use super::super::interval::Interval;
use super::super::level::Level;
use super::super::rate::{RateMethod, limits, unfit};
use super::super::reason::Reason;

/// One band of a group and of the reference population.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct IndirectBand {
    /// Events in the group; only their sum over the bands matters, so all of them may stand in one
    /// band where their ages are not known.
    pub x: u64,
    /// Population of the group, or person-years; 0 or more.
    pub n: f64,
    /// Events in the reference population (or their yearly average).
    pub x_reference: f64,
    /// The reference population, or person-years; above 0.
    pub n_reference: f64,
}

/// A group's events against those expected.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Indirect {
    /// The standardised ratio or rate, and its interval.
    pub interval: Interval,
    /// The events seen in all bands; `None` where the bands cannot be used.
    pub observed: Option<u64>,
    /// The events that the group would have at the reference population's rates; `None` likewise.
    pub expected: Option<f64>,
}

/// The indirectly standardised ratio, observed to expected events; or, with `per`, the indirectly
/// standardised rate, which is that ratio times the reference population's crude rate.
///
/// # Formula
/// Of each band x, n of the group and x′, n′ of the reference population; (L, U) the limits of a
/// count of O by `method`, as in [`rate`](crate::stats::rate()):
/// ```text
/// O = Σ x     E = Σ n x′/n′     S = 1, or Σ x′ / Σ n′ × per
/// value   O / E × S             limits   L / E × S  and  U / E × S
/// ```
/// # Arguments
/// `bands`: in any order; `per`: `None` for the ratio (1 is as expected), or how many people the
/// rate is given for, such as 1000; `method`: "phe" is exact below 10 events and Byar from 10 on.
/// The expected number is taken as known: the reference population should be much the larger.
///
/// # Edges
/// No events: the value and its lower limit are 0. Nothing expected: [`Reason::NoExpected`]. No band
/// is [`Reason::NoRows`]; an `n_reference` of 0 [`Reason::NoExposure`]; any other impossible `n` or
/// `n_reference`, or an `x_reference` below 0, [`Reason::ImpossibleExposure`].
///
/// # Source
/// N. Breslow and N. Day, 1987, "Statistical methods in cancer research II: the design and analysis
/// of cohort studies", pp. 65–72. As PHEindicatormethods' `calculate_ISRatio` and
/// `calculate_ISRate`.
///
/// # Example
/// ```
/// use wholefamily::stats::{IndirectBand, Level, RateMethod, standardise_indirect};
/// let bands = [
///     IndirectBand { x: 4, n: 100.0, x_reference: 20.0, n_reference: 1000.0 },
///     IndirectBand { x: 5, n: 200.0, x_reference: 10.0, n_reference: 1000.0 },
/// ];
/// let got = standardise_indirect(&bands, None, RateMethod::Phe, Level::new(0.95).unwrap());
/// assert_eq!((got.observed, got.expected), (Some(9), Some(4.0)));
/// assert_eq!(got.interval.value, Some(2.25));
/// assert!((got.interval.lower.unwrap() - 4.115 / 4.0).abs() < 5e-4);
/// ```
#[must_use]
pub fn standardise_indirect(
    bands: &[IndirectBand],
    per: Option<f64>,
    method: RateMethod,
    level: Level,
) -> Indirect {
    let sums = match sums(bands) {
        Ok(sums) => sums,
        Err(reason) => {
            let interval = Interval::undefined(reason);
            return Indirect { interval, observed: None, expected: None };
        }
    };
    let (observed, expected, reference) = sums;
    let interval = match per.and_then(|per| unfit(1.0, per)) {
        Some(reason) => Interval::undefined(reason),
        None if expected == 0.0 => Interval::undefined(Reason::NoExpected),
        None => {
            let scale = |count: f64| match per {
                Some(per) => count / expected * reference * per,
                None => count / expected,
            };
            let (lower, upper) = limits(observed, method, level);
            Interval::new(scale(observed as f64), scale(lower), scale(upper))
        }
    };
    Indirect { interval, observed: Some(observed), expected: Some(expected) }
}

/// Observed and expected events, and the crude rate of the reference population.
fn sums(bands: &[IndirectBand]) -> Result<(u64, f64, f64), Reason> {
    let (mut observed, mut expected, mut events, mut people) = (0_u64, 0.0, 0.0, 0.0);
    for band in bands {
        if let Some(reason) = unfit(band.n_reference, 1.0) {
            return Err(reason);
        }
        let sound = |number: f64| number.is_finite() && number >= 0.0;
        if !(sound(band.n) && sound(band.x_reference)) {
            return Err(Reason::ImpossibleExposure);
        }
        observed = observed.checked_add(band.x).ok_or(Reason::TooLarge)?;
        expected += band.n * (band.x_reference / band.n_reference);
        events += band.x_reference;
        people += band.n_reference;
    }
    if bands.is_empty() {
        return Err(Reason::NoRows);
    }
    if ![expected, events, people].into_iter().all(f64::is_finite) {
        return Err(Reason::TooLarge);
    }
    Ok((observed, expected, events / people))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::rate;

    fn level() -> Level {
        Level::default()
    }

    fn band(x: u64, n: f64, x_reference: f64, n_reference: f64) -> IndirectBand {
        IndirectBand { x, n, x_reference, n_reference }
    }

    #[test]
    fn the_ratio_is_a_rate_with_the_expected_as_its_exposure() {
        for x in [0, 3, 9, 10, 500] {
            let bands = [band(x, 100.0, 30.0, 2000.0), band(0, 50.0, 10.0, 1000.0)];
            for method in [RateMethod::Phe, RateMethod::Exact, RateMethod::MidP] {
                let got = standardise_indirect(&bands, None, method, level());
                assert_eq!((got.observed, got.expected), (Some(x), Some(2.0)));
                assert_eq!(got.interval, rate(x, 2.0, 1.0, method, level()));
            }
        }
    }

    #[test]
    fn the_reference_against_itself_has_its_own_rate() {
        let bands = [band(30, 2000.0, 30.0, 2000.0), band(10, 1000.0, 10.0, 1000.0)];
        let ratio = standardise_indirect(&bands, None, RateMethod::Phe, level());
        assert_eq!(ratio.interval.value, Some(1.0));
        let got = standardise_indirect(&bands, Some(1000.0), RateMethod::Phe, level()).interval;
        let want = rate(40, 3000.0, 1000.0, RateMethod::Phe, level());
        for (got, want) in
            [(got.value, want.value), (got.lower, want.lower), (got.upper, want.upper)]
        {
            assert!((got.unwrap() / want.unwrap() - 1.0).abs() < 1e-14);
        }
    }

    #[test]
    fn impossible_bands_say_why() {
        let of = |bands: &[IndirectBand], per| {
            standardise_indirect(bands, per, RateMethod::Phe, level()).interval
        };
        let good = band(1, 10.0, 3.0, 40.0);
        for (bad, reason) in [
            (band(1, 10.0, 3.0, 0.0), Reason::NoExposure),
            (band(1, 10.0, 3.0, -1.0), Reason::ImpossibleExposure),
            (band(1, -1.0, 3.0, 40.0), Reason::ImpossibleExposure),
            (band(1, 10.0, f64::NAN, 40.0), Reason::ImpossibleExposure),
            (band(u64::MAX, 10.0, 3.0, 40.0), Reason::TooLarge),
            (band(1, f64::MAX, 3e9, 40.0), Reason::TooLarge),
        ] {
            assert_eq!(of(&[good, bad], None), Interval::undefined(reason));
        }
        assert_eq!(of(&[], None), Interval::undefined(Reason::NoRows));
        assert_eq!(of(&[good], Some(0.0)), Interval::undefined(Reason::ImpossibleUnit));
        let none = band(1, 0.0, 3.0, 40.0);
        assert_eq!(of(&[none], None), Interval::undefined(Reason::NoExpected));
    }
}
