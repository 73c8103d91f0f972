//! A sum of floating-point numbers that is the same whatever the order: exact until it is read.
//!
//! Floating-point addition rounds, so that two splits of the same rows would give two sums. Here a
//! number is kept as the whole number that its bits stand for, in parts of 32 binary places, so that
//! adding and merging are additions of whole numbers (U. Kulisch, 1986, "Arithmetic of the exact
//! scalar product"). Only the parts that occur are kept: exposures of one table need two or three.

use smallvec::SmallVec;

/// Binary places of a part.
const PLACES: u32 = 32;
/// The weight of the last place of part 0 is 2 to the power of this: the smallest positive number.
const LOWEST: i32 = -1074;

/// An exact sum of finite numbers.
#[derive(Debug, Clone, Default)]
pub(crate) struct ExactSum {
    /// Parts by place, from the lowest; a part stands for its number × 2^(32 × place − 1074).
    parts: SmallVec<[(u8, i128); 2]>,
}

impl ExactSum {
    /// Adds a finite number; any other is left out, so the caller looks first.
    #[inline]
    pub(crate) fn add(&mut self, number: f64) {
        if number == 0.0 || !number.is_finite() {
            return;
        }
        let bits = number.to_bits();
        let exponent = (bits >> 52 & 0x7ff) as u32;
        let fraction = bits & ((1 << 52) - 1);
        // A subnormal number has the exponent of the smallest normal one, and no leading 1.
        let (whole, shift) =
            if exponent == 0 { (fraction, 0) } else { (fraction | 1 << 52, exponent - 1) };
        let size = i128::from(whole) << (shift % PLACES);
        let signed = if number < 0.0 { -size } else { size };
        self.add_part((shift / PLACES) as u8, signed);
    }

    /// Adds the square of a finite number, without rounding it.
    #[inline]
    pub(crate) fn add_square(&mut self, number: f64) {
        let square = number * number;
        self.add(square);
        self.add(number.mul_add(number, -square));
    }

    /// Adds to a part, of which there is one for each place.
    #[inline]
    pub(crate) fn add_part(&mut self, place: u8, number: i128) {
        match self.parts.iter_mut().find(|(other, _)| *other == place) {
            Some((_, part)) => *part += number,
            None => {
                let after = self.parts.partition_point(|(other, _)| *other < place);
                self.parts.insert(after, (place, number));
            }
        }
    }

    /// Adds another sum.
    pub(crate) fn merge(&mut self, other: &Self) {
        for (place, part) in &other.parts {
            self.add_part(*place, *part);
        }
    }

    /// The sum in one form only: each part but the highest between 0 and 2³² − 1, no part 0.
    pub(crate) fn parts(&self) -> Vec<(u8, i128)> {
        let mut carried: Vec<(u8, i128)> = Vec::new();
        let mut carry = 0_i128;
        let highest = self.parts.last().map_or(0, |(place, _)| *place);
        let mut rest = self.parts.iter().peekable();
        let mut place = self.parts.first().map_or(0, |(place, _)| *place);
        while rest.peek().is_some() || carry != 0 {
            let part = rest.next_if(|(next, _)| *next == place).map_or(0, |(_, part)| *part);
            let sum = part + carry;
            // The sign stays with the highest part.
            let top = place >= highest && (-(1 << PLACES)..1 << PLACES).contains(&sum);
            let digit = if top { sum } else { sum.rem_euclid(1 << PLACES) };
            carry = (sum - digit) >> PLACES;
            if digit != 0 {
                carried.push((place, digit));
            }
            place = place.saturating_add(1);
        }
        carried
    }

    /// The sum as a number and what that leaves out: together twice the digits of a number.
    pub(crate) fn in_two(&self) -> (f64, f64) {
        let (mut high, mut low) = (0.0_f64, 0.0_f64);
        for (place, digit) in self.parts().into_iter().rev() {
            let power = i32::from(place) * PLACES as i32 + LOWEST;
            // In two steps, because 2 to a power below −1022 is subnormal.
            let half = power / 2;
            let term = digit as f64 * 2_f64.powi(half) * 2_f64.powi(power - half);
            let sum = high + term;
            let back = sum - high;
            low += (high - (sum - back)) + (term - back);
            high = sum;
        }
        let sum = high + low;
        (sum, low - (sum - high))
    }

    /// The sum, rounded once.
    pub(crate) fn value(&self) -> f64 {
        self.in_two().0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sum(numbers: &[f64]) -> ExactSum {
        let mut sum = ExactSum::default();
        numbers.iter().for_each(|number| sum.add(*number));
        sum
    }

    #[test]
    fn nothing_is_lost_between_large_and_small() {
        assert_eq!(sum(&[1e16, 1.0, -1e16]).value(), 1.0);
        assert_eq!(sum(&[1e300, 1e-300, -1e300]).value(), 1e-300);
        assert_eq!(sum(&[0.1; 10]).value(), 1.0);
        assert_eq!(sum(&[5e-324, 5e-324]).value(), 1e-323);
        assert_eq!(sum(&[f64::MAX, -f64::MAX]).value(), 0.0);
        assert_eq!(sum(&[]).value(), 0.0);
        assert_eq!(sum(&[-1.5, -2.25]).value(), -3.75);
    }

    #[test]
    fn whole_numbers_are_whole() {
        let days: Vec<f64> = (0..100_000).map(|day| f64::from(day % 365)).collect();
        let expected: u64 = (0..100_000_u64).map(|day| day % 365).sum();
        assert_eq!(sum(&days).value(), expected as f64);
    }

    #[test]
    fn squares_keep_what_rounding_would_drop() {
        let third = 1.0 / 3.0;
        let mut squares = ExactSum::default();
        squares.add_square(third);
        let (high, low) = squares.in_two();
        assert_eq!(high, third * third);
        assert_eq!(low, third.mul_add(third, -high));
    }

    proptest! {
        /// Any order and any split give the same parts, and so the same bytes.
        #[test]
        fn order_and_split_change_nothing(
            numbers in prop::collection::vec(-1e12..1e12_f64, 0..60), split in 0..60_usize
        ) {
            let split = split.min(numbers.len());
            let mut turned = sum(&numbers[split..]);
            turned.merge(&sum(&numbers[..split]));
            let whole = sum(&numbers);
            prop_assert_eq!(whole.parts(), turned.parts());
            prop_assert_eq!(whole.value().to_bits(), turned.value().to_bits());
            let naive: f64 = numbers.iter().sum();
            prop_assert!((whole.value() - naive).abs() <= 1e-9 * (1.0 + naive.abs()) + 1e-2);
            // Written out part by part and read back.
            let mut read = ExactSum::default();
            whole.parts().into_iter().for_each(|(place, part)| read.add_part(place, part));
            prop_assert_eq!(read.parts(), whole.parts());
        }
    }
}
