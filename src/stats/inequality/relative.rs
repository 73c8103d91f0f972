//! How unequal are the two ends of the ranking, relatively?

use super::convention::{Phe, Scotpho, SlopeConvention};
use super::ranked::Ranked;
use super::slope::{fit, plain_errors, slope_index, transformed};
use crate::stats::interval::Interval;
use crate::stats::level::Level;
use crate::stats::reason::Reason;

/// The relative index of inequality: a ratio of the two ends ("phe"), or the slope as a share of the
/// overall figure ("scotpho"). The two are not comparable.
///
/// # Formula
/// With S the line's slope, M = Σ aY its middle, A = M + S/2 its least deprived end and B = M − S/2
/// its most deprived end (`slope_index` names the rest):
/// ```text
/// scotpho   −S / overall;  the limits of −S / overall
/// phe       A/B;  limits: the ratios r with |A − rB| = z √(var A − 2r cov + r² var B)
/// phe, transform   g⁻¹(M + S/2) / g⁻¹(M − S/2), with the limits of S in its place
/// ```
/// The limits of "phe" are E. C. Fieller's, and what the percentiles of the simulation in
/// PHEindicatormethods tend to while B is surely above 0 (log and logit: the delta method's variances).
/// Variances are Σ d²v, d = a + c/2 at A and a − c/2 at B. With a negative multiplier A and B change
/// places; its size does not matter. PHEindicatormethods does the same, but with `transform` and log
/// turns the limits over (not the index) also for a multiplier between 0 and 1, which this does not.
///
/// # Arguments
/// As [`slope_index`]; `overall` of "scotpho" is the whole area's figure.
///
/// # Edges
/// As [`slope_index`]. An end that is divided by and is 0 is [`Reason::ZeroReference`]; one whose
/// interval reaches 0 leaves the ratio without limits, [`Reason::UnboundedRatio`]. ScotPHO prints 0,
/// with limits 0 and 0, where the slope is 0; this keeps the limits of the slope.
///
/// # Source
/// E. C. Fieller, 1954, "Some problems in interval estimation"; PHEindicatormethods 2.1.0, `phe_sii`;
/// ScotPHO, `calculate_inequality_measures`.
///
/// # Example
/// ```
/// use wholefamily::stats::inequality::{SlopeConvention, relative_index};
/// use wholefamily::stats::Level;
/// let (rate, people) = ([41.0, 30.0, 26.0, 17.0, 11.0], [1000.0; 5]);
/// let index = |word| {
///     let convention = SlopeConvention::parse(word).unwrap();
///     relative_index(&rate, &people, convention, Level::default()).value.unwrap()
/// };
/// // the line falls from 43.25 to 6.75 about 25
/// assert!((index("phe") - 6.75 / 43.25).abs() < 1e-14);
/// assert!((index("scotpho") - 36.5 / 25.0).abs() < 1e-14);
/// ```
#[must_use]
pub fn relative_index(
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
        SlopeConvention::Scotpho(Scotpho { overall }) => {
            let slope = slope_index(value, population, convention, level);
            share_of(&slope, overall.unwrap_or_else(|| ranked.mean(value)))
        }
        SlopeConvention::Phe(phe) if phe.transform => ratio_on_scale(&ranked, value, &phe, level),
        SlopeConvention::Phe(phe) => ratio_of_ends(&ranked, value, &phe, level),
    }
}

fn share_of(slope: &Interval, overall: f64) -> Interval {
    if overall == 0.0 {
        return Interval::undefined(Reason::ZeroReference);
    }
    if !overall.is_finite() {
        return Interval::undefined(Reason::ImpossibleValue);
    }
    let [value, lower, upper] =
        [slope.value, slope.lower, slope.upper].map(|limit| limit.map(|limit| limit / overall));
    match (value, lower, upper, slope.reason) {
        (Some(value), Some(a), Some(b), None) => Interval::new(value, a.min(b), a.max(b)),
        (Some(value), _, _, Some(reason)) => Interval::without_limits(value, reason),
        (_, _, _, reason) => Interval::undefined(reason.unwrap_or(Reason::TooLarge)),
    }
}

fn ratio_on_scale(ranked: &Ranked, value: &[f64], phe: &Phe<'_>, level: Level) -> Interval {
    let (middle, slope, error) = match transformed(ranked, value, phe) {
        Ok(line) => line,
        Err(reason) => return Interval::undefined(reason),
    };
    let slope = if phe.multiplier < 0.0 { -slope } else { slope };
    let ratio = |slope: f64| phe.scale.fold(middle, slope);
    match error {
        Ok(error) => {
            let reach = level.z() * error;
            Interval::new(ratio(slope), ratio(slope - reach), ratio(slope + reach))
        }
        Err(reason) => Interval::without_limits(ratio(slope), reason),
    }
}

fn ratio_of_ends(ranked: &Ranked, value: &[f64], phe: &Phe<'_>, level: Level) -> Interval {
    // what each figure adds to the end above the line of the ratio, and to the one below
    let turn = if phe.multiplier < 0.0 { -0.5 } else { 0.5 };
    let at = |half: f64| -> Vec<f64> {
        ranked.share.iter().zip(ranked.weights()).map(|(a, c)| a + half * c).collect()
    };
    let (mean, slope) = (ranked.mean(value), ranked.slope(value));
    let (top, bottom) = (mean + turn * slope, mean - turn * slope);
    if bottom == 0.0 {
        return Interval::undefined(Reason::ZeroReference);
    }
    match plain_errors(value, phe) {
        Ok(errors) => fieller(top, bottom, &at(turn), &at(-turn), &errors, level.z()),
        Err(reason) => Interval::without_limits(top / bottom, reason),
    }
}

