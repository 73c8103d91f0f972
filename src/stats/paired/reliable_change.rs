//! Has one person's score changed by more than the scale's own noise?

use crate::stats::level::Level;
use crate::stats::reason::Reason;

/// What became of one person's score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Change {
    /// Better, and by more than noise.
    Better,
    /// Worse, and by more than noise.
    Worse,
    /// Too near to tell.
    NotReliable,
}

impl Change {
    /// Every outcome's name, as results show it.
    pub const WORDS: [&'static str; 3] = ["better", "worse", "no reliable change"];

    /// The outcome's name, as results show it.
    ///
    /// ```
    /// use wholefamily::stats::Change;
    /// assert_eq!(Change::NotReliable.word(), "no reliable change");
    /// ```
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Better => "better",
            Self::Worse => "worse",
            Self::NotReliable => "no reliable change",
        }
    }
}

/// One person's change in units of the scale's noise.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ReliableChange {
    /// The index: positive where the later score is higher.
    pub value: Option<f64>,
    /// What became of the score.
    pub change: Option<Change>,
    /// Why there is no index.
    pub reason: Option<Reason>,
}

/// The reliable change index of one person's score.
///
/// # Formula
/// ```text
/// (after − before) / (sd √(2(1 − reliability)))
/// ```
/// The divisor is the standard deviation of the difference between two measurements of somebody who
/// has not changed. An index beyond ±z is a reliable change: at the level 0.95, beyond ±1.96.
///
/// # Arguments
/// `before`, `after`: the two scores. `sd`: the standard deviation of scores before, in the scale's
/// units; `reliability`: the scale's, between 0 and 1; take both from the scale's manual or a large
/// group, not from a handful of families. `higher_is_better`: true for wellbeing, false for distress.
///
/// # Edges
/// A score that is not finite is [`Reason::NotFinite`]; `sd` must be above 0
/// ([`Reason::ImpossibleSpread`]), `reliability` at least 0 and below 1
/// ([`Reason::ImpossibleReliability`]): of a perfect scale every change is reliable.
///
/// # Source
/// N. S. Jacobson and P. Truax, 1991, "Clinical significance: a statistical approach to defining
/// meaningful change in psychotherapy research".
///
/// # Example
/// ```
/// use wholefamily::stats::{Change, Level, reliable_change};
/// // Jacobson and Truax's example: from 32.5 to 47.5, where higher is better
/// let moved = reliable_change(32.5, 47.5, 7.5, 0.80, true, Level::new(0.95).unwrap());
/// assert!((moved.value.unwrap() - 3.16).abs() < 5e-3);
/// assert_eq!(moved.change, Some(Change::Better));
/// ```
#[must_use]
pub fn reliable_change(
    before: f64,
    after: f64,
    sd: f64,
    reliability: f64,
    higher_is_better: bool,
    level: Level,
) -> ReliableChange {
    let undefined = |reason| ReliableChange { value: None, change: None, reason: Some(reason) };
    if !before.is_finite() || !after.is_finite() {
        return undefined(Reason::NotFinite);
    }
    if !(sd > 0.0 && sd.is_finite()) {
        return undefined(Reason::ImpossibleSpread);
    }
    if !(0.0..1.0).contains(&reliability) {
        return undefined(Reason::ImpossibleReliability);
    }
    let index = (after - before) / (sd * (2.0 * (1.0 - reliability)).sqrt());
    if !index.is_finite() {
        return undefined(Reason::TooLarge);
    }
    let change = match index.abs() > level.z() {
        false => Change::NotReliable,
        true if (index > 0.0) == higher_is_better => Change::Better,
        true => Change::Worse,
    };
    ReliableChange { value: Some(index), change: Some(change), reason: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(before: f64, after: f64, higher_is_better: bool) -> ReliableChange {
        // noise 5 √(2 · 0.5) = 5, so the border is 9.8 points
        reliable_change(before, after, 5.0, 0.5, higher_is_better, Level::default())
    }

    #[test]
    fn the_border_is_z_times_the_noise() {
        assert_eq!(of(20.0, 30.0, true).value, Some(2.0));
        assert_eq!(of(20.0, 29.79, true).change, Some(Change::NotReliable));
        assert_eq!(of(20.0, 29.81, true).change, Some(Change::Better));
        assert_eq!(of(29.81, 20.0, true).change, Some(Change::Worse));
    }

    #[test]
    fn a_scale_of_distress_is_better_when_lower() {
        assert_eq!(of(20.0, 30.0, false).change, Some(Change::Worse));
        assert_eq!(of(30.0, 20.0, false).change, Some(Change::Better));
        assert_eq!(of(30.0, 20.0, false).value, Some(-2.0));
        assert_eq!(of(7.0, 7.0, false).change, Some(Change::NotReliable));
    }

    #[test]
    fn what_is_impossible_says_why() {
        let why = |before, after, sd, reliability| {
            let got = reliable_change(before, after, sd, reliability, true, Level::default());
            assert_eq!((got.value, got.change), (None, None));
            got.reason
        };
        assert_eq!(why(f64::NAN, 1.0, 5.0, 0.8), Some(Reason::NotFinite));
        assert_eq!(why(1.0, f64::INFINITY, 5.0, 0.8), Some(Reason::NotFinite));
        for sd in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(why(1.0, 2.0, sd, 0.8), Some(Reason::ImpossibleSpread));
        }
        for reliability in [1.0, -0.1, 1.5, f64::NAN] {
            assert_eq!(why(1.0, 2.0, 5.0, reliability), Some(Reason::ImpossibleReliability));
        }
        assert_eq!(why(-1e308, 1e308, 5.0, 0.8), Some(Reason::TooLarge));
    }
}
