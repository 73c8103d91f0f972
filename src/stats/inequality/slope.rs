//! How far does the figure change from one end of the ranking to the other?

use super::convention::{Phe, SlopeConvention};
use super::ranked::Ranked;
use crate::stats::distribution::student;
use crate::stats::interval::Interval;
use crate::stats::level::Level;
use crate::stats::reason::Reason;

/// The slope index of inequality: how far does the figure change over the whole ranking?
///
/// # Formula
/// Quantile i holds the share aᵢ of the population, bᵢ is the midpoint of its stretch of the
/// ranking. The line is √a·Y regressed on √a and b√a without intercept, which is the weighted least
/// squares line of Y on b:
/// ```text
/// slope     S = Σ cY,   c = a(b − ½) / Σ a(b − ½)²
/// scotpho   −S,  −S ∓ t √(Σ a(Y − line)² / (k − 2) / Σ a(b − ½)²),   t with k − 2 degrees of freedom
/// phe       S·m,  (S ∓ z √(Σ c²v))·m,   v the variance of Y: s² | (Ys)² for log | (Y(1 − Y)s)² for logit
/// phe, transform   S is fitted to g(Y), M = Σ a g(Y);  f(S)·m,  f(S ∓ z √(Σ c²s²))·m
///                  with f(s) = g⁻¹(M + s/2) − g⁻¹(M − s/2)
/// ```
/// s is the standard error on the scale g, (g(upper) − g(lower)) / 2z′ where limits are given, z′ of
/// *their* level; m the multiplier.
///
/// # Signs
/// "scotpho" is positive where the figure is higher among the deprived, "phe" where it is higher
/// among the least deprived, unless the multiplier is negative.
///
/// # What differs from PHEindicatormethods
/// - It draws normal numbers about each quantile's g(Y), 100,000 times and without a seed, and takes
///   percentiles. For plain figures, and for all with `transform`, the formulas above are what those
///   percentiles tend to. For log and logit without `transform` they are the delta method's, which
///   are near its percentiles (within a twentieth of the interval's width in our cases) but
///   symmetric, where its percentiles lean a little.
/// - With `transform` and log it exchanges the limits wherever the multiplier is below 1, so that a
///   multiplier of 0.1 gives a lower limit above the upper one. Here `lower` is the lower one always.
/// - It takes 1.96 for limits of any level; here the limits' level is part of them.
///
/// # Arguments
/// `value`: the figure of each quantile, from the most deprived to the least; `population`: its
/// people, above 0; `convention`: whose, with what it needs.
///
/// # Edges
/// Too few or too many quantiles are [`Reason::QuantileCount`], sequences of different lengths
/// [`Reason::UnequalLengths`], a value that is not a number of its scale [`Reason::ImpossibleValue`].
/// A value of 0 on the log scale, or of 0 or 1 on the logit, has no standard error there: no limits,
/// and with `transform` no slope ([`Reason::OffScale`]). "phe" without standard errors has no limits
/// ([`Reason::NoSpread`]); points on one line have none in "scotpho" ([`Reason::ZeroVariance`]).
///
/// # Source
/// J. P. Mackenbach and A. E. Kunst, 1997, "Measuring the magnitude of socio-economic inequalities in
/// health"; A. Low and A. Low, 2004, "Measuring the gap: quantifying and comparing local health
/// inequalities"; PHEindicatormethods 2.1.0, `phe_sii`; ScotPHO, `calculate_inequality_measures`.
///
/// # Example
/// ```
/// use wholefamily::stats::inequality::{SlopeConvention, slope_index};
/// use wholefamily::stats::Level;
/// let rate = [41.0, 30.0, 26.0, 17.0, 11.0]; // per 1,000 children, most deprived fifth first
/// let people = [900.0, 1000.0, 1100.0, 1000.0, 1000.0];
/// let scotpho = SlopeConvention::parse("scotpho").unwrap();
/// let slope = slope_index(&rate, &people, scotpho, Level::default());
/// assert!((slope.value.unwrap() - 35.555).abs() < 0.001);
/// ```
#[must_use]
pub fn slope_index(
    value: &[f64],
    population: &[f64],
    convention: SlopeConvention<'_>,
    level: Level,
) -> Interval {
    let ranked = match fit(value, population, &convention) {
        Ok(ranked) => ranked,
        Err(reason) => return Interval::undefined(reason),
    };
    match convention {
        SlopeConvention::Phe(phe) => phe_slope(&ranked, value, &phe, level),
        SlopeConvention::Scotpho(_) => scotpho_slope(&ranked, value, level),
    }
}

