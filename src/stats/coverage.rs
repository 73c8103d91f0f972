//! How often does an interval really hold the truth?

use super::distribution::{binomial, hypergeometric, poisson};
use super::interval::Interval;
use super::level::Level;
use super::proportion::{ProportionMethod, proportion, proportion_of};
use super::rate::{RateMethod, rate};
use super::reason::Reason;

/// Counts rarer than this add nothing that a floating-point sum of probabilities would keep.
const NEGLIGIBLE: f64 = 1e-18;

/// Beyond this, going through the counts one by one is no longer a matter of moments.
const LARGEST: u64 = 100_000_000;

/// How often an interval holds the truth, how often it misses on either side, and how wide it is.
///
/// The first three are probabilities that add up to 1. All four are present, or none and then
/// `reason` says why.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Coverage {
    /// The chance that the interval holds the true value.
    pub coverage: Option<f64>,
    /// The chance that the whole interval lies below the true value.
    pub below: Option<f64>,
    /// The chance that the whole interval lies above the true value.
    pub above: Option<f64>,
    /// How wide the interval is on average.
    pub mean_width: Option<f64>,
    /// Why there are no figures.
    pub reason: Option<Reason>,
}

impl Coverage {
    /// No figures, and why.
    const fn undefined(reason: Reason) -> Self {
        Self { coverage: None, below: None, above: None, mean_width: None, reason: Some(reason) }
    }
}

/// How often does a method's interval for a share hold the true share `p`, where `n` are seen?
///
/// # Formula
/// With X binomial, and L(x), U(x) the limits that the method gives for x of n:
/// ```text
/// coverage    Σ P(X = x) over the x with L(x) ≤ p ≤ U(x)
/// below       Σ P(X = x) over the x with U(x) < p
/// above       Σ P(X = x) over the x with p < L(x)
/// mean_width  Σ P(X = x) (U(x) − L(x))
/// ```
/// # Arguments
/// `n`: how many are seen; `p`: the true share, from 0 to 1; `level`: what the interval promises.
///
/// # Edges
/// Counts with a probability below 10⁻¹⁸ are left out. `n` = 0 is [`Reason::NoRows`]; a `p`
/// outside 0 to 1 is [`Reason::NotAProbability`]; more than 100 million is [`Reason::TooLarge`];
/// the hypergeometric method [needs a population](coverage_of).
///
/// # Source
/// L. Brown, T. Cai and A. DasGupta, 2001, "Interval estimation for a binomial proportion".
///
/// # Example
/// ```
/// use wholefamily::stats::{Level, ProportionMethod, coverage};
/// // Wald's 95% interval, from 25 children, about a true share of a tenth
/// let wald = coverage(25, 0.1, ProportionMethod::Wald, Level::default());
/// assert!((wald.coverage.unwrap() - 0.9187).abs() < 5e-5);
/// ```
#[must_use]
pub fn coverage(n: u64, p: f64, method: ProportionMethod, level: Level) -> Coverage {
    if n == 0 {
        return Coverage::undefined(Reason::NoRows);
    }
    if !(0.0..=1.0).contains(&p) {
        return Coverage::undefined(Reason::NotAProbability);
    }
    if n > LARGEST {
        return Coverage::undefined(Reason::TooLarge);
    }
    let middle = (p * n as f64) as u64;
    let probability = |x| binomial::probability(x, n, p);
    tally(p, [0, middle.min(n), n], probability, |x| proportion(x, n, method, level))
}

/// How often does it, where `n` are drawn from a population of known size, of whom `with` have it?
///
/// # Formula
/// As for [`coverage()`], with p = `with` / `population`, and X the number with it among `n` drawn
/// without replacement.
///
/// # Arguments
/// `n`: how many are drawn; `with`: how many of the population have it; `population`: how many
/// there are; `level`: what the interval promises.
///
/// # Edges
/// As for [`coverage()`]; more drawn than there are is [`Reason::SampleAbovePopulation`], more
/// having it than there are [`Reason::CountAboveBase`]. A method that takes no population is
/// judged with the interval that it gives without one.
///
/// # Source
/// W. Wang, 2015, "Exact optimal confidence intervals for hypergeometric parameters".
///
/// # Example
/// ```
/// use wholefamily::stats::{Level, ProportionMethod, coverage_of};
/// let exact = coverage_of(40, 36, 60, ProportionMethod::Hypergeometric, Level::default());
/// assert!(exact.coverage.unwrap() >= 0.95);
/// ```
#[must_use]
pub fn coverage_of(
    n: u64,
    with: u64,
    population: u64,
    method: ProportionMethod,
    level: Level,
) -> Coverage {
    if n == 0 {
        return Coverage::undefined(Reason::NoRows);
    }
    if n > population {
        return Coverage::undefined(Reason::SampleAbovePopulation);
    }
    if with > population {
        return Coverage::undefined(Reason::CountAboveBase);
    }
    if population > LARGEST {
        return Coverage::undefined(Reason::TooLarge);
    }
    let without = population - with;
    let known = method.takes_population().then_some(population);
    let (fewest, most) = (n.saturating_sub(without), n.min(with));
    let p = with as f64 / population as f64;
    let middle = ((p * n as f64) as u64).clamp(fewest, most);
    let probability = |x| hypergeometric::probability(x, with, without, n);
    let interval = |x| proportion_of(x, n, known, method, level);
    tally(p, [fewest, middle, most], probability, interval)
}

