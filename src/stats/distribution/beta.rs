//! How likely is a share up to x, or beyond it?

use std::f64::consts::PI;

use super::descent::Descent;
use super::normal_start;
use super::saddle::{stirling_error, surprise};
use super::tail::{Density, Side, Tail, solve};
use super::twofold::Twofold;

/// From shapes that are both this large, tails are integrated, which takes no longer as they grow.
const LARGE: f64 = 100.0;
/// Where so few are expected, the series is short.
const SHORT: f64 = 10.0;
/// And where so few, the tail beyond is not yet so small that 1 less the other would lose digits.
const NEAR: f64 = 1.5;
/// Below this x, 1/x is near the largest number there is.
const LEAST: f64 = 1e-300;
/// Enough terms where one shape is under [`LARGE`].
const TERMS: u32 = 100_000;

/// How likely is a beta variable to be up to x?
///
/// # Formula
/// ```text
/// I_x(a, b) = 1/B(a, b) ∫₀ˣ t^(a−1) (1 − t)^(b−1) dt
/// ```
/// The density at x by its saddle point, with 31 digits in the exponent; the tail as a multiple of
/// it by a power series (few expected), a continued fraction, or by integration from x outwards
/// (both shapes of 100 and more).
///
/// # Arguments
/// `x` from 0 to 1; shapes `a`, `b` > 0. Tails keep their digits for shapes of ½ and more; for
/// smaller shapes the smaller tail may be 1 less the other.
///
/// # Edges
/// 0 for x = 0, 1 for x = 1; NaN if an argument is out of range.
///
/// # Source
/// A. R. DiDonato and A. H. Morris, 1992, "Significant digit computation of the incomplete beta
/// function ratios" (fraction); C. Loader, 2000, "Fast and accurate computation of binomial
/// probabilities" (saddle point).
///
/// # Example
/// ```
/// use wholefamily::stats::distribution::beta::lower;
/// assert!((lower(0.5, 2.0, 1.0) - 0.25).abs() < 1e-15);
/// ```
#[must_use]
pub fn lower(x: f64, a: f64, b: f64) -> f64 {
    one_sided(Side::Lower, x, a, b)
}

/// How likely is a beta variable to be over x? 1 − I_x(a, b), without cancellation; see [`lower`].
///
/// ```
/// use wholefamily::stats::distribution::beta::upper;
/// assert!((upper(1e-9, 1.0, 1e9) / (-1.0000000005_f64).exp() - 1.0).abs() < 1e-15);
/// ```
#[must_use]
pub fn upper(x: f64, a: f64, b: f64) -> f64 {
    one_sided(Side::Upper, x, a, b)
}

/// Below which x does a beta variable lie with probability `p`?
///
/// # Formula
/// The root of ln I_x(a, b) = ln p by Newton's method in ln(x/(1 − x)), where it is concave; by the
/// opposite tail for p over ½.
///
/// # Edges
/// 0 for p = 0, 1 for p = 1; NaN if an argument is out of range. Roots under 10⁻³⁰⁷, which small
/// shapes have, are 0.
///
/// # Example
/// ```
/// use wholefamily::stats::distribution::beta::lower_quantile;
/// assert!((lower_quantile(0.025, 1.0, 9.0) - (1.0 - 0.975_f64.powf(1.0 / 9.0))).abs() < 1e-15);
/// ```
#[must_use]
pub fn lower_quantile(p: f64, a: f64, b: f64) -> f64 {
    share(odds_quantile(Side::Lower, p, a, b))
}

/// Above which x does a beta variable lie with probability `p`? See [`lower_quantile`].
///
/// ```
/// use wholefamily::stats::distribution::beta::upper_quantile;
/// assert!((upper_quantile(1e-200, 1.0, 100.0) - 0.99).abs() < 1e-15);
/// ```
#[must_use]
pub fn upper_quantile(p: f64, a: f64, b: f64) -> f64 {
    share(odds_quantile(Side::Upper, p, a, b))
}

