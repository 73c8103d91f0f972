//! A figure, and how far chance may have moved it.

use super::super::interval::Interval;
use super::super::level::Level;
use super::super::reason::Reason;

/// A figure and the variance of its estimate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The figure.
    pub value: f64,
    /// The variance of its estimate, in the square of its unit; 0 where the formula gives none.
    pub variance: f64,
}

impl Estimate {
    /// The standard error: the square root of the variance.
    #[must_use]
    pub fn standard_error(self) -> f64 {
        self.variance.max(0.0).sqrt()
    }

    /// The figure with an interval even on its own scale: value ± z √variance.
    ///
    /// For means and other figures that are not probabilities; those have their
    /// [`Band`](super::Band).
    ///
    /// # Edges
    /// A variance of 0: no limits ([`Reason::ZeroVariance`]).
    ///
    /// ```
    /// use wholefamily::stats::{Level, survival::Estimate};
    /// let mean = Estimate { value: 10.0, variance: 4.0 }.interval(Level::default());
    /// assert!((mean.upper.unwrap() - 13.9199).abs() < 1e-4);
    /// ```
    #[must_use]
    pub fn interval(self, level: Level) -> Interval {
        if self.variance <= 0.0 {
            return Interval::without_limits(self.value, Reason::ZeroVariance);
        }
        let reach = level.z() * self.standard_error();
        Interval::new(self.value, self.value - reach, self.value + reach)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_varies_has_no_limits() {
        let fixed = Estimate { value: 3.0, variance: 0.0 }.interval(Level::default());
        assert_eq!(fixed, Interval::without_limits(3.0, Reason::ZeroVariance));
        let wild = Estimate { value: 3.0, variance: f64::INFINITY }.interval(Level::default());
        assert_eq!(wild.reason, Some(Reason::TooLarge));
    }
}