/// How often does a method's interval for a count of events hold the true `mean`?
///
/// # Formula
/// As for [`coverage()`], with X a Poisson count and `mean` in place of p. The exposure does not
/// matter: it scales the truth and the limits alike. `mean_width` is in events.
///
/// # Arguments
/// `mean`: how many events are to be expected, 0 or more; `level`: what the interval promises.
///
/// # Edges
/// Counts with a probability below 10⁻¹⁸ are left out. A negative `mean`, or NaN, is
/// [`Reason::ImpossibleMean`]; more than 100 million is [`Reason::TooLarge`].
///
/// # Source
/// L. Barker, 2002, "A comparison of nine confidence intervals for a Poisson parameter when the
/// expected number of events is ≤ 5".
///
/// # Example
/// ```
/// use wholefamily::stats::{Level, RateMethod, rate_coverage};
/// let exact = rate_coverage(4.0, RateMethod::Exact, Level::default());
/// assert!(exact.coverage.unwrap() >= 0.95);
/// ```
#[must_use]
pub fn rate_coverage(mean: f64, method: RateMethod, level: Level) -> Coverage {
    if mean.is_nan() || mean < 0.0 {
        return Coverage::undefined(Reason::ImpossibleMean);
    }
    if mean > LARGEST as f64 {
        return Coverage::undefined(Reason::TooLarge);
    }
    let probability = |x| poisson::probability(x, mean);
    tally(mean, [0, mean as u64, u64::MAX], probability, |x| rate(x, 1.0, 1.0, method, level))
}

