//! What did a test find?

use super::reason::Reason;

/// A test's statistic and its p-value; each may be undefined.
///
/// # Properties
/// Numbers are finite, the p-value lies between 0 and 1, and `reason` is `None` exactly when there
/// is a p-value. A test that adds up probabilities has no statistic, and only chi-squared tests have
/// degrees of freedom.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Significance {
    /// The test's statistic.
    pub statistic: Option<f64>,
    /// Its degrees of freedom.
    pub df: Option<f64>,
    /// How often chance alone would give as much or more.
    pub p_value: Option<f64>,
    /// Why there is no p-value.
    pub reason: Option<Reason>,
}

impl Significance {
    /// A p-value with the statistic that it comes from; what is not finite becomes undefined,
    /// because it is [`Reason::TooLarge`].
    ///
    /// ```
    /// use wholefamily::stats::Significance;
    /// let found = Significance::new(Some(4.0), Some(1.0), 0.0455);
    /// assert_eq!((found.statistic, found.p_value), (Some(4.0), Some(0.0455)));
    /// ```
    #[must_use]
    pub fn new(statistic: Option<f64>, df: Option<f64>, p_value: f64) -> Self {
        if p_value.is_nan() || statistic.is_some_and(|number| !number.is_finite()) {
            return Self::undefined(Reason::TooLarge);
        }
        Self { statistic, df, p_value: Some(p_value.clamp(0.0, 1.0)), reason: None }
    }

    /// No test, and why.
    ///
    /// ```
    /// use wholefamily::stats::{Reason, Significance};
    /// assert_eq!(Significance::undefined(Reason::NoRows).p_value, None);
    /// ```
    #[must_use]
    pub const fn undefined(reason: Reason) -> Self {
        Self { statistic: None, df: None, p_value: None, reason: Some(reason) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_finite_is_a_reason() {
        let too_large = Significance::undefined(Reason::TooLarge);
        assert_eq!(Significance::new(None, None, f64::NAN), too_large);
        assert_eq!(Significance::new(Some(f64::INFINITY), Some(1.0), 0.0), too_large);
        assert_eq!(Significance::new(None, None, 1.0 + 1e-16).p_value, Some(1.0));
    }
}
