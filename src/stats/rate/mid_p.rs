//! Mid-p limits for the mean of a Poisson count.

use super::super::distribution::poisson;
use super::super::level::Level;

/// From this count on, the expansion in powers of 1/√x is right to the last digit.
const LARGE: u64 = 1_000_000_000;
/// Newton's method converges from any start here, in fewer than 10 steps in practice.
const STEPS: usize = 100;

/// λ with P(X > x) + ½ P(X = x) = (1 − level)/2, and λ with P(X < x) + ½ P(X = x) = (1 − level)/2.
pub(super) fn limits(x: u64, level: Level) -> (f64, f64) {
    let lower = if x == 0 { 0.0 } else { limit(x, level, -1.0) };
    // ½ e^−λ = (1 − level)/2
    let upper = if x == 0 { -(-level.get()).ln_1p() } else { limit(x, level, 1.0) };
    (lower, upper)
}

/// The lower limit for `side` −1, the upper one for 1.
///
/// In u = ln λ the log of the tail with its half term, T, has the slope ∓½ (x + λ) P(X = x) / T.
fn limit(x: u64, level: Level, side: f64) -> f64 {
    let (count, z, tail) = (x as f64, side * level.z(), level.tail());
    let mut mean = start(count, z);
    if x >= LARGE {
        return mean;
    }
    for _ in 0..STEPS {
        let half = 0.5 * poisson::probability(x, mean);
        let whole = if side < 0.0 { poisson::upper(x, mean) } else { poisson::lower(x, mean) };
        let beyond = whole - half;
        if beyond <= 0.0 {
            break;
        }
        let step = side * (beyond / tail).ln() * beyond / (half * (count + mean));
        mean *= step.clamp(-1.0, 1.0).exp();
        if step.abs() < 1e-15 {
            break;
        }
    }
    mean
}

/// The quantile of a gamma distribution of shape x + ½, by its first terms (H. Goldberg and H.
/// Levine, 1946, "Approximate formulas for the percentage points and normalization of t and χ²"),
/// and z/(8√x), by which the mean of the tails of x and of x + 1 differs from the tail of x + ½.
/// A cube (E. Wilson and M. Hilferty, 1931) where those terms are not small.
fn start(x: f64, z: f64) -> f64 {
    let shape = x + 0.5;
    let root = shape.sqrt();
    if x < 1e6 {
        let cube = 1.0 - 1.0 / (9.0 * shape) + z / (3.0 * root);
        return shape * cube.max(0.05).powi(3);
    }
    let small =
        z * (z * z - 7.0) / 36.0 / root - (z * z * (3.0 * z * z + 7.0) - 16.0) / 810.0 / shape;
    x + (z * root + (0.5 + (z * z - 1.0) / 3.0 + small + z / 8.0 / root))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn level(level: f64) -> Level {
        Level::new(level).unwrap()
    }

    #[test]
    fn the_steps_and_the_expansion_agree_where_they_meet() {
        for wanted in [1e-9, 0.2, 0.95, 0.998, 1.0 - 1e-15] {
            let (level, x) = (level(wanted), LARGE - 1);
            let (lower, upper) = limits(x, level);
            assert!((start(x as f64, -level.z()) / lower - 1.0).abs() < 1e-15, "{wanted}");
            assert!((start(x as f64, level.z()) / upper - 1.0).abs() < 1e-15, "{wanted}");
        }
    }

    #[test]
    fn limits_give_back_their_tails() {
        for x in [1, 2, 9, 50, 100_000] {
            let (lower, upper) = limits(x, level(0.9));
            let above = poisson::upper(x, lower) - 0.5 * poisson::probability(x, lower);
            let below = poisson::lower(x, upper) - 0.5 * poisson::probability(x, upper);
            assert!((above / 0.05 - 1.0).abs() < 1e-10, "{x}: {above}");
            assert!((below / 0.05 - 1.0).abs() < 1e-10, "{x}: {below}");
        }
        // ½ e^−λ = 0.05
        assert_eq!(limits(0, level(0.9)).0, 0.0);
        assert!((limits(0, level(0.9)).1 / 10_f64.ln() - 1.0).abs() < 1e-15);
    }

    #[test]
    fn limits_lie_within_the_exact_ones_and_rise_with_the_count() {
        let mut before = (0.0, 0.0);
        for x in (0..200).chain([1_000, 1_000_000, LARGE - 1, LARGE, LARGE + 1, u64::MAX]) {
            let (lower, upper) = limits(x, level(0.95));
            assert!((lower > before.0 || x == 0) && upper > before.1, "{x}");
            before = (lower, upper);
            if x < 1_000_000 {
                let exact = super::super::limits(x, super::super::RateMethod::Exact, level(0.95));
                assert!(exact.0 <= lower && upper < exact.1, "{x}");
            }
        }
    }
}
