//! Exact tests that hold the sizes of the groups only: Barnard's and Boschloo's.

use std::f64::consts::FRAC_PI_2;

use super::super::alternative::Alternative;
use super::fisher;

/// Two groups of more than this together are beyond a reasonable wait.
const LARGEST: u64 = 100_000;
/// The smallest term that is ever looked at, as a multiple of the most probable one.
const TINY: f64 = 1e-300;
/// Fisher's p values this close, relatively, count as equal.
const TIE: f64 = 1.0 + 1e-12;

/// Barnard's test with the pooled z. The caller has checked that 0 < n and x ≤ n.
pub(super) fn barnard(x1: u64, n1: u64, x2: u64, n2: u64, alternative: Alternative) -> Option<f64> {
    fits(n1, n2)?;
    if alternative == Alternative::Less {
        return barnard(x2, n2, x1, n1, Alternative::Greater);
    }
    let observed = Score::new(x1, n1, x2, n2);
    if observed.cross == 0 || (observed.cross < 0 && alternative == Alternative::Greater) {
        return Some(1.0); // where no one has the event, T = 0 for certain
    }
    let extreme = |i, j, sign: i128| {
        let score = Score::new(i, n1, j, n2);
        score.cross * sign > 0 && score.at_least(&observed)
    };
    let below = staircase(n1, n2, |i, j| extreme(i, j, 1));
    let above = if alternative == Alternative::TwoSided {
        // From where on j is large enough: as far as it is not too small.
        staircase(n1, n2, |i, j| !extreme(i, j, -1))
    } else {
        vec![n2 as usize + 1; n1 as usize + 1]
    };
    Some(most_likely((n1, n2), (x1, x2), &below, &above))
}

/// Boschloo's test. The caller has checked that 0 < n and x ≤ n.
pub(super) fn boschloo(
    x1: u64,
    n1: u64,
    x2: u64,
    n2: u64,
    alternative: Alternative,
) -> Option<f64> {
    fits(n1, n2)?;
    match alternative {
        Alternative::Greater => {
            let p = |i, j| Some(fisher::p_value(i, n1, j, n2, Alternative::Greater)?.0);
            let observed = p(x1, x2)? * TIE;
            if observed >= 1.0 {
                return Some(1.0);
            }
            let below = staircase(n1, n2, |i, j| p(i, j).is_some_and(|p| p <= observed));
            let above = vec![n2 as usize + 1; n1 as usize + 1];
            Some(most_likely((n1, n2), (x1, x2), &below, &above))
        }
        Alternative::Less => boschloo(x2, n2, x1, n1, Alternative::Greater),
        Alternative::TwoSided => {
            let greater = boschloo(x1, n1, x2, n2, Alternative::Greater)?;
            let less = boschloo(x2, n2, x1, n1, Alternative::Greater)?;
            Some((2.0 * greater.min(less)).min(1.0))
        }
    }
}

fn fits(n1: u64, n2: u64) -> Option<()> {
    (n1.checked_add(n2)? <= LARGEST).then_some(())
}

/// T² as a quotient of whole numbers: cross² / spread, but for what all tables share.
struct Score {
    cross: i128,
    spread: u128,
}

impl Score {
    fn new(x1: u64, n1: u64, x2: u64, n2: u64) -> Self {
        let wide = i128::from;
        let (events, total) = (x1 + x2, n1 + n2);
        Self {
            cross: wide(x1) * wide(n2) - wide(x2) * wide(n1),
            spread: u128::from(events) * u128::from(total - events),
        }
    }

    /// Whether T² is as large as the other's; both have one.
    fn at_least(&self, other: &Self) -> bool {
        let square = |score: &Self| score.cross.unsigned_abs() * score.cross.unsigned_abs();
        square(self) * other.spread >= square(other) * self.spread
    }
}

/// For each i from 0 to n₁ the number of j from 0 on for which `holds`; a larger i never has fewer,
/// and within an i no j holds after one that does not.
fn staircase(n1: u64, n2: u64, holds: impl Fn(u64, u64) -> bool) -> Vec<usize> {
    let mut j = 0;
    (0..=n1)
        .map(|i| {
            while j <= n2 && holds(i, j) {
                j += 1;
            }
            j as usize
        })
        .collect()
}

