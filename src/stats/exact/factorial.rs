//! Factorials to the last digit, for probabilities of tables without logarithms.

use std::sync::LazyLock;

/// Totals below this have their factorials in the table.
const SIZE: usize = 1 << 14;

/// mantissa · 2^exponent, with 1 ≤ mantissa < 2.
#[derive(Clone, Copy)]
struct Factorial {
    mantissa: f64,
    exponent: i32,
}

/// n! for n below [`SIZE`], each rounded once from 96 bits.
static FACTORIALS: LazyLock<Box<[Factorial]>> = LazyLock::new(|| {
    let bits = 96;
    let (mut whole, mut exponent) = (1_u128 << (bits - 1), 0_i32);
    let scale = 2.0_f64.powi(1 - bits);
    (0..SIZE)
        .map(|n| {
            if n > 0 {
                whole *= n as u128;
                let shift = 128 - bits - whole.leading_zeros() as i32;
                whole = (whole >> shift) + (whole >> (shift - 1).max(0) & u128::from(shift > 0));
                exponent += shift;
            }
            Factorial { mantissa: whole as f64 * scale, exponent }
        })
        .collect()
});

/// A product and quotient of factorials, kept as a mantissa of moderate size and a power of two.
#[derive(Clone, Copy)]
pub(super) struct Scaled {
    pub(super) mantissa: f64,
    pub(super) exponent: i32,
}

impl Scaled {
    /// The number itself; 0 if too small.
    pub(super) fn times(self, factor: f64) -> f64 {
        let Self { mantissa, exponent } = self;
        let number = mantissa * factor;
        match exponent {
            -1000..=1000 => number * power_of_two(exponent),
            ..-1000 => number * power_of_two(-1000) * power_of_two((exponent + 1000).max(-1000)),
            _ => number * power_of_two(1000) * power_of_two((exponent - 1000).min(1000)),
        }
    }

    /// This over another.
    pub(super) fn over(self, other: Self) -> f64 {
        let mantissa = self.mantissa / other.mantissa;
        Self { mantissa, exponent: self.exponent - other.exponent }.times(1.0)
    }
}

/// 2^exponent for −1000 ≤ exponent ≤ 1000.
const fn power_of_two(exponent: i32) -> f64 {
    f64::from_bits(((1023 + exponent) as u64) << 52)
}

/// The product of four factorials; `None` if any is not in the table.
pub(super) fn product(counts: [u64; 4]) -> Option<Scaled> {
    let table = &**FACTORIALS;
    let mut all = Scaled { mantissa: 1.0, exponent: 0 };
    for n in counts {
        let Factorial { mantissa, exponent } = *table.get(usize::try_from(n).ok()?)?;
        all.mantissa *= mantissa;
        all.exponent += exponent;
    }
    Some(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn factorials_that_are_whole_numbers() {
        let mut exact = 1.0;
        for n in 1..=20_u32 {
            exact *= f64::from(n);
            let got = product([u64::from(n), 0, 0, 0]).unwrap().times(1.0);
            assert_eq!(got, exact, "{n}!");
        }
    }

    #[test]
    fn large_factorials_agree_with_50_digits() {
        // mpmath 1.4.1: factorial(n) / 2 ** exponent
        for (n, mantissa, exponent) in [
            (21, 1.3848227624224663, 65),
            (170, 1.2918628612755028, 1_019),
            (4_097, 1.033287779236225, 43_262),
            (16_383, 1.1568529385918451, 205_733),
        ] {
            let got = product([n, 0, 0, 0]).unwrap();
            assert_eq!((got.mantissa, got.exponent), (mantissa, exponent), "{n}!");
        }
        assert!(product([16_384, 0, 0, 0]).is_none());
    }

    #[test]
    fn what_is_too_small_is_0_and_its_ratio_is_not() {
        let (few, many) = (product([1, 1, 1, 1]).unwrap(), product([9000, 9000, 9000, 1]).unwrap());
        assert_eq!(few.over(many), 0.0);
        assert_eq!(many.over(many), 1.0);
    }
}
