//! Could chance alone have made two groups so unlike?

use super::contrast::unfit;

/// Probabilities this close to the observed one, relatively, count as equal to it, as in R's
/// `fisher.test`.
const TIE: f64 = 1.0 + 1e-7;
/// The widest distribution that is added up term by term, as a standard deviation; only totals
/// beyond 10¹³ can reach it.
const WIDEST: f64 = 1e6;

/// Fisher's exact test, two-sided: how probable is a table at most as probable as this one, if the
/// two groups do not differ?
///
/// # Formula
/// With all margins held, x₁ is hypergeometric:
/// ```text
/// p = Σ P(k) over all k with P(k) ≤ P(x₁)(1 + 10⁻⁷)
/// P(k) = C(n₁, k) C(n₂, m − k) / C(n₁ + n₂, m),  m = x₁ + x₂
/// ```
/// The terms are found by their ratios, outward from the most probable, so no factorial is ever
/// formed.
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
    let margins = Margins::new(n1, n2, x1.checked_add(x2)?)?;
    if margins.lowest == margins.highest {
        return Some(1.0);
    }
    let observed = margins.relative_term(x1);
    if observed == 0.0 {
        return Some(0.0);
    }
    let (mut all, mut extreme) = (0.0, 0.0);
    for up in [true, false] {
        margins.walk(up, |k, term| {
            // The mode opens both walks, and is counted in the first.
            if up || k != margins.mode {
                all += term;
                if term <= observed * TIE {
                    extreme += term;
                }
            }
            // On past the observed probability, until what is left cannot be seen.
            term > observed || term > 1e-18 * extreme
        });
    }
    Some((extreme / all).min(1.0))
}

/// The margins of a two-by-two table, and where its first cell can lie.
struct Margins {
    group: u64,
    reference: u64,
    events: u64,
    lowest: u64,
    highest: u64,
    mode: u64,
}

impl Margins {
    fn new(group: u64, reference: u64, events: u64) -> Option<Self> {
        let total = group.checked_add(reference)?;
        let (n1, n2, m, n) = (group as f64, reference as f64, events as f64, total as f64);
        let variance = (n1 / n) * (n2 / n) * m * ((n - m) / (n - 1.0));
        let lowest = events.saturating_sub(reference);
        let highest = group.min(events);
        let mode = (u128::from(group) + 1) * (u128::from(events) + 1) / (u128::from(total) + 2);
        let mode = u64::try_from(mode).ok()?.clamp(lowest, highest);
        (variance.sqrt() <= WIDEST).then_some(Self {
            group,
            reference,
            events,
            lowest,
            highest,
            mode,
        })
    }

    /// P(k + 1) / P(k), for lowest ≤ k < highest.
    fn step_up(&self, k: u64) -> f64 {
        let short = self.events - k;
        ((self.group - k) as f64 * short as f64)
            / ((k + 1) as f64 * (self.reference - short + 1) as f64)
    }

    /// Visits the mode, whose term is set to 1, and the cells above or below it, for as long as
    /// `more` says so.
    fn walk(&self, up: bool, mut more: impl FnMut(u64, f64) -> bool) {
        let (mut k, mut term) = (self.mode, 1.0);
        while more(k, term) && k != (if up { self.highest } else { self.lowest }) {
            if up {
                term *= self.step_up(k);
                k += 1;
            } else {
                k -= 1;
                term /= self.step_up(k);
            }
        }
    }

    /// P(k) as a multiple of the mode's, by the same multiplications as in the walk, so that it
    /// equals itself; 0 if too small.
    fn relative_term(&self, at: u64) -> f64 {
        let mut found = 1.0;
        self.walk(at > self.mode, |k, term| {
            found = term;
            k != at && term > 0.0
        });
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(got: Option<f64>, want: f64) {
        let got = got.unwrap();
        assert!((got / want - 1.0).abs() < 1e-13, "{got:e} {want:e}");
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
    fn a_single_possible_table_is_no_evidence() {
        for (x1, n1, x2, n2) in [(0, 1, 0, 1), (0, 5, 0, 9), (5, 5, 9, 9), (0, u64::MAX / 2, 0, 3)]
        {
            assert_eq!(fisher(x1, n1, x2, n2), Some(1.0));
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
    fn all_terms_of_a_large_table_add_up() {
        // x₁ one above the middle of a symmetric table: all but the middle one are as extreme.
        let n = 2_000_000;
        let p = fisher(n / 2 + 1, n, n / 2 - 1, n).unwrap();
        let middle = 1.0 / (std::f64::consts::PI * n as f64 / 4.0).sqrt(); // P(mode) to a part in n
        assert!((1.0 - p - middle).abs() < 1e-8, "{p}");
    }

    #[test]
    fn far_tails_are_small_and_not_negative() {
        assert_eq!(fisher(1_000_000, 1_000_000, 0, 1_000_000), Some(0.0));
        let p = fisher(400, 500, 100, 500).unwrap();
        assert!(p > 0.0 && p < 1e-60);
    }

    #[test]
    fn the_order_of_groups_and_outcomes_does_not_matter() {
        for (x1, n1, x2, n2) in [(3, 25, 7, 10), (12, 40, 30, 60), (1, 300, 9, 400)] {
            let p = fisher(x1, n1, x2, n2).unwrap();
            close(fisher(x2, n2, x1, n1), p);
            close(fisher(n1 - x1, n1, n2 - x2, n2), p);
        }
    }
}
