//! How much has a count changed, when many of the same people are in it both times?

use super::interval::Interval;
use super::level::Level;
use super::reason::Reason;

/// The proportional change in a count between two dates, from how far the two sets of people
/// overlap.
///
/// # Formula
/// With a = `both`, b = `before_only`, c = `after_only`, N₀ = a + b and N₁ = a + c:
/// ```text
/// v = N₁/N₀ − 1;   exp(log(N₁/N₀) ± z √(a(1/N₁ − 1/N₀)² + b/N₀² + c/N₁²)) − 1
/// ```
/// People are the units: the more stayed throughout, the surer the change (the delta method on the
/// three counts, as Poisson).
///
/// # Arguments
/// `both`: people counted at both dates; `before_only` and `after_only`: at one of them. −0.24 is a
/// fall of 24%.
///
/// # Edges
/// Nobody at the earlier date: no change can be given ([`Reason::NoneBefore`]). Nobody at the
/// later: −1, without limits ([`Reason::NoneAfter`]). Nobody came and nobody left: 0, and limits of
/// 0.
///
/// # Example
/// ```
/// use wholefamily::stats::{Level, overlap_change};
/// let change = overlap_change(600, 781, 388, Level::new(0.95).unwrap()); // from 1,381 to 988
/// assert_eq!(change.value, Some(-393.0 / 1381.0));
/// assert!(change.lower < change.value && change.value < change.upper);
/// ```
#[must_use]
pub fn overlap_change(both: u64, before_only: u64, after_only: u64, level: Level) -> Interval {
    let (a, b, c) = (both as f64, before_only as f64, after_only as f64);
    let (before, after) = (a + b, a + c);
    if before == 0.0 {
        return Interval::undefined(Reason::NoneBefore);
    }
    if after == 0.0 {
        return Interval::without_limits(-1.0, Reason::NoneAfter);
    }
    let net = before_only.abs_diff(after_only) as f64;
    let net = if after_only < before_only { -net } else { net };
    let value = net / before;
    let apart = net / before / after; // 1/N₀ − 1/N₁
    let variance = a * apart * apart + b / before / before + c / after / after;
    let reach = level.z() * variance.sqrt();
    // log(N₁/N₀): from the change while it is small, from the ratio when it nears −1
    let log = if value.abs() < 0.5 { value.ln_1p() } else { (after / before).ln() };
    Interval::new(value, (log - reach).exp_m1(), (log + reach).exp_m1())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn level() -> Level {
        Level::default()
    }

    #[test]
    fn by_hand() {
        // a = 1, b = 1, c = 3: N₀ = 2, N₁ = 4, variance 1/16 + 1/4 + 3/16 = 1/2
        let change = overlap_change(1, 1, 3, level());
        assert_eq!(change.value, Some(1.0));
        let reach = level().z() * 0.5_f64.sqrt();
        assert!((change.lower.unwrap() - (2.0 * (-reach).exp() - 1.0)).abs() < 1e-15);
        assert!((change.upper.unwrap() - (2.0 * reach.exp() - 1.0)).abs() < 1e-14);
    }

    #[test]
    fn nobody_before_or_after_says_why() {
        assert_eq!(overlap_change(0, 0, 5, level()), Interval::undefined(Reason::NoneBefore));
        assert_eq!(overlap_change(0, 0, 0, level()), Interval::undefined(Reason::NoneBefore));
        assert_eq!(
            overlap_change(0, 5, 0, level()),
            Interval::without_limits(-1.0, Reason::NoneAfter)
        );
    }

    #[test]
    fn the_same_people_twice_is_no_change() {
        assert_eq!(overlap_change(7, 0, 0, level()), Interval::new(0.0, 0.0, 0.0));
    }

    #[test]
    fn more_overlap_makes_it_surer() {
        let width = |both, before, after| {
            let change = overlap_change(both, before, after, level());
            change.upper.unwrap() - change.lower.unwrap()
        };
        assert!(width(900, 100, 50) < width(500, 500, 450));
        assert!(width(500, 500, 450) < width(0, 1000, 950));
    }

    #[test]
    fn huge_counts_stay_finite_and_ordered() {
        let most = u64::MAX;
        for (a, b, c) in [(most, most, most), (0, 1, most), (0, most, 1), (most, 1, 0), (1, 0, 1)] {
            let change = overlap_change(a, b, c, Level::new(1.0 - 1e-15).unwrap());
            assert!(
                change.lower.is_some()
                    && change.lower <= change.value
                    && change.value <= change.upper,
                "{change:?}"
            );
            assert!(change.lower.unwrap() >= -1.0);
        }
    }
}
