//! What share of it would go if everyone had the least deprived quantile's figure?

use super::convention::{Scale, Spread};
use super::ranked::Ranked;
use crate::stats::interval::Interval;
use crate::stats::level::Level;
use crate::stats::reason::Reason;

/// What a count counts, which decides how it varies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Counted {
    /// Events over an exposure: a Poisson count.
    #[default]
    Events,
    /// People out of so many: a binomial count.
    People,
}

impl Counted {
    /// Every kind's name, as specifications write it.
    pub const WORDS: [&'static str; 2] = ["events", "people"];

    /// The kind of that name; `None` for any other word.
    ///
    /// ```
    /// use wholefamily::stats::inequality::Counted;
    /// assert_eq!(Counted::parse("people"), Some(Counted::People));
    /// ```
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Events, Self::People].into_iter().find(|counted| counted.word() == word)
    }

    /// The kind's name, as specifications write it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Events => "events",
            Self::People => "people",
        }
    }
}

/// Population attributable risk from counts: the share of all events that would not happen if every
/// quantile had the rate of the least deprived one.
///
/// # Formula
/// X = Σ x, N = Σ n, and k the last, least deprived quantile:
/// ```text
/// P = 1 − (xₖ/nₖ) / (X/N)            the same as Σ a(r/rₖ − 1) / (Σ a(r/rₖ − 1) + 1), ScotPHO's form
/// limits   1 − (1 − P) e^(± z √v)
/// events   v = 1/xₖ − 1/X
/// people   v = Σ x(1 − x/n) ([quantile is k]/xₖ − 1/X)²
/// ```
/// v is the delta method's variance of ln(1 − P), with xₖ part of X.
///
/// # Arguments
/// `x`: the count in each quantile, from the most deprived to the least; `n`: its people or exposure,
/// above 0; `counted`: what `x` counts.
///
/// # Edges
/// Negative where the least deprived have the higher rate. No events at all: [`Reason::NoEvents`].
/// None among the least deprived: 1, without limits ([`Reason::NoReferenceEvents`]). Events there
/// only: no limits ([`Reason::ZeroVariance`]). Fewer than two quantiles: [`Reason::QuantileCount`].
/// People above their number: [`Reason::CountAboveBase`].
///
/// # Source
/// M. L. Levin, 1953, "The occurrence of lung cancer in man"; ScotPHO,
/// `calculate_inequality_measures`, which gives no interval; its delta method after S. Greenland and
/// K. Drescher, 1993, "Maximum likelihood estimation of the attributable fraction from logistic
/// models".
///
/// # Example
/// ```
/// use wholefamily::stats::inequality::{Counted, population_attributable};
/// use wholefamily::stats::Level;
/// let (x, n) = ([40, 30, 25, 15, 10], [1000.0; 5]);
/// let share = population_attributable(&x, &n, Counted::Events, Level::default());
/// assert!((share.value.unwrap() - (1.0 - 10.0 / 24.0)).abs() < 1e-15);
/// ```
#[must_use]
pub fn population_attributable(x: &[u64], n: &[f64], counted: Counted, level: Level) -> Interval {
    let ranked = match checked(x.len(), n) {
        Ok(ranked) => ranked,
        Err(reason) => return Interval::undefined(reason),
    };
    if counted == Counted::People && x.iter().zip(n).any(|(&x, &n)| x as f64 > n) {
        return Interval::undefined(Reason::CountAboveBase);
    }
    let total: f64 = x.iter().map(|&x| x as f64).sum();
    let (Some(&last), Some(&last_share)) = (x.last(), ranked.share.last()) else {
        return Interval::undefined(Reason::QuantileCount);
    };
    if total == 0.0 {
        return Interval::undefined(Reason::NoEvents);
    }
    if last == 0 {
        return Interval::without_limits(1.0, Reason::NoReferenceEvents);
    }
    let last = last as f64;
    let others = others(x, last_share, &ranked);
    let kept = last / total / last_share;
    let variance = match counted {
        Counted::Events => others.events / last / total,
        Counted::People => {
            let mut variance = 0.0;
            for (i, (&x, &n)) in x.iter().zip(n).enumerate() {
                let pull = if i + 1 == ranked.share.len() {
                    others.events / last / total
                } else {
                    1.0 / total
                };
                let x = x as f64;
                variance += x * ((n - x) / n) * pull * pull;
            }
            variance
        }
    };
    about(others.excess / total, kept, variance, level)
}

