//! Do the units vary more than chance, all together?

use super::limits::FunnelMethod;
use super::limits::{Limits, impossible_average, unfit};
use super::transform::Transform;
use crate::stats::distribution::chi_squared;
use crate::stats::level::Level;
use crate::stats::reason::Reason;

/// How much more than chance a set of units varies.
#[derive(Debug, Clone, PartialEq)]
pub struct Overdispersion {
    /// φ: the mean square of the winsorised z-scores; 1 is chance alone.
    pub phi: Option<f64>,
    /// τ²: the variance between units on the transformed scale, beyond chance; 0 for none.
    pub tau2: Option<f64>,
    /// How likely chance alone would make the z-scores, as they are, vary so much.
    pub p_value: Option<f64>,
    /// Each unit's z-score before winsorising, or why it has none.
    pub z: Vec<Result<f64, Reason>>,
    /// How many units have a z-score.
    pub used: usize,
    /// Why φ and τ² are undefined.
    pub reason: Option<Reason>,
}

/// Do the units vary more about the average than chance would make them, and by how much?
///
/// # Formula
/// Unit i has yᵢ on the transformed scale, θ is the average there, sᵢ chance's standard error:
/// ```text
/// arcsine   y = arcsin √(x/n)    s = 1/(2√n)       proportions
/// sqrt      y = √(x/n)           s = 1/(2√n)       rates, ratios
/// log       y = ln(x/n)          s = 1/√(n·average)  rates, ratios
/// z = (y − θ)/s;  those below the trim quantile are set to it, those above the 1 − trim quantile too
/// φ  = Σ z²/N
/// τ² = max(0, (Nφ − (N − 1)) / (Σ w − Σ w²/Σ w)),   w = 1/s²
/// p value   P(χ² ≥ Σ z²) with N degrees of freedom, z before winsorising
/// ```
/// Quantiles are interpolated as R's are by default (type 7).
///
/// # Arguments
/// `x`: each unit's events or people of interest; `n`: its people, exposure or number expected;
/// `average`: of all of them; `trim`: the share of units winsorised at *each* end, usually 0.1.
///
/// # Edges
/// A unit without events has no logarithm: its z is [`Reason::NoEvents`], not an infinity, and it has
/// no part in φ and τ² (with `sqrt` it has). Units of no size, and impossible ones, likewise say why.
/// Fewer than two units with a z-score: [`Reason::TooFewUnits`]. An average at which nothing varies (0,
/// or 1 for proportions) or that is impossible: [`Reason::ImpossibleAverage`]. `trim` must lie from 0
/// to below ½: [`Reason::ImpossibleTrim`].
///
/// # Source
/// D. J. Spiegelhalter, 2005, "Handling over-dispersion of performance indicators" (z, φ,
/// winsorising); D. Spiegelhalter, C. Sherlaw-Johnson, M. Bardsley, I. Blunt, C. Wood and O. Grigg,
/// 2012, "Statistical methods for healthcare regulation: rating, screening and surveillance" (τ², after
/// R. DerSimonian and N. Laird, 1986). FunnelPlotR does the same.
///
/// # Example
/// ```
/// use wholefamily::stats::funnel::{Transform, overdispersion};
/// let (x, n) = ([10, 40, 22, 35, 5, 28], [100.0; 6]);
/// let spread = overdispersion(&x, &n, 140.0 / 600.0, Transform::Arcsine, 0.0);
/// assert!(spread.phi.unwrap() > 8.0 && spread.tau2.unwrap() > 0.0);
/// assert!(spread.p_value.unwrap() < 1e-8);
/// ```
#[must_use]
pub fn overdispersion(
    x: &[u64],
    n: &[f64],
    average: f64,
    transform: Transform,
    trim: f64,
) -> Overdispersion {
    let mut spread = Overdispersion {
        phi: None,
        tau2: None,
        p_value: None,
        z: Vec::new(),
        used: 0,
        reason: None,
    };
    if let Some(reason) = unfit_set(x, n, average, transform, trim) {
        spread.reason = Some(reason);
        return spread;
    }
    spread.z = x.iter().zip(n).map(|(&x, &n)| transform.z(x, n, average)).collect();
    let mut sorted: Vec<f64> = spread.z.iter().copied().filter_map(Result::ok).collect();
    spread.used = sorted.len();
    if spread.used < 2 {
        spread.reason = Some(Reason::TooFewUnits);
        return spread;
    }
    sorted.sort_by(f64::total_cmp);
    let units = spread.used as f64;
    let (low, high) = (type_7(&sorted, trim), type_7(&sorted, 1.0 - trim));
    let squares: f64 = sorted.iter().map(|z| z.clamp(low, high).powi(2)).sum();
    let (mut sum, mut sum_of_squares) = (0.0, 0.0);
    for (n, z) in n.iter().zip(&spread.z) {
        if z.is_ok() {
            let weight = transform.error(*n, average).powi(-2);
            sum += weight;
            sum_of_squares += weight * weight;
        }
    }
    let scale = sum - sum_of_squares / sum;
    let tau2 = ((squares - (units - 1.0)) / scale).max(0.0);
    if !(squares.is_finite() && tau2.is_finite()) {
        spread.reason = Some(Reason::TooLarge);
        return spread;
    }
    spread.phi = Some(squares / units);
    spread.tau2 = Some(tau2);
    let all: f64 = sorted.iter().map(|z| z * z).sum();
    spread.p_value = all.is_finite().then(|| chi_squared::upper(all, units));
    spread
}

