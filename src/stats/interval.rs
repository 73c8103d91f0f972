//! A figure and how sure it is.

use super::reason::Reason;

/// A figure with its interval; each may be undefined, with a reason.
///
/// # Properties
/// Made by its constructors, as every function of [`stats`](super) does, an interval holds finite
/// numbers only, `lower ≤ value ≤ upper` where they are present, and `reason` is `None` exactly
/// when all three are present.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// The figure itself.
    pub value: Option<f64>,
    /// The lower limit.
    pub lower: Option<f64>,
    /// The upper limit.
    pub upper: Option<f64>,
    /// Why the figure or its limits are undefined.
    pub reason: Option<Reason>,
}

impl Interval {
    /// A figure and both of its limits; numbers that are not finite become undefined, because they
    /// are [`Reason::TooLarge`].
    ///
    /// Limits that rounding has put on the wrong side of the figure are moved to it.
    ///
    /// ```
    /// use wholefamily::stats::Interval;
    /// let half = Interval::new(0.5, 0.2, 0.8);
    /// assert_eq!((half.value, half.lower, half.upper), (Some(0.5), Some(0.2), Some(0.8)));
    /// assert_eq!(half.reason, None);
    /// ```
    #[must_use]
    pub const fn new(value: f64, lower: f64, upper: f64) -> Self {
        if !value.is_finite() {
            return Self::undefined(Reason::TooLarge);
        }
        if !lower.is_finite() || !upper.is_finite() {
            return Self::without_limits(value, Reason::TooLarge);
        }
        Self {
            value: Some(value),
            lower: Some(lower.min(value)),
            upper: Some(upper.max(value)),
            reason: None,
        }
    }

    /// A figure that has no interval, and why.
    ///
    /// ```
    /// use wholefamily::stats::{Interval, Reason};
    /// let stock = Interval::without_limits(1381.0, Reason::CompleteCount);
    /// assert_eq!((stock.value, stock.lower), (Some(1381.0), None));
    /// ```
    #[must_use]
    pub const fn without_limits(value: f64, reason: Reason) -> Self {
        if !value.is_finite() {
            return Self::undefined(Reason::TooLarge);
        }
        Self { value: Some(value), lower: None, upper: None, reason: Some(reason) }
    }

    /// The same figure without its limits, for this reason.
    ///
    /// ```
    /// use wholefamily::stats::{Interval, Reason};
    /// let share = Interval::new(0.5, 0.2, 0.8).unsure(Reason::OneCluster);
    /// assert_eq!(share, Interval::without_limits(0.5, Reason::OneCluster));
    /// ```
    #[must_use]
    pub fn unsure(self, reason: Reason) -> Self {
        match self.value {
            Some(value) => Self::without_limits(value, reason),
            None => Self::undefined(self.reason.unwrap_or(reason)),
        }
    }

    /// A figure that is infinite, so that only its lower limit is a number, and why.
    ///
    /// ```
    /// use wholefamily::stats::{Interval, Reason};
    /// // 9 of 30 against 0 of 30: no ratio can be given, but it is not small.
    /// let ratio = Interval::at_least(2.3, Reason::NoReferenceEvents);
    /// assert_eq!((ratio.value, ratio.lower, ratio.upper), (None, Some(2.3), None));
    /// ```
    #[must_use]
    pub const fn at_least(lower: f64, reason: Reason) -> Self {
        if !lower.is_finite() {
            return Self::undefined(Reason::TooLarge);
        }
        Self { value: None, lower: Some(lower), upper: None, reason: Some(reason) }
    }

    /// No figure at all, and why.
    ///
    /// ```
    /// use wholefamily::stats::{Interval, Reason};
    /// assert_eq!(Interval::undefined(Reason::NoRows).value, None);
    /// ```
    #[must_use]
    pub const fn undefined(reason: Reason) -> Self {
        Self { value: None, lower: None, upper: None, reason: Some(reason) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_are_not_finite_become_reasons() {
        assert_eq!(Interval::new(f64::NAN, 0.0, 1.0), Interval::undefined(Reason::TooLarge));
        assert_eq!(
            Interval::new(1.0, 0.0, f64::INFINITY),
            Interval::without_limits(1.0, Reason::TooLarge)
        );
        assert_eq!(
            Interval::without_limits(f64::INFINITY, Reason::NoRows),
            Interval::undefined(Reason::TooLarge)
        );
    }

    #[test]
    fn limits_never_cross_the_figure() {
        let interval = Interval::new(0.5, 0.5 + 1e-16, 0.5 - 1e-16);
        assert!(interval.lower <= interval.value && interval.value <= interval.upper);
    }
}
