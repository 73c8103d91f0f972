//! Fisher's exact test.

use super::super::alternative::Alternative;
use super::super::contrast::unfit;
use super::factorial::{self, Scaled};
use super::margins::Margins;

/// Probabilities this close to the observed one, relatively, count as equal to it, as in R's
/// `fisher.test`.
const TIE: f64 = 1.0 + 1e-7;

/// Fisher's exact test, two-sided: how probable is a table at most as probable as this one, if the
/// two groups do not differ?
///
/// The same as [`exact_test`](super::exact_test) with its usual method and alternative, which says
/// more.
///
/// # Formula
/// ```text
/// p = Σ P(k) over all k with P(k) ≤ P(x₁)(1 + 10⁻⁷)
/// P(k) = C(n₁, k) C(n₂, m − k) / C(n₁ + n₂, m),  m = x₁ + x₂
/// ```
/// The terms are found by their ratios, outward from the observed table, and no further than they
/// can be seen.
///
/// # Arguments
/// `x1` of `n1`: the group; `x2` of `n2`: the reference group.
///
/// # Edges
/// 1 where the margins leave a single table (no events, or only events). `None` if a group is
/// empty, x > n, or the counts are beyond reason (totals above some 10¹³). A p below 10⁻³⁰⁷ is 0.
///
/// # Source
/// R. A. Fisher, 1935, "The logic of inductive inference"; two sides as in R's `fisher.test`.
///
/// # Example
/// ```
/// use wholefamily::stats::fisher;
/// let p = fisher(3, 4, 1, 4).unwrap(); // the lady tasting tea: (1 + 16 + 16 + 1) / 70
/// assert!((p - 34.0 / 70.0).abs() < 1e-15);
/// assert_eq!(fisher(0, 0, 1, 4), None);
/// ```
#[must_use]
pub fn fisher(x1: u64, n1: u64, x2: u64, n2: u64) -> Option<f64> {
    if unfit(x1, n1, x2, n2).is_some() {
        return None;
    }
    p_value(x1, n1, x2, n2, Alternative::TwoSided).map(|(p, _)| p)
}

/// Fisher's p and the probability of the observed table; `None` where there is too much to add up.
/// The caller has checked that 0 < n and x ≤ n.
pub(super) fn p_value(
    x1: u64,
    n1: u64,
    x2: u64,
    n2: u64,
    alternative: Alternative,
) -> Option<(f64, f64)> {
    let margins = Margins::new(n1, n2, x1.checked_add(x2)?)?;
    if margins.lowest == margins.highest {
        return Some((1.0, 1.0));
    }
    let (p, observed) = match alternative {
        Alternative::TwoSided => two_sided(&margins, x1),
        Alternative::Less => one_sided(&margins, x1, false),
        Alternative::Greater => one_sided(&margins, x1, true),
    };
    Some((p.min(1.0), observed))
}

/// P(X ≥ x) if `up`, else P(X ≤ x), and P(x).
fn one_sided(margins: &Margins, x: u64, up: bool) -> (f64, f64) {
    let beyond = |up| if up { margins.upward(x) } else { margins.downward(x) };
    // The side that does not hold the mode is the short one; the other is what it leaves.
    let short = x > margins.mode;
    let (tail, observed) = match margins.probability(x) {
        Some((probability, _)) => {
            let tail = beyond(short);
            (probability.times(tail), probability.times(1.0))
        }
        None => {
            let (tail, rest) = (beyond(short), beyond(!short));
            let whole = tail + rest - 1.0;
            (tail / whole, 1.0 / whole)
        }
    };
    (if up == short { tail } else { 1.0 - tail + observed }, observed)
}