/// odds/(1 + odds)
fn share(odds: f64) -> f64 {
    if odds.is_infinite() { 1.0 } else { odds / (1.0 + odds) }
}

fn one_sided(side: Side, x: f64, a: f64, b: f64) -> f64 {
    if !((0.0..=1.0).contains(&x) && fit(a, b)) {
        return f64::NAN;
    }
    if x > 0.0 && x < LEAST {
        // So near 0 the lower tail is a multiple of xᵃ, and x itself may have lost its digits.
        let below = one_sided(Side::Lower, LEAST, a, b) * (a * (x.ln() - LEAST.ln())).exp();
        return if side == Side::Lower { below } else { 1.0 - below };
    }
    tail_of(side, x.into(), Twofold::sum(1.0, -x), a, b)
}

fn fit(a: f64, b: f64) -> bool {
    a > 0.0 && b > 0.0 && a.is_finite() && b.is_finite()
}

/// The tail of a variable at x, where y = 1 − x, both with 31 digits.
pub(super) fn tail_of(side: Side, x: Twofold, y: Twofold, a: f64, b: f64) -> f64 {
    if x.high <= 0.0 || y.high <= 0.0 {
        return f64::from((side == Side::Lower) != (x.high <= 0.0));
    }
    Beta::new(a, b).tail(x, y).on(side)
}

/// x/(1 − x) with tail `p` on `side`.
pub(super) fn odds_quantile(side: Side, p: f64, a: f64, b: f64) -> f64 {
    if !((0.0..=1.0).contains(&p) && fit(a, b)) {
        return f64::NAN;
    }
    if p > 0.5 {
        return odds_quantile(side.other(), 1.0 - p, a, b);
    }
    if p == 0.0 {
        return if side == Side::Lower { 0.0 } else { f64::INFINITY };
    }
    if side == Side::Upper {
        return 1.0 / odds_quantile(Side::Lower, p, b, a);
    }
    let beta = Beta::new(a, b);
    solve(side, p, beta.start(p), |odds| {
        if odds < 1.0 {
            let x = odds / (1.0 + odds);
            beta.tail(x.into(), Twofold::sum(1.0, -x))
        } else {
            let y = 1.0 / (1.0 + odds);
            beta.tail(Twofold::sum(1.0, -y), y.into())
        }
    })
}

/// What does not depend on x.
struct Beta {
    a: f64,
    b: f64,
    scale: f64,
    stirling_error: f64,
}

impl Beta {
    fn new(a: f64, b: f64) -> Self {
        Self {
            a,
            b,
            scale: (a * (b / (a + b)) / (2.0 * PI)).sqrt(),
            stirling_error: stirling_error(a) + stirling_error(b) - stirling_error(a + b),
        }
    }

    /// x (1 − x) times the density at x.
    fn density(&self, x: Twofold, y: Twofold) -> Density {
        let all = Twofold::sum(self.a, self.b);
        let exponent = surprise(self.a, all * x) + surprise(self.b, all * y);
        Density { scale: self.scale, exponent: -(exponent + self.stirling_error.into()) }
    }

    fn tail(&self, x: Twofold, y: Twofold) -> Tail {
        let density = self.density(x, y);
        // a − (a + b) x
        let under = (Twofold::from(self.a) * y - Twofold::from(self.b) * x).value();
        let (x, y) = (x.value(), y.value());
        let all = self.a + self.b;
        let side = if x <= 0.5 && all * x <= NEAR {
            Side::Lower
        } else if y <= 0.5 && all * y <= NEAR {
            Side::Upper
        } else if under >= 0.0 {
            Side::Lower
        } else {
            Side::Upper
        };
        let ratio = match side {
            _ if self.a.min(self.b) >= LARGE => self.integral(side, under, x, y),
            Side::Lower if x <= 0.5 && all * x <= SHORT => series(self.a, self.b, x),
            Side::Upper if y <= 0.5 && all * y <= SHORT => series(self.b, self.a, y),
            Side::Lower => fraction(self.a, self.b, x, under),
            Side::Upper => fraction(self.b, self.a, y, -under),
        };
        Tail { side, ratio, density }
    }