/// Fieller's limits of A/B, where A = Σ αY, B = Σ βY and the Y are independent with these errors.
///
/// They are the roots of r²(B² − z²V_B) − 2r(AB − z²C) + (A² − z²V_A); its discriminant over 4z² is
/// Σ (Aβ − Bα)²s² − z²(V_A V_B − C²), the last bracket by Lagrange's identity, so that nothing
/// cancels.
fn fieller(a: f64, b: f64, alpha: &[f64], beta: &[f64], errors: &[f64], z: f64) -> Interval {
    let parts: Vec<(f64, f64)> =
        alpha.iter().zip(beta).zip(errors).map(|((p, q), s)| (p * s, q * s)).collect();
    let covariance: f64 = parts.iter().map(|(p, q)| p * q).sum();
    let below: f64 = parts.iter().map(|(_, q)| q * q).sum();
    let first: f64 = parts.iter().map(|(p, q)| (a * q - b * p).powi(2)).sum();
    if first <= 0.0 {
        return Interval::without_limits(a / b, Reason::ZeroVariance);
    }
    let leading = b * b - z * z * below;
    if leading <= 0.0 {
        return Interval::without_limits(a / b, Reason::UnboundedRatio);
    }
    let mut second = 0.0;
    for (i, (p, q)) in parts.iter().enumerate() {
        second += parts.iter().skip(i + 1).map(|(r, s)| (p * s - q * r).powi(2)).sum::<f64>();
    }
    let reach = z * (first - z * z * second).max(0.0).sqrt() / leading;
    let centre = (a * b - z * z * covariance) / leading;
    Interval::new(a / b, centre - reach, centre + reach)
}

#[cfg(test)]
mod tests {
    use super::super::convention::{Scale, Spread};
    use super::*;

    const RATE: [f64; 5] = [41.0, 30.0, 26.0, 17.0, 11.0];
    const PEOPLE: [f64; 5] = [900.0, 1000.0, 1100.0, 1000.0, 1000.0];
    const ERRORS: [f64; 5] = [0.1, 0.2, 0.15, 0.1, 0.3];

    fn phe(errors: &[f64], scale: Scale, transform: bool, multiplier: f64) -> Interval {
        let spread = Spread::StandardErrors(errors);
        let convention = SlopeConvention::Phe(Phe { spread, scale, transform, multiplier });
        relative_index(&RATE, &PEOPLE, convention, Level::default())
    }

    fn near(got: Option<f64>, want: f64) {
        assert!((got.unwrap() - want).abs() < 1e-13 * want.abs(), "{got:?} {want}");
    }

    #[test]
    fn a_negative_multiplier_turns_the_ratio_over() {
        for transform in [false, true] {
            let there = phe(&ERRORS, Scale::Log, transform, 100.0);
            let back = phe(&ERRORS, Scale::Log, transform, -1.0);
            near(back.value, 1.0 / there.value.unwrap());
            near(back.lower, 1.0 / there.upper.unwrap());
            near(back.upper, 1.0 / there.lower.unwrap());
            assert_eq!(phe(&ERRORS, Scale::Log, transform, 0.5), there);
        }
    }

    #[test]
    fn fieller_by_hand() {
        // A = 2, B = 1, var 0.01 each, independent, z = 2: 0.96 r² − 4 r + 3.96 = 0
        let got = fieller(2.0, 1.0, &[1.0, 0.0], &[0.0, 1.0], &[0.1, 0.1], 2.0);
        let root = (16.0 - 4.0 * 0.96 * 3.96_f64).sqrt();
        near(got.lower, (4.0 - root) / 1.92);
        near(got.upper, (4.0 + root) / 1.92);
    }

    #[test]
    fn an_end_that_may_be_zero_leaves_no_limits() {
        let vague = phe(&[30.0; 5], Scale::Plain, false, 1.0);
        assert_eq!((vague.lower, vague.reason), (None, Some(Reason::UnboundedRatio)));
        assert!(vague.value.is_some());
        let sure = phe(&[0.0; 5], Scale::Plain, false, 1.0);
        assert_eq!(sure.reason, Some(Reason::ZeroVariance));
    }

    #[test]
    fn scotpho_divides_by_the_overall_figure() {
        let level = Level::default();
        let with = |overall| {
            let convention = SlopeConvention::Scotpho(Scotpho { overall });
            relative_index(&RATE, &PEOPLE, convention, level)
        };
        let slope = slope_index(&RATE, &PEOPLE, SlopeConvention::parse("scotpho").unwrap(), level);
        near(with(Some(20.0)).value, slope.value.unwrap() / 20.0);
        near(with(Some(20.0)).lower, slope.lower.unwrap() / 20.0);
        let mean = RATE.iter().zip(PEOPLE).map(|(y, n)| y * n).sum::<f64>() / 5000.0;
        near(with(None).value, slope.value.unwrap() / mean);
        assert_eq!(with(Some(0.0)), Interval::undefined(Reason::ZeroReference));
        assert_eq!(with(Some(f64::NAN)), Interval::undefined(Reason::ImpossibleValue));
    }

    #[test]
    fn no_inequality_is_one_for_phe_and_zero_for_scotpho() {
        let level = Level::default();
        let flat = |convention| relative_index(&[3.0; 5], &PEOPLE, convention, level);
        near(flat(SlopeConvention::Phe(Phe::default())).value, 1.0);
        assert_eq!(flat(SlopeConvention::parse("scotpho").unwrap()).value, Some(0.0));
    }
}