/// The limits of a unit of size `n` when units vary by τ² beyond chance.
///
/// # Formula
/// With θ, s and the scale g as in [`overdispersion`]:
/// ```text
/// g⁻¹(g(average) ∓ z √(s² + τ²))      cut at 0, and at 1 for proportions
/// ```
/// # Arguments
/// `n`: the unit's people, exposure or number expected; `average`: of all units; `tau2`: from
/// [`overdispersion`], on the same scale; 0 gives the limits of chance alone there.
///
/// # Edges
/// As [`limits_at`](super::limits_at); an average of 0 on the log scale, and a `tau2` that is negative
/// or not a number, are [`Reason::ImpossibleAverage`] and [`Reason::ImpossibleError`].
///
/// # Source
/// As [`overdispersion`].
///
/// # Example
/// ```
/// use wholefamily::stats::Level;
/// use wholefamily::stats::funnel::{Transform, adjusted_limits};
/// let at = |tau2| adjusted_limits(25.0, 1.0, Transform::Sqrt, tau2, Level::default());
/// assert!((at(0.0).upper.unwrap() - 1.4304).abs() < 1e-4); // (1 + 0.196)²
/// assert!(at(0.01).upper > at(0.0).upper);
/// ```
#[must_use]
pub fn adjusted_limits(
    n: f64,
    average: f64,
    transform: Transform,
    tau2: f64,
    level: Level,
) -> Limits {
    if let Some(reason) = unfit(n, average, transform.of(), FunnelMethod::Score) {
        return Limits::undefined(reason);
    }
    if average == 0.0 && transform == Transform::Log {
        return Limits::undefined(Reason::ImpossibleAverage);
    }
    if !(tau2.is_finite() && tau2 >= 0.0) {
        return Limits::undefined(Reason::ImpossibleError);
    }
    let reach = level.z() * transform.error(n, average).hypot(tau2.sqrt());
    let centre = transform.at(average);
    Limits::new(transform.back(centre - reach), transform.back(centre + reach))
}

fn unfit_set(
    x: &[u64],
    n: &[f64],
    average: f64,
    transform: Transform,
    trim: f64,
) -> Option<Reason> {
    if x.len() != n.len() {
        return Some(Reason::UnequalLengths);
    }
    if !(0.0..0.5).contains(&trim) {
        return Some(Reason::ImpossibleTrim);
    }
    let constant = average == 0.0 || (transform == Transform::Arcsine && average == 1.0);
    impossible_average(average, transform.of()).or(constant.then_some(Reason::ImpossibleAverage))
}

