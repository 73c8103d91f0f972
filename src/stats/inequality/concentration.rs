//! How much of it falls on the deprived?

use super::convention::Scale;
use super::ranked::Ranked;
use crate::stats::interval::Interval;
use crate::stats::level::Level;
use crate::stats::reason::Reason;

/// A concentration index.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Concentration {
    /// The index and its interval.
    pub interval: Interval,
    /// Its standard error.
    pub standard_error: Option<f64>,
}

/// The concentration index: how much more of it falls on the deprived (below 0) or on the others
/// (above 0) than their numbers would have?
///
/// # Formula
/// Group t has the share f of the people, the mean Y, R is the midpoint of its stretch of the ranking,
/// μ = Σ fY, q = Σ fY / μ up to and with the group (q′ without it), and N the number of people:
/// ```text
/// C = 2 Σ fYR / μ − 1
/// a = (Y/μ)(2R − 1 − C) + 2 − q′ − q
/// var C = (Σ fa² − (1 + C)²) / m + Σ fσ²(2R − 1 − C)² / (N μ²)
/// ```
/// With the variances σ² of people within each group, m = N. Without them the second sum is left out
/// and m is the number of *groups*: the groups are then taken for a sample, and the interval says how
/// well they lie along a curve, not how sure the rates are. Limits are C ∓ z √var C.
///
/// # Arguments
/// `value`: the mean or rate of each group, from the most deprived to the least, none negative;
/// `population`: its people, above 0; `variance`: of single people within each group: p(1 − p) for a
/// share p, the rate itself for Poisson events.
///
/// # Edges
/// Fewer than two groups: [`Reason::QuantileCount`]; a negative value [`Reason::ImpossibleValue`];
/// values that are all 0 [`Reason::NoEvents`]; a negative variance [`Reason::ImpossibleError`].
///
/// # Source
/// N. Kakwani, A. Wagstaff and E. van Doorslaer, 1997, "Socioeconomic inequalities in health:
/// measurement, computation, and statistical inference", equation 14 and what follows it.
///
/// # Example
/// Two halves, of which the poorer has three times the rate: −1 + (3·¼ + 1·¾)/2.
/// ```
/// use wholefamily::stats::inequality::concentration_index;
/// use wholefamily::stats::Level;
/// let index = concentration_index(&[30.0, 10.0], &[1000.0, 1000.0], None, Level::default());
/// assert_eq!(index.interval.value, Some(-0.25));
/// ```
#[must_use]
pub fn concentration_index(
    value: &[f64],
    population: &[f64],
    variance: Option<&[f64]>,
    level: Level,
) -> Concentration {
    match index(value, population, variance) {
        Err(reason) => {
            Concentration { interval: Interval::undefined(reason), standard_error: None }
        }
        Ok((c, Err(reason))) => {
            Concentration { interval: Interval::without_limits(c, reason), standard_error: None }
        }
        Ok((c, Ok(error))) => {
            let reach = level.z() * error;
            let interval = Interval::new(c, c - reach, c + reach);
            Concentration { interval, standard_error: interval.lower.map(|_| error) }
        }
    }
}

type Index = (f64, Result<f64, Reason>);