/// The probability of all tables at most as probable as that of x, and P(x).
fn two_sided(margins: &Margins, x: u64) -> (f64, f64) {
    let Some((probability, inverse)) = margins.probability(x) else {
        return walked(margins, x);
    };
    let observed = probability.times(1.0);
    if x == margins.mode {
        return (1.0, observed);
    }
    // The table on the other side of the mode, where the far tail starts: first about as far from
    // it, then step by step to the last one that is at most as probable.
    let above = x < margins.mode;
    let mirror = if above {
        (margins.mode + (margins.mode - x)).min(margins.highest)
    } else {
        margins.mode.saturating_sub(x - margins.mode).max(margins.lowest)
    };
    let Some((far, relative)) = far_tail(margins, above, mirror, inverse) else {
        let near = if above { margins.downward(x) } else { margins.upward(x) };
        return (probability.times(near), observed);
    };
    // Near the mode what lies between is the shorter sum, and p is what it leaves.
    let between = far.abs_diff(x) as f64;
    if between * between < 4.0 * margins.variance {
        let mut inner = 0.0;
        let mut term = 1.0;
        let mut k = x;
        while k.abs_diff(far) > 1 {
            term *= if above { margins.step_up(k) } else { margins.step_down(k) };
            k = if above { k + 1 } else { k - 1 };
            inner += term;
        }
        return (1.0 - probability.times(inner), observed);
    }
    let (near, beyond) = if above {
        (margins.downward(x), margins.upward(far))
    } else {
        (margins.upward(x), margins.downward(far))
    };
    (probability.times(near + relative * beyond), observed)
}

/// The table nearest to the mode, on the side `above` or below it, that is at most as probable as
/// the observed one, and its probability as a multiple of that; `None` if there is none.
///
/// The search strides from `near` until it has the edge between two tables, then halves.
fn far_tail(margins: &Margins, above: bool, near: u64, observed: Scaled) -> Option<(u64, f64)> {
    let multiple =
        |k: u64| factorial::product(margins.cells(k)).map_or(0.0, |inverse| observed.over(inverse));
    // Distances from the mode: `short` is too probable, `long` is not.
    let most = if above { margins.highest - margins.mode } else { margins.mode - margins.lowest };
    let at = |distance: u64| if above { margins.mode + distance } else { margins.mode - distance };
    let (mut here, mut stride) = (margins.mode.abs_diff(near), 1);
    let (mut short, mut long) = (None, None);
    loop {
        let found = multiple(at(here));
        if found > TIE {
            if here == most {
                return None;
            }
            short = Some(here);
        } else {
            long = Some((here, found));
        }
        here = match (short, long) {
            (Some(short), Some((long, _))) if long - short > 1 => short + (long - short) / 2,
            (None, Some((long, _))) if long > 0 => long.saturating_sub(stride),
            (Some(short), None) => (short + stride).min(most),
            _ => return long.map(|(distance, found)| (at(distance), found)),
        };
        stride *= 2;
    }
}

