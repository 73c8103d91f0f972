//! The odds ratio given all margins: the noncentral hypergeometric law.
//!
//! With the margins of a table [a, b, c, d] held, P(X = k) ∝ C(a + b, k) C(c + d, a + c − k) ψᵏ.
//! Sums run outward from the observed a, in units of P(a), so that no factorial is formed and both
//! tails keep their digits.

use super::super::level::Level;

/// The smallest margin that the walk is made for: its law is no wider than √margin / 2.
const LARGEST: u64 = 40_000_000_000;
/// What is left of a sum when it is given up, relatively.
const NEGLIGIBLE: f64 = 1e-22;

/// Whether the law is narrow enough to be added up.
pub(super) fn can([a, b, c, d]: [u64; 4]) -> bool {
    let margins = [a.checked_add(b), c.checked_add(d), a.checked_add(c), b.checked_add(d)];
    margins.into_iter().flatten().min().is_some_and(|least| least <= LARGEST)
}

/// The odds ratio under which a is what is expected; all four cells are above 0.
pub(super) fn likeliest(cells: [u64; 4]) -> f64 {
    let (start, _) = guess(cells);
    rising_root(start, |log| {
        let law = Law::new(cells, log);
        (law.mean(), law.variance())
    })
}

/// The odds ratio under which a or more has the probability (1 − level)/2.
pub(super) fn lower(cells: [u64; 4], level: Level) -> f64 {
    let (centre, deviation) = guess(cells);
    let tail = level.tail().ln();
    rising_root(level.z().mul_add(-deviation, centre), |log| {
        let law = Law::new(cells, log);
        (law.upper_tail().ln() - tail, law.mean_of_upper() - law.mean())
    })
}

/// The odds ratio under which a or less has the probability (1 − level)/2: with the groups turned
/// round, a lower limit.
pub(super) fn upper([a, b, c, d]: [u64; 4], level: Level) -> f64 {
    lower([c, d, a, b], level).recip()
}

/// The logarithm of the odds ratio and its standard deviation, when half a person is added to each
/// cell.
fn guess(cells: [u64; 4]) -> (f64, f64) {
    let [a, b, c, d] = cells.map(|cell| cell as f64 + 0.5);
    ((a / b).ln() - (c / d).ln(), (1.0 / a + 1.0 / b + 1.0 / c + 1.0 / d).sqrt())
}

/// e to the root of an increasing function that is given with its slope, by Newton's steps; a step
/// that leaves what is known to hold the root is replaced by halving.
fn rising_root(start: f64, f: impl Fn(f64) -> (f64, f64)) -> f64 {
    let (mut low, mut high) = (f64::NEG_INFINITY, f64::INFINITY);
    let mut here = start;
    for _ in 0..200 {
        let (value, slope) = f(here);
        let step = value / slope;
        if step.abs() <= 2.0 * f64::EPSILON * here.abs().max(1.0) {
            return (here - step).exp();
        }
        // Not a number only where the sums overflow, far below the root
        if value > 0.0 {
            high = here;
        } else {
            low = here;
        }
        here -= step;
        if !(low < here && here < high) {
            here = match (low.is_finite(), high.is_finite()) {
                (true, true) => low + (high - low) / 2.0,
                (true, false) => low + 1.0,
                _ => high - 1.0,
            };
        }
    }
    here.exp()
}

/// Sums over the law, in units of P(a): of the probabilities on each side of a, and of those times
/// the distance from a and its square.
struct Law {
    above: [f64; 3],
    below: [f64; 3],
}

impl Law {
    fn new([a, b, c, d]: [u64; 4], log: f64) -> Self {
        let odds = log.exp();
        // Up: one moves from b to a and from c to d; down: the other way.
        Self { above: side([b, c], [a, d], odds), below: side([a, d], [b, c], odds.recip()) }
    }

    fn total(&self) -> f64 {
        let ([above, ..], [below, ..]) = (self.above, self.below);
        1.0 + above + below
    }

