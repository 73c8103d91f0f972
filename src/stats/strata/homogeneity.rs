//! Do the strata tell the same story?

use super::{Estimand, Sorted, Stratum};
use crate::stats::contrast::product;
use crate::stats::distribution::chi_squared;
use crate::stats::reason::Reason;
use crate::stats::significance::Significance;

/// Could chance alone have made the contrast so unlike from stratum to stratum?
///
/// A small p says that one pooled figure hides a difference between strata; a large one says little,
/// because these tests need many events.
///
/// # Formula
/// The odds ratio is tested by [`breslow_day`] with Tarone's correction. The others by Woolf's
/// sum of squares with k − 1 degrees of freedom, over the k strata where vᵢ is defined and above 0:
/// ```text
/// Q = Σ (yᵢ − ȳ)²/vᵢ,   ȳ = Σ (yᵢ/vᵢ) / Σ (1/vᵢ)
/// ratio        y = ln(p₁/p₂),  v = (1 − p₁)/x₁ + (1 − p₂)/x₂
/// difference   y = p₁ − p₂,    v = p₁(1 − p₁)/n₁ + p₂(1 − p₂)/n₂
/// ```
/// # Arguments
/// `strata` and `estimand` as in [`mantel_haenszel`](crate::stats::mantel_haenszel).
///
/// # Edges
/// Strata that say nothing of the contrast are passed over: for the ratio those without events in
/// one of the groups, for both those where every share is 0 or 1. Fewer than two left is
/// [`Reason::TooFewStrata`]; no stratum with both groups [`Reason::NoOverlap`]; a count above its
/// base [`Reason::CountAboveBase`].
///
/// # Source
/// B. Woolf, 1955, "On estimating the relation between blood group and disease"; W. G. Cochran,
/// 1954, "The combination of estimates from different experiments".
///
/// # Example
/// ```
/// use wholefamily::stats::{Estimand, Stratum, homogeneity};
/// let strata = [Stratum { x1: 3, n1: 4, x2: 1, n2: 4 }, Stratum { x1: 1, n1: 2, x2: 1, n2: 2 }];
/// // differences 1/2 and 0 with variances 3/32 and 1/4: Q = (1/2)² / (3/32 + 1/4)
/// let test = homogeneity(&strata, Estimand::Difference);
/// assert!((test.statistic.unwrap() - 8.0 / 11.0).abs() < 1e-15);
/// assert_eq!(test.df, Some(1.0));
/// ```
#[must_use]
pub fn homogeneity(strata: &[Stratum], estimand: Estimand) -> Significance {
    if estimand == Estimand::OddsRatio {
        return breslow_day(strata, true);
    }
    let both = match held(strata) {
        Ok(both) => both,
        Err(reason) => return Significance::undefined(reason),
    };
    // Any centre will do, and near the strata's own figures few digits are lost.
    let (mut over, mut under) = (0.0, 0.0);
    for Stratum { x1, n1, x2, n2 } in both.iter().copied().copied() {
        let n = n1 as f64 + n2 as f64;
        let (forward, back) = (product(x1, n2) / n, product(x2, n1) / n);
        match estimand {
            Estimand::Difference => {
                (over, under) = (over + forward - back, under + product(n1, n2) / n)
            }
            _ => (over, under) = (over + forward, under + back),
        }
    }
    if under == 0.0 || over == 0.0 && estimand == Estimand::Ratio {
        return Significance::undefined(Reason::TooFewStrata);
    }
    let from = |stratum: &&Stratum| match estimand {
        Estimand::Difference => difference_from(over / under, stratum),
        _ => ratio_from(over / under, stratum),
    };
    let terms: Vec<(f64, f64)> = both.iter().filter_map(from).collect();
    let weight: f64 = terms.iter().map(|(_, v)| 1.0 / v).sum();
    let mean = terms.iter().map(|(y, v)| y / v).sum::<f64>() / weight;
    chi_squared_of(terms.iter().map(|(y, v)| (y - mean) * (y - mean) / v).sum(), terms.len())
}

