//! How sure is "sure"?

use super::normal;

/// A confidence level checked to lie strictly between 0 and 1, with its two-sided normal quantile.
///
/// ```
/// use wholefamily::stats::Level;
/// let level = Level::new(0.95).unwrap();
/// assert_eq!(level.get(), 0.95);
/// assert!((level.z() - 1.959963984540054).abs() < 1e-15);
/// assert_eq!(Level::new(95.0), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Level {
    level: f64,
    z: f64,
}

impl Level {
    /// Checks a level, such as 0.95; `None` unless it lies strictly between 0 and 1 (95 is not
    /// 0.95, and NaN is nothing).
    #[must_use]
    pub fn new(level: f64) -> Option<Self> {
        let inside = level > 0.0 && level < 1.0;
        let z = if inside { normal::two_sided_quantile(level)? } else { return None };
        Some(Self { level, z })
    }

    /// The level, between 0 and 1.
    #[must_use]
    pub const fn get(self) -> f64 {
        self.level
    }

    /// z with P(−z < Z < z) = level for a standard normal Z; always finite and above 0.
    #[must_use]
    pub const fn z(self) -> f64 {
        self.z
    }

    /// The probability left beyond each limit, (1 − level) / 2.
    #[must_use]
    pub const fn tail(self) -> f64 {
        (1.0 - self.level) / 2.0
    }
}

/// The conventional 0.95.
impl Default for Level {
    fn default() -> Self {
        Self { level: 0.95, z: 1.959_963_984_540_054 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_lies_between_0_and_1_is_a_level() {
        for wrong in [0.0, 1.0, -0.5, 1.5, 95.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert_eq!(Level::new(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_extremes_have_a_finite_z() {
        for level in [f64::MIN_POSITIVE, 1e-300, 1e-9, 0.5, 0.999_999, 1.0 - f64::EPSILON / 2.0] {
            let level = Level::new(level).unwrap();
            assert!(level.z() > 0.0 && level.z() < 8.5, "{level:?}");
        }
    }

    #[test]
    fn the_default_is_what_new_gives() {
        let (default, new) = (Level::default(), Level::new(0.95).unwrap());
        assert_eq!(default.get(), new.get());
        assert!((default.z() - new.z()).abs() <= 4.5e-16, "{new:?}");
    }
}
