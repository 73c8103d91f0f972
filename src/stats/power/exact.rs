//! How likely is a true difference to be found by a given test, with no approximation?

use super::super::distribution::binomial::probability;
use super::super::reason::Reason;

/// Outcomes rarer than this in either group are left out: all of them together change nothing.
const NEVER: f64 = 1e-30;

/// How likely are two samples to be such that a given test rejects?
///
/// # Formula
/// ```text
/// Σ P(x₁) P(x₂) over all x₁ of n₁ and x₂ of n₂ that the test rejects, P binomial
/// ```
/// With p₁ = p₂ this is the actual size of the test.
///
/// # Arguments
/// `p1`, `p2`: the true shares, 0 to 1; `n1`, `n2`: how many are asked in each group; `rejects`:
/// the test's verdict on x₁ and x₂, asked at most (n₁ + 1)(n₂ + 1) times.
///
/// # Edges
/// A share outside 0 to 1 is [`Reason::NotAProbability`]; no one asked is [`Reason::EmptyGroup`],
/// [`Reason::EmptyReference`] or [`Reason::NoRows`].
///
/// # Source
/// M. H. Gail and J. J. Gart, 1973, "The determination of sample sizes for use with the exact
/// conditional test in 2 × 2 comparative trials".
///
/// # Example
/// ```
/// use wholefamily::stats::fisher;
/// use wholefamily::stats::power::exact_power;
/// let rejects = |x1, x2| fisher(x1, 10, x2, 10).is_some_and(|p| p <= 0.05);
/// assert!(exact_power(0.3, 10, 0.3, 10, rejects).unwrap() < 0.02); // the test is cautious
/// assert!(exact_power(0.1, 10, 0.9, 10, rejects).unwrap() > 0.9);
/// ```
pub fn exact_power(
    p1: f64,
    n1: u64,
    p2: f64,
    n2: u64,
    rejects: impl Fn(u64, u64) -> bool,
) -> Result<f64, Reason> {
    match (n1, n2) {
        (0, 0) => return Err(Reason::NoRows),
        (0, _) => return Err(Reason::EmptyGroup),
        (_, 0) => return Err(Reason::EmptyReference),
        _ => {}
    }
    if !(0.0..=1.0).contains(&p1) || !(0.0..=1.0).contains(&p2) {
        return Err(Reason::NotAProbability);
    }
    let reference = possible(n2, p2);
    let mut found = 0.0;
    for (x1, chance) in possible(n1, p1) {
        let rejected = reference.iter().filter(|(x2, _)| rejects(x1, *x2));
        found += chance * rejected.map(|(_, chance)| chance).sum::<f64>();
    }
    Ok(found.min(1.0))
}

/// The outcomes that can be seen, and how likely they are.
fn possible(n: u64, p: f64) -> Vec<(u64, f64)> {
    (0..=n).map(|x| (x, probability(x, n, p))).filter(|(_, chance)| *chance > NEVER).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_tosses_each_by_hand() {
        // Rejecting 2 against 0 only: 1/4 · 1/4 with fair coins, (9/16)(9/16) with p 3/4 and 1/4
        let rejects = |x1, x2| x1 == 2 && x2 == 0;
        assert!((exact_power(0.5, 2, 0.5, 2, rejects).unwrap() - 1.0 / 16.0).abs() < 1e-16);
        let got = exact_power(0.75, 2, 0.25, 2, rejects).unwrap();
        assert!((got - 81.0 / 256.0).abs() < 1e-15);
    }

    #[test]
    fn all_outcomes_together_are_certain() {
        for (p1, n1, p2, n2) in [(0.0, 1, 1.0, 1), (0.3, 7, 0.6, 40), (0.001, 3000, 0.999, 20)] {
            let all = exact_power(p1, n1, p2, n2, |_, _| true).unwrap();
            assert!((all - 1.0).abs() < 1e-13, "{all}");
            assert_eq!(exact_power(p1, n1, p2, n2, |_, _| false), Ok(0.0));
        }
    }

    #[test]
    fn what_cannot_be_planned_says_why() {
        let ask = |p1, n1, p2, n2| exact_power(p1, n1, p2, n2, |_, _| true);
        assert_eq!(ask(0.1, 0, 0.1, 0), Err(Reason::NoRows));
        assert_eq!(ask(0.1, 0, 0.1, 1), Err(Reason::EmptyGroup));
        assert_eq!(ask(0.1, 1, 0.1, 0), Err(Reason::EmptyReference));
        assert_eq!(ask(f64::NAN, 1, 0.1, 1), Err(Reason::NotAProbability));
    }
}