    /// The tail by integration of the density from x outwards.
    fn integral(&self, side: Side, under: f64, x: f64, y: f64) -> f64 {
        let (sign, end) = if side == Side::Lower { (-1.0, x) } else { (1.0, y) };
        // (a − 1)/x − (b − 1)/y
        let slope = (under - y + x) / (x * y);
        let descent = Descent {
            slope: -sign * slope,
            bends: [(self.a - 1.0, sign / x), (self.b - 1.0, -sign / y)],
            end,
        };
        descent.area() / (x * y)
    }

    /// Where to look for a lower tail of p: not above the mean.
    fn start(&self, p: f64) -> f64 {
        let (a, b) = (self.a, self.b);
        let mean = a / b;
        let power = ((p * a).ln() / a + self.stirling_error / a).exp() * mean;
        if a < 1.0 || b < 1.0 {
            return power.min(mean);
        }
        // M. Abramowitz and I. A. Stegun, 1964, "Handbook of mathematical functions", 26.5.22
        let z = normal_start(p);
        let (s, t) = (1.0 / (2.0 * a - 1.0), 1.0 / (2.0 * b - 1.0));
        let h = 2.0 / (s + t);
        let l = (z * z - 3.0) / 6.0;
        let w = z * (h + l).max(0.0).sqrt() / h - (t - s) * (l + 5.0 / 6.0 - 2.0 / (3.0 * h));
        (mean * (-2.0 * w).exp()).clamp(1e-300, mean)
    }
}

/// I_x(a, b) / (x (1 − x) f(x)) = 1/a + (a + b)x/(a(a + 1)) + (a + b)(a + b + 1)x²/(a(a + 1)(a + 2)) + …
fn series(a: f64, b: f64, x: f64) -> f64 {
    let (mut k, mut term) = (a, 1.0 / a);
    let mut sum = term;
    while term > 1e-17 * sum {
        term *= (k + b) / (k + 1.0) * x;
        k += 1.0;
        sum += term;
    }
    sum
}

