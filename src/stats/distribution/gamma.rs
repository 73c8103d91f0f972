//! How likely is a waiting time up to x, or beyond it?
//!
//! The gamma distribution with a scale of 1, both tails right to some 15 digits. statrs' regularised
//! gamma function is not used: it loses digits as the shape grows (2 parts in 10¹⁰ at 100,000).

use std::f64::consts::PI;

use super::descent::Descent;
use super::normal_start;
use super::saddle::{stirling_error, surprise};
use super::tail::{Density, Side, Tail, solve};
use super::twofold::Twofold;

/// From this shape on, tails are integrated, which takes no longer as shapes grow.
const LARGE: f64 = 100.0;
/// Up to here the upper tail is not yet so small that 1 less the lower would lose digits.
const NEAR: f64 = 1.5;
/// Enough terms for any shape under [`LARGE`].
const TERMS: u32 = 100_000;

/// How likely is a gamma variable of this shape, and scale 1, to be up to x?
///
/// # Formula
/// ```text
/// P(X ≤ x) = 1/Γ(a) ∫₀ˣ t^(a−1) e^(−t) dt,  a = shape
/// ```
/// The density at x by its saddle point, with 31 digits in the exponent; the tail as a multiple of
/// it by a power series (below the shape), a continued fraction (above it), or by integration from x
/// outwards (shapes of 100 and more).
///
/// # Arguments
/// `x`; `shape` > 0. Tails keep their digits for shapes of ½ and more; for smaller shapes the upper
/// one is 1 less the lower.
///
/// # Edges
/// 0 for x ≤ 0, 1 for infinite x; NaN if the shape is not a positive, finite number.
///
/// # Source
/// A. R. DiDonato and A. H. Morris, 1986, "Computation of the incomplete gamma function ratios and
/// their inverse" (series and fraction); C. Loader, 2000, "Fast and accurate computation of binomial
/// probabilities" (saddle point).
///
/// # Example
/// ```
/// use wholefamily::stats::distribution::gamma::lower;
/// assert!((lower(0.5, 1.0) - -(-0.5_f64).exp_m1()).abs() < 1e-15);
/// ```
#[must_use]
pub fn lower(x: f64, shape: f64) -> f64 {
    one_sided(Side::Lower, x, shape)
}

/// How likely is a gamma variable of this shape, and scale 1, to be over x? See [`lower`].
///
/// ```
/// use wholefamily::stats::distribution::gamma::upper;
/// assert!((upper(100.0, 2.0) / (101.0 * (-100.0_f64).exp()) - 1.0).abs() < 1e-14);
/// ```
#[must_use]
pub fn upper(x: f64, shape: f64) -> f64 {
    one_sided(Side::Upper, x, shape)
}

/// Below which x does a gamma variable lie with probability `p`?
///
/// # Formula
/// The root of ln P(X ≤ x) = ln p by Newton's method in ln x, where it is concave; by the opposite
/// tail for p over ½.
///
/// # Edges
/// 0 for p = 0, infinite for p = 1; NaN if an argument is out of range. Roots under 10⁻³⁰⁷, which
/// small shapes have, are 0.
///
/// # Example
/// ```
/// use wholefamily::stats::distribution::gamma::lower_quantile;
/// assert!((lower_quantile(1e-9, 1.0) / -(-1e-9_f64).ln_1p() - 1.0).abs() < 1e-15);
/// ```
#[must_use]
pub fn lower_quantile(p: f64, shape: f64) -> f64 {
    quantile(Side::Lower, p, shape)
}

/// Above which x does a gamma variable lie with probability `p`? See [`lower_quantile`].
///
/// ```
/// use wholefamily::stats::distribution::gamma::upper_quantile;
/// assert!((upper_quantile(1e-300, 1.0) / -(1e-300_f64.ln()) - 1.0).abs() < 1e-15);
/// ```
#[must_use]
pub fn upper_quantile(p: f64, shape: f64) -> f64 {
    quantile(Side::Upper, p, shape)
}

fn one_sided(side: Side, x: f64, shape: f64) -> f64 {
    if x.is_nan() || !(shape > 0.0 && shape.is_finite()) {
        return f64::NAN;
    }
    if x <= 0.0 || x.is_infinite() {
        return f64::from((side == Side::Lower) != (x <= 0.0));
    }
    Gamma::new(shape).tail(x).on(side)
}

fn quantile(side: Side, p: f64, shape: f64) -> f64 {
    if !((0.0..=1.0).contains(&p) && shape > 0.0 && shape.is_finite()) {
        return f64::NAN;
    }
    if p > 0.5 {
        return quantile(side.other(), 1.0 - p, shape);
    }
    if p == 0.0 {
        return if side == Side::Lower { 0.0 } else { f64::INFINITY };
    }
    let gamma = Gamma::new(shape);
    solve(side, p, gamma.start(side, p), |x| gamma.tail(x))
}

