//! How do two groups compare?
//!
//! Throughout, x₁ of n₁ in the group are compared with x₂ of n₂ in the reference group; p₁ = x₁/n₁
//! and p₂ = x₂/n₂ are their shares.

mod chi_squared;
mod conditional;
mod difference;
mod number_needed;
mod odds_ratio;
mod ratio;
mod score;

pub use chi_squared::chi_squared;
pub use difference::{DifferenceMethod, difference};
pub use number_needed::{NumberNeeded, number_needed};
pub use odds_ratio::{OddsRatioMethod, odds_ratio};
pub use ratio::{RatioMethod, ratio};

use super::interval::Interval;
use super::level::Level;
use super::reason::Reason;

/// value · exp(± z √variance): an interval that is even on the scale of logarithms.
pub(super) fn about(value: f64, variance: f64, level: Level) -> Interval {
    let reach = level.z() * variance.sqrt();
    Interval::new(value, value * (-reach).exp(), value * reach.exp())
}

/// Why two groups cannot be compared, if they cannot.
pub(super) const fn unfit(x1: u64, n1: u64, x2: u64, n2: u64) -> Option<Reason> {
    match (n1, n2) {
        _ if x1 > n1 || x2 > n2 => Some(Reason::CountAboveBase),
        (0, 0) => Some(Reason::NoRows),
        (0, _) => Some(Reason::EmptyGroup),
        (_, 0) => Some(Reason::EmptyReference),
        _ => None,
    }
}

/// x₁n₂ − x₂n₁, rounded once.
pub(super) fn cross_difference(x1: u64, n1: u64, x2: u64, n2: u64) -> f64 {
    let (forward, back) = (u128::from(x1) * u128::from(n2), u128::from(x2) * u128::from(n1));
    let size = forward.abs_diff(back) as f64;
    if forward < back { -size } else { size }
}

/// The product of two counts, rounded once.
pub(super) fn product(a: u64, b: u64) -> f64 {
    (u128::from(a) * u128::from(b)) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    type Contrast = Box<dyn Fn(u64, u64, u64, u64, Level) -> Interval>;

    fn differences() -> Vec<Contrast> {
        let each = |word| -> Contrast {
            let method = DifferenceMethod::parse(word).unwrap();
            Box::new(move |x1, n1, x2, n2, level| difference(x1, n1, x2, n2, method, level))
        };
        DifferenceMethod::WORDS.map(each).into()
    }

    fn ratios() -> Vec<Contrast> {
        let ratios = RatioMethod::WORDS.map(|word| -> Contrast {
            let method = RatioMethod::parse(word).unwrap();
            Box::new(move |x1, n1, x2, n2, level| ratio(x1, n1, x2, n2, method, level))
        });
        let odds_ratios = OddsRatioMethod::WORDS.map(|word| -> Contrast {
            let method = OddsRatioMethod::parse(word).unwrap();
            Box::new(move |x1, n1, x2, n2, level| odds_ratio(x1, n1, x2, n2, method, level))
        });
        ratios.into_iter().chain(odds_ratios).collect()
    }

    fn all() -> Vec<Contrast> {
        differences().into_iter().chain(ratios()).collect()
    }

    fn level() -> Level {
        Level::default()
    }

    #[test]
    fn an_empty_group_has_no_contrast_and_says_which() {
        for contrast in all() {
            assert_eq!(contrast(0, 0, 0, 0, level()), Interval::undefined(Reason::NoRows));
            assert_eq!(contrast(0, 0, 1, 2, level()), Interval::undefined(Reason::EmptyGroup));
            assert_eq!(contrast(1, 2, 0, 0, level()), Interval::undefined(Reason::EmptyReference));
            assert_eq!(contrast(3, 2, 1, 2, level()), Interval::undefined(Reason::CountAboveBase));
            assert_eq!(contrast(1, 2, 3, 2, level()), Interval::undefined(Reason::CountAboveBase));
        }
    }

    #[test]
    fn swapping_the_groups_turns_the_contrast_round() {
        for (x1, n1, x2, n2) in [(3, 7, 5, 9), (1, 100, 40, 41), (56, 70, 48, 80), (1, 9, 9, 9)] {
            for contrast in differences() {
                let (d, back) =
                    (contrast(x1, n1, x2, n2, level()), contrast(x2, n2, x1, n1, level()));
                assert_eq!(d.value, back.value.map(|value| -value));
                assert!((d.lower.unwrap() + back.upper.unwrap()).abs() < 1e-15, "{d:?} {back:?}");
            }
        }
        for (x1, n1, x2, n2) in [(3, 7, 5, 9), (1, 100, 40, 41), (56, 70, 48, 80)] {
            for contrast in ratios() {
                let (r, back) =
                    (contrast(x1, n1, x2, n2, level()), contrast(x2, n2, x1, n1, level()));
                assert!((r.value.unwrap() * back.value.unwrap() - 1.0).abs() < 1e-13);
                assert!((r.lower.unwrap() * back.upper.unwrap() - 1.0).abs() < 1e-13);
            }
        }
    }

    #[test]
    fn a_higher_level_never_narrows_an_interval() {
        for contrast in all() {
            for (x1, n1, x2, n2) in [(3, 25, 7, 10), (5, 5, 1, 3), (30, 1000, 2, 90)] {
                let [narrow, wide] =
                    [0.9, 0.95].map(|at| contrast(x1, n1, x2, n2, Level::new(at).unwrap()));
                if narrow.reason.is_none() {
                    assert!(wide.lower <= narrow.lower && wide.upper >= narrow.upper);
                }
            }
        }
    }

    #[test]
    fn huge_counts_give_ordered_finite_limits_or_a_reason() {
        let most = u64::MAX;
        for contrast in all() {
            for (x1, n1, x2, n2) in [
                (most - 1, most, 1, most),
                (1, most, most - 1, most),
                (1, 2, 1, most),
                (most / 2, most, 1, 2),
            ] {
                let got = contrast(x1, n1, x2, n2, Level::new(1.0 - 1e-15).unwrap());
                assert!(
                    got.reason == Some(Reason::TooLarge)
                        || got.lower.is_some() && got.lower <= got.value && got.value <= got.upper,
                    "{got:?}"
                );
            }
        }
    }
}