/// Checks what both indices need of their arguments.
pub(super) fn fit(
    value: &[f64],
    population: &[f64],
    convention: &SlopeConvention<'_>,
) -> Result<Ranked, Reason> {
    if value.len() != population.len() {
        return Err(Reason::UnequalLengths);
    }
    if !convention.takes(value.len()) {
        return Err(Reason::QuantileCount);
    }
    let possible = match convention {
        SlopeConvention::Phe(phe) => {
            if phe.multiplier == 0.0 || !phe.multiplier.is_finite() {
                return Err(Reason::ImpossibleMultiplier);
            }
            value.iter().all(|y| phe.scale.allows(*y))
        }
        SlopeConvention::Scotpho(_) => value.iter().all(|y| y.is_finite()),
    };
    if !possible {
        return Err(Reason::ImpossibleValue);
    }
    Ranked::new(population)
}

/// The line on the transformed scale: its middle, its slope, and the slope's standard error.
pub(super) fn transformed(
    ranked: &Ranked,
    value: &[f64],
    phe: &Phe<'_>,
) -> Result<(f64, f64, Result<f64, Reason>), Reason> {
    if !value.iter().all(|y| phe.scale.holds(*y)) {
        return Err(Reason::OffScale);
    }
    let on_scale: Vec<f64> = value.iter().map(|y| phe.scale.of(*y)).collect();
    let error = phe
        .spread
        .standard_errors(phe.scale, value.len())
        .and_then(|errors| slope_error(ranked, &errors));
    Ok((ranked.mean(&on_scale), ranked.slope(&on_scale), error))
}

/// The standard errors of the figures themselves.
pub(super) fn plain_errors(value: &[f64], phe: &Phe<'_>) -> Result<Vec<f64>, Reason> {
    let errors = phe.spread.standard_errors(phe.scale, value.len())?;
    if !value.iter().all(|y| phe.scale.holds(*y)) {
        return Err(Reason::OffScale);
    }
    Ok(value.iter().zip(errors).map(|(y, s)| phe.scale.step(*y) * s).collect())
}

fn slope_error(ranked: &Ranked, errors: &[f64]) -> Result<f64, Reason> {
    let variance: f64 = ranked.weights().iter().zip(errors).map(|(c, s)| (c * s).powi(2)).sum();
    if variance > 0.0 { Ok(variance.sqrt()) } else { Err(Reason::ZeroVariance) }
}

fn phe_slope(ranked: &Ranked, value: &[f64], phe: &Phe<'_>, level: Level) -> Interval {
    let (middle, slope, error) = if phe.transform {
        match transformed(ranked, value, phe) {
            Ok((middle, slope, error)) => (Some(middle), slope, error),
            Err(reason) => return Interval::undefined(reason),
        }
    } else {
        let error = plain_errors(value, phe).and_then(|errors| slope_error(ranked, &errors));
        (None, ranked.slope(value), error)
    };
    let taken_back =
        |slope: f64| middle.map_or(slope, |middle| phe.scale.rise(middle, slope)) * phe.multiplier;
    let reach = match error {
        Ok(error) => level.z() * error,
        Err(reason) => return Interval::without_limits(taken_back(slope), reason),
    };
    let (a, b) = (taken_back(slope - reach), taken_back(slope + reach));
    Interval::new(taken_back(slope), a.min(b), a.max(b))
}

fn scotpho_slope(ranked: &Ranked, value: &[f64], level: Level) -> Interval {
    let slope = -ranked.slope(value);
    let df = value.len() as f64 - 2.0;
    let residual = ranked.residual(value);
    if residual <= 0.0 {
        return Interval::without_limits(slope, Reason::ZeroVariance);
    }
    let t = student::two_sided_quantile(level.get(), df);
    let reach = t * (residual / df / ranked.breadth).sqrt();
    Interval::new(slope, slope - reach, slope + reach)
}

#[cfg(test)]
mod tests {
    use super::super::convention::{Scale, Scotpho, Spread};
    use super::*;

    const RATE: [f64; 5] = [41.0, 30.0, 26.0, 17.0, 11.0];
    const PEOPLE: [f64; 5] = [900.0, 1000.0, 1100.0, 1000.0, 1000.0];
    const ERRORS: [f64; 5] = [0.1, 0.2, 0.15, 0.1, 0.3];

    fn level() -> Level {
        Level::default()
    }