/// What does not depend on x.
struct Gamma {
    shape: f64,
    stirling_error: f64,
}

impl Gamma {
    fn new(shape: f64) -> Self {
        Self { shape, stirling_error: stirling_error(shape) }
    }

    /// x times the density at x.
    fn density(&self, x: f64) -> Density {
        let exponent = surprise(self.shape, x.into()) + Twofold::sum(x, -self.shape);
        Density {
            scale: (self.shape / (2.0 * PI)).sqrt(),
            exponent: -(exponent + self.stirling_error.into()),
        }
    }

    fn tail(&self, x: f64) -> Tail {
        let side = if x < self.shape.max(NEAR) { Side::Lower } else { Side::Upper };
        let ratio = match side {
            _ if self.shape >= LARGE => self.integral(side, x),
            Side::Lower => self.series(x),
            Side::Upper => self.fraction(x),
        };
        Tail { side, ratio, density: self.density(x) }
    }

    /// P(X ≤ x) / (x f(x)) = 1/a + x/(a(a + 1)) + x²/(a(a + 1)(a + 2)) + …
    fn series(&self, x: f64) -> f64 {
        let (mut a, mut term) = (self.shape, 1.0 / self.shape);
        let mut sum = term;
        while term > 1e-17 * sum {
            a += 1.0;
            term *= x / a;
            sum += term;
        }
        sum
    }

    /// P(X > x) / (x f(x)) = 1/(x + 1 − a − 1(1 − a)/(x + 3 − a − 2(2 − a)/(x + 5 − a − …))), by
    /// Lentz's method.
    fn fraction(&self, x: f64) -> f64 {
        let mut b = x + 1.0 - self.shape;
        let (mut c, mut d) = (f64::INFINITY, 1.0 / b);
        let mut value = d;
        for n in 1..TERMS {
            let n = f64::from(n);
            let a = n * (self.shape - n);
            b += 2.0;
            d = 1.0 / (b + a * d);
            c = b + a / c;
            let change = c * d;
            value *= change;
            if (change - 1.0).abs() < 1e-16 {
                break;
            }
        }
        value
    }

    /// The same two by integration of the density from x outwards.
    fn integral(&self, side: Side, x: f64) -> f64 {
        let slope = Twofold::sum(self.shape, -x).value() - 1.0;
        let (sign, end) = if side == Side::Lower { (-1.0, x) } else { (1.0, f64::INFINITY) };
        let descent = Descent {
            slope: -sign * slope / x,
            bends: [(self.shape - 1.0, sign / x), (0.0, 0.0)],
            end,
        };
        descent.area() / x
    }

    /// Where to look for a tail of `p`: not in the opposite one.
    fn start(&self, side: Side, p: f64) -> f64 {
        let a = self.shape;
        let z = normal_start(p) * if side == Side::Lower { -1.0 } else { 1.0 };
        // E. B. Wilson and M. M. Hilferty, 1931, "The distribution of chi-square"
        let cube = (1.0 - 1.0 / (9.0 * a) + z / (3.0 * a.sqrt())).max(0.0).powi(3) * a;
        match side {
            // Small shapes fall as a e^−x does.
            Side::Upper => cube.max(a).max(a.min(1.0).ln() - p.ln()),
            // p ≥ x^a e^−x / Γ(a + 1)
            Side::Lower => {
                let power = ((p.ln() + ln_gamma(a + 1.0)) / a).exp();
                cube.max(power).min(a)
            }
        }
    }
}

/// What is ln Γ(x), for x > 0?
///
/// # Formula
/// Stirling's, with its error: (x − ½) ln x − x + ½ ln 2π + δ(x). Near its zeros at 1 and 2, by steps
/// from 10, each of them in powers of what x is off.
///
/// # Edges
/// Infinite for 0; NaN below.
///
/// ```
/// use wholefamily::stats::distribution::gamma::ln_gamma;
/// assert!((ln_gamma(5.0) - 24.0_f64.ln()).abs() < 1e-15);
/// assert_eq!(ln_gamma(2.0), 0.0);
/// assert!((ln_gamma(1.0 + 1e-9) / -5.772156640790769e-10 - 1.0).abs() < 1e-6);
/// ```
#[must_use]
pub fn ln_gamma(x: f64) -> f64 {
    if x.is_nan() || x < 0.0 {
        f64::NAN
    } else if x < 0.5 {
        ln_gamma_near_two(x) - (x * (1.0 + x)).ln()
    } else if x < 1.5 {
        ln_gamma_near_two(x - 1.0) - (x - 1.0).ln_1p()
    } else if x < 3.0 {
        ln_gamma_near_two(x - 2.0)
    } else {
        ((x - 0.5) * (x.ln() - 1.0) - 0.5) + (0.5 * (2.0 * PI).ln() + stirling_error(x))
    }
}

