//! Limits for a share of a population of known size, of which some were asked.
//!
//! All take counts that the caller has checked: 0 < n, x ≤ n and n ≤ population.

use super::super::distribution::hypergeometric;
use super::super::level::Level;

/// Two probabilities this near to each other, relatively, are one: so that a count whose tail is
/// exactly that of the level, such as 1/40, is not let in or kept out by the last digit.
const TIE: f64 = 1e-12;

/// (N − n)/(N − 1): what the variance of a share shrinks by where n of N were drawn.
pub(super) fn correction(n: u64, population: u64) -> f64 {
    let left = population.saturating_sub(n);
    if left == 0 { 0.0 } else { left as f64 / (population - 1) as f64 }
}

/// The smallest and the largest number K of the population that neither one-sided test refuses,
/// as shares of it.
///
/// P(X ≥ x | K) grows with K, and P(X ≤ x | K) falls, so both are found by halving.
pub(super) fn hypergeometric(x: u64, n: u64, population: u64, level: Level) -> (f64, f64) {
    let refused = level.tail() * (1.0 + TIE);
    let (fewest, most) = (x, population - (n - x));
    let lower = first(fewest, most, |with| {
        x == 0 || hypergeometric::upper(x, with, population - with, n) > refused
    });
    // counted from the other side, the largest number with is the smallest number without
    let fewest_without = first(n - x, population - x, |without| {
        x == n || hypergeometric::lower(x, population - without, without, n) > refused
    });
    let size = population as f64;
    (lower as f64 / size, (population - fewest_without) as f64 / size)
}

/// The first number from `low` to `high` of which `holds` is true, where it stays true from there
/// on and is true of `high`.
fn first(mut low: u64, mut high: u64, holds: impl Fn(u64) -> bool) -> u64 {
    while low < high {
        let middle = low + (high - low) / 2;
        if holds(middle) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    low
}

#[cfg(test)]
mod tests {
    use super::*;

    /// C(n, k), exactly.
    fn choose(n: u64, k: u64) -> u128 {
        (0..u128::from(k)).fold(1, |product, i| product * (u128::from(n) - i) / (i + 1))
    }

    /// Whether the tail of `counts` is more than `tail` (in 1000ths), in whole numbers.
    fn keeps(counts: impl Iterator<Item = u64>, n: u64, with: u64, size: u64, tail: u128) -> bool {
        let ways: u128 = counts
            .filter(|&x| x <= with && n - x <= size - with)
            .map(|x| choose(with, x) * choose(size - with, n - x))
            .sum();
        1000 * ways > tail * choose(size, n)
    }

    #[test]
    fn every_small_case_by_whole_numbers() {
        for (tail, wanted) in [(25, 0.95), (50, 0.9), (100, 0.8), (1, 0.998), (5, 0.99)] {
            let level = Level::new(wanted).unwrap();
            for size in 1..=20_u64 {
                for n in 1..=size {
                    for x in 0..=n {
                        let could = || x..=size - (n - x);
                        let lower = could().find(|&with| keeps(x..=n, n, with, size, tail));
                        let upper = could().rfind(|&with| keeps(0..=x, n, with, size, tail));
                        let share = |with: Option<u64>| with.unwrap() as f64 / size as f64;
                        assert_eq!(
                            hypergeometric(x, n, size, level),
                            (share(lower), share(upper)),
                            "{x} of {n} of {size} at {wanted}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn a_tail_that_is_exactly_the_levels_refuses() {
        // one asked of 40 has it: were it the only one, the chance would be 1/40 = 0.025
        assert_eq!(hypergeometric(1, 1, 40, Level::default()).0, 2.0 / 40.0);
        // and 1/20 at the level 0.9, whose tail comes out a little below 0.05
        assert_eq!(hypergeometric(1, 1, 20, Level::new(0.9).unwrap()).0, 2.0 / 20.0);
    }

    #[test]
    fn a_large_population_comes_to_the_binomial() {
        let level = Level::default();
        let (lower, upper) = hypergeometric(3, 25, 1 << 40, level);
        let binomial = super::super::exact::clopper_pearson(3, 25, level);
        assert!((lower - binomial.0).abs() < 1e-9 && (upper - binomial.1).abs() < 1e-9);
    }

    #[test]
    fn the_correction_runs_from_1_to_0() {
        assert_eq!(correction(1, 60), 1.0);
        assert_eq!(correction(40, 60), 20.0 / 59.0);
        assert_eq!(correction(60, 60), 0.0);
        assert_eq!(correction(1, 1), 0.0);
    }
}
