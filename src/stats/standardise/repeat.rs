//! What is the rate in a population of a standard make-up, when the same child can have several
//! events?

use super::super::interval::Interval;
use super::super::level::Level;
use super::super::reason::Reason;
use super::direct::{Counts, DirectConvention, DirectMethod, Sums};
use std::collections::BTreeMap;

/// So many persons of one band who had so many events each.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct RepeatBand {
    /// Which band; rows of the same band are added up.
    pub band: u64,
    /// How many events each of the persons had.
    pub events: u64,
    /// How many persons had that many.
    pub persons: u64,
    /// The band's population, the same in all of its rows.
    pub n: f64,
    /// The band's weight in the standard, the same in all of its rows.
    pub weight: f64,
}

/// The directly standardised rate of events that are not independent, because the same child can
/// have several.
///
/// # Formula
/// As [`standardise_direct`](super::standardise_direct()) with x = Σ fm events in each band, where m
/// persons had f events each, but with the variance of persons:
/// ```text
/// V = Σ c² Σ f² m      c = w / (n Σw) of the band
/// ```
/// With one event each this is `standardise_direct` itself.
///
/// # Arguments
/// `rows`: in any order; a band of the standard in which nobody had an event must be there all the
/// same, with 0 persons or 0 events. The rest as in `standardise_direct`.
///
/// # Edges
/// As in `standardise_direct`, the 10 events of convention phe being events, not persons. Rows of
/// the same band with another n or weight are [`Reason::BandsDisagree`]. The method fay-feuer has no
/// form for repeat events ([`Reason::NoRepeatForm`]).
///
/// # Source
/// Public Health England's "Technical guide: directly standardised rates" (as PHEindicatormethods'
/// `calculate_dsr` has it with `independent_events = FALSE`).
///
/// # Example
/// Of 20 events, 8 were had by 4 children who had 2 each.
/// ```
/// use wholefamily::stats::{
///     DirectConvention, DirectMethod, Level, RepeatBand, standardise_direct_repeat,
/// };
/// let row = |band, events, persons, n| RepeatBand { band, events, persons, n, weight: 1.0 };
/// let rows = [row(0, 1, 6, 100.0), row(0, 2, 2, 100.0), row(1, 1, 6, 200.0), row(1, 2, 2, 200.0)];
/// let (convention, method) = (DirectConvention::Phe, DirectMethod::Byar);
/// let level = Level::new(0.95).unwrap();
/// let got = standardise_direct_repeat(&rows, 100.0, convention, method, level);
/// assert!((got.value.unwrap() - 7.5).abs() < 1e-12);
/// // 14 in place of 10 in each band's variance: √1.4 times as wide as without repeats
/// assert!((got.upper.unwrap() - (7.5 + 4.305 * 1.4_f64.sqrt())).abs() < 1e-3);
/// ```
#[must_use]
pub fn standardise_direct_repeat(
    rows: &[RepeatBand],
    per: f64,
    convention: DirectConvention,
    method: DirectMethod,
    level: Level,
) -> Interval {
    if method == DirectMethod::FayFeuer {
        return Interval::undefined(Reason::NoRepeatForm);
    }
    match bands(rows).and_then(|bands| Sums::over(bands.values().copied())) {
        Ok(sums) => sums.interval(per, convention, method, level),
        Err(reason) => Interval::undefined(reason),
    }
}

/// Every band's rows added up.
fn bands(rows: &[RepeatBand]) -> Result<BTreeMap<u64, Counts>, Reason> {
    let mut bands = BTreeMap::new();
    for row in rows {
        let band = bands.entry(row.band).or_insert(Counts::once(0, row.n, row.weight));
        // As bits, because a NaN differs from itself; over() will find what is wrong with it.
        let bits = |n: f64, weight: f64| (n.to_bits(), weight.to_bits());
        if bits(band.n, band.weight) != bits(row.n, row.weight) {
            return Err(Reason::BandsDisagree);
        }
        let more = row.events.checked_mul(row.persons).ok_or(Reason::TooLarge)?;
        band.x = band.x.checked_add(more).ok_or(Reason::TooLarge)?;
        band.variance += more as f64 * row.events as f64;
    }
    Ok(bands)
}

#[cfg(test)]
mod tests {
    use super::super::{DirectBand, standardise_direct};
    use super::*;
    use crate::stats::{RateMethod, repeat_rate};
    use DirectConvention::{Phe, Scotpho};
    use DirectMethod::{Byar, Exact, FayFeuer};

    fn level() -> Level {
        Level::default()
    }

    fn row(band: u64, events: u64, persons: u64, n: f64, weight: f64) -> RepeatBand {
        RepeatBand { band, events, persons, n, weight }
    }

    #[test]
    fn one_event_each_is_the_plain_rate() {
        let rows = [row(3, 1, 7, 100.0, 2.0), row(1, 1, 12, 70.0, 3.0), row(3, 1, 4, 100.0, 2.0)];
        // in the order of the bands, so that the sums round alike
        let bands = [
            DirectBand { x: 12, n: 70.0, weight: 3.0 },
            DirectBand { x: 11, n: 100.0, weight: 2.0 },
        ];
        for method in [Byar, Exact] {
            assert_eq!(
                standardise_direct_repeat(&rows, 1e3, Phe, method, level()),
                standardise_direct(&bands, 1e3, Phe, method, level())
            );
        }
    }

    #[test]
    fn a_single_band_is_the_crude_repeat_rate() {
        let rows =
            [row(0, 1, 20, 1000.0, 5.0), row(0, 2, 5, 1000.0, 5.0), row(0, 0, 9, 1000.0, 5.0)];
        for (method, plain) in [(Byar, RateMethod::Byar), (Exact, RateMethod::Exact)] {
            let got = standardise_direct_repeat(&rows, 1e3, Phe, method, level());
            let crude = repeat_rate(&[1, 2], &[20, 5], 1e3, 1e3, plain, level());
            for (got, want) in
                [(got.value, crude.value), (got.lower, crude.lower), (got.upper, crude.upper)]
            {
                assert!((got.unwrap() / want.unwrap() - 1.0).abs() < 1e-13);
            }
        }
    }

    #[test]
    fn impossible_rows_say_why() {
        let of = |rows: &[RepeatBand], method| {
            standardise_direct_repeat(rows, 1.0, Scotpho, method, level())
        };
        let good = row(0, 1, 20, 10.0, 1.0);
        for (bad, reason) in [
            (row(0, 2, 1, 11.0, 1.0), Reason::BandsDisagree),
            (row(0, 2, 1, 10.0, 2.0), Reason::BandsDisagree),
            (row(1, 2, 1, 0.0, 2.0), Reason::NoExposure),
            (row(1, 2, 1, f64::NAN, 2.0), Reason::ImpossibleExposure),
            (row(1, 2, 1, 5.0, f64::NAN), Reason::ImpossibleWeight),
            (row(1, 1 << 40, 1 << 40, 5.0, 1.0), Reason::TooLarge),
        ] {
            assert_eq!(of(&[good, bad], Byar), Interval::undefined(reason));
        }
        assert_eq!(of(&[], Byar), Interval::undefined(Reason::NoRows));
        assert_eq!(of(&[good], FayFeuer), Interval::undefined(Reason::NoRepeatForm));
    }
}