/// What the quantiles but the last hold: their events, and how many more (of all) than the last
/// one's rate would give, Σ (x − xₖ nᵢ/nₖ).
struct Others {
    events: f64,
    excess: f64,
}

fn others(x: &[u64], last_share: f64, ranked: &Ranked) -> Others {
    let last = x.last().map_or(0.0, |&x| x as f64);
    let mut others = Others { events: 0.0, excess: 0.0 };
    for (&x, share) in x.iter().zip(&ranked.share).take(x.len().saturating_sub(1)) {
        others.events += x as f64;
        others.excess += x as f64 - last * (share / last_share);
    }
    others
}

/// Population attributable risk from rates, which may be standardised, with their standard errors.
///
/// # Formula
/// ```text
/// P = 1 − Yₖ / Σ aY       a the shares of the population
/// limits   1 − (1 − P) e^(± z √v),   v = Σ s² ([quantile is k]/Yₖ − a/Σ aY)²
/// ```
/// s are the standard errors of Y. With crude rates Y = x/n and s = √x/n this is
/// [`population_attributable`].
///
/// # Arguments
/// `value`: the rate of each quantile, from the most deprived to the least, none negative;
/// `population`: its people, above 0; `spread`: standard errors of the rates, or their limits.
///
/// # Edges
/// As [`population_attributable`]; without standard errors there are no limits ([`Reason::NoSpread`]).
///
/// # Source
/// ScotPHO, `calculate_inequality_measures`, for the point; the delta method for its interval.
///
/// # Example
/// ```
/// use wholefamily::stats::inequality::{Spread, attributable_share};
/// use wholefamily::stats::Level;
/// let (rate, people) = ([40.0, 30.0, 25.0, 15.0, 10.0], [1000.0; 5]);
/// let errors = Spread::StandardErrors(&[6.3, 5.5, 5.0, 3.9, 3.2]);
/// let share = attributable_share(&rate, &people, errors, Level::default());
/// assert!((share.value.unwrap() - (1.0 - 10.0 / 24.0)).abs() < 1e-15);
/// ```
#[must_use]
pub fn attributable_share(
    value: &[f64],
    population: &[f64],
    spread: Spread<'_>,
    level: Level,
) -> Interval {
    let ranked = match checked(value.len(), population) {
        Ok(ranked) => ranked,
        Err(reason) => return Interval::undefined(reason),
    };
    if !value.iter().all(|y| Scale::Log.allows(*y)) {
        return Interval::undefined(Reason::ImpossibleValue);
    }
    let Some(&last) = value.last() else { return Interval::undefined(Reason::QuantileCount) };
    let mean = ranked.mean(value);
    if mean <= 0.0 {
        return Interval::undefined(Reason::NoEvents);
    }
    if last == 0.0 {
        return Interval::without_limits(1.0, Reason::NoReferenceEvents);
    }
    let excess: f64 = ranked.share.iter().zip(value).map(|(a, y)| a * (y - last)).sum();
    let errors = match spread.standard_errors(Scale::Plain, value.len()) {
        Ok(errors) => errors,
        Err(reason) => return Interval::without_limits(excess / mean, reason),
    };
    let mut variance = 0.0;
    for (i, (a, s)) in ranked.share.iter().zip(errors).enumerate() {
        let own = if i + 1 == value.len() { 1.0 / last } else { 0.0 };
        variance += (s * (own - a / mean)).powi(2);
    }
    about(excess / mean, last / mean, variance, level)
}

fn checked(k: usize, population: &[f64]) -> Result<Ranked, Reason> {
    if k != population.len() {
        return Err(Reason::UnequalLengths);
    }
    if k < 2 {
        return Err(Reason::QuantileCount);
    }
    Ranked::new(population)
}

fn about(share: f64, kept: f64, variance: f64, level: Level) -> Interval {
    if variance <= 0.0 {
        return Interval::without_limits(share, Reason::ZeroVariance);
    }
    // 1 − kept·e^±reach, in a form that does not cancel where the share is small
    let reach = level.z() * variance.sqrt();
    let limit = |reach: f64| share - kept * reach.exp_m1();
    Interval::new(share, limit(reach), limit(-reach))
}

