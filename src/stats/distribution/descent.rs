//! The area under a curve that starts at 1 and falls, for tails of distributions of large shape.

use std::f64::consts::PI;
use std::sync::LazyLock;

use super::saddle::less_log;

/// Points of the Gauss–Legendre rule.
const POINTS: usize = 32;
/// Where the curve is below e^−38, nothing of it is seen any more.
const DEPTH: f64 = 38.0;

/// Points in (0, 1) and their weights.
static RULE: LazyLock<[(f64, f64); POINTS]> = LazyLock::new(gauss_legendre);

/// ∫₀^end e^−φ(t) dt, right to some 15 digits, where φ is convex, begins at 0 and does not fall by
/// more than its rounding; φ and φ′ are `depth` and `steepness`, and φ(`guess`) is some 40.
pub(super) fn area(
    guess: f64,
    end: f64,
    depth: impl Fn(f64) -> f64,
    steepness: impl Fn(f64) -> f64,
) -> f64 {
    let mut width = guess.min(0.5 * end);
    for _ in 0..60 {
        let here = depth(width);
        if (DEPTH - 1.0..DEPTH + 6.0).contains(&here) {
            break;
        }
        let next = width + (DEPTH + 1.0 - here) / steepness(width);
        width = if next < end { next } else { 0.5 * (width + end) };
    }
    RULE.iter().map(|(t, weight)| weight * (-depth(t * width)).exp()).sum::<f64>() * width
}

/// The t > 0 with slope·t + curvature·t²/2 at [`DEPTH`], without cancellation.
pub(super) fn reach(slope: f64, curvature: f64) -> f64 {
    2.0 * DEPTH / (slope + (slope * slope + 2.0 * DEPTH * curvature).sqrt())
}

/// φ(t) = slope·t + Σ wᵢ (dᵢ − ln(1 + dᵢ)) with dᵢ = t sᵢ: a power of t, or a product of two.
pub(super) struct Descent {
    /// φ′(0), not negative.
    pub(super) slope: f64,
    /// Weights wᵢ ≥ 0 and signed scales sᵢ.
    pub(super) bends: [(f64, f64); 2],
    /// The curve ends here; it may be infinite.
    pub(super) end: f64,
}

impl Descent {
    /// ∫₀^end e^−φ(t) dt
    pub(super) fn area(&self) -> f64 {
        let bends = &self.bends;
        let curvature: f64 = bends.iter().map(|(w, s)| w * s * s).sum();
        area(
            reach(self.slope, curvature),
            self.end,
            |t| self.slope * t + bends.iter().map(|(w, s)| w * less_log(t * s)).sum::<f64>(),
            |t| {
                let bent = bends.iter().map(|(w, s)| w * s * (t * s / (1.0 + t * s)));
                self.slope + bent.sum::<f64>()
            },
        )
    }
}

/// Points and weights on (0, 1): the roots of the Legendre polynomial, by Newton's method.
fn gauss_legendre() -> [(f64, f64); POINTS] {
    let n = POINTS as f64;
    std::array::from_fn(|i| {
        let mut x = (PI * (i as f64 + 0.75) / (n + 0.5)).cos();
        let mut slope = 1.0;
        for _ in 0..10 {
            let (mut before, mut value) = (1.0, x);
            for k in 2..=POINTS {
                let k = k as f64;
                (before, value) = (value, ((2.0 * k - 1.0) * x * value - (k - 1.0) * before) / k);
            }
            slope = n * (x * value - before) / (x * x - 1.0);
            x -= value / slope;
        }
        (0.5 * (1.0 - x), 1.0 / ((1.0 - x * x) * slope * slope))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rule_is_exact_for_polynomials() {
        for power in [0, 1, 2, 31, 63] {
            let got: f64 = RULE.iter().map(|(t, weight)| weight * t.powi(power)).sum();
            assert!((got * f64::from(power + 1) - 1.0).abs() < 1e-14, "{power}: {got}");
        }
    }

    #[test]
    fn straight_and_bell_shaped_descents() {
        for slope in [1e-6, 0.3, 1.0, 1e9] {
            let descent = Descent { slope, bends: [(0.0, 0.0); 2], end: f64::INFINITY };
            assert!((descent.area() * slope - 1.0).abs() < 2e-15, "{slope}");
        }
        // A normal density of scale 10⁻⁶, which its bends are to 1 part in 10¹²
        let bend = Descent { slope: 0.0, bends: [(5e23, 1e-6), (5e23, -1e-6)], end: 1e6 };
        let want = (PI / 2.0).sqrt() * 1e-6;
        assert!((bend.area() / want - 1.0).abs() < 1e-12);
    }

    #[test]
    fn powers_have_closed_areas() {
        // ∫₀¹ (1 − t)ⁿ e^nt·e^−nt dt = 1/(n + 1): the slope takes back what the bend leaves out
        for n in [100.0, 1e4, 1e8] {
            let descent = Descent { slope: n, bends: [(n, -1.0), (0.0, 0.0)], end: 1.0 };
            assert!((descent.area() * (n + 1.0) - 1.0).abs() < 4e-15, "{n}");
        }
    }
}