/// The largest probability, over all shares that both groups may have in common, of the tables (i, j)
/// with j < below(i) or j ≥ above(i).
///
/// On the scale φ, share = sin² φ, a binomial share of N has a standard deviation of 1/(2√N)
/// wherever it lies, and the probability cannot have bumps that are narrower. A grid of five points
/// to each finds them all, and every one that may be the highest is then climbed.
fn most_likely(
    (n1, n2): (u64, u64),
    observed: (u64, u64),
    below: &[usize],
    above: &[usize],
) -> f64 {
    let mut tables = Tables::new(n1 as usize, n2 as usize, below, above);
    let (x1, x2) = observed;
    tables.look_past(x1 as usize, x2 as usize);
    let steps = (16.0 * ((n1 + n2) as f64).sqrt()) as usize + 32;
    let spacing = FRAC_PI_2 / steps as f64;
    let grid: Vec<f64> = (0..=steps).map(|step| tables.at(step as f64 * spacing)).collect();
    let highest = grid.iter().copied().fold(0.0, f64::max);
    let mut best = highest;
    for (step, around) in grid.windows(3).enumerate() {
        let &[before, here, after] = around else { continue };
        if here >= before && here >= after && here > highest / 2.0 {
            best = best.max(climb(&mut tables, step as f64 * spacing, 2.0 * spacing));
        }
    }
    best.min(1.0)
}

/// The top of the one bump between `start` and `start + width`, by golden sections.
fn climb(tables: &mut Tables<'_>, start: f64, width: f64) -> f64 {
    const GOLDEN: f64 = 0.618_033_988_749_894_8;
    let (mut low, mut width) = (start, width);
    let mut points = [low + (1.0 - GOLDEN) * width, low + GOLDEN * width];
    let mut heights = points.map(|point| tables.at(point));
    // A top is flat: a width of 10⁻⁸ of the bump's is 10⁻¹⁶ of its height.
    for _ in 0..38 {
        width *= GOLDEN;
        let ([left, right], [left_height, right_height]) = (points, heights);
        if left_height > right_height {
            points = [low + (1.0 - GOLDEN) * width, left];
            heights = [tables.at(low + (1.0 - GOLDEN) * width), left_height];
        } else {
            low = left;
            points = [right, low + GOLDEN * width];
            heights = [right_height, tables.at(low + GOLDEN * width)];
        }
    }
    let [left, right] = heights;
    left.max(right)
}

/// The extreme tables, and room to add up their probabilities in.
struct Tables<'a> {
    below: &'a [usize],
    above: &'a [usize],
    first: Binomial,
    second: Binomial,
    /// For each of the second group's terms the sum of those before it, and from it on.
    less: Vec<f64>,
    more: Vec<f64>,
}

impl<'a> Tables<'a> {
    fn new(n1: usize, n2: usize, below: &'a [usize], above: &'a [usize]) -> Self {
        Self {
            below,
            above,
            first: Binomial::new(n1),
            second: Binomial::new(n2),
            less: vec![0.0; n2 + 2],
            more: vec![0.0; n2 + 2],
        }
    }

    /// Leaves out what cannot be seen beside the observed table at its own share: the largest
    /// probability is at least that.
    fn look_past(&mut self, x1: usize, x2: usize) {
        let share = (x1 + x2) as f64 / (self.first.n + self.second.n) as f64;
        let (sine, cosine) = (share.sqrt(), (1.0 - share).sqrt());
        let whole = self.first.fill(sine, cosine) * self.second.fill(sine, cosine);
        let observed = self.first.term(x1) * self.second.term(x2) / whole;
        let negligible = (1e-18 * observed).max(TINY);
        (self.first.negligible, self.second.negligible) = (negligible, negligible);
    }

