//! Do two groups differ by a day?

use super::super::interval::Interval;
use super::super::level::Level;
use super::super::normal;
use super::super::reason::Reason;
use super::clustered::Influenced;
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
    difference(group, reference, group.variance + reference.variance, level)
}

/// How much higher is the group's figure than the reference group's, where members of a cluster share
/// their fate, and a cluster may have members in both?
///
/// # Formula
/// As [`difference_by`], with the variance Σ (U₁c − U₀c)² over clusters c, where U are the influences on
/// the two figures, 0 for a cluster without members in the group. Where the groups share no cluster it
/// is V₁ + V₀.
///
/// # Arguments
/// `group`, `reference`: of [`KaplanMeier::influenced`](super::KaplanMeier::influenced),
/// [`KaplanMeier::influenced_mean`](super::KaplanMeier::influenced_mean) or
/// [`CumulativeIncidence::influenced`](super::CumulativeIncidence::influenced), clusters in order.
///
/// # Edges
/// One cluster in a group: no limits ([`Reason::OneCluster`]). Clusters that move both figures alike:
/// no limits ([`Reason::ZeroVariance`]).
///
/// # Source
/// L. J. Wei, D. Y. Lin and L. Weissfeld, 1989, "Regression analysis of multivariate incomplete failure
/// time data by modeling marginal distributions".
///
/// # Example
/// ```
/// use wholefamily::stats::{Level, survival::{Estimate, Influenced, clustered_difference_by}};
/// let share = |value, by_cluster: [(u64, f64); 2]| Influenced {
///     estimate: Estimate { value, variance: 0.02 },
///     by_cluster: by_cluster.to_vec(),
/// };
/// // family 1 lies above in both groups, so it tells nothing of the difference
/// let (hub, others) = (share(0.7, [(1, 0.1), (2, -0.1)]), share(0.6, [(1, 0.1), (3, -0.1)]));
/// let contrast = clustered_difference_by(&hub, &others, Level::default());
/// let reach = 1.959963984540054 * 0.02_f64.sqrt(); // 0² + 0.1² + 0.1²
/// assert!((contrast.interval.upper.unwrap() - 0.1 - reach).abs() < 1e-15);
/// ```
#[must_use]
pub fn clustered_difference_by(
    group: &Influenced,
    reference: &Influenced,
    level: Level,
) -> HorizonContrast {
    let (one, other) = (group.estimate, reference.estimate);
    match clustered_variance(group, reference, [1.0, 1.0]) {
        Ok(variance) => difference(one, other, variance, level),
        Err(reason) => {
            HorizonContrast::without_p(Interval::without_limits(one.value - other.value, reason))
        }
    }
}

/// Σ (a U₁c − b U₀c)² over clusters.
fn clustered_variance(
    group: &Influenced,
    reference: &Influenced,
    [a, b]: [f64; 2],
) -> Result<f64, Reason> {
    if group.by_cluster.len() < 2 || reference.by_cluster.len() < 2 {
        return Err(Reason::OneCluster);
    }
    let mut others = reference.by_cluster.iter().peekable();
    let (mut sum, mut apart) = (0.0, 0.0);
    let mut add = |one: f64, other: f64| {
        let (one, other) = (a * one, b * other);
        sum += (one - other) * (one - other);
        apart += one * one + other * other;
    };
    for (cluster, one) in &group.by_cluster {
        while let Some((_, other)) = others.next_if(|(before, _)| before < cluster) {
            add(0.0, *other);
        }
        let same = others.next_if(|(other, _)| other == cluster);
        add(*one, same.map_or(0.0, |(_, other)| *other));
    }
    others.for_each(|(_, other)| add(0.0, *other));
    // what is left of it by rounding is none
    if sum > 1e-10 * apart { Ok(sum) } else { Err(Reason::ZeroVariance) }
}

fn difference(
    group: Estimate,
    reference: Estimate,
    variance: f64,
    level: Level,
) -> HorizonContrast {
    let value = group.value - reference.value;
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
    let relative = |of: Estimate| of.standard_error() / of.value;
    ratio(group, reference, || Ok(relative(group).hypot(relative(reference))), level)
}

/// How many times the reference group's figure is the group's, where members of a cluster share their
/// fate, and a cluster may have members in both?
///
/// # Formula
/// As [`ratio_by`], with the variance of the ratio's logarithm Σ (U₁c/θ₁ − U₀c/θ₀)² over clusters c; see
/// [`clustered_difference_by`].
///
/// # Edges
/// As of [`ratio_by`] and of [`clustered_difference_by`].
#[must_use]
pub fn clustered_ratio_by(
    group: &Influenced,
    reference: &Influenced,
    level: Level,
) -> HorizonContrast {
    let (one, other) = (group.estimate, reference.estimate);
    let error = || {
        let shares = [one.value.recip(), other.value.recip()];
        clustered_variance(group, reference, shares).map(f64::sqrt)
    };
    ratio(one, other, error, level)
}

/// `error`: the standard error of the ratio's logarithm.
fn ratio(
    group: Estimate,
    reference: Estimate,
    error: impl FnOnce() -> Result<f64, Reason>,
    level: Level,
) -> HorizonContrast {
    if reference.value <= 0.0 {
        return HorizonContrast::without_p(Interval::undefined(Reason::ZeroReference));
    }
    if group.value <= 0.0 {
        return HorizonContrast::without_p(Interval::without_limits(0.0, Reason::NoEvents));
    }
    let value = group.value / reference.value;
    let error = match error() {
        Ok(error) if error > 0.0 => error,
        of => {
            let reason = of.err().unwrap_or(Reason::ZeroVariance);
            return HorizonContrast::without_p(Interval::without_limits(value, reason));
        }
    };
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
