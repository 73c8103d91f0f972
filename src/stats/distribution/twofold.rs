//! A number as the sum of two floating-point numbers, with some 31 digits.
//!
//! The exponent of a far tail must be right to 16 digits *after* its integer part: e^−690 from an
//! exponent with 16 digits in all is right to 13 at best.

use std::f64::consts::{LN_2, SQRT_2};
use std::ops::{Add, Div, Mul, Neg, Sub};
use std::sync::LazyLock;

/// What ln 2 has beyond its floating-point number.
const LN_2_REST: f64 = 2.319_046_813_846_299_6e-17;
/// More terms than the series of ln ever needs.
const TERMS: usize = 24;

/// 1, 1/3, 1/5, …
static ODD: LazyLock<[Twofold; TERMS]> =
    LazyLock::new(|| std::array::from_fn(|j| Twofold::from(1.0) / (2.0 * j as f64 + 1.0).into()));

/// `high` + `low`, where `low` is at most half a unit in the last place of `high`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Twofold {
    pub(super) high: f64,
    pub(super) low: f64,
}

impl Twofold {
    /// The sum of two floating-point numbers, exactly.
    pub(super) fn sum(a: f64, b: f64) -> Self {
        let high = a + b;
        let part = high - a;
        Self { high, low: (a - (high - part)) + (b - part) }
    }

    /// The product of two floating-point numbers, exactly.
    pub(super) fn product(a: f64, b: f64) -> Self {
        let high = a * b;
        Self { high, low: a.mul_add(b, -high) }
    }

    /// The nearest floating-point number.
    pub(super) fn value(self) -> f64 {
        self.high + self.low
    }

    /// The natural logarithm of a positive number; −∞ for 0.
    ///
    /// With m·2ᵏ for the number, √½ ≤ m < √2, and s = (m − 1)/(m + 1):
    /// ln = k ln 2 + 2 (s + s³/3 + s⁵/5 + …).
    pub(super) fn ln(self) -> Self {
        if self.high <= 0.0 {
            return f64::NEG_INFINITY.into();
        }
        // Numbers under 2^−1022 first become ordinary ones.
        let (lifted, lift) =
            if self.high < 1e-290 { (self.scaled(2f64.powi(600)), -600) } else { (self, 0) };
        let mut k = ((lifted.high.to_bits() >> 52) as i32) - 1023;
        let mut m = lifted.scaled(2f64.powi(-k / 2)).scaled(2f64.powi(-k - -k / 2));
        if m.high >= SQRT_2 {
            m = m.scaled(0.5);
            k += 1;
        }
        k += lift;
        let s = (m - 1.0.into()) / (m + 1.0.into());
        let square = s * s;
        // Terms under 10⁻¹⁶ of the first need 16 digits only, and those under 10⁻³² none.
        let half = (-37.0 / square.high.max(1e-300).ln()) as usize + 1;
        let (full, rest) = ODD.split_at(half.min(TERMS));
        let mut series = Self::from(0.0);
        for term in rest.iter().take(half).rev() {
            series.high = series.high * square.high + term.high;
        }
        for term in full.iter().rev() {
            series = series * square + *term;
        }
        let k = f64::from(k);
        Self::product(k, LN_2) + Self::from(k * LN_2_REST) + (s * series).scaled(2.0)
    }

    /// `factor` · e^self, without falling under the smallest ordinary number on the way.
    pub(super) fn exp_times(self, factor: f64) -> f64 {
        let root = (0.5 * self.high).exp();
        root * (factor * (1.0 + self.low)) * root
    }

    /// Times a power of two.
    fn scaled(self, by: f64) -> Self {
        Self { high: self.high * by, low: self.low * by }
    }
}

impl From<f64> for Twofold {
    fn from(high: f64) -> Self {
        Self { high, low: 0.0 }
    }
}

impl Neg for Twofold {
    type Output = Self;

    fn neg(self) -> Self {
        Self { high: -self.high, low: -self.low }
    }
}

impl Add for Twofold {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        let (high, low) = (Self::sum(self.high, other.high), Self::sum(self.low, other.low));
        let first = quick(high.high, high.low + low.high);
        quick(first.high, first.low + low.low)
    }
}

impl Sub for Twofold {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        self + -other
    }
}

impl Mul for Twofold {
    type Output = Self;

    fn mul(self, other: Self) -> Self {
        let product = Self::product(self.high, other.high);
        quick(product.high, product.low + (self.high * other.low + self.low * other.high))
    }
}

impl Div for Twofold {
    type Output = Self;

    fn div(self, other: Self) -> Self {
        let first = self.high / other.high;
        let rest = self - other * first.into();
        let second = rest.high / other.high;
        let rest = rest - other * second.into();
        quick(first, second) + (rest.high / other.high).into()
    }
}

/// The exact sum where |a| ≥ |b|.
fn quick(a: f64, b: f64) -> Twofold {
    let high = a + b;
    Twofold { high, low: b - (high - a) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logarithms_have_30_digits() {
        // mpmath 1.4.1, 50 digits: the logarithm, and what it has beyond its floating-point number
        for (x, high, low) in LOGARITHMS {
            let got = Twofold::from(x).ln();
            let error = (got - Twofold { high, low }).value();
            assert!(error.abs() <= 1e-30 * high.abs(), "{x:e}: {got:?} is off by {error:e}");
        }
        assert_eq!(Twofold::from(1.0).ln().value(), 0.0);
        assert_eq!(Twofold::from(0.0).ln().value(), f64::NEG_INFINITY);
    }

    const LOGARITHMS: [(f64, f64, f64); 11] = [
        (3.0, 1.0986122886681098, -9.07129723500153e-17),
        (0.7, -0.35667494393873245, 4.82556379937662e-18),
        (1.41, 0.34358970439007686, -2.001182163029091e-18),
        (0.7072, -0.3464417676587033, 2.4838155667169447e-17),
        (1.0000000001, 1.000000082690371e-10, -4.2169170658954805e-27),
        (0.999999, -1.000000500029089e-06, 6.48066860222922e-23),
        (3e-300, -689.6769156095456, 3.55803606729799e-14),
        (5e-324, -744.4400719213812, -4.422444340918698e-14),
        (1.7e308, 709.7268368932282, 3.0936421257994655e-14),
        (1e9, 20.72326583694641, 7.108546580563512e-16),
        (0.1, -2.3025850929940455, -1.7150243628057985e-16),
    ];

    #[test]
    fn quotients_give_back_their_products() {
        for (a, b) in [(1.0, 3.0), (1e9, 7.0), (0.1, 1e-9), (2.0, 0.999_999_9)] {
            let quotient = Twofold::from(a) / b.into();
            let error = (quotient * b.into() - a.into()).value();
            assert!(error.abs() < 1e-30 * a, "{a} / {b}: {error:e}");
        }
    }

    #[test]
    fn far_exponents_keep_their_digits() {
        let exponent = Twofold { high: -690.0, low: -3e-14 };
        // mpmath 1.4.1: exp(-690 - 3e-14)
        let got = exponent.exp_times(1.0);
        assert!((got / (-690f64).exp() - (1.0 - 3e-14)).abs() < 1e-15, "{got:e}");
    }
}