/// I_x(a, b) / (x (1 − x) f(x)) for x up to the mean, by the continued fraction of A. R. DiDonato and
/// A. H. Morris, 1992, "Significant digit computation of the incomplete beta function ratios"
/// (BFRAC); `under` is a − (a + b) x ≥ 0.
fn fraction(a: f64, b: f64, x: f64, under: f64) -> f64 {
    let mut beta = a / (a + 1.0) * (under + 1.0);
    let (mut c, mut d) = (f64::INFINITY, 1.0 / beta);
    let mut value = d;
    for n in 1..TERMS {
        let n = f64::from(n);
        let middle = a + 2.0 * n - 1.0;
        let w = n * (b - n) * x;
        let alpha = (a + n - 1.0) / middle * ((a + b + n - 1.0) / middle) * x * w;
        beta = n + w / middle + (a + n) / (middle + 2.0) * (under + 1.0 + n * (2.0 - x));
        d = 1.0 / (beta + alpha * d);
        c = beta + alpha / c;
        let change = c * d;
        value *= change;
        if (change - 1.0).abs() < 1e-16 {
            break;
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_x_there_is_has_next_to_nothing_below_it() {
        // I_x(1, 1) = x and I_x(½, 1) = √x
        assert_eq!(lower(5e-324, 1.0, 1.0), 5e-324);
        assert!((lower(4e-320, 0.5, 1.0) / 4e-320_f64.sqrt() - 1.0).abs() < 1e-12);
        assert_eq!(upper(5e-324, 2.0, 3.0), 1.0);
    }

    fn close(got: f64, want: f64, what: &str) {
        assert!((got / want - 1.0).abs() < 1e-14, "{what}: {got:e} {want:e}");
    }

    #[test]
    fn shapes_with_closed_forms() {
        for x in [1e-12, 1e-3, 0.2, 0.5, 0.7, 0.999_f64] {
            close(lower(x, 0.5, 0.5), 2.0 / PI * x.sqrt().asin(), "arcsine");
            close(lower(x, 3.0, 1.0), x.powi(3), "power");
            close(upper(x, 1.0, 7.5), (7.5 * (-x).ln_1p()).exp(), "power");
            close(lower(x, 2.0, 2.0), x * x * (3.0 - 2.0 * x), "cubic");
        }
    }

    #[test]
    fn swapping_the_shapes_swaps_the_tails() {
        for (a, b) in [(0.5, 3.0), (60.0, 200.0), (1e4, 150.0), (0.5, 1e6), (99.0, 1e9)] {
            for x in [0.125, 0.25, 0.5, 0.625, 0.75] {
                assert_eq!(lower(x, a, b), upper(1.0 - x, b, a), "{x} {a} {b}");
            }
        }
    }

    #[test]
    fn the_formulas_meet_at_their_seams() {
        let below = LARGE.next_down();
        for (b, spread) in [(100.0, 0.03), (1e4, 0.001), (1e9, 1e-8)] {
            for steps in [-8.0, -2.0, 0.0, 2.0, 20.0] {
                let x = LARGE / (LARGE + b) + steps * spread;
                if 0.0 < x && x < 1.0 {
                    // A unit in the last place of the shape is 1.4·10⁻¹⁴, and worth some of them.
                    assert!(
                        (lower(x, below, b) / lower(x, LARGE, b) - 1.0).abs() < 1e-13,
                        "{x} {b}"
                    );
                    assert!(
                        (upper(x, below, b) / upper(x, LARGE, b) - 1.0).abs() < 1e-13,
                        "{x} {b}"
                    );
                }
            }
        }
        for (a, b) in [(0.5, 0.5), (3.0, 0.5), (0.5, 40.0), (12.0, 50.0), (90.0, 1e9)] {
            for seam in [a / (a + b), NEAR / (a + b), SHORT / (a + b), 0.5] {
                if seam < 1.0 && upper(seam, a, b) > 0.0 {
                    let (before, after) = (seam.next_down(), seam.next_up());
                    assert!((lower(before, a, b) / lower(after, a, b) - 1.0).abs() < 4e-14);
                    assert!((upper(before, a, b) / upper(after, a, b) - 1.0).abs() < 4e-14);
                }
            }
        }
    }

    #[test]
    fn quantiles_come_back() {
        for (a, b) in [(0.5, 0.5), (1.0, 10.0), (0.5, 1e6), (50.5, 99.0), (3e4, 7e8), (1e9, 1e9)] {
            for p in [1e-300, 1e-20, 0.001, 0.025, 0.3, 0.5, 0.9, 0.998] {
                let (below, above) = (lower_quantile(p, a, b), upper_quantile(p, b, a));
                // A unit in the last place of x is worth √a of them in p.
                let near = 1e-14 * (1.0 + a.sqrt() * p.ln().abs());
                let back = lower(below, a, b);
                assert!((back / p - 1.0).abs() < near || below == 0.0, "{p} {a} {b}: {back}");
                assert!((below + above - 1.0).abs() < 1e-15, "{p} {a} {b}: {below} {above}");
            }
        }
    }

    #[test]
    fn edges_are_named() {
        assert_eq!((lower(0.0, 2.0, 3.0), upper(0.0, 2.0, 3.0)), (0.0, 1.0));
        assert_eq!((lower(1.0, 2.0, 3.0), upper(1.0, 2.0, 3.0)), (1.0, 0.0));
        assert!(lower(1.5, 2.0, 3.0).is_nan() && upper(0.5, 0.0, 3.0).is_nan());
        assert_eq!((lower_quantile(0.0, 2.0, 3.0), lower_quantile(1.0, 2.0, 3.0)), (0.0, 1.0));
        assert_eq!((upper_quantile(0.0, 2.0, 3.0), upper_quantile(1.0, 2.0, 3.0)), (1.0, 0.0));
        assert!(lower_quantile(-0.1, 2.0, 3.0).is_nan());
    }
}
