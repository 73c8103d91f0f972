//! How do two directly standardised rates compare?

use super::super::interval::Interval;
use super::super::level::Level;
use super::super::normal;
use super::super::rate::{RateContrast, unfit};
use super::super::reason::Reason;
use super::direct::{Counts, Sums};

/// One band of two groups, with the one weight of both.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct ComparedBand {
    /// Events in the group.
    pub x1: u64,
    /// Population of the group, or person-years; above 0.
    pub n1: f64,
    /// Events in the reference group.
    pub x2: u64,
    /// Population of the reference group, or person-years; above 0.
    pub n2: f64,
    /// The standard population; only its size against the other bands' matters.
    pub weight: f64,
}

/// The ratio of two directly standardised rates: how many times the other rate is it, were both
/// groups made up as the standard is?
///
/// With a whole country as the reference group this is the comparative mortality figure, for any
/// event.
///
/// # Formula
/// R and V of each group (rate and variance, as in
/// [`standardise_direct`](super::standardise_direct())), z the level's normal quantile:
/// ```text
/// value    R₁ / R₂
/// limits   R₁ / R₂ exp(∓ z s),  s = √(V₁/R₁² + V₂/R₂²)      p from z = ln(R₁/R₂) / s
/// ```
/// # Arguments
/// `bands`: in any order, every band of the standard once. The groups must share no events: where
/// the reference contains the group, the interval is too wide.
///
/// # Edges
/// No events in the group: 0 without limits ([`Reason::NoEvents`]); in the reference group: no ratio
/// ([`Reason::NoReferenceEvents`]); in neither: [`Reason::NoEventsInEither`]. Events in bands of
/// weight 0 are no events here. No rule about 10 events: the interval is a normal approximation and
/// says so by its width. Bands as in `standardise_direct`.
///
/// # Source
/// N. Breslow and N. Day, 1987, "Statistical methods in cancer research II: the design and analysis
/// of cohort studies", pp. 61–65 (comparative mortality figures and their ratio).
///
/// # Example
/// ```
/// use wholefamily::stats::{ComparedBand, Level, comparative_ratio};
/// let bands = [
///     ComparedBand { x1: 20, n1: 100.0, x2: 10, n2: 100.0, weight: 1.0 },
///     ComparedBand { x1: 20, n1: 200.0, x2: 10, n2: 200.0, weight: 1.0 },
/// ];
/// let twice = comparative_ratio(&bands, Level::new(0.95).unwrap()).interval;
/// assert!((twice.value.unwrap() - 2.0).abs() < 1e-12);
/// assert!((twice.lower.unwrap() - 1.136).abs() < 5e-4);
/// assert!((twice.upper.unwrap() - 3.522).abs() < 5e-4);
/// ```
#[must_use]
pub fn comparative_ratio(bands: &[ComparedBand], level: Level) -> RateContrast {
    let (one, two) = match both(bands) {
        Ok(both) => both,
        Err(reason) => return RateContrast::undefined(reason),
    };
    match (one.rate > 0.0, two.rate > 0.0) {
        (false, false) => return RateContrast::undefined(Reason::NoEventsInEither),
        (true, false) => return RateContrast::undefined(Reason::NoReferenceEvents),
        (false, true) => {
            let interval = Interval::without_limits(0.0, Reason::NoEvents);
            return RateContrast { interval, p_value: None };
        }
        (true, true) => {}
    }
    let ratio = one.rate / two.rate;
    let error = (one.variance.sqrt() / one.rate).hypot(two.variance.sqrt() / two.rate);
    let reach = level.z() * error;
    let interval = Interval::new(ratio, ratio * (-reach).exp(), ratio * reach.exp());
    RateContrast { interval, p_value: p_of(((one.rate - two.rate) / two.rate).ln_1p() / error) }
}

/// The difference between two directly standardised rates, × `per`.
///
/// # Formula
/// R and V of each group as in [`standardise_direct`](super::standardise_direct()), z the level's
/// normal quantile, k = `per`:
/// ```text
/// value    (R₁ − R₂) k
/// limits   (R₁ − R₂ ∓ z s) k,  s = √(V₁ + V₂)      p from z = (R₁ − R₂) / s
/// ```
/// # Arguments
/// `bands`: as in [`comparative_ratio`]; `per`: how many people the difference is given for, such as
/// 1000.
///
/// # Edges
/// No events in either group: 0 without limits ([`Reason::ZeroVariance`]). Otherwise as
/// [`comparative_ratio`], but a group without events is no hindrance (though it adds nothing to the
/// variance, so that the interval is too narrow).
///
/// # Source
/// N. Breslow and N. Day, 1987, "Statistical methods in cancer research II: the design and analysis
/// of cohort studies", pp. 58–61 (variance of a directly standardised rate).
///
/// # Example
/// ```
/// use wholefamily::stats::{ComparedBand, Level, comparative_difference};
/// let bands = [ComparedBand { x1: 30, n1: 1000.0, x2: 20, n2: 1000.0, weight: 5000.0 }];
/// let more = comparative_difference(&bands, 1000.0, Level::new(0.95).unwrap()).interval;
/// assert!((more.value.unwrap() - 10.0).abs() < 1e-12);
/// assert!((more.lower.unwrap() - (10.0 - 1.959964 * 50_f64.sqrt())).abs() < 1e-5);
/// ```
#[must_use]
pub fn comparative_difference(bands: &[ComparedBand], per: f64, level: Level) -> RateContrast {
    let (one, two) = match both(bands) {
        Ok(both) => both,
        Err(reason) => return RateContrast::undefined(reason),
    };
    if let Some(reason) = unfit(1.0, per) {
        return RateContrast::undefined(reason);
    }
    let (d, error) = (one.rate - two.rate, (one.variance + two.variance).sqrt());
    if error == 0.0 {
        let interval = Interval::without_limits(d * per, Reason::ZeroVariance);
        return RateContrast { interval, p_value: None };
    }
    let reach = level.z() * error;
    let interval = Interval::new(d * per, (d - reach) * per, (d + reach) * per);
    RateContrast { interval, p_value: p_of(d / error) }
}

