//! How many events for so much exposure, when the same child can have several?

use super::super::interval::Interval;
use super::super::level::Level;
use super::super::reason::Reason;
use super::{RateMethod, limits, unfit};

/// The rate of events that are not independent, because the same child can have several: `persons`
/// children had `events` events each.
///
/// # Formula
/// With f the events and m the persons of a row, O = Σ fm events in all, and (L, U) the limits of a
/// count of O by `method`, as in [`rate`](super::rate()):
/// ```text
/// value    O / exposure × per
/// limits   (O + s (L − O)) / exposure × per  and  (O + s (U − O)) / exposure × per
/// s        √(Σ f²m / O)
/// ```
/// The count's variance is that of persons, who are independent, each count of them multiplied by
/// its f. With one event each, s = 1 and this is `rate` itself.
///
/// # Arguments
/// `events`, `persons`: as long as each other, in any order, a frequency more than once if need be;
/// children without an event may be left out or given as 0 events. `exposure`, `per`: as in
/// `rate`.
///
/// # Edges
/// Two lists of different lengths are [`Reason::UnequalLengths`]. No events at all: s is 1. A lower limit that comes out negative is 0. Exposure and unit as in `rate`; more than 2⁶⁴
/// events are [`Reason::TooLarge`].
///
/// # Source
/// The adjustment for non-independent events of Public Health England's "Technical guide: directly
/// standardised rates" (as PHEindicatormethods' `calculate_dsr` has it), here with one stratum; the
/// form of the limits is A. Dobson, K. Kuulasmaa, E. Eberle and J. Scherer, 1991, "Confidence
/// intervals for weighted sums of Poisson parameters".
///
/// # Example
/// 20 children with 1 referral and 5 with 2 have had 30 referrals; s = √(40/30).
/// ```
/// use wholefamily::stats::{Level, RateMethod, rate, repeat_rate};
/// let level = Level::new(0.95).unwrap();
/// let repeats = repeat_rate(&[1, 2], &[20, 5], 1000.0, 1000.0, RateMethod::Phe, level);
/// assert_eq!(repeats.value, Some(30.0));
/// let once = rate(30, 1000.0, 1000.0, RateMethod::Phe, level);
/// let reach = (40.0_f64 / 30.0).sqrt() * (once.upper.unwrap() - 30.0);
/// assert!((repeats.upper.unwrap() - (30.0 + reach)).abs() < 1e-12);
/// ```
#[must_use]
pub fn repeat_rate(
    events: &[u64],
    persons: &[u64],
    exposure: f64,
    per: f64,
    method: RateMethod,
    level: Level,
) -> Interval {
    if events.len() != persons.len() {
        return Interval::undefined(Reason::UnequalLengths);
    }
    if let Some(reason) = unfit(exposure, per) {
        return Interval::undefined(reason);
    }
    let (mut total, mut variance) = (0_u64, 0.0);
    for (&events, &persons) in events.iter().zip(persons) {
        let Some(sum) = events.checked_mul(persons).and_then(|more| total.checked_add(more)) else {
            return Interval::undefined(Reason::TooLarge);
        };
        total = sum;
        variance += events as f64 * events as f64 * persons as f64;
    }
    let count = total as f64;
    let wider = if total == 0 { 1.0 } else { (variance / count).sqrt() };
    let (lower, upper) = limits(total, method, level);
    let scale = |count: f64| count / exposure * per;
    // O + s (L − O), written so that s = 1 gives L itself.
    let moved = |limit: f64| limit + (wider - 1.0) * (limit - count);
    Interval::new(scale(count), scale(moved(lower).max(0.0)), scale(moved(upper)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::rate;
    use RateMethod::{Byar, Exact, MidP, Phe};

    fn level() -> Level {
        Level::default()
    }

    #[test]
    fn one_event_each_is_the_plain_rate() {
        for method in [Exact, Byar, Phe, MidP] {
            for x in [0, 1, 2, 9, 10, 30, 1_000_000] {
                let plain = rate(x, 70.0, 100.0, method, level());
                assert_eq!(repeat_rate(&[1], &[x], 70.0, 100.0, method, level()), plain);
                let split =
                    repeat_rate(&[0, 1, 1], &[50, x / 3, x - x / 3], 70.0, 100.0, method, level());
                assert_eq!(split, plain, "{x} {method:?}");
            }
        }
    }

    #[test]
    fn four_events_each_double_the_width() {
        let (once, four) =
            (rate(40, 1.0, 1.0, Byar, level()), repeat_rate(&[4], &[10], 1.0, 1.0, Byar, level()));
        assert_eq!(once.value, four.value);
        let width = |limit: Option<f64>| limit.unwrap() - 40.0;
        assert!((width(four.upper) / width(once.upper) - 2.0).abs() < 1e-14);
        assert!((width(four.lower) / width(once.lower) - 2.0).abs() < 1e-14);
    }

    #[test]
    fn a_lower_limit_is_never_negative() {
        let one_child = repeat_rate(&[12], &[1], 1.0, 1.0, Phe, level());
        assert_eq!((one_child.value, one_child.lower), (Some(12.0), Some(0.0)));
    }

    #[test]
    fn impossible_rows_say_why() {
        let of = |events: &[u64], persons: &[u64], exposure| {
            repeat_rate(events, persons, exposure, 1.0, Phe, level())
        };
        assert_eq!(of(&[1, 2], &[3], 1.0), Interval::undefined(Reason::UnequalLengths));
        assert_eq!(of(&[1], &[3], 0.0), Interval::undefined(Reason::NoExposure));
        assert_eq!(of(&[1 << 40], &[1 << 40], 1.0), Interval::undefined(Reason::TooLarge));
        assert_eq!(of(&[], &[], 5.0), rate(0, 5.0, 1.0, Phe, level()));
    }
}