/// ln Γ(2 + z) = ln(Γ(10 + z) / Γ(10)) − Σ ln(1 + z/j) over j = 2 to 9, for |z| ≤ 1.
fn ln_gamma_near_two(z: f64) -> f64 {
    let off = (0.1 * z).ln_1p();
    let mut errors = 0.0;
    for (power, coefficient) in [
        (15.0, -3_617.0 / 122_400.0),
        (13.0, 1.0 / 156.0),
        (11.0, -691.0 / 360_360.0),
        (9.0, 1.0 / 1_188.0),
        (7.0, -1.0 / 1_680.0),
        (5.0, 1.0 / 1_260.0),
        (3.0, -1.0 / 360.0),
        (1.0, 1.0 / 12.0),
    ] {
        errors += coefficient * 10f64.powf(-power) * (-power * off).exp_m1();
    }
    let steps: f64 = (2..10).rev().map(|j| (z / f64::from(j)).ln_1p()).sum();
    (9.5 + z) * off + z * (10f64.ln() - 1.0) + errors - steps
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(got: f64, want: f64, what: &str) {
        assert!((got / want - 1.0).abs() < 1e-14, "{what}: {got:e} {want:e}");
    }

    #[test]
    fn whole_shapes_are_poisson_sums() {
        // P(X > x) = e^−x (1 + x + x²/2 + … + x^(a−1)/(a−1)!)
        for shape in [1_u32, 2, 5, 30, 150] {
            for x in [1e-3, 0.7, 1.4, 1.6, 6.0, 40.0, 200.0_f64] {
                let (mut term, mut sum) = ((-x).exp(), 0.0);
                for k in 1..=shape {
                    sum += term;
                    term *= x / f64::from(k);
                }
                close(upper(x, f64::from(shape)), sum, &format!("{x} {shape}"));
                close(lower(x, f64::from(shape)) + sum, 1.0, &format!("{x} {shape}"));
            }
        }
    }

    #[test]
    fn the_formulas_meet_at_their_seams() {
        let below = LARGE.next_down();
        for x in [20.0, 90.0, 99.9, 100.1, 130.0, 400.0] {
            // A unit in the last place of the shape is 1.4·10⁻¹⁴, and worth up to twice that.
            assert!((lower(x, below) / lower(x, LARGE) - 1.0).abs() < 4e-14, "{x}");
            assert!((upper(x, below) / upper(x, LARGE) - 1.0).abs() < 4e-14, "{x}");
        }
        for shape in [0.5, 1.0, 30.0, 1e3_f64] {
            let seam = shape.max(NEAR);
            close(upper(seam.next_down(), shape), upper(seam, shape), "shape");
            close(lower(seam.next_down(), shape), lower(seam, shape), "shape");
        }
    }

    #[test]
    fn quantiles_come_back() {
        for shape in [0.5, 1.0, 7.5, 99.0, 100.0, 1e5, 1e9, 1e15] {
            for p in [1e-300, 1e-20, 0.001, 0.025, 0.3, 0.5, 0.9, 0.998] {
                let (below, above) = (lower_quantile(p, shape), upper_quantile(p, shape));
                // A unit in the last place of x is worth √shape of them in p.
                let near = 1e-14 * (1.0 + shape.sqrt() * p.ln().abs());
                assert!(
                    (lower(below, shape) / p - 1.0).abs() < near || below == 0.0,
                    "{p} {shape}"
                );
                assert!((upper(above, shape) / p - 1.0).abs() < near, "{p} {shape}");
                assert!(p >= 0.5 || below < above, "{p} {shape}: {below} {above}");
            }
        }
    }

    #[test]
    fn gamma_of_whole_and_half_numbers() {
        let (mut factorial, mut half) = (1.0_f64, PI.sqrt());
        for n in 1..30 {
            let n = f64::from(n);
            assert!((ln_gamma(n) - factorial.ln()).abs() <= 4e-16 * factorial.ln(), "{n}");
            close(ln_gamma(n - 0.5), half.ln(), "half");
            factorial *= n;
            half *= n - 0.5;
        }
        close(ln_gamma(1e-200), 200.0 * 10f64.ln(), "small");
    }

    #[test]
    fn edges_are_named() {
        assert_eq!((lower(0.0, 2.0), upper(0.0, 2.0)), (0.0, 1.0));
        assert_eq!((lower(f64::INFINITY, 2.0), upper(f64::INFINITY, 2.0)), (1.0, 0.0));
        assert!(lower(1.0, 0.0).is_nan() && upper(f64::NAN, 1.0).is_nan());
        assert_eq!((lower_quantile(0.0, 2.0), upper_quantile(1.0, 2.0)), (0.0, 0.0));
        assert!(lower_quantile(1.0, 2.0).is_infinite() && upper_quantile(0.0, 2.0).is_infinite());
        assert!(lower_quantile(-0.1, 2.0).is_nan() && upper_quantile(0.1, -1.0).is_nan());
        assert!(ln_gamma(-1.0).is_nan() && ln_gamma(0.0).is_infinite());
    }
}