    /// Their probability at a share of sin² `angle`.
    fn at(&mut self, angle: f64) -> f64 {
        let (sine, cosine) = angle.sin_cos();
        let whole = self.first.fill(sine, cosine) * self.second.fill(sine, cosine);
        let (start, terms) = self.second.seen();
        let mut sum = 0.0;
        for (less, term) in self.less.iter_mut().zip(terms) {
            *less = sum;
            sum += term;
        }
        let all = sum;
        sum = 0.0;
        for (more, term) in self.more.iter_mut().take(terms.len()).rev().zip(terms.iter().rev()) {
            sum += term;
            *more = sum;
        }
        let count = terms.len();
        let (less, more) = (self.less.get(..count), self.more.get(..count));
        let before = |at: usize| {
            let seen = less.and_then(|less| less.get(at.checked_sub(start)?));
            seen.copied().unwrap_or(if at < start { 0.0 } else { all })
        };
        let from = |at: usize| {
            let seen = more.and_then(|more| more.get(at.checked_sub(start)?));
            seen.copied().unwrap_or(if at < start { all } else { 0.0 })
        };
        let (row, terms) = self.first.seen();
        let edges = self.below.iter().zip(self.above).skip(row);
        let extreme: f64 =
            terms.iter().zip(edges).map(|(term, (&j, &k))| term * (before(j) + from(k))).sum();
        extreme / whole
    }
}

/// The binomial law of n, in units of its most probable term.
struct Binomial {
    n: usize,
    /// (n − k)/(k + 1), for k from 0 to n − 1.
    ratios: Vec<f64>,
    terms: Vec<f64>,
    /// Where the terms that can be seen start and end.
    start: usize,
    end: usize,
    negligible: f64,
}

impl Binomial {
    fn new(n: usize) -> Self {
        let ratios = (0..n).map(|k| (n - k) as f64 / (k + 1) as f64).collect();
        Self { n, ratios, terms: vec![0.0; n + 1], start: 0, end: n + 1, negligible: TINY }
    }

    /// Sets the terms for a share of sine², as far as they can be seen, and gives their sum.
    fn fill(&mut self, sine: f64, cosine: f64) -> f64 {
        let share = sine * sine;
        let mode = (((self.n + 1) as f64 * share) as usize).min(self.n);
        let odds = (sine / cosine).powi(2);
        let (lower, upper) = self.terms.split_at_mut(mode);
        let (mut sum, mut term) = (0.0, 1.0);
        let steps = self.ratios.iter().skip(mode).map(|ratio| ratio * odds);
        self.end = mode;
        for (place, step) in upper.iter_mut().zip(steps.chain([0.0])) {
            *place = term;
            sum += term;
            self.end += 1;
            term *= step;
            if term < self.negligible {
                break;
            }
        }
        term = 1.0;
        self.start = mode;
        let back = odds.recip();
        for (place, ratio) in lower.iter_mut().rev().zip(self.ratios.iter().skip(self.n - mode)) {
            term *= ratio * back;
            if term < self.negligible {
                break;
            }
            *place = term;
            sum += term;
            self.start -= 1;
        }
        sum
    }

    /// Where the terms that can be seen start, and they.
    fn seen(&self) -> (usize, &[f64]) {
        (self.start, self.terms.get(self.start..self.end).unwrap_or_default())
    }

