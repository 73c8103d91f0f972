//! How likely are x marked ones among those drawn?

use std::f64::consts::PI;

use super::descent::{area, reach};
use super::saddle::{less_log, stirling_error, surprise};
use super::tail::Density;
use super::twofold::Twofold;

/// Where every cell is this large, the terms of a tail that falls slowly are integrated.
const LARGE: f64 = 1e6;
/// Slowly: by less than this share a term.
const GENTLE: f64 = 0.01;

/// P(X = x): of `marked` and `unmarked` ones, `drawn` are drawn without replacement, and `x` of those
/// are marked.
///
/// # Formula
/// C(marked, x) C(unmarked, drawn − x) / C(marked + unmarked, drawn), by its saddle point.
///
/// # Edges
/// 0 where x cannot be; NaN where more are drawn than there are.
///
/// # Source
/// C. Loader, 2000, "Fast and accurate computation of binomial probabilities".
///
/// ```
/// use wholefamily::stats::distribution::hypergeometric::probability;
/// assert!((probability(1, 2, 2, 2) - 4.0 / 6.0).abs() < 1e-15);
/// ```
#[must_use]
pub fn probability(x: u64, marked: u64, unmarked: u64, drawn: u64) -> f64 {
    match place(x, marked, unmarked, drawn) {
        Place::Inside(table) => {
            let density = table.density();
            density.exponent.exp_times(density.scale).min(1.0)
        }
        Place::Undefined => f64::NAN,
        _ => 0.0,
    }
}

/// ln P(X = x); −∞ where x cannot be.
///
/// ```
/// use wholefamily::stats::distribution::hypergeometric::ln_probability;
/// assert!((ln_probability(1, 2, 2, 2) - (4.0_f64 / 6.0).ln()).abs() < 1e-15);
/// ```
#[must_use]
pub fn ln_probability(x: u64, marked: u64, unmarked: u64, drawn: u64) -> f64 {
    match place(x, marked, unmarked, drawn) {
        Place::Inside(table) => {
            let density = table.density();
            (density.exponent + density.scale.ln().into()).value().min(0.0)
        }
        Place::Undefined => f64::NAN,
        _ => f64::NEG_INFINITY,
    }
}

/// P(X ≤ x).
///
/// ```
/// use wholefamily::stats::distribution::hypergeometric::lower;
/// assert!((lower(1, 2, 2, 2) - 5.0 / 6.0).abs() < 1e-15);
/// ```
#[must_use]
pub fn lower(x: u64, marked: u64, unmarked: u64, drawn: u64) -> f64 {
    match place(x, marked, unmarked, drawn) {
        Place::Inside(table) => table.flipped().upper(),
        Place::Undefined => f64::NAN,
        Place::Below => 0.0,
        Place::Above => 1.0,
    }
}

/// P(X ≥ x).
///
/// ```
/// use wholefamily::stats::distribution::hypergeometric::upper;
/// assert!((upper(1, 2, 2, 2) - 5.0 / 6.0).abs() < 1e-15);
/// ```
#[must_use]
pub fn upper(x: u64, marked: u64, unmarked: u64, drawn: u64) -> f64 {
    match place(x, marked, unmarked, drawn) {
        Place::Inside(table) => table.upper(),
        Place::Undefined => f64::NAN,
        Place::Below => 1.0,
        Place::Above => 0.0,
    }
}

/// Where a count lies among those that can be.
enum Place {
    Undefined,
    Below,
    Inside(Table),
    Above,
}

fn place(x: u64, marked: u64, unmarked: u64, drawn: u64) -> Place {
    let Some(all) = marked.checked_add(unmarked) else { return Place::Undefined };
    if drawn > all {
        Place::Undefined
    } else if x < drawn.saturating_sub(unmarked) {
        Place::Below
    } else if x > marked.min(drawn) {
        Place::Above
    } else {
        Place::Inside(Table {
            marked_drawn: x as f64,
            marked_left: (marked - x) as f64,
            unmarked_drawn: (drawn - x) as f64,
            unmarked_left: (unmarked - (drawn - x)) as f64,
        })
    }
}

