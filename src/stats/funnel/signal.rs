//! Where in the funnel does a unit lie?

use super::limits::{FunnelLimits, FunnelMethod, FunnelOf, funnel_limits, impossible_average};
use crate::stats::level::Level;
use crate::stats::rate::{RateMethod, rate};
use crate::stats::reason::Reason;

/// Where a unit lies between the limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Signal {
    /// Below the lower limit at 99.8%.
    Below998,
    /// Below the lower limit at 95%, but not at 99.8%.
    Below95,
    /// Within both limits.
    Within,
    /// Above the upper limit at 95%, but not at 99.8%.
    Above95,
    /// Above the upper limit at 99.8%.
    Above998,
}

impl Signal {
    /// What an analyst says of each.
    pub const WORDS: [&'static str; 5] =
        ["below 99.8%", "below 95%", "within", "above 95%", "above 99.8%"];

    /// The signal of those words; `None` for any others.
    ///
    /// ```
    /// use wholefamily::stats::funnel::Signal;
    /// assert_eq!(Signal::parse("below 95%"), Some(Signal::Below95));
    /// ```
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Below998, Self::Below95, Self::Within, Self::Above95, Self::Above998]
            .into_iter()
            .find(|signal| signal.word() == word)
    }

    /// What an analyst says of it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Below998 => "below 99.8%",
            Self::Below95 => "below 95%",
            Self::Within => "within",
            Self::Above95 => "above 95%",
            Self::Above998 => "above 99.8%",
        }
    }

    /// What PHEindicatormethods says of it (`assign_funnel_significance`): the tails, not the levels.
    ///
    /// ```
    /// use wholefamily::stats::funnel::Signal;
    /// assert_eq!(Signal::Below998.phe_words(), "Low (0.001)");
    /// ```
    #[must_use]
    pub const fn phe_words(self) -> &'static str {
        match self {
            Self::Below998 => "Low (0.001)",
            Self::Below95 => "Low (0.025)",
            Self::Within => "Not significant",
            Self::Above95 => "High (0.025)",
            Self::Above998 => "High (0.001)",
        }
    }

    /// Where a figure lies between limits; `None` where there are none. On a limit is within it.
    ///
    /// ```
    /// use wholefamily::stats::funnel::{FunnelMethod, FunnelOf, Signal, funnel_limits};
    /// let limits = funnel_limits(100.0, 0.2, FunnelOf::Proportion, FunnelMethod::Score);
    /// assert_eq!(Signal::of(0.29, &limits), Some(Signal::Above95));
    /// ```
    #[must_use]
    pub fn of(value: f64, limits: &FunnelLimits) -> Option<Self> {
        if value.is_nan() {
            return None;
        }
        let beyond = |outer: bool, inner: bool, far, near| match (outer, inner) {
            (true, _) => Some(far),
            (false, true) => Some(near),
            (false, false) => None,
        };
        let below = beyond(
            value < limits.lower_998?,
            value < limits.lower_95?,
            Self::Below998,
            Self::Below95,
        );
        let above = beyond(
            value > limits.upper_998?,
            value > limits.upper_95?,
            Self::Above998,
            Self::Above95,
        );
        Some(below.or(above).unwrap_or(Self::Within))
    }
}

/// Does a unit with `x` events lie outside the funnel?
///
/// # Formula
/// `x` / `n` against [`funnel_limits`]; "exact" says what the one-sided binomial or Poisson tests at
/// 2.5% and 0.1% say. "phe" for rates and ratios compares the average with the unit's own interval
/// instead, exact below 10 events and Byar's from there on, as
/// [`rate`](crate::stats::rate()) does.
///
/// # Arguments
/// `x`: the unit's events, or its people of interest; `n`: all its people, its exposure, or the number
/// expected (also for "phe"); `average`: the average of all units, for a ratio usually 1.
///
/// # Edges
/// As [`limits_at`](super::limits_at), and [`Reason::CountAboveBase`] for more people than there are.
/// No events at all is a figure like any other. For directly standardised rates
/// PHEindicatormethods gives no signal under 10 events.
///
/// # Source
/// D. J. Spiegelhalter, 2005, "Funnel plots for comparing institutional performance";
/// PHEindicatormethods 2.1.0, `assign_funnel_significance`.
///
/// # Example
/// ```
/// use wholefamily::stats::funnel::{FunnelMethod, FunnelOf, Signal, funnel_signal};
/// let signal = |x| funnel_signal(x, 40.0, 0.5, FunnelOf::Proportion, FunnelMethod::Exact);
/// assert_eq!(signal(13), Ok(Signal::Below95)); // P(X ≤ 13) = 0.019
/// assert_eq!(signal(14), Ok(Signal::Within)); // P(X ≤ 14) = 0.040
/// ```
pub fn funnel_signal(
    x: u64,
    n: f64,
    average: f64,
    of: FunnelOf,
    method: FunnelMethod,
) -> Result<Signal, Reason> {
    if of != FunnelOf::Proportion && method == FunnelMethod::Phe {
        return own_interval(x, n, average, of);
    }
    let limits = funnel_limits(n, average, of, method);
    if let Some(reason) = limits.reason {
        return Err(reason);
    }
    if of == FunnelOf::Proportion && x as f64 > n {
        return Err(Reason::CountAboveBase);
    }
    Signal::of(x as f64 / n, &limits).ok_or(Reason::TooLarge)
}