    fn phe(scale: Scale, transform: bool, multiplier: f64) -> SlopeConvention<'static> {
        SlopeConvention::Phe(Phe {
            spread: Spread::StandardErrors(&ERRORS),
            scale,
            transform,
            multiplier,
        })
    }

    fn scotpho() -> SlopeConvention<'static> {
        SlopeConvention::Scotpho(Scotpho::default())
    }

    #[test]
    fn equal_fifths_by_hand() {
        // c = a(b − ½)/0.08 = −1, −½, 0, ½, 1: slope −30 − 6.5; its variance the squares' sum
        let slope = slope_index(&RATE, &[1.0; 5], phe(Scale::Plain, false, 1.0), level());
        let reach = level().z() * (0.01 + 0.01 + 0.0025 + 0.09_f64).sqrt();
        assert!((slope.value.unwrap() + 36.5).abs() < 1e-13);
        assert!((slope.lower.unwrap() + 36.5 + reach).abs() < 1e-13);
        assert!((slope.upper.unwrap() + 36.5 - reach).abs() < 1e-13);
    }

    #[test]
    fn the_two_conventions_differ_in_sign() {
        let ours = slope_index(&RATE, &PEOPLE, scotpho(), level());
        let theirs = slope_index(&RATE, &PEOPLE, phe(Scale::Plain, false, -1.0), level());
        assert_eq!(ours.value, theirs.value);
        assert!(ours.value > Some(0.0) && ours.lower != theirs.lower);
    }

    #[test]
    fn turning_the_ranking_turns_the_sign() {
        let turned = |numbers: [f64; 5]| {
            let mut numbers = numbers;
            numbers.reverse();
            numbers
        };
        let there = slope_index(&RATE, &PEOPLE, scotpho(), level());
        let back = slope_index(&turned(RATE), &turned(PEOPLE), scotpho(), level());
        assert!((there.value.unwrap() + back.value.unwrap()).abs() < 1e-13);
        assert!((there.lower.unwrap() + back.upper.unwrap()).abs() < 1e-13);
    }

    #[test]
    fn a_small_multiplier_does_not_exchange_the_limits() {
        // PHEindicatormethods 2.1.0 gives a lower limit above the upper one here
        for scale in [Scale::Plain, Scale::Log] {
            for transform in [false, true] {
                let whole = slope_index(&RATE, &PEOPLE, phe(scale, transform, 1.0), level());
                let tenth = slope_index(&RATE, &PEOPLE, phe(scale, transform, 0.1), level());
                let turned = slope_index(&RATE, &PEOPLE, phe(scale, transform, -1.0), level());
                assert!((tenth.lower.unwrap() - 0.1 * whole.lower.unwrap()).abs() < 1e-14);
                assert!((tenth.upper.unwrap() - 0.1 * whole.upper.unwrap()).abs() < 1e-14);
                assert_eq!(turned.lower.unwrap(), -whole.upper.unwrap());
                assert!(tenth.lower < tenth.value && tenth.value < tenth.upper);
            }
        }
    }

    #[test]
    fn what_is_missing_says_why() {
        let slope = |value: &[f64], people: &[f64], convention| {
            slope_index(value, people, convention, level())
        };
        let plain = phe(Scale::Plain, false, 1.0);
        for (value, people, convention, reason) in [
            (&RATE[..4], &PEOPLE[..4], scotpho(), Reason::QuantileCount),
            (&RATE[..4], &PEOPLE[..4], plain, Reason::QuantileCount),
            (&[1.0; 101], &[1.0; 101], plain, Reason::QuantileCount),
            (&[], &[], plain, Reason::QuantileCount),
            (&RATE[..], &PEOPLE[..4], scotpho(), Reason::UnequalLengths),
            (&[f64::NAN; 5], &PEOPLE, scotpho(), Reason::ImpossibleValue),
            (&[-1.0; 5], &PEOPLE, phe(Scale::Log, false, 1.0), Reason::ImpossibleValue),
            (&[1.5; 5], &PEOPLE, phe(Scale::Logit, false, 1.0), Reason::ImpossibleValue),
            (&RATE, &[0.0; 5], scotpho(), Reason::ImpossiblePopulation),
            (&RATE, &PEOPLE, phe(Scale::Plain, false, 0.0), Reason::ImpossibleMultiplier),
            (&[0.0; 5], &PEOPLE, phe(Scale::Log, true, 1.0), Reason::OffScale),
        ] {
            assert_eq!(slope(value, people, convention), Interval::undefined(reason), "{value:?}");
        }
        let without = |interval: Interval, reason| {
            assert_eq!((interval.lower, interval.reason), (None, Some(reason)));
            assert!(interval.value.is_some());
        };
        without(slope(&[3.0; 5], &PEOPLE, scotpho()), Reason::ZeroVariance);
        let zero = [0.0, 1.0, 1.0, 1.0, 1.0];
        without(slope(&zero, &PEOPLE, phe(Scale::Log, false, 1.0)), Reason::OffScale);
        let bare = SlopeConvention::Phe(Phe::default());
        without(slope(&RATE, &PEOPLE, bare), Reason::NoSpread);
    }

    #[test]
    fn a_uniform_shift_leaves_the_slope() {
        let shifted = RATE.map(|rate| rate + 1e6);
        let (here, there) = (
            slope_index(&RATE, &PEOPLE, scotpho(), level()),
            slope_index(&shifted, &PEOPLE, scotpho(), level()),
        );
        assert!((here.lower.unwrap() - there.lower.unwrap()).abs() < 1e-8);
    }
}