/// Goes through the counts from the `middle` one outward until they are too rare to matter.
fn tally(
    truth: f64,
    [fewest, middle, most]: [u64; 3],
    probability: impl Fn(u64) -> f64,
    interval: impl Fn(u64) -> Interval,
) -> Coverage {
    let [mut holds, mut below, mut above, mut width] = [0.0; 4];
    let [upward, downward] = [middle..=most, fewest..=middle];
    // the middle one is met twice over, and counted the first time only
    let ways: [&mut dyn Iterator<Item = u64>; 2] = [&mut { upward }, &mut downward.rev().skip(1)];
    for way in ways {
        for x in way {
            let chance = probability(x);
            if chance < NEGLIGIBLE {
                break;
            }
            let (lower, upper) = match interval(x) {
                Interval { lower: Some(lower), upper: Some(upper), .. } => (lower, upper),
                without => return Coverage::undefined(without.reason.unwrap_or(Reason::TooLarge)),
            };
            width += chance * (upper - lower);
            if upper < truth {
                below += chance;
            } else if truth < lower {
                above += chance;
            } else {
                holds += chance;
            }
        }
    }
    Coverage {
        coverage: Some(holds.min(1.0)),
        below: Some(below.min(1.0)),
        above: Some(above.min(1.0)),
        mean_width: Some(width),
        reason: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [ProportionMethod; 6] = [
        ProportionMethod::Wilson,
        ProportionMethod::ClopperPearson,
        ProportionMethod::Jeffreys,
        ProportionMethod::AgrestiCoull,
        ProportionMethod::MidP,
        ProportionMethod::Wald,
    ];

    fn level() -> Level {
        Level::default()
    }

    fn parts(coverage: Coverage) -> [f64; 4] {
        assert_eq!(coverage.reason, None);
        [coverage.coverage, coverage.below, coverage.above, coverage.mean_width].map(Option::unwrap)
    }

    #[test]
    fn one_of_one_by_hand() {
        // Wald gives 0 to 0 for none of one and 1 to 1 for one of one: never about 0.3
        let wald = parts(coverage(1, 0.3, ProportionMethod::Wald, level()));
        for (got, want) in wald.into_iter().zip([0.0, 0.7, 0.3, 0.0]) {
            assert!((got - want).abs() < 1e-15, "{wald:?}");
        }
        // Clopper–Pearson gives 0 to 0.975 and 0.025 to 1: always
        let [holds, below, above, width] =
            parts(coverage(1, 0.3, ProportionMethod::ClopperPearson, level()));
        assert!((holds - 1.0).abs() < 1e-15 && (width - 0.975).abs() < 1e-14);
        assert_eq!((below, above), (0.0, 0.0));
        // and about 0.99 it misses none of one
        let [_, below, above, _] =
            parts(coverage(1, 0.99, ProportionMethod::ClopperPearson, level()));
        assert!((below - 0.01).abs() < 1e-15 && above == 0.0);
    }

    #[test]
    fn the_parts_make_one() {
        for method in ALL {
            for (n, p) in [(1, 0.5), (10, 0.07), (100, 0.93), (2500, 0.5), (100_000, 1e-4)] {
                let [holds, below, above, width] = parts(coverage(n, p, method, level()));
                assert!((holds + below + above - 1.0).abs() < 1e-11, "{n} {p} {method:?}");
                let wald_of_one = (method, n) == (ProportionMethod::Wald, 1);
                assert!((width > 0.0) != wald_of_one && width <= 1.0, "{n} {p} {method:?}");
            }
        }
    }

    #[test]
    fn a_share_and_its_mirror_miss_on_opposite_sides() {
        for method in ALL {
            let [holds, below, above, width] = parts(coverage(25, 0.17, method, level()));
            let [mirror_holds, mirror_below, mirror_above, mirror_width] =
                parts(coverage(25, 0.83, method, level()));
            for (here, there) in [
                (holds, mirror_holds),
                (below, mirror_above),
                (above, mirror_below),
                (width, mirror_width),
            ] {
                assert!((here - there).abs() < 1e-13, "{method:?}");
            }
        }
    }

    #[test]
    fn exact_intervals_keep_their_promise() {
        for step in 1..100 {
            let p = f64::from(step) / 100.0;
            for n in [1, 10, 25, 100] {
                let [_, below, above, _] =
                    parts(coverage(n, p, ProportionMethod::ClopperPearson, level()));
                assert!(below <= 0.025 && above <= 0.025, "{n} {p}");
            }
            let [_, below, above, _] =
                parts(rate_coverage(f64::from(step) / 3.0, RateMethod::Exact, level()));
            assert!(below <= 0.025 && above <= 0.025, "{step}");
        }
        for with in 0..=60 {
            let [_, below, above, _] =
                parts(coverage_of(40, with, 60, ProportionMethod::Hypergeometric, level()));
            assert!(below <= 0.025 && above <= 0.025, "{with}");
        }
    }

    #[test]
    fn none_and_all_are_certain() {
        for p in [0.0, 1.0] {
            let [holds, ..] = parts(coverage(7, p, ProportionMethod::Wilson, level()));
            assert_eq!(holds, 1.0);
        }
        let [holds, ..] = parts(rate_coverage(0.0, RateMethod::Exact, level()));
        assert_eq!(holds, 1.0);
        let everyone = coverage_of(60, 36, 60, ProportionMethod::Wilson, level());
        assert_eq!(parts(everyone), [1.0, 0.0, 0.0, 0.0]);
    }

    #[test]
    fn what_cannot_be_says_why() {
        use ProportionMethod::{Hypergeometric, Wilson};
        let why = |coverage: Coverage| {
            assert_eq!(coverage.coverage, None);
            coverage.reason.unwrap()
        };
        assert_eq!(why(coverage(0, 0.5, Wilson, level())), Reason::NoRows);
        assert_eq!(why(coverage(LARGEST + 1, 0.5, Wilson, level())), Reason::TooLarge);
        assert_eq!(why(coverage(5, 0.5, Hypergeometric, level())), Reason::NeedsPopulation);
        for p in [-0.1, 1.1, f64::NAN] {
            assert_eq!(why(coverage(5, p, Wilson, level())), Reason::NotAProbability);
        }
        assert_eq!(why(coverage_of(0, 3, 9, Wilson, level())), Reason::NoRows);
        assert_eq!(why(coverage_of(10, 3, 9, Wilson, level())), Reason::SampleAbovePopulation);
        assert_eq!(why(coverage_of(5, 10, 9, Wilson, level())), Reason::CountAboveBase);
        for mean in [-1.0, f64::NAN] {
            assert_eq!(
                why(rate_coverage(mean, RateMethod::Exact, level())),
                Reason::ImpossibleMean
            );
        }
        assert_eq!(why(rate_coverage(1e9, RateMethod::Exact, level())), Reason::TooLarge);
    }
}