/// Breslow and Day's test that all strata have the same odds ratio, with Tarone's correction.
///
/// # Formula
/// With ψ the pooled [odds ratio](crate::stats::mantel_haenszel), Aᵢ is the count of events that the
/// group would have in stratum i at that odds ratio and the stratum's own margins:
/// ```text
/// A(n₂ − m + A) / ((n₁ − A)(m − A)) = ψ,   V = 1 / (1/A + 1/(n₁ − A) + 1/(m − A) + 1/(n₂ − m + A))
/// χ² = Σ (x₁ − A)²/V,   and − (Σ (x₁ − A))² / Σ V when corrected;   k − 1 degrees of freedom
/// ```
/// # Arguments
/// `strata` as in [`mantel_haenszel`](crate::stats::mantel_haenszel); `correct`: Tarone's correction,
/// without which the sum does not quite follow its distribution, because ψ is not the maximum
/// likelihood estimate.
///
/// # Edges
/// Strata with events only, or none, could not have come out otherwise and do not count among the k,
/// as in metafor (epiR counts them). Fewer than two others is [`Reason::TooFewStrata`]. ψ of 0 or
/// none is [`Reason::EmptyCells`]; no stratum with both groups [`Reason::NoOverlap`]; a count above
/// its base [`Reason::CountAboveBase`].
///
/// # Source
/// N. E. Breslow and N. E. Day, 1980, "Statistical methods in cancer research", volume 1; R. E.
/// Tarone, 1985, "On heterogeneity tests based on efficient scores".
///
/// # Example
/// ```
/// use wholefamily::stats::{Stratum, breslow_day};
/// // Odds ratios 1/9 and 9 are pooled to 1, so 2 events are expected where 1 and 3 were seen:
/// let strata = [Stratum { x1: 1, n1: 4, x2: 3, n2: 4 }, Stratum { x1: 3, n1: 4, x2: 1, n2: 4 }];
/// let test = breslow_day(&strata, true); // χ² = 2 · 1² / (1/2)
/// assert!((test.statistic.unwrap() - 4.0).abs() < 1e-15);
/// ```
#[must_use]
pub fn breslow_day(strata: &[Stratum], correct: bool) -> Significance {
    let both = match held(strata) {
        Ok(both) => both,
        Err(reason) => return Significance::undefined(reason),
    };
    let (mut r, mut s) = (0.0, 0.0);
    for stratum in &both {
        let [a, b, c, d] = stratum.cells();
        let n = stratum.n1 as f64 + stratum.n2 as f64;
        r += product(a, d) / n;
        s += product(b, c) / n;
    }
    if !(r > 0.0 && s > 0.0) {
        return Significance::undefined(Reason::EmptyCells);
    }
    let psi = r / s;
    // What rounding has taken from ψ; among strata of millions it would show.
    let rest: f64 =
        both.iter().map(|stratum| excess(stratum, psi) / size(stratum)).sum::<f64>() / s;

    let (mut squares, mut sum, mut variance, mut k) = (0.0, 0.0, 0.0, 0);
    for stratum in both {
        let [a, b, c, d] = stratum.cells();
        if (a == 0 && c == 0) || (b == 0 && d == 0) {
            continue;
        }
        let v = 1.0 / expected(stratum, psi).map(f64::recip).iter().sum::<f64>();
        let gap = excess(stratum, psi) - rest * product(b, c);
        let width = a as f64 + d as f64 + psi * (b as f64 + c as f64);
        let root =
            discriminant(stratum.n1, stratum.n2, a as f64 + c as f64, b as f64 + d as f64, psi);
        let deviation = 2.0 * gap / (width + root.sqrt());
        squares += deviation * deviation / v;
        sum += deviation;
        variance += v;
        k += 1;
    }
    let correction = if correct && k > 0 { sum * sum / variance } else { 0.0 };
    chi_squared_of((squares - correction).max(0.0), k)
}

/// The strata with both groups, of which there must be one.
fn held(strata: &[Stratum]) -> Result<Vec<&Stratum>, Reason> {
    let both = Sorted::new(strata)?.both;
    if both.is_empty() { Err(Reason::NoOverlap) } else { Ok(both) }
}

fn chi_squared_of(statistic: f64, strata: usize) -> Significance {
    if strata < 2 {
        return Significance::undefined(Reason::TooFewStrata);
    }
    let df = (strata - 1) as f64;
    Significance::new(Some(statistic), Some(df), chi_squared::upper(statistic, df))
}

