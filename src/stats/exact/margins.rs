//! All tables with the same margins, from one to the next.

use super::factorial::{self, Scaled};

/// The widest law that is added up term by term, as a standard deviation; only totals beyond 10¹³
/// can reach it.
const WIDEST: f64 = 1e6;
/// What is left of a sum when it is given up, relatively.
const NEGLIGIBLE: f64 = 1e-18;

/// The margins of a two-by-two table, and where its first cell can lie.
pub(super) struct Margins {
    group: u64,
    reference: u64,
    events: u64,
    pub(super) lowest: u64,
    pub(super) highest: u64,
    pub(super) mode: u64,
    pub(super) variance: f64,
}

impl Margins {
    pub(super) fn new(group: u64, reference: u64, events: u64) -> Option<Self> {
        let total = group.checked_add(reference)?;
        let (n1, n2, m, n) = (group as f64, reference as f64, events as f64, total as f64);
        let variance = (n1 / n) * (n2 / n) * m * ((n - m) / (n - 1.0));
        let lowest = events.saturating_sub(reference);
        let highest = group.min(events);
        let mode = if total < 1 << 31 {
            (group + 1) * (events + 1) / (total + 2) // a division that the processor has
        } else {
            let product = (u128::from(group) + 1) * (u128::from(events) + 1);
            u64::try_from(product / (u128::from(total) + 2)).ok()?
        };
        let mode = mode.clamp(lowest, highest);
        (variance <= WIDEST * WIDEST).then_some(Self {
            group,
            reference,
            events,
            lowest,
            highest,
            mode,
            variance,
        })
    }

    /// The four cells of the table whose first is k.
    pub(super) const fn cells(&self, k: u64) -> [u64; 4] {
        [k, self.group - k, self.events - k, self.reference - (self.events - k)]
    }

    /// P(k), and 1/P(k) but for what all tables share; `None` where the total is too large.
    pub(super) fn probability(&self, k: u64) -> Option<(Scaled, Scaled)> {
        let total = self.group + self.reference;
        let shared =
            factorial::product([self.group, self.reference, self.events, total - self.events])?;
        let whole = factorial::product([total, 0, 0, 0])?;
        let inverse = factorial::product(self.cells(k))?;
        let probability = Scaled {
            mantissa: shared.mantissa / (whole.mantissa * inverse.mantissa),
            exponent: shared.exponent - whole.exponent - inverse.exponent,
        };
        Some((probability, inverse))
    }

    /// P(k + 1) / P(k).
    pub(super) fn step_up(&self, k: u64) -> f64 {
        let [a, b, c, d] = self.cells(k).map(|cell| cell as f64);
        b * c / ((a + 1.0) * (d + 1.0))
    }

    /// P(k − 1) / P(k).
    pub(super) fn step_down(&self, k: u64) -> f64 {
        let [a, b, c, d] = self.cells(k).map(|cell| cell as f64);
        a * d / ((b + 1.0) * (c + 1.0))
    }

    /// Σ P(i)/P(k) over i ≥ k, as far as it can be seen.
    pub(super) fn upward(&self, k: u64) -> f64 {
        let [a, b, c, d] = self.cells(k);
        outward([b, c], [a, d])
    }

    /// Σ P(i)/P(k) over i ≤ k, as far as it can be seen.
    pub(super) fn downward(&self, k: u64) -> f64 {
        let [a, b, c, d] = self.cells(k);
        outward([a, d], [b, c])
    }
}

/// 1 + r₁ + r₁r₂ + …: at each step one leaves both cells of `from` and joins those of `to`.
fn outward(from: [u64; 2], to: [u64; 2]) -> f64 {
    let ([mut out1, mut out2], [mut into1, mut into2]) =
        (from.map(|cell| cell as f64), to.map(|cell| cell as f64));
    let (mut term, mut sum) = (1.0, 1.0);
    loop {
        into1 += 1.0;
        into2 += 1.0;
        term *= out1 * out2 / (into1 * into2);
        out1 -= 1.0;
        out2 -= 1.0;
        sum += term;
        // An empty cell makes the term 0, and ends the walk too.
        if term <= NEGLIGIBLE * sum {
            return sum;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_of_small_margins_by_hand() {
        // C(7, k) C(3, 4 − k): 7, 63, 105, 35 of 210 for k = 1 to 4
        let margins = Margins::new(7, 3, 4).unwrap();
        assert_eq!((margins.lowest, margins.mode, margins.highest), (1, 3, 4));
        let near = |got: f64, want: f64| assert!((got / want - 1.0).abs() < 1e-15, "{got} {want}");
        near(margins.probability(2).unwrap().0.times(1.0), 63.0 / 210.0);
        near(margins.step_up(1), 9.0);
        near(margins.step_down(2), 1.0 / 9.0);
        near(margins.upward(2), 203.0 / 63.0);
        near(margins.downward(3), 175.0 / 105.0);
        near(margins.upward(4), 1.0);
    }

    #[test]
    fn walks_and_factorials_agree() {
        for (group, reference, events) in [(70, 80, 104), (4000, 6000, 300), (9000, 7000, 8000)] {
            let margins = Margins::new(group, reference, events).unwrap();
            for k in [margins.lowest, margins.mode, margins.mode + 3] {
                let sum = margins.upward(k) + margins.downward(k) - 1.0;
                let p = margins.probability(k).unwrap().0;
                let one = p.times(sum.min(f64::MAX));
                assert!(sum.is_infinite() || (one - 1.0).abs() < 2e-14, "{group} {k} {one}");
            }
        }
    }
}