#[cfg(test)]
mod tests {
    use super::*;

    const X: [u64; 5] = [40, 30, 25, 15, 10];
    const N: [f64; 5] = [900.0, 1000.0, 1100.0, 1000.0, 1000.0];

    fn level() -> Level {
        Level::default()
    }

    #[test]
    fn scotphos_form_gives_the_same_share() {
        let rates: Vec<f64> = X.iter().zip(N).map(|(&x, n)| x as f64 / n).collect();
        let sum: f64 = rates.iter().zip(N).map(|(r, n)| (r / rates[4] - 1.0) * n / 5000.0).sum();
        let got = population_attributable(&X, &N, Counted::Events, level());
        assert!((got.value.unwrap() - sum / (sum + 1.0)).abs() < 1e-15);
    }

    #[test]
    fn counts_and_their_rates_agree() {
        let rates: Vec<f64> = X.iter().zip(N).map(|(&x, n)| x as f64 / n).collect();
        for counted in [Counted::Events, Counted::People] {
            let errors: Vec<f64> = rates
                .iter()
                .zip(N)
                .map(|(r, n)| {
                    (if counted == Counted::People { r * (1.0 - r) } else { *r } / n).sqrt()
                })
                .collect();
            let counts = population_attributable(&X, &N, counted, level());
            let spread = Spread::StandardErrors(&errors);
            let shares = attributable_share(&rates, &N, spread, level());
            for (a, b) in [(counts.value, shares.value), (counts.lower, shares.lower)] {
                assert!((a.unwrap() - b.unwrap()).abs() < 1e-14, "{counts:?} {shares:?}");
            }
        }
    }

    #[test]
    fn people_vary_less_than_events() {
        let events = population_attributable(&X, &N, Counted::Events, level());
        let people = population_attributable(&X, &N, Counted::People, level());
        assert!(events.lower < people.lower && people.upper < events.upper);
    }

    #[test]
    fn edges_say_why() {
        let share = |x: &[u64], n: &[f64]| population_attributable(x, n, Counted::People, level());
        assert_eq!(share(&[0; 5], &N), Interval::undefined(Reason::NoEvents));
        let none = Interval::without_limits(1.0, Reason::NoReferenceEvents);
        assert_eq!(share(&[1, 1, 1, 1, 0], &N), none);
        assert_eq!(share(&[1], &[1.0]), Interval::undefined(Reason::QuantileCount));
        assert_eq!(share(&X, &[1.0; 4]), Interval::undefined(Reason::UnequalLengths));
        assert_eq!(share(&X, &[12.0; 5]), Interval::undefined(Reason::CountAboveBase));
        assert_eq!(share(&X, &[0.0; 5]), Interval::undefined(Reason::ImpossiblePopulation));
        let only = population_attributable(&[0, 0, 9], &[1.0; 3], Counted::Events, level());
        assert_eq!(only, Interval::without_limits(-2.0, Reason::ZeroVariance));
        let rates = |value: &[f64], spread| attributable_share(value, &[1.0; 2], spread, level());
        let bare = rates(&[2.0, 1.0], Spread::Unknown);
        assert_eq!((bare.lower, bare.reason), (None, Some(Reason::NoSpread)));
        let exact = rates(&[2.0, 1.0], Spread::StandardErrors(&[0.0, 0.0]));
        assert_eq!(exact.reason, Some(Reason::ZeroVariance));
        assert_eq!(
            rates(&[-2.0, 1.0], Spread::Unknown),
            Interval::undefined(Reason::ImpossibleValue)
        );
    }

    #[test]
    fn equal_rates_attribute_nothing() {
        let none = population_attributable(&[9; 4], &[100.0; 4], Counted::Events, level());
        assert_eq!(none.value, Some(0.0));
        assert!(none.lower < Some(0.0) && none.upper > Some(0.0));
    }

    #[test]
    fn every_word_names_its_kind() {
        for word in Counted::WORDS {
            assert_eq!(Counted::parse(word).unwrap().word(), word);
        }
        assert_eq!(Counted::parse("births"), None);
    }
}