/// The logarithm of a stratum's ratio over `centre`, and its variance.
fn ratio_from(centre: f64, stratum: &Stratum) -> Option<(f64, f64)> {
    let Stratum { x1, n1, x2, n2 } = *stratum;
    if x1 == 0 || x2 == 0 {
        return None;
    }
    let [a, b, c, d] = stratum.cells().map(|cell| cell as f64);
    let variance = b / n1 as f64 / a + d / n2 as f64 / c;
    let (forward, back) = (u128::from(x1) * u128::from(n2), u128::from(x2) * u128::from(n1));
    let y = (without(forward, centre, back) / (centre * back as f64)).ln_1p();
    (variance > 0.0).then_some((y, variance))
}

/// A stratum's difference less `centre`, and its variance.
fn difference_from(centre: f64, stratum: &Stratum) -> Option<(f64, f64)> {
    let Stratum { x1, n1, x2, n2 } = *stratum;
    let [a, b, c, d] = stratum.cells().map(|cell| cell as f64);
    let (m1, m2) = (n1 as f64, n2 as f64);
    let variance = (a / m1) * (b / m1) / m1 + (c / m2) * (d / m2) / m2;
    let (forward, back) = (u128::from(x1) * u128::from(n2), u128::from(x2) * u128::from(n1));
    let sign = if forward < back { -1.0 } else { 1.0 };
    let both = u128::from(n1) * u128::from(n2);
    let y = sign * without(forward.abs_diff(back), sign * centre, both) / both as f64;
    (variance > 0.0).then_some((y, variance))
}

/// ad − ψbc.
fn excess(stratum: &Stratum, psi: f64) -> f64 {
    let [a, b, c, d] = stratum.cells();
    without(u128::from(a) * u128::from(d), psi, u128::from(b) * u128::from(c))
}

fn size(stratum: &Stratum) -> f64 {
    stratum.n1 as f64 + stratum.n2 as f64
}

/// The cells that a stratum's margins and the odds ratio ψ lead to.
fn expected(stratum: &Stratum, psi: f64) -> [f64; 4] {
    let Stratum { x1, n1, x2, n2 } = *stratum;
    let (events, others) = (x1 as f64 + x2 as f64, (n1 - x1) as f64 + (n2 - x2) as f64);
    [
        first_cell(n1, n2, events, others, psi),
        first_cell(n1, n2, others, events, 1.0 / psi),
        first_cell(n2, n1, events, others, 1.0 / psi),
        first_cell(n2, n1, others, events, psi),
    ]
}

/// The root A between 0 and both margins of (1 − ψ)A² + (n₂ − m + ψ(n₁ + m))A − ψn₁m = 0, by
/// whichever form of it subtracts nothing.
fn first_cell(n1: u64, n2: u64, events: f64, others: f64, psi: f64) -> f64 {
    let (m1, m2) = (n1 as f64, n2 as f64);
    let root = discriminant(n1, n2, events, others, psi).sqrt();
    let linear = (m2 - events) + psi * (m1 + events);
    if linear >= 0.0 {
        2.0 * psi * m1 * events / (linear + root)
    } else {
        (root - linear) / (2.0 * (1.0 - psi))
    }
}

/// The quadratic's discriminant, in terms that are all positive: ψ²(n₁ − m)² + 2ψ(n₁n₂ + m(N − m)) +
/// (n₂ − m)².
fn discriminant(n1: u64, n2: u64, events: f64, others: f64, psi: f64) -> f64 {
    let (m1, m2) = (n1 as f64, n2 as f64);
    let (first, second) = (psi * (m1 - events), m2 - events);
    first * first + 2.0 * psi * (m1 * m2 + events * others) + second * second
}

/// a − factor·b, as if rounded once, however near the two are.
fn without(a: u128, factor: f64, b: u128) -> f64 {
    let ((a, a_rest), (b, b_rest)) = (halves(a), halves(b));
    let times = factor * b;
    let times_rest = factor.mul_add(b, -times);
    (a - times) - times_rest + a_rest - factor * b_rest
}