fn index(value: &[f64], population: &[f64], variance: Option<&[f64]>) -> Result<Index, Reason> {
    let k = value.len();
    if k != population.len() || variance.is_some_and(|variance| variance.len() != k) {
        return Err(Reason::UnequalLengths);
    }
    if k < 2 {
        return Err(Reason::QuantileCount);
    }
    if !value.iter().all(|y| Scale::Log.allows(*y)) {
        return Err(Reason::ImpossibleValue);
    }
    let ranked = Ranked::new(population)?;
    let mean = ranked.mean(value);
    if mean <= 0.0 {
        return Err(Reason::NoEvents);
    }
    // 2 Σ fY(R − ½) / μ, with the mean taken out because it only cancels
    let sum: f64 = ranked
        .share
        .iter()
        .zip(&ranked.place)
        .zip(value)
        .map(|((f, place), y)| f * place * (y - mean))
        .sum();
    let c = 2.0 * sum / mean;

    let (mut between, mut within, mut below) = (0.0, 0.0, 0.0);
    for (i, ((f, place), y)) in ranked.share.iter().zip(&ranked.place).zip(value).enumerate() {
        let up_to = below + f * y / mean;
        let lean = 2.0 * place - c;
        let a = y / mean * lean + 2.0 - below - up_to;
        between += f * (a - 1.0 - c).powi(2);
        if let Some(spread) = variance.and_then(|variance| variance.get(i)) {
            if !(spread.is_finite() && *spread >= 0.0) {
                return Ok((c, Err(Reason::ImpossibleError)));
            }
            within += f * spread / mean / mean * lean * lean;
        }
        below = up_to;
    }
    let size = if variance.is_some() { population.iter().sum() } else { k as f64 };
    let variance = (between + within) / size;
    // the a of equal values differ from 1 + C by rounding only
    if variance * size <= 1e-28 {
        return Ok((c, Err(Reason::ZeroVariance)));
    }
    Ok((c, Ok(variance.sqrt())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn level() -> Level {
        Level::default()
    }

    #[test]
    fn all_of_it_on_one_half_by_hand() {
        // two equal halves, all in the first: C = 2·½·2·¼ − 1 = −½
        // a: 2(½ − 1 + ½) + 2 − 0 − 1 = 1 and 0 + 2 − 1 − 1 = 0; Σ fa² − ¼ = ¼; over 2 groups
        let got = concentration_index(&[1.0, 0.0], &[5.0, 5.0], None, level());
        assert_eq!(got.interval.value, Some(-0.5));
        assert!((got.standard_error.unwrap() - 0.125_f64.sqrt()).abs() < 1e-16);
    }

    #[test]
    fn people_one_by_one_are_groups_of_one() {
        // a group of n with variance p(1 − p) has the point of n people in it
        let grouped =
            concentration_index(&[0.75, 0.25], &[4.0, 4.0], Some(&[0.1875, 0.1875]), level());
        assert_eq!(grouped.interval.value, Some(-0.25));
        let bare = concentration_index(&[0.75, 0.25], &[4.0, 4.0], None, level());
        assert_eq!(bare.interval.value, Some(-0.25));
        assert_ne!(bare.standard_error, grouped.standard_error);
    }

    #[test]
    fn turning_the_ranking_turns_the_sign() {
        let (value, people) = ([3.0, 2.0, 4.0], [10.0, 20.0, 30.0]);
        let there = concentration_index(&value, &people, None, level());
        let back = concentration_index(&[4.0, 2.0, 3.0], &[30.0, 20.0, 10.0], None, level());
        assert!((there.interval.value.unwrap() + back.interval.value.unwrap()).abs() < 1e-16);
        let scaled = concentration_index(&[3e3, 2e3, 4e3], &people, None, level());
        assert!((there.interval.value.unwrap() - scaled.interval.value.unwrap()).abs() < 1e-16);
    }

    #[test]
    fn edges_say_why() {
        let at = |value: &[f64], people: &[f64], variance: Option<&[f64]>| {
            concentration_index(value, people, variance, level()).interval
        };
        let two = [1.0, 1.0];
        assert_eq!(at(&[1.0], &[1.0], None), Interval::undefined(Reason::QuantileCount));
        assert_eq!(at(&two, &[1.0], None), Interval::undefined(Reason::UnequalLengths));
        assert_eq!(at(&two, &two, Some(&[1.0])), Interval::undefined(Reason::UnequalLengths));
        assert_eq!(at(&[0.0, 0.0], &two, None), Interval::undefined(Reason::NoEvents));
        assert_eq!(at(&[-1.0, 2.0], &two, None), Interval::undefined(Reason::ImpossibleValue));
        assert_eq!(at(&two, &[1.0, 0.0], None), Interval::undefined(Reason::ImpossiblePopulation));
        assert_eq!(at(&[1.0, 2.0], &two, Some(&[-1.0, 0.0])).reason, Some(Reason::ImpossibleError));
    }
}