/// The same without factorials: outward from x, over the mode to the far tail, all in units of P(x).
fn walked(margins: &Margins, x: u64) -> (f64, f64) {
    let above = x < margins.mode;
    let end = if above { margins.highest } else { margins.lowest };
    let near = if above { margins.downward(x) } else { margins.upward(x) };
    let (mut k, mut term, mut inner) = (x, 1.0_f64, 0.0);
    let far = loop {
        if k == end || term.is_infinite() {
            break 0.0;
        }
        term *= if above { margins.step_up(k) } else { margins.step_down(k) };
        k = if above { k + 1 } else { k - 1 };
        if term <= TIE {
            break term * if above { margins.upward(k) } else { margins.downward(k) };
        }
        inner += term;
    };
    let extreme = near + far;
    (extreme / (extreme + inner), 1.0 / (extreme + inner))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Alternative::{Greater, Less, TwoSided};

    fn close(got: Option<f64>, want: f64) {
        let got = got.unwrap();
        assert!((got / want - 1.0).abs() < 1e-13, "{got:e} {want:e}");
    }

    fn p(x1: u64, n1: u64, x2: u64, n2: u64, alternative: Alternative) -> Option<f64> {
        p_value(x1, n1, x2, n2, alternative).map(|(p, _)| p)
    }

    #[test]
    fn small_tables_by_hand() {
        close(fisher(4, 4, 0, 4), 2.0 / 70.0);
        close(fisher(2, 4, 2, 4), 1.0);
        close(fisher(2, 2, 0, 3), 1.0 / 10.0);
        close(fisher(1, 1, 0, 1), 1.0);
        // C(7, x) C(3, 4 − x) / C(10, 4): 7, 63, 105, 35 of 210 for x = 1 to 4
        close(fisher(1, 7, 3, 3), 7.0 / 210.0);
        close(fisher(4, 7, 0, 3), (7.0 + 35.0) / 210.0);
        close(fisher(2, 7, 2, 3), (7.0 + 35.0 + 63.0) / 210.0);
    }

    #[test]
    fn one_side_by_hand() {
        for (x, less, greater) in [(1, 7.0, 210.0), (2, 70.0, 203.0), (3, 175.0, 140.0)] {
            close(p(x, 7, 4 - x, 3, Less), less / 210.0);
            close(p(x, 7, 4 - x, 3, Greater), greater / 210.0);
        }
        close(p_value(2, 7, 2, 3, Less).map(|(_, observed)| observed), 63.0 / 210.0);
    }

    #[test]
    fn a_single_possible_table_is_no_evidence() {
        for (x1, n1, x2, n2) in [(0, 1, 0, 1), (0, 5, 0, 9), (5, 5, 9, 9), (0, u64::MAX / 2, 0, 3)]
        {
            for alternative in [TwoSided, Less, Greater] {
                assert_eq!(p(x1, n1, x2, n2, alternative), Some(1.0));
            }
        }
    }

    #[test]
    fn what_cannot_be_tested_has_no_p() {
        for (x1, n1, x2, n2) in [
            (0, 0, 1, 2),
            (1, 2, 0, 0),
            (0, 0, 0, 0),
            (3, 2, 1, 2),
            (u64::MAX, u64::MAX, u64::MAX, u64::MAX),
        ] {
            assert_eq!(fisher(x1, n1, x2, n2), None);
        }
        assert_eq!(fisher(1 << 61, 1 << 62, 1 << 60, 1 << 62), None);
    }

    #[test]
    fn every_way_of_adding_up_gives_the_same() {
        for (n1, n2) in [(1, 9), (7, 8), (20, 33), (60, 60)] {
            for x1 in 0..=n1 {
                for x2 in 0..=n2 {
                    let margins = Margins::new(n1, n2, x1 + x2).unwrap();
                    if margins.lowest == margins.highest {
                        continue;
                    }
                    let terms: Vec<f64> = (margins.lowest..=margins.highest)
                        .map(|k| margins.probability(k).unwrap().0.times(1.0))
                        .collect();
                    let at = (x1 - margins.lowest) as usize;
                    let bound = terms[at] * TIE;
                    let plain: f64 = terms.iter().filter(|term| **term <= bound).sum();
                    close(fisher(x1, n1, x2, n2), plain.min(1.0));
                    close(Some(walked(&margins, x1).0), plain);
                    close(p(x1, n1, x2, n2, Less), terms[..=at].iter().sum());
                    close(p(x1, n1, x2, n2, Greater), terms[at..].iter().sum());
                }
            }
        }
    }

    #[test]
    fn all_terms_of_a_large_table_add_up() {
        // x₁ one above the middle of a symmetric table: all but the middle one are as extreme.
        let n = 2_000_000;
        let p = fisher(n / 2 + 1, n, n / 2 - 1, n).unwrap();
        let middle = 1.0 / (std::f64::consts::PI * n as f64 / 4.0).sqrt(); // P(mode) to a part in n
        assert!((1.0 - p - middle).abs() < 1e-8, "{p}");
    }

    #[test]
    fn far_tails_are_small_and_not_negative() {
        for alternative in [TwoSided, Greater] {
            assert_eq!(p(1_000_000, 1_000_000, 0, 1_000_000, alternative), Some(0.0));
            assert_eq!(p(8_000, 8_000, 0, 8_000, alternative), Some(0.0));
            let p = p(400, 500, 100, 500, alternative).unwrap();
            assert!(p > 0.0 && p < 1e-60);
        }
        assert_eq!(p(1_000_000, 1_000_000, 0, 1_000_000, Less), Some(1.0));
    }

    #[test]
    fn the_order_of_groups_and_outcomes_does_not_matter() {
        for (x1, n1, x2, n2) in [(3, 25, 7, 10), (12, 40, 30, 60), (1, 300, 9, 400)] {
            let two = fisher(x1, n1, x2, n2).unwrap();
            close(fisher(x2, n2, x1, n1), two);
            close(fisher(n1 - x1, n1, n2 - x2, n2), two);
            let less = p(x1, n1, x2, n2, Less).unwrap();
            close(p(x2, n2, x1, n1, Greater), less);
            close(p(n1 - x1, n1, n2 - x2, n2, Greater), less);
        }
    }
}