    fn term(&self, k: usize) -> f64 {
        let (start, terms) = self.seen();
        k.checked_sub(start).and_then(|at| terms.get(at)).copied().unwrap_or(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Alternative::{Greater, Less, TwoSided};

    fn near(got: f64, want: f64, within: f64) {
        assert!((got / want - 1.0).abs() < within, "{got} {want}");
    }

    #[test]
    fn binomial_terms_are_those_of_the_law() {
        let mut law = Binomial::new(4);
        for share in [0.0_f64, 0.1, 0.5, 0.83, 1.0] {
            let whole = law.fill(share.sqrt(), (1.0 - share).sqrt());
            for (k, ways) in [1.0, 4.0, 6.0, 4.0, 1.0].into_iter().enumerate() {
                let want = ways * share.powi(k as i32) * (1.0 - share).powi(4 - k as i32);
                assert!((law.term(k) / whole - want).abs() < 1e-15, "{share} {k}");
            }
        }
    }

    #[test]
    fn one_of_one_against_none_of_one_by_hand() {
        // Only (1, 0) is as extreme: π(1 − π) ≤ 1/4; with (0, 1) too, 1/2
        near(barnard(1, 1, 0, 1, Greater).unwrap(), 0.25, 1e-15);
        near(barnard(1, 1, 0, 1, TwoSided).unwrap(), 0.5, 1e-15);
        near(boschloo(1, 1, 0, 1, Greater).unwrap(), 0.25, 1e-15);
        near(boschloo(1, 1, 0, 1, TwoSided).unwrap(), 0.5, 1e-15);
        // 2 of 2 against 0 of 3: π²(1 − π)³ is largest at 2/5
        near(barnard(2, 2, 0, 3, Greater).unwrap(), 0.16 * 0.216, 1e-14);
        near(boschloo(2, 2, 0, 3, Greater).unwrap(), 0.16 * 0.216, 1e-14);
    }

    #[test]
    fn a_table_that_ties_counts_as_extreme() {
        // 7 of 10 against 1 of 10 has the T of 9 against 3: 6²/(8 · 12). SciPy 1.17.1 compares T as
        // floating-point numbers, misses the tie, and says 0.003465.
        let p = barnard(9, 10, 3, 10, Greater).unwrap();
        near(p, barnard(7, 10, 1, 10, Greater).unwrap(), 1e-15);
        near(p, 0.003_977_775_573_730_469, 1e-14); // 4171 / 2²⁰: 4171 ways, at a share of one half
    }

    #[test]
    fn no_difference_is_no_evidence() {
        for (x1, n1, x2, n2) in [(0, 3, 0, 9), (3, 3, 9, 9), (1, 3, 3, 9)] {
            assert_eq!(barnard(x1, n1, x2, n2, TwoSided), Some(1.0));
            assert_eq!(barnard(x1, n1, x2, n2, Greater), Some(1.0));
        }
        assert_eq!(boschloo(0, 3, 0, 9, TwoSided), Some(1.0));
        assert_eq!(barnard(1, 9, 3, 9, Greater), Some(1.0));
        assert_eq!(barnard(1, 60_000, 3, 60_000, Greater), None);
    }

    #[test]
    fn the_extreme_tables_form_a_staircase() {
        // That one more event in the group, or one fewer in the other, is more extreme, is what the
        // walk along the edge takes for granted.
        for (n1, n2) in [(1, 7), (6, 6), (5, 12), (13, 4)] {
            for (x1, x2) in (0..=n1).flat_map(|i| (0..=n2).map(move |j| (i, j))) {
                let observed = Score::new(x1, n1, x2, n2);
                if observed.cross <= 0 {
                    continue;
                }
                let p = |i, j| fisher::p_value(i, n1, j, n2, Greater).unwrap().0;
                let bound = p(x1, x2) * TIE;
                let scores = |i, j| {
                    let score = Score::new(i, n1, j, n2);
                    score.cross > 0 && score.at_least(&observed)
                };
                let (barnard, boschloo) =
                    (staircase(n1, n2, scores), staircase(n1, n2, |i, j| p(i, j) <= bound));
                for i in 0..=n1 {
                    for j in 0..=n2 {
                        assert_eq!((j as usize) < barnard[i as usize], scores(i, j));
                        assert_eq!((j as usize) < boschloo[i as usize], p(i, j) <= bound);
                    }
                }
            }
        }
    }

    #[test]
    fn swapping_groups_or_outcomes_changes_sides_only() {
        for (x1, n1, x2, n2) in [(7, 15, 12, 15), (3, 25, 7, 10), (2, 40, 9, 31)] {
            for test in [barnard, boschloo] {
                let p = test(x1, n1, x2, n2, Less).unwrap();
                near(test(x2, n2, x1, n1, Greater).unwrap(), p, 1e-12);
                near(test(n1 - x1, n1, n2 - x2, n2, Greater).unwrap(), p, 1e-12);
                let two = test(x1, n1, x2, n2, TwoSided).unwrap();
                near(test(x2, n2, x1, n1, TwoSided).unwrap(), two, 1e-12);
                assert!(two >= p);
            }
        }
    }

    #[test]
    fn boschloo_is_never_above_fisher() {
        for (x1, n1, x2, n2) in [(7, 15, 12, 15), (3, 25, 7, 10), (0, 9, 4, 9), (30, 90, 50, 95)] {
            let exact = fisher::p_value(x1, n1, x2, n2, Less).unwrap().0;
            assert!(boschloo(x1, n1, x2, n2, Less).unwrap() <= exact);
        }
    }
}
