//! The pieces of Loader's saddle-point form, in which no probability cancels.
//!
//! C. Loader, 2000, "Fast and accurate computation of binomial probabilities".

use super::twofold::Twofold;

/// From here on the asymptotic series is right to the last digit.
const LARGE: f64 = 9.0;

/// Stirling's error δ(n): Γ(n + 1) = √(2πn) (n/e)ⁿ e^δ(n), for n > 0; 0 for n = 0, where the root
/// is to be left out.
///
/// By its asymptotic series from 9 on; below, by δ(n) = δ(n + 1) + (n + ½) ln(1 + 1/n) − 1, whose
/// steps are all positive.
pub(super) fn stirling_error(n: f64) -> f64 {
    if n <= 0.0 {
        return 0.0;
    }
    let (mut n, mut steps) = (n, 0.0);
    while n < LARGE {
        steps += step(n);
        n += 1.0;
    }
    let square = 1.0 / (n * n);
    // Bernoulli numbers B₂ₖ / (2k (2k − 1)), from the smallest term
    let mut series = 0.0;
    for coefficient in [
        43_867.0 / 244_188.0,
        -3_617.0 / 122_400.0,
        1.0 / 156.0,
        -691.0 / 360_360.0,
        1.0 / 1_188.0,
        -1.0 / 1_680.0,
        1.0 / 1_260.0,
        -1.0 / 360.0,
        1.0 / 12.0,
    ] {
        series = series * square + coefficient;
    }
    steps + series / n
}

/// (n + ½) ln(1 + 1/n) − 1 = s²/3 + s⁴/5 + …, with s = 1/(2n + 1).
fn step(n: f64) -> f64 {
    let s = 1.0 / (2.0 * n + 1.0);
    if s > 0.3 {
        return (n + 0.5) * (1.0 / n).ln_1p() - 1.0;
    }
    let square = s * s;
    let (mut power, mut sum, mut odd) = (square, 0.0, 3.0);
    while power > 1e-18 {
        sum += power / odd;
        power *= square;
        odd += 2.0;
    }
    sum
}

/// d − ln(1 + d) ≥ 0, for d > −1.
///
/// Near 0 by s (d − 2s² (1/3 + s²/5 + s⁴/7 + …)), with s = d/(2 + d).
pub(super) fn less_log(d: f64) -> f64 {
    if !(-0.4..=0.6).contains(&d) {
        return d - d.ln_1p();
    }
    let s = d / (2.0 + d);
    let square = s * s;
    let (mut power, mut sum, mut odd) = (square, 0.0, 3.0);
    while power > 1e-18 * square {
        sum += power / odd;
        power *= square;
        odd += 2.0;
        if power == 0.0 {
            break;
        }
    }
    s * (d - 2.0 * sum)
}

/// x ln(x / expected), with 31 digits; 0 for x = 0.
pub(super) fn surprise(x: f64, expected: Twofold) -> Twofold {
    if x == 0.0 { x.into() } else { (Twofold::from(x) / expected).ln() * x.into() }
}

#[cfg(test)]
mod tests {
    use std::f64::consts::PI;

    use super::*;

    #[test]
    fn stirling_and_its_error_make_factorials() {
        let mut factorial = 1.0;
        for n in 1..25 {
            let n = f64::from(n);
            factorial *= n;
            let stirling = (2.0 * PI * n).sqrt() * (n / 1f64.exp()).powf(n);
            let got = stirling * stirling_error(n).exp();
            assert!((got / factorial - 1.0).abs() < 1e-14, "{n}");
        }
        assert_eq!(stirling_error(0.0), 0.0);
        assert!((stirling_error(1e9) * 12e9 - 1.0).abs() < 1e-15);
        let seam = stirling_error(LARGE.next_down()) - stirling_error(LARGE);
        assert!(seam.abs() < 1e-17, "{seam:e}");
    }

    #[test]
    fn what_the_logarithm_leaves_keeps_its_digits() {
        for d in [1e-9, -1e-9, 1e-4, -0.03_f64] {
            // d²/2 − d³/3 + d⁴/4 − …
            let want: f64 = (2..12).rev().map(|k| (-d).powi(k) / f64::from(k)).sum();
            assert!((less_log(d) / want - 1.0).abs() < 1e-15, "{d}");
        }
        for seam in [-0.4_f64, 0.6] {
            let (below, above) = (less_log(seam.next_down()), less_log(seam.next_up()));
            assert!((below / above - 1.0).abs() < 4e-15, "{seam}");
        }
        assert_eq!(less_log(0.0), 0.0);
    }
}