/// The quantile at `p` of sorted numbers, interpolated between ranks (R. J. Hyndman and Y. Fan, 1996,
/// "Sample quantiles in statistical packages", type 7).
fn type_7(sorted: &[f64], p: f64) -> f64 {
    let place = p * (sorted.len().saturating_sub(1)) as f64;
    let below = place.floor();
    let at = |rank: f64| sorted.get(rank as usize).or(sorted.last()).copied().unwrap_or(0.0);
    let (low, high) = (at(below), at(below + 1.0));
    low + (place - below) * (high - low)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_units_by_hand() {
        // sqrt, average 1, n = 4 each: s = 1/4, so z = 4(√(x/4) − 1): −4, 0, 4, 8 for 0, 4, 16, 36
        let spread = overdispersion(&[0, 4, 16, 36], &[4.0; 4], 1.0, Transform::Sqrt, 0.0);
        let z: Vec<f64> = spread.z.iter().map(|z| z.unwrap()).collect();
        assert_eq!(z, [-4.0, 0.0, 4.0, 8.0]);
        assert_eq!(spread.phi, Some(24.0)); // 96/4
        // w = 16 each: (96 − 3) / (64 − 16)
        assert_eq!(spread.tau2, Some(93.0 / 48.0));
        // winsorised at a third of each end: ranks 1 and 2 of 0 … 3, so 0, 0, 4, 4
        let third = overdispersion(&[0, 4, 16, 36], &[4.0; 4], 1.0, Transform::Sqrt, 1.0 / 3.0);
        assert!((third.phi.unwrap() - 8.0).abs() < 1e-14, "{third:?}");
        assert_eq!(third.p_value, spread.p_value);
    }

    #[test]
    fn units_without_events_are_left_out_of_logs_only() {
        let (x, n) = ([0, 5, 9, 4], [5.0; 4]);
        let log = overdispersion(&x, &n, 0.9, Transform::Log, 0.1);
        assert_eq!((log.z[0], log.used), (Err(Reason::NoEvents), 3));
        assert!(log.phi.is_some());
        assert_eq!(overdispersion(&x, &n, 0.9, Transform::Sqrt, 0.1).used, 4);
        let without = overdispersion(&x[1..], &n[1..], 0.9, Transform::Log, 0.1);
        assert_eq!((log.phi, log.tau2, log.p_value), (without.phi, without.tau2, without.p_value));
    }

    #[test]
    fn units_that_vary_less_than_chance_have_no_tau() {
        let spread = overdispersion(&[5; 4], &[10.0; 4], 0.5, Transform::Arcsine, 0.1);
        assert_eq!((spread.phi, spread.tau2, spread.p_value), (Some(0.0), Some(0.0), Some(1.0)));
    }

    #[test]
    fn adjusted_limits_are_wider_and_stay_possible() {
        for transform in [Transform::Arcsine, Transform::Sqrt, Transform::Log] {
            let at = |tau2| adjusted_limits(20.0, 0.3, transform, tau2, Level::default());
            let (bare, wide) = (at(0.0), at(0.5));
            assert!(wide.lower < bare.lower && bare.upper < wide.upper);
            assert!(wide.lower >= Some(0.0));
            assert!(transform != Transform::Arcsine || wide.upper <= Some(1.0));
        }
    }

    #[test]
    fn what_is_impossible_says_why() {
        let at = |x: &[u64], n: &[f64], average, transform, trim| {
            overdispersion(x, n, average, transform, trim).reason
        };
        let (x, n) = ([1, 2], [5.0, 6.0]);
        use Transform::{Arcsine, Log, Sqrt};
        assert_eq!(at(&x, &n[..1], 0.3, Sqrt, 0.1), Some(Reason::UnequalLengths));
        assert_eq!(at(&x[..1], &n[..1], 0.3, Sqrt, 0.1), Some(Reason::TooFewUnits));
        assert_eq!(at(&x, &n, 0.3, Sqrt, 0.5), Some(Reason::ImpossibleTrim));
        assert_eq!(at(&x, &n, 0.3, Sqrt, f64::NAN), Some(Reason::ImpossibleTrim));
        assert_eq!(at(&x, &n, 0.0, Sqrt, 0.1), Some(Reason::ImpossibleAverage));
        assert_eq!(at(&x, &n, 1.0, Arcsine, 0.1), Some(Reason::ImpossibleAverage));
        assert_eq!(at(&x, &n, 1.0, Log, 0.1), None);
        let limits =
            |average, tau2| adjusted_limits(5.0, average, Log, tau2, Level::default()).reason;
        assert_eq!(limits(0.0, 0.1), Some(Reason::ImpossibleAverage));
        assert_eq!(limits(0.5, -0.1), Some(Reason::ImpossibleError));
        assert_eq!(limits(0.5, 0.0), None);
    }
}