/// The nearest floating-point number, and what it leaves over.
fn halves(whole: u128) -> (f64, f64) {
    let near = whole as f64;
    let back = near as u128;
    let rest = whole.abs_diff(back) as f64;
    (near, if back > whole { -rest } else { rest })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stratum(x1: u64, n1: u64, x2: u64, n2: u64) -> Stratum {
        Stratum { x1, n1, x2, n2 }
    }

    fn near(got: Option<f64>, want: f64) {
        let got = got.unwrap();
        assert!((got - want).abs() <= 1e-13 * want.abs(), "{got} {want}");
    }

    #[test]
    fn one_stratum_has_nothing_to_agree_with() {
        for estimand in [Estimand::Ratio, Estimand::Difference, Estimand::OddsRatio] {
            assert_eq!(
                homogeneity(&[stratum(3, 9, 2, 8)], estimand),
                Significance::undefined(Reason::TooFewStrata)
            );
            assert_eq!(
                homogeneity(&[stratum(3, 9, 0, 0)], estimand),
                Significance::undefined(Reason::NoOverlap)
            );
            assert_eq!(
                homogeneity(&[stratum(3, 2, 1, 1)], estimand),
                Significance::undefined(Reason::CountAboveBase)
            );
        }
    }

    #[test]
    fn equal_strata_are_alike() {
        for estimand in [Estimand::Ratio, Estimand::Difference, Estimand::OddsRatio] {
            let test = homogeneity(&[stratum(3, 9, 2, 8), stratum(3, 9, 2, 8)], estimand);
            assert!(test.statistic.unwrap() < 1e-28, "{test:?}");
            assert!(test.p_value.unwrap() > 1.0 - 1e-13);
        }
    }

    #[test]
    fn strata_that_say_nothing_do_not_count() {
        let (telling, silent) = ([stratum(3, 9, 1, 8), stratum(5, 6, 2, 7)], stratum(0, 4, 0, 3));
        for estimand in [Estimand::Ratio, Estimand::Difference, Estimand::OddsRatio] {
            let (short, long) = (
                homogeneity(&telling, estimand),
                homogeneity(&[telling[0], silent, telling[1]], estimand),
            );
            assert_eq!(short.df, long.df);
            near(long.statistic, short.statistic.unwrap());
        }
    }

    #[test]
    fn an_expected_table_has_the_odds_ratio_and_the_margins() {
        for (x1, n1, x2, n2) in [(3, 9, 1, 8), (90, 100, 3, 4), (1, 3, 999, 1000), (5, 5, 1, 900)] {
            for psi in [1e-6, 0.1, 1.0 - 1e-12, 1.0, 3.0, 1e7] {
                let table = stratum(x1, n1, x2, n2);
                let [a, b, c, d] = expected(&table, psi);
                near(Some(a * d / b / c), psi);
                near(Some(a + b), n1 as f64);
                near(Some(a + c), (x1 + x2) as f64);
                assert!(d > 0.0);
            }
        }
    }

    #[test]
    fn odds_ratios_without_end_have_no_test() {
        let apart = [stratum(5, 5, 0, 6), stratum(3, 3, 0, 7)];
        assert_eq!(breslow_day(&apart, true), Significance::undefined(Reason::EmptyCells));
        let none = [stratum(0, 5, 3, 6), stratum(0, 3, 1, 7)];
        assert_eq!(breslow_day(&none, true), Significance::undefined(Reason::EmptyCells));
        assert_eq!(
            homogeneity(&none, Estimand::Ratio),
            Significance::undefined(Reason::TooFewStrata)
        );
    }

    #[test]
    fn huge_strata_keep_their_digits() {
        // Doubled strata have the same odds ratios, and twice the statistic.
        let of =
            |k: u64| [stratum(3 * k, 9 * k, 2 * k, 8 * k), stratum(4 * k, 9 * k, 3 * k, 8 * k)];
        let (one, many) = (breslow_day(&of(1), true), breslow_day(&of(1_000_000_007), true));
        near(many.statistic, one.statistic.unwrap() * 1_000_000_007.0);
        for estimand in [Estimand::Ratio, Estimand::Difference] {
            let (one, many) =
                (homogeneity(&of(1), estimand), homogeneity(&of(1_000_000_007), estimand));
            near(many.statistic, one.statistic.unwrap() * 1_000_000_007.0);
        }
        let most = u64::MAX;
        for estimand in [Estimand::Ratio, Estimand::Difference, Estimand::OddsRatio] {
            let strata = [stratum(most / 3, most, most / 2, most), stratum(1, 2, 1, most)];
            let p = homogeneity(&strata, estimand).p_value.unwrap();
            assert!((0.0..=1.0).contains(&p));
        }
    }

    #[test]
    fn what_is_left_of_a_near_tie_is_kept() {
        let (a, b) = (1_000_000_007_u128 * 3_000_000_019, 1_000_000_007_u128 * 3_000_000_019 - 1);
        assert_eq!(without(a, 1.0, b), 1.0);
        assert_eq!(without(b, 1.0, a), -1.0);
    }
}