/// The average against the unit's own interval.
fn own_interval(x: u64, n: f64, average: f64, of: FunnelOf) -> Result<Signal, Reason> {
    if let Some(reason) = impossible_average(average, of) {
        return Err(reason);
    }
    let at = |level: f64| {
        let level = Level::new(level).ok_or(Reason::TooLarge)?;
        let own = rate(x, n, 1.0, RateMethod::Phe, level);
        match (own.lower, own.upper, own.reason) {
            (Some(lower), Some(upper), None) => Ok((lower, upper)),
            (_, _, reason) => Err(reason.unwrap_or(Reason::TooLarge)),
        }
    };
    let ((lower_95, upper_95), (lower_998, upper_998)) = (at(0.95)?, at(0.998)?);
    Ok(if average < lower_998 {
        Signal::Above998
    } else if average < lower_95 {
        Signal::Above95
    } else if average > upper_998 {
        Signal::Below998
    } else if average > upper_95 {
        Signal::Below95
    } else {
        Signal::Within
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::distribution::{binomial, poisson};
    use FunnelMethod::{Exact, Phe, Score};
    use FunnelOf::{Proportion, Rate, Ratio};

    #[test]
    fn exact_signals_are_exact_tests() {
        for (n, average) in [(1_u64, 0.5), (7, 0.2), (40, 0.5), (200, 0.03)] {
            for x in 0..=n {
                let below = binomial::lower(x, n, average);
                let above = binomial::upper(x, n, average);
                let tail = |level| Level::new(level).unwrap().tail();
                let want = if below < tail(0.998) {
                    Signal::Below998
                } else if below < tail(0.95) {
                    Signal::Below95
                } else if above <= tail(0.998) {
                    Signal::Above998
                } else if above <= tail(0.95) {
                    Signal::Above95
                } else {
                    Signal::Within
                };
                let got = funnel_signal(x, n as f64, average, Proportion, Exact);
                assert_eq!(got, Ok(want), "{x} of {n}");
            }
        }
        for x in 0..30 {
            let got = funnel_signal(x, 8.0, 1.0, Ratio, Exact).unwrap();
            assert_eq!(got < Signal::Within, poisson::lower(x, 8.0) < 0.025, "{x}");
        }
    }

    #[test]
    fn signals_rise_with_the_count() {
        for (of, method) in [(Proportion, Score), (Rate, Phe), (Ratio, Phe), (Rate, Exact)] {
            let signals: Vec<Signal> =
                (0..=60).map(|x| funnel_signal(x, 60.0, 0.4, of, method).unwrap()).collect();
            assert!(signals.is_sorted(), "{of:?} {method:?}");
            assert_eq!((signals[0], signals[60]), (Signal::Below998, Signal::Above998));
        }
    }

    #[test]
    fn what_cannot_be_placed_says_why() {
        assert_eq!(funnel_signal(3, 2.0, 0.5, Proportion, Phe), Err(Reason::CountAboveBase));
        assert_eq!(funnel_signal(3, 0.0, 0.5, Proportion, Phe), Err(Reason::NoRows));
        assert_eq!(funnel_signal(3, 0.0, 0.5, Ratio, Phe), Err(Reason::NoExposure));
        assert_eq!(funnel_signal(3, -1.0, 0.5, Rate, Score), Err(Reason::ImpossibleExposure));
        assert_eq!(funnel_signal(3, 1.0, f64::NAN, Rate, Phe), Err(Reason::ImpossibleAverage));
        assert_eq!(funnel_signal(0, 1.0, 1.0, Rate, Phe), Ok(Signal::Within));
    }

    #[test]
    fn every_word_names_its_signal() {
        for word in Signal::WORDS {
            assert_eq!(Signal::parse(word).unwrap().word(), word);
        }
        assert_eq!(Signal::parse("high"), None);
    }
}