/// The two-by-two table of marked or not, drawn or not.
#[derive(Debug, Clone, Copy)]
struct Table {
    marked_drawn: f64,
    marked_left: f64,
    unmarked_drawn: f64,
    unmarked_left: f64,
}

impl Table {
    /// Marked and unmarked ones change places, so that the count runs the other way.
    fn flipped(self) -> Self {
        Self {
            marked_drawn: self.unmarked_drawn,
            marked_left: self.unmarked_left,
            unmarked_drawn: self.marked_drawn,
            unmarked_left: self.marked_left,
        }
    }

    fn density(&self) -> Density {
        let marked = self.marked_drawn + self.marked_left;
        let unmarked = self.unmarked_drawn + self.unmarked_left;
        let drawn = self.marked_drawn + self.unmarked_drawn;
        let left = self.marked_left + self.unmarked_left;
        let all = marked + unmarked;
        let (mut exponent, mut squared) = (Twofold::from(0.0), 1.0);
        for (cell, row, column) in [
            (self.marked_drawn, marked, drawn),
            (self.marked_left, marked, left),
            (self.unmarked_drawn, unmarked, drawn),
            (self.unmarked_left, unmarked, left),
        ] {
            let expected = Twofold::product(row, column) / all.into();
            exponent = exponent + surprise(cell, expected) + stirling_error(cell).into();
            squared /= root_part(cell);
        }
        for margin in [marked, unmarked, drawn, left] {
            exponent = exponent - stirling_error(margin).into();
            squared *= root_part(margin);
        }
        exponent = exponent + stirling_error(all).into();
        squared /= root_part(all);
        Density { scale: squared.sqrt(), exponent: -exponent }
    }

    /// P(X > x) / P(X = x), for an x that is not below the mode.
    fn above(&self) -> f64 {
        let cells = [self.marked_drawn, self.marked_left, self.unmarked_drawn, self.unmarked_left];
        if cells.into_iter().fold(f64::INFINITY, f64::min) < LARGE {
            return self.sum_above();
        }
        let up = Twofold::product(self.marked_drawn, self.unmarked_left);
        let down = Twofold::product(self.marked_left, self.unmarked_drawn);
        let slope = (up / down).ln().value();
        if slope < GENTLE { self.area_above(slope) } else { self.sum_above() }
    }

    /// Each term is a multiple of the last.
    fn sum_above(&self) -> f64 {
        let (mut term, mut sum, mut k) = (1.0, 0.0, 0.0);
        while term > 1e-18 * sum {
            term *= ((self.marked_left - k) / (self.marked_drawn + 1.0 + k))
                * ((self.unmarked_drawn - k) / (self.unmarked_left + 1.0 + k));
            k += 1.0;
            sum += term;
        }
        sum
    }

    /// By the Euler–Maclaurin formula, g(1) + g(2) + … = ∫₀ g(t) dt − g(0)/2 − g′(0)/12 + g‴(0)/720,
    /// where −ln g(t) is the sum over cells of ln Γ(n ± t + 1) − ln Γ(n + 1), by Stirling's formula
    /// and its error; `slope` is the logarithm of the table's odds ratio.
    fn area_above(&self, slope: f64) -> f64 {
        let cells = [
            (self.marked_drawn, 1.0),
            (self.unmarked_left, 1.0),
            (self.marked_left, -1.0),
            (self.unmarked_drawn, -1.0),
        ];
        let curvature: f64 = cells.iter().map(|(n, _)| 1.0 / n).sum();
        let depth = |t: f64| {
            let bent = cells.iter().map(|(n, sign)| {
                let d = sign * t / n;
                let error = -d / (12.0 * n * (1.0 + d));
                n * (d * d - (1.0 + d) * less_log(d)) + (0.5 * d.ln_1p() + error)
            });
            slope * t + bent.sum::<f64>()
        };
        let steepness = |t: f64| {
            let bent = cells.iter().map(|(n, sign)| sign * (sign * t / n).ln_1p());
            slope + bent.sum::<f64>()
        };
        let end = self.marked_left.min(self.unmarked_drawn);
        let first = slope + 0.5 * cells.iter().map(|(n, sign)| sign / n).sum::<f64>();
        let third = first * (first * first - 3.0 * curvature);
        area(reach(slope.max(0.0), curvature), end, depth, steepness) - 0.5 + first / 12.0
            - third / 720.0
    }

