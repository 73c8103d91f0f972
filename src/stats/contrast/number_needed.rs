//! How many are needed for one event more, or one fewer?

use super::super::interval::Interval;
use super::super::level::Level;
use super::super::reason::Reason;
use super::{DifferenceMethod, difference};

/// How many members of the group make one event more, or fewer, than as many of the reference
/// group; in numbers and in words.
#[derive(Debug, Clone, PartialEq)]
pub struct NumberNeeded {
    /// 1/|p₁ − p₂| and its limits; the limits are absent where the interval passes through
    /// infinity.
    pub interval: Interval,
    /// The whole of it in words, which say the direction, and how the interval passes through
    /// infinity.
    pub words: Option<String>,
}

/// How many members of the group make one event more, or one fewer, than as many of the reference
/// group: 1/|p₁ − p₂|, with its interval?
///
/// # Formula
/// With d = p₁ − p₂ and its limits l and u:
/// ```text
/// 1/|d|;   if l and u have the same sign, from 1/max(|l|, |u|) to 1/min(|l|, |u|)
/// ```
/// If l < 0 < u, no difference is among what the data allow. The interval then starts at 1/|l|
/// fewer, rises to infinity, where the groups do not differ, and comes back from there to 1/u more:
/// it is not a stretch of numbers, so there are no limits ([`Reason::ThroughInfinity`]), but words:
/// "one more event for every 10.0 (one more for every 4.0, through no difference (infinity), to one
/// fewer for every 20.0)".
///
/// # Arguments
/// `x1` of `n1`: the group; `x2` of `n2`: the reference group; `method`: that of the interval about
/// the difference. The figure counts members of the group and is 1 at the least; the words say
/// whether they have one event more or one fewer. Whether that is good depends on the event.
///
/// # Edges
/// No difference at all: the figure is infinite ([`Reason::SameShares`]), and the words give its
/// interval. A limit of no difference exactly: [`Reason::ThroughInfinity`] too. Empty groups as in
/// [`difference`], and without words.
///
/// # Source
/// D. G. Altman, 1998, "Confidence intervals for the number needed to treat".
///
/// # Example
/// ```
/// use wholefamily::stats::{DifferenceMethod, Level, Reason, number_needed};
/// let needed = |x1, n1, x2, n2| {
///     number_needed(x1, n1, x2, n2, DifferenceMethod::Newcombe, Level::default())
/// };
/// let five = needed(56, 70, 48, 80);
/// assert!((five.interval.value.unwrap() - 5.0).abs() < 1e-14);
/// assert_eq!(five.words.unwrap(), "one more event for every 5.0 (3.0 to 19.1)");
/// let few = needed(5, 40, 9, 40);
/// assert_eq!(few.interval.reason, Some(Reason::ThroughInfinity));
/// assert_eq!(
///     few.words.unwrap(),
///     "one fewer event for every 10.0 (one fewer for every 3.8, through no difference (infinity), \
///      to one more for every 14.3)"
/// );
/// ```
#[must_use]
pub fn number_needed(
    x1: u64,
    n1: u64,
    x2: u64,
    n2: u64,
    method: DifferenceMethod,
    level: Level,
) -> NumberNeeded {
    let apart = difference(x1, n1, x2, n2, method, level);
    let (Some(d), Some(lower), Some(upper)) = (apart.value, apart.lower, apart.upper) else {
        return NumberNeeded {
            interval: Interval::undefined(apart.reason.unwrap_or(Reason::TooLarge)),
            words: None,
        };
    };
    // Seen in the direction of the difference, so that it and its far limit are not negative.
    let (sign, near, far) =
        if d < 0.0 { ("fewer", -upper, -lower) } else { ("more", lower, upper) };
    let other = if d < 0.0 { "more" } else { "fewer" };
    let size = d.abs();
    if d == 0.0 {
        return NumberNeeded {
            interval: Interval::undefined(Reason::SameShares),
            words: Some(format!("no difference{}", from_no_difference(near, far))),
        };
    }
    let value = size.recip();
    let figure = format!("one {sign} event for every {value:.1}");
    if near > 0.0 {
        return NumberNeeded {
            interval: Interval::new(value, far.recip(), near.recip()),
            words: Some(format!("{figure} ({:.1} to {:.1})", far.recip(), near.recip())),
        };
    }
    let start = format!("one {sign} for every {:.1}", far.recip());
    let rest = if near < 0.0 {
        format!("through no difference (infinity), to one {other} for every {:.1}", -near.recip())
    } else {
        "to no difference (infinity)".to_owned()
    };
    NumberNeeded {
        interval: Interval::without_limits(value, Reason::ThroughInfinity),
        words: Some(format!("{figure} ({start}, {rest})")),
    }
}

/// The interval of a difference of 0, in words; empty where its method gives it no width.
fn from_no_difference(lower: f64, upper: f64) -> String {
    if lower < 0.0 && upper > 0.0 {
        format!(
            " (one more for every {:.1}, through no difference (infinity), to one fewer for every {:.1})",
            upper.recip(),
            -lower.recip()
        )
    } else {
        String::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use DifferenceMethod::{Newcombe, Wald};

    fn needed(x1: u64, n1: u64, x2: u64, n2: u64, method: DifferenceMethod) -> NumberNeeded {
        number_needed(x1, n1, x2, n2, method, Level::default())
    }

    #[test]
    fn limits_are_those_of_the_difference_turned_over() {
        let d = difference(10, 100, 40, 100, Newcombe, Level::default());
        let n = needed(10, 100, 40, 100, Newcombe).interval;
        assert!((n.value.unwrap() - 1.0 / 0.3).abs() < 1e-14);
        assert_eq!(n.lower, d.lower.map(|limit| -limit.recip()));
        assert_eq!(n.upper, d.upper.map(|limit| -limit.recip()));
        assert_eq!(n.reason, None);
    }

    #[test]
    fn swapping_the_groups_turns_the_words_round_and_keeps_the_figure() {
        let (one, other) = (needed(5, 40, 9, 40, Newcombe), needed(9, 40, 5, 40, Newcombe));
        assert_eq!(one.interval, other.interval);
        let swapped = one.words.unwrap().replace("fewer", "…").replace("more", "fewer");
        assert_eq!(swapped.replace('…', "more"), other.words.unwrap());
    }

    #[test]
    fn no_difference_is_infinite_and_says_its_interval() {
        let none = needed(3, 30, 3, 30, Newcombe);
        assert_eq!(none.interval, Interval::undefined(Reason::SameShares));
        assert_eq!(
            none.words.unwrap(),
            "no difference (one more for every 5.9, through no difference (infinity), to one fewer for every 5.9)"
        );
        assert_eq!(needed(0, 30, 0, 30, Wald).words.unwrap(), "no difference");
    }

    #[test]
    fn an_empty_group_has_neither_figure_nor_words() {
        let empty = needed(0, 0, 3, 30, Newcombe);
        assert_eq!(empty.interval, Interval::undefined(Reason::EmptyGroup));
        assert_eq!(empty.words, None);
    }

    #[test]
    fn all_against_none_is_one() {
        let all = needed(9, 9, 0, 9, Wald);
        assert_eq!((all.interval.value, all.interval.upper), (Some(1.0), Some(1.0)));
        assert_eq!(all.words.unwrap(), "one more event for every 1.0 (1.0 to 1.0)");
    }
}