    /// E(X) − a.
    fn mean(&self) -> f64 {
        let ([_, above, _], [_, below, _]) = (self.above, self.below);
        (above - below) / self.total()
    }

    fn variance(&self) -> f64 {
        let ([_, _, above], [_, _, below]) = (self.above, self.below);
        let mean = self.mean();
        (above + below) / self.total() - mean * mean
    }

    /// P(X ≥ a).
    fn upper_tail(&self) -> f64 {
        let [above, ..] = self.above;
        (1.0 + above) / self.total()
    }

    /// E(X | X ≥ a) − a.
    fn mean_of_upper(&self) -> f64 {
        let [above, distance, _] = self.above;
        distance / (1.0 + above)
    }
}

/// The sums on one side of a: at each step one leaves both cells of `from` and joins those of `to`.
fn side(from: [u64; 2], to: [u64; 2], odds: f64) -> [f64; 3] {
    let ([mut out1, mut out2], [mut into1, mut into2]) =
        (from.map(|cell| cell as f64), to.map(|cell| cell as f64));
    let (mut term, mut distance) = (1.0, 0.0);
    let (mut sum, mut first, mut second) = (0.0, 0.0, 0.0);
    while out1 > 0.0 && out2 > 0.0 {
        into1 += 1.0;
        into2 += 1.0;
        let step = out1 * out2 / (into1 * into2) * odds;
        out1 -= 1.0;
        out2 -= 1.0;
        distance += 1.0;
        term *= step;
        sum += term;
        first += term * distance;
        second += term * distance * distance;
        if step < 1.0 && term * distance * distance <= NEGLIGIBLE * second || term.is_infinite() {
            break;
        }
    }
    [sum, first, second]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::distribution::noncentral_hypergeometric;

    #[test]
    fn the_law_of_a_small_table_adds_up() {
        // 7 people, 4 events, [2, 1, 2, 2] at ψ = 2: weights C(3, k) C(4, 4 − k) 2ᵏ = 1, 24, 72, 32
        let law = Law::new([2, 1, 2, 2], 2.0_f64.ln());
        let near = |got: f64, want: f64| assert!((got / want - 1.0).abs() < 1e-14, "{got} {want}");
        near(law.total(), 129.0 / 72.0);
        near(law.mean() + 2.0, (24.0 + 144.0 + 96.0) / 129.0);
        near(law.upper_tail(), 104.0 / 129.0);
        near(law.mean_of_upper(), 32.0 / 104.0);
        let mean: f64 = 264.0 / 129.0;
        near(law.variance(), (24.0 + 288.0 + 288.0) / 129.0 - mean * mean);
    }

    #[test]
    fn limits_have_their_probability() {
        for cells in [[3, 1, 1, 3], [56, 14, 48, 32], [1, 999, 9, 9991], [0, 10, 3, 20]] {
            for level in [0.5, 0.95, 1.0 - 1e-12] {
                let level = Level::new(level).unwrap();
                let [a, b, c, d] = cells;
                let [low, high] = [
                    noncentral_hypergeometric::upper(a, a + b, c + d, a + c, lower(cells, level)),
                    noncentral_hypergeometric::lower(a, a + b, c + d, a + c, upper(cells, level)),
                ];
                assert!((high / level.tail() - 1.0).abs() < 1e-11, "{cells:?} {level:?}");
                assert!(a == 0 || (low / level.tail() - 1.0).abs() < 1e-11, "{cells:?} {level:?}");
            }
        }
    }

    #[test]
    fn the_likeliest_odds_ratio_comes_near_the_plain_one_in_large_tables() {
        let [a, b, c, d] = [300_000, 700_000, 200_000, 900_000];
        let plain = (a * d) as f64 / (b * c) as f64;
        assert!((likeliest([a, b, c, d]) / plain - 1.0).abs() < 1e-4);
    }
}