fn both(bands: &[ComparedBand]) -> Result<(Sums, Sums), Reason> {
    let one = bands.iter().map(|band| Counts::once(band.x1, band.n1, band.weight));
    let two = bands.iter().map(|band| Counts::once(band.x2, band.n2, band.weight));
    Ok((Sums::over(one)?, Sums::over(two)?))
}

fn p_of(z: f64) -> Option<f64> {
    z.is_finite().then(|| normal::two_sided_p(z))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::{RateDifferenceMethod, RateRatioMethod, rate_difference, rate_ratio};

    fn level() -> Level {
        Level::default()
    }

    fn band(x1: u64, n1: f64, x2: u64, n2: f64, weight: f64) -> ComparedBand {
        ComparedBand { x1, n1, x2, n2, weight }
    }

    fn near(got: &RateContrast, want: &RateContrast) {
        for (got, want) in [
            (got.interval.value, want.interval.value),
            (got.interval.lower, want.interval.lower),
            (got.interval.upper, want.interval.upper),
            (got.p_value, want.p_value),
        ] {
            let (got, want) = (got.unwrap(), want.unwrap());
            assert!((got / want - 1.0).abs() < 1e-12, "{got} for {want}");
        }
    }

    #[test]
    fn one_band_is_the_crude_comparison() {
        let bands = [band(41, 28_010.0, 15, 19_017.0, 7.0)];
        let plain = rate_ratio(41, 28_010.0, 15, 19_017.0, RateRatioMethod::Log, level());
        near(&comparative_ratio(&bands, level()), &plain);
        let (wald, per) = (RateDifferenceMethod::Wald, 1e4);
        let plain = rate_difference(41, 28_010.0, 15, 19_017.0, per, wald, level());
        near(&comparative_difference(&bands, per, level()), &plain);
    }

    #[test]
    fn swapping_the_groups_inverts() {
        let bands = [band(20, 90.0, 10, 100.0, 1.0), band(21, 200.0, 12, 210.0, 3.0)];
        let swapped = bands.map(|b| band(b.x2, b.n2, b.x1, b.n1, b.weight));
        let (ahead, back) =
            (comparative_ratio(&bands, level()), comparative_ratio(&swapped, level()));
        let turned = Interval::new(
            1.0 / back.interval.value.unwrap(),
            1.0 / back.interval.upper.unwrap(),
            1.0 / back.interval.lower.unwrap(),
        );
        near(&ahead, &RateContrast { interval: turned, p_value: back.p_value });
        let back = comparative_difference(&swapped, 1.0, level());
        let turned = Interval::new(
            -back.interval.value.unwrap(),
            -back.interval.upper.unwrap(),
            -back.interval.lower.unwrap(),
        );
        let ahead = comparative_difference(&bands, 1.0, level());
        near(&ahead, &RateContrast { interval: turned, p_value: back.p_value });
    }

    #[test]
    fn no_events_say_why() {
        let (none, some) = (band(0, 5.0, 0, 6.0, 1.0), band(3, 5.0, 0, 6.0, 1.0));
        let other = band(0, 5.0, 2, 6.0, 1.0);
        let weightless = band(9, 5.0, 9, 6.0, 0.0);
        let ratio = |bands: &[ComparedBand]| comparative_ratio(bands, level()).interval;
        assert_eq!(ratio(&[none, weightless]), Interval::undefined(Reason::NoEventsInEither));
        assert_eq!(ratio(&[some, weightless]), Interval::undefined(Reason::NoReferenceEvents));
        assert_eq!(ratio(&[other]), Interval::without_limits(0.0, Reason::NoEvents));
        let difference = comparative_difference(&[none], 1.0, level());
        assert_eq!(difference.interval, Interval::without_limits(0.0, Reason::ZeroVariance));
        assert_eq!(ratio(&[]), Interval::undefined(Reason::NoRows));
        let bad = band(1, 1.0, 1, 0.0, 1.0);
        assert_eq!(ratio(&[bad]), Interval::undefined(Reason::NoExposure));
    }
}