    /// P(X ≥ x): whichever of the tails has falling terms, or what it leaves.
    fn upper(&self) -> f64 {
        let density = self.density();
        let falls = self.marked_left * self.unmarked_drawn
            <= (self.marked_drawn + 1.0) * (self.unmarked_left + 1.0);
        if falls {
            density.exponent.exp_times(density.scale * (1.0 + self.above())).min(1.0)
        } else {
            1.0 - density.exponent.exp_times(density.scale * self.flipped().above())
        }
    }
}

/// What n! brings under the root of Stirling's formula.
fn root_part(n: f64) -> f64 {
    if n == 0.0 { 1.0 } else { 2.0 * PI * n }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(got: f64, want: f64, what: &str) {
        assert!((got / want - 1.0).abs() < 4e-15, "{what}: {got:e} {want:e}");
    }

    #[test]
    fn small_urns_by_hand() {
        // C(7, x) C(3, 4 − x) / C(10, 4): 7, 63, 105, 35 of 210 for x = 1 to 4
        let ways = [0.0, 7.0, 63.0, 105.0, 35.0];
        for x in 1..=4 {
            let at = x as usize;
            let (below, above) = (ways[..=at].iter().sum::<f64>(), ways[at..].iter().sum::<f64>());
            close(probability(x, 7, 3, 4), ways[at] / 210.0, "probability");
            close(ln_probability(x, 7, 3, 4).exp(), ways[at] / 210.0, "logarithm");
            close(lower(x, 7, 3, 4), below / 210.0, "lower");
            close(upper(x, 7, 3, 4), above / 210.0, "upper");
        }
    }

    #[test]
    fn swapping_drawn_and_marked_changes_nothing() {
        for (x, marked, unmarked, drawn) in [
            (3, 9, 20, 6),
            (0, 50, 1000, 300),
            (420, 1000, 1000, 800),
            (40, 1_000_000, 1_000_000, 60),
        ] {
            let other = marked + unmarked - drawn;
            close(lower(x, marked, unmarked, drawn), lower(x, drawn, other, marked), "lower");
            close(upper(x, marked, unmarked, drawn), upper(x, drawn, other, marked), "upper");
            let flipped = upper(drawn - x, unmarked, marked, drawn);
            close(lower(x, marked, unmarked, drawn), flipped, "flipped");
        }
    }

    #[test]
    fn sums_and_areas_agree() {
        for (x, marked, unmarked, drawn) in [
            (1_050_000, 3_000_000, 60_000_000, 21_600_000),
            (250_000_000, 500_000_000, 500_000_000, 500_000_000),
            (30_060_000, 300_000_000, 700_000_000, 100_000_000),
        ] {
            let Place::Inside(table) = place(x, marked, unmarked, drawn) else { unreachable!() };
            let (sum, area) = (table.sum_above(), table.above());
            // The sum itself rounds some 10⁵ times.
            assert!((area / sum - 1.0).abs() < 2e-13, "{x}: {sum} {area}");
        }
    }

    #[test]
    fn edges_are_named() {
        assert_eq!(
            (probability(0, 5, 5, 0), lower(0, 5, 5, 0), upper(0, 5, 5, 0)),
            (1.0, 1.0, 1.0)
        );
        assert_eq!(
            (probability(1, 5, 2, 4), lower(1, 5, 2, 4), upper(1, 5, 2, 4)),
            (0.0, 0.0, 1.0)
        );
        assert_eq!(
            (probability(5, 5, 2, 4), lower(5, 5, 2, 4), upper(5, 5, 2, 4)),
            (0.0, 1.0, 0.0)
        );
        assert_eq!(ln_probability(5, 5, 2, 4), f64::NEG_INFINITY);
        assert!(probability(0, 5, 5, 11).is_nan() && lower(0, u64::MAX, 5, 1).is_nan());
    }
}
