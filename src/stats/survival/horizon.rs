//! Do two groups differ by a day?

use super::super::interval::Interval;
use super::super::level::Level;
use super::super::normal;
use super::super::reason::Reason;
use super::estimate::Estimate;

/// A contrast of two estimates with its interval and the two-sided p-value of none.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HorizonContrast {
    /// The contrast.
    pub interval: Interval,
    /// How likely one so large, or larger, would be if there were none; `None` where it has no limits.
    pub p_value: Option<f64>,
}

impl HorizonContrast {
    const fn without_p(interval: Interval) -> Self {
        Self { interval, p_value: None }
    }
}

/// How much higher is the group's figure than the reference group's, each estimated from its own
/// people?
///
/// # Formula
/// With θ the estimates, V their variances and z the level's normal quantile:
/// ```text
/// θ₁ − θ₂ ± z √(V₁ + V₂),   p = P(|Z| ≥ |θ₁ − θ₂|/√(V₁ + V₂))
/// ```
/// # Arguments
/// `group`, `reference`: a [`KaplanMeier::estimate`](super::KaplanMeier::estimate) or
/// [`CumulativeIncidence::estimate`](super::CumulativeIncidence::estimate) by the same day, or a
/// [`restricted_mean`](super::KaplanMeier::restricted_mean).
///
/// # Edges
/// Neither varies: no limits ([`Reason::ZeroVariance`]). If one does not (it is 0 or 1), the
/// interval rests on the other alone, and is too narrow where the first is small.
///
/// # Source
/// J. P. Klein, B. Logan, M. Harhoff and P. K. Andersen, 2007, "Analyzing survival curves at a fixed
/// point in time".
///
/// # Example
/// ```
/// use wholefamily::stats::{Level, survival::{Estimate, difference_by}};
/// let (hub, others) =
///     (Estimate { value: 0.7, variance: 0.0016 }, Estimate { value: 0.6, variance: 0.0009 });
/// let contrast = difference_by(hub, others, Level::default());
/// assert!((contrast.interval.value.unwrap() - 0.1).abs() < 1e-15);
/// assert!((contrast.p_value.unwrap() - 0.0455).abs() < 1e-4); // z = 2
/// ```
#[must_use]
pub fn difference_by(group: Estimate, reference: Estimate, level: Level) -> HorizonContrast {
    let value = group.value - reference.value;
    let variance = group.variance + reference.variance;
    if variance <= 0.0 {
        let interval = Interval::without_limits(value, Reason::ZeroVariance);
        return HorizonContrast::without_p(interval);
    }
    let error = variance.sqrt();
    let reach = level.z() * error;
    let interval = Interval::new(value, value - reach, value + reach);
    HorizonContrast { interval, p_value: tail(interval, value / error) }
}

/// How many times the reference group's figure is the group's?
///
/// # Formula
/// Even on the scale of logarithms: with θ the estimates and V their variances,
/// ```text
/// θ₁/θ₂ exp(± z √(V₁/θ₁² + V₂/θ₂²)),   p = P(|Z| ≥ |log(θ₁/θ₂)|/√(V₁/θ₁² + V₂/θ₂²))
/// ```
/// # Arguments
/// As of [`difference_by`].
///
/// # Edges
/// The group's figure is 0: the ratio is 0, without limits ([`Reason::NoEvents`]). The reference
/// group's is 0: undefined ([`Reason::ZeroReference`]). Neither varies: no limits
/// ([`Reason::ZeroVariance`]).
///
/// # Source
/// J. P. Klein, B. Logan, M. Harhoff and P. K. Andersen, 2007, "Analyzing survival curves at a fixed
/// point in time".
///
/// # Example
/// ```
/// use wholefamily::stats::{Level, survival::{Estimate, ratio_by}};
/// let (hub, others) =
///     (Estimate { value: 0.2, variance: 0.0004 }, Estimate { value: 0.1, variance: 0.0001 });
/// assert_eq!(ratio_by(hub, others, Level::default()).interval.value, Some(2.0));
/// ```
#[must_use]
pub fn ratio_by(group: Estimate, reference: Estimate, level: Level) -> HorizonContrast {
    if reference.value <= 0.0 {
        return HorizonContrast::without_p(Interval::undefined(Reason::ZeroReference));
    }
    if group.value <= 0.0 {
        return HorizonContrast::without_p(Interval::without_limits(0.0, Reason::NoEvents));
    }
    let value = group.value / reference.value;
    let relative = |of: Estimate| of.standard_error() / of.value;
    let error = relative(group).hypot(relative(reference));
    if error <= 0.0 {
        let interval = Interval::without_limits(value, Reason::ZeroVariance);
        return HorizonContrast::without_p(interval);
    }
    let reach = level.z() * error;
    let interval = Interval::new(value, value * (-reach).exp(), value * reach.exp());
    HorizonContrast { interval, p_value: tail(interval, value.ln() / error) }
}

fn tail(interval: Interval, z: f64) -> Option<f64> {
    (interval.reason.is_none() && z.is_finite()).then(|| normal::two_sided_p(z))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(value: f64, variance: f64) -> Estimate {
        Estimate { value, variance }
    }

    #[test]
    fn swapping_the_groups_turns_the_contrast_round() {
        let (a, b, level) = (of(0.7, 0.002), of(0.4, 0.003), Level::default());
        let (there, back) = (difference_by(a, b, level), difference_by(b, a, level));
        assert_eq!(there.interval.upper, back.interval.lower.map(|limit| -limit));
        assert_eq!(there.p_value, back.p_value);
        let (there, back) = (ratio_by(a, b, level), ratio_by(b, a, level));
        let turned = there.interval.upper.unwrap() * back.interval.lower.unwrap();
        assert!((turned - 1.0).abs() < 1e-15);
        assert!((there.p_value.unwrap() - back.p_value.unwrap()).abs() < 1e-15);
    }

    #[test]
    fn edges_say_why() {
        let level = Level::default();
        let why = |contrast: HorizonContrast| (contrast.interval.reason, contrast.p_value);
        let (none, some) = (of(0.0, 0.0), of(0.3, 0.01));
        assert_eq!(why(difference_by(none, none, level)), (Some(Reason::ZeroVariance), None));
        assert_eq!(why(difference_by(some, none, level)).0, None);
        assert_eq!(why(ratio_by(none, some, level)), (Some(Reason::NoEvents), None));
        assert_eq!(why(ratio_by(some, none, level)), (Some(Reason::ZeroReference), None));
        let sure = of(1.0, 0.0);
        assert_eq!(why(ratio_by(sure, sure, level)), (Some(Reason::ZeroVariance), None));
        assert_eq!(why(ratio_by(of(1e-300, 1.0), some, level)).0, Some(Reason::TooLarge));
    }
}
