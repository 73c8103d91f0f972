//! Planning a comparison of two shares.

use super::super::alternative::Alternative;
use super::super::level::Level;
use super::super::normal;
use super::super::reason::Reason;
use super::{finite, first_enough, quantiles};

/// How two shares will be compared.
///
/// The test is the one of pooled shares: z = (p̂₁ − p̂₂) / √(p̄q̄(1/n₁ + 1/n₂)), which squared is the
/// chi-squared test of the two-by-two table.
///
/// ```
/// use wholefamily::stats::power::Design;
/// use wholefamily::stats::Alternative;
/// let plain = Design::default();
/// assert_eq!((plain.level.get(), plain.alternative), (0.95, Alternative::TwoSided));
/// assert_eq!((plain.correct, plain.population), (false, None));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Design {
    /// One less the chance of finding a difference where there is none.
    pub level: Level,
    /// Which differences the test looks for: `Greater` is p₁ > p₂.
    pub alternative: Alternative,
    /// Whether the test is corrected for continuity (Yates).
    pub correct: bool,
    /// How many there are to draw both samples from, if that is not very many.
    pub population: Option<u64>,
}

/// How many to ask in each group, before rounding up.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SampleSize {
    /// In the group.
    pub n1: f64,
    /// In the reference group.
    pub n2: f64,
}

impl SampleSize {
    /// The whole numbers to ask: each rounded up, but for what a rounding error of 10⁻⁹ explains.
    ///
    /// ```
    /// use wholefamily::stats::power::SampleSize;
    /// assert_eq!(SampleSize { n1: 96.04, n2: 48.0000000001 }.whole(), (97, 48));
    /// ```
    #[must_use]
    pub fn whole(self) -> (u64, u64) {
        let up = |n: f64| (n * (1.0 - 1e-9)).ceil() as u64;
        (up(self.n1), up(self.n2))
    }
}

/// The smallest differences that would be found; `None` where not even the largest would be, or
/// where the test does not look.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DetectableDifference {
    /// Below the reference share: p₁ − p₂, negative.
    pub lower: Option<f64>,
    /// Above the reference share: p₁ − p₂, positive.
    pub higher: Option<f64>,
}

/// How likely is a true difference between two shares to be found?
///
/// # Formula
/// With p̄ = (n₁p₁ + n₂p₂)/(n₁ + n₂), q = 1 − p, zα the quantile that the test must reach and Φ the
/// normal distribution:
/// ```text
/// power = Φ((|p₁ − p₂| − c − zα σ₀) / σ₁)
/// σ₀² = p̄q̄(1/n₁ + 1/n₂),  σ₁² = p₁q₁/n₁ + p₂q₂/n₂,  c = ½(1/n₁ + 1/n₂) if corrected, else 0
/// ```
/// A one-sided test takes p₁ − p₂, or its negative, for |p₁ − p₂|. From a population of N, samples
/// of n = n₁ + n₂ in all count as n(N − 1)/(N − n), and n₁ and n₂ grow in proportion.
///
/// # Arguments
/// `p1`, `p2`: the true shares, 0 to 1; `n1`, `n2`: how many are asked in each group, not
/// necessarily whole.
///
/// # Edges
/// No difference: the test's own error, (1 − level)/2 or 1 − level. Shares of 0 and 1: 0 or 1.
/// Both 0 or both 1: [`Reason::ZeroVariance`]. A share outside 0 to 1 is
/// [`Reason::NotAProbability`]; no one asked is [`Reason::EmptyGroup`],
/// [`Reason::EmptyReference`] or [`Reason::NoRows`]; all of the population asked is
/// [`Reason::CompleteCount`], and more than all [`Reason::SampleAbovePopulation`].
///
/// # Source
/// J. L. Fleiss, B. Levin and M. C. Paik, 2003, "Statistical methods for rates and proportions",
/// 3rd edition, chapter 4.
///
/// # Example
/// ```
/// use wholefamily::stats::power::{Design, power};
/// // 50 families in each group: half or three quarters?
/// let found = power(0.5, 50.0, 0.75, 50.0, &Design::default()).unwrap();
/// assert!((found - 0.7401659).abs() < 5e-8); // R: power.prop.test(n = 50, p1 = .5, p2 = .75)
/// ```
pub fn power(p1: f64, n1: f64, p2: f64, n2: f64, design: &Design) -> Result<f64, Reason> {
    shares(p1, p2)?;
    let (n1, n2) = design.effective(n1, n2)?;
    let spread = Spread::new(p1, n1, p2, n2);
    if p1 == p2 && spread.alternative == 0.0 {
        return Err(Reason::ZeroVariance);
    }
    let reach = super::critical(design.level, design.alternative)?;
    let over = design.sought(p1 - p2, n1, n2) - reach * spread.null;
    if spread.alternative == 0.0 {
        return Ok(if over > 0.0 { 1.0 } else { 0.0 });
    }
    Ok(normal::lower(over / spread.alternative))
}

/// How many must be asked to find a true difference between two shares?
///
/// # Formula
/// With r = n₂/n₁, p̄ = (p₁ + rp₂)/(1 + r), q = 1 − p, zα the quantile that the test must reach and
/// zβ the quantile of the power:
/// ```text
/// n₁ = (zα √(p̄q̄(1 + 1/r)) + zβ √(p₁q₁ + p₂q₂/r))² / (p₁ − p₂)²
/// corrected:        n₁ (1 + √(1 + 2(r + 1)/(n₁ r |p₁ − p₂|)))² / 4 in its place
/// population of N:  with n = n₁ + n₂, n₁ N/(N − 1 + n) in its place
/// ```
/// # Arguments
/// `p1`, `p2`: the true shares, 0 to 1; `power`: the chance of finding them to differ, such as 0.8;
/// `ratio`: n₂/n₁.
///
/// # Edges
/// Equal shares: [`Reason::NoDifference`], as is a difference that a one-sided test does not look
/// for. A power outside 0 to 1, or not above the test's own error: [`Reason::ImpossiblePower`].
/// [`Reason::ImpossibleRatio`] and [`Reason::NotAProbability`] say it. With a population
/// the answer is always below it, though it may be all but all of it.
///
/// # Source
/// J. L. Fleiss, A. Tytun and H. K. Ury, 1980, "A simple approximation for calculating sample sizes
/// for comparing independent proportions"; population: W. G. Cochran, 1977, "Sampling techniques",
/// 3rd edition, section 4.4.
///
/// # Example
/// ```
/// use wholefamily::stats::power::{Design, sample_size};
/// let needed = sample_size(0.5, 0.75, 0.9, 1.0, &Design::default()).unwrap();
/// assert!((needed.n1 - 76.706928).abs() < 1e-6); // R: power.prop.test(p1 = .5, p2 = .75, power = .9)
/// assert_eq!(needed.whole(), (77, 77));
/// ```
pub fn sample_size(
    p1: f64,
    p2: f64,
    power: f64,
    ratio: f64,
    design: &Design,
) -> Result<SampleSize, Reason> {
    shares(p1, p2)?;
    if !(ratio > 0.0 && ratio.is_finite()) {
        return Err(Reason::ImpossibleRatio);
    }
    let (reach, margin) = quantiles(power, design.level, design.alternative)?;
    let apart = super::sought(p1 - p2, design.alternative);
    if apart.is_nan() || apart <= 0.0 {
        return Err(Reason::NoDifference);
    }
    // The spreads of a sample of one in the group and r in the reference group.
    let spread = Spread::new(p1, 1.0, p2, ratio);
    let root = (reach * spread.null + margin * spread.alternative) / apart;
    if root <= 0.0 {
        return Err(Reason::ImpossiblePower);
    }
    let mut n1 = root * root;
    if design.correct {
        let wider = 1.0 + (1.0 + 2.0 * (ratio + 1.0) / (n1 * ratio * apart)).sqrt();
        n1 *= wider * wider / 4.0;
    }
    if let Some(population) = design.population {
        let population = population as f64;
        n1 *= population / (population - 1.0 + n1 * (1.0 + ratio));
    }
    Ok(SampleSize { n1: finite(n1)?, n2: finite(n1 * ratio)? })
}

/// What is the smallest difference that two samples would find?
///
/// # Formula
/// The p₁ nearest to p₂ on either side at which [`power`] is what is asked for, as p₁ − p₂; found
/// by halving, to the last digit.
///
/// # Arguments
/// `p2`: the share in the reference group, 0 to 1; `n1`, `n2`: how many are asked in each group;
/// `power`: the chance of finding the difference, such as 0.8.
///
/// # Edges
/// A side is `None` where not even a p₁ of 0 or 1 is far enough away, or where a one-sided test
/// does not look. Reasons as in [`power`] and [`sample_size`].
///
/// # Source
/// As [`power`].
///
/// # Example
/// ```
/// use wholefamily::stats::power::{Design, detectable_difference};
/// let smallest = detectable_difference(0.3, 100.0, 100.0, 0.8, &Design::default()).unwrap();
/// assert!((smallest.higher.unwrap() - 0.192657).abs() < 1e-6);
/// assert!((smallest.lower.unwrap() + 0.162788).abs() < 1e-6);
/// ```
pub fn detectable_difference(
    p2: f64,
    n1: f64,
    n2: f64,
    power: f64,
    design: &Design,
) -> Result<DetectableDifference, Reason> {
    shares(p2, p2)?;
    let (reach, margin) = quantiles(power, design.level, design.alternative)?;
    let (n1, n2) = design.effective(n1, n2)?;
    let smallest = |sign: f64, most: f64| {
        let found = first_enough(most, |apart| {
            let spread = Spread::apart(p2, sign * apart, n1, n2);
            reach * spread.null + margin * spread.alternative - design.sought(sign * apart, n1, n2)
        });
        found.map(|apart| sign * apart)
    };
    Ok(DetectableDifference { lower: smallest(-1.0, p2), higher: smallest(1.0, 1.0 - p2) })
}

impl Design {
    /// What the samples are worth, were the population endless.
    fn effective(&self, n1: f64, n2: f64) -> Result<(f64, f64), Reason> {
        match (n1 > 0.0, n2 > 0.0) {
            (false, false) => return Err(Reason::NoRows),
            (false, true) => return Err(Reason::EmptyGroup),
            (true, false) => return Err(Reason::EmptyReference),
            (true, true) => {}
        }
        let asked = finite(n1 + n2)?;
        let Some(population) = self.population else {
            return Ok((n1, n2));
        };
        let population = population as f64;
        if asked > population {
            return Err(Reason::SampleAbovePopulation);
        }
        if asked == population {
            return Err(Reason::CompleteCount);
        }
        let worth = (population - 1.0) / (population - asked);
        Ok((n1 * worth, n2 * worth))
    }

    /// The difference in the direction that the test looks for, less the correction.
    fn sought(&self, difference: f64, n1: f64, n2: f64) -> f64 {
        let correction = if self.correct { 0.5 * (1.0 / n1 + 1.0 / n2) } else { 0.0 };
        super::sought(difference, self.alternative) - correction
    }
}

/// The standard error of a difference of shares if there is none (σ₀), and as it is (σ₁).
struct Spread {
    null: f64,
    alternative: f64,
}

impl Spread {
    fn new(p1: f64, n1: f64, p2: f64, n2: f64) -> Self {
        let (q1, q2) = (1.0 - p1, 1.0 - p2);
        let (w1, w2) = (n1 / (n1 + n2), n2 / (n1 + n2));
        let pooled = (w1 * p1 + w2 * p2) * (w1 * q1 + w2 * q2);
        Self {
            null: (pooled * (1.0 / n1 + 1.0 / n2)).sqrt(),
            alternative: (p1 * q1 / n1 + p2 * q2 / n2).sqrt(),
        }
    }

    /// With p₁ = p₂ + `apart`.
    fn apart(p2: f64, apart: f64, n1: f64, n2: f64) -> Self {
        Self::new((p2 + apart).clamp(0.0, 1.0), n1, p2, n2)
    }
}

fn shares(p1: f64, p2: f64) -> Result<(), Reason> {
    let share = |p: f64| (0.0..=1.0).contains(&p);
    if share(p1) && share(p2) { Ok(()) } else { Err(Reason::NotAProbability) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain() -> Design {
        Design::default()
    }

    fn designs() -> Vec<Design> {
        let mut all = Vec::new();
        for alternative in [Alternative::TwoSided, Alternative::Less, Alternative::Greater] {
            for correct in [false, true] {
                for population in [None, Some(2_000), Some(1_000_000_000)] {
                    for level in [0.8, 0.95, 0.999] {
                        let level = Level::new(level).unwrap();
                        all.push(Design { level, alternative, correct, population });
                    }
                }
            }
        }
        all
    }

    #[test]
    fn a_sample_of_the_size_needed_has_the_power_asked_for() {
        for design in designs() {
            for (p1, p2) in [(0.5, 0.75), (0.75, 0.5), (0.01, 0.02), (0.0, 0.1), (1.0, 0.93)] {
                let wrong_way = match design.alternative {
                    Alternative::TwoSided => false,
                    Alternative::Less => p1 > p2,
                    Alternative::Greater => p1 < p2,
                };
                for (wanted, ratio) in [(0.8, 1.0), (0.95, 0.25), (0.4, 3.0)] {
                    let needed = sample_size(p1, p2, wanted, ratio, &design);
                    if wrong_way {
                        assert_eq!(needed, Err(Reason::NoDifference));
                        continue;
                    }
                    let SampleSize { n1, n2 } = needed.unwrap();
                    if n1 + n2 > 1999.999 && design.population == Some(2_000) {
                        continue; // all but the whole population: its last digits are gone
                    }
                    let found = power(p1, n1, p2, n2, &design).unwrap();
                    assert!((found / wanted - 1.0).abs() < 1e-9, "{design:?} {p1} {p2}: {found}");
                }
            }
        }
    }

    #[test]
    fn a_difference_that_can_just_be_detected_has_the_power_asked_for() {
        for design in designs() {
            for p2 in [0.0, 0.003, 0.3, 0.5, 0.97, 1.0] {
                for (n1, n2) in [(60.0, 60.0), (400.0, 25.5), (900.0, 1000.0)] {
                    let smallest = detectable_difference(p2, n1, n2, 0.8, &design).unwrap();
                    assert!(smallest.lower.is_none_or(|d| d < 0.0 && p2 + d >= -1e-15));
                    assert!(smallest.higher.is_none_or(|d| d > 0.0 && p2 + d <= 1.0 + 1e-15));
                    for d in [smallest.lower, smallest.higher].into_iter().flatten() {
                        let p1 = (p2 + d).clamp(0.0, 1.0);
                        let found = power(p1, n1, p2, n2, &design).unwrap();
                        assert!((found - 0.8).abs() < 1e-10, "{design:?} {p2} {d}: {found}");
                    }
                }
            }
        }
    }

    #[test]
    fn sides_that_cannot_be_found_are_none() {
        let few = detectable_difference(0.1, 20.0, 20.0, 0.8, &plain()).unwrap();
        assert!(few.lower.is_none() && few.higher.is_some());
        let greater = Design { alternative: Alternative::Greater, ..plain() };
        let one_way = detectable_difference(0.5, 100.0, 100.0, 0.8, &greater).unwrap();
        assert!(one_way.lower.is_none() && one_way.higher.is_some());
    }

    #[test]
    fn groups_and_outcomes_may_change_places() {
        for correct in [false, true] {
            let design = Design { correct, ..plain() };
            let one = power(0.2, 80.0, 0.35, 120.0, &design).unwrap();
            let swapped = power(0.35, 120.0, 0.2, 80.0, &design).unwrap();
            let inverted = power(0.8, 80.0, 0.65, 120.0, &design).unwrap();
            assert!((one - swapped).abs() < 1e-14 && (one - inverted).abs() < 1e-13);
        }
    }

    #[test]
    fn no_difference_leaves_the_error_of_the_test() {
        let error = power(0.3, 50.0, 0.3, 90.0, &plain()).unwrap();
        assert!((error - 0.025).abs() < 1e-15);
        let one_sided = Design { alternative: Alternative::Greater, ..plain() };
        assert!((power(0.3, 50.0, 0.3, 90.0, &one_sided).unwrap() - 0.05).abs() < 1e-15);
        assert_eq!(power(0.0, 9.0, 0.0, 9.0, &plain()), Err(Reason::ZeroVariance));
        assert_eq!(power(1.0, 9.0, 1.0, 9.0, &plain()), Err(Reason::ZeroVariance));
        // z = 1 / sqrt(1/4 (1/n + 1/n)): √2 for one each, √8 for four each
        assert_eq!(power(0.0, 1.0, 1.0, 1.0, &plain()), Ok(0.0));
        assert_eq!(power(0.0, 4.0, 1.0, 4.0, &plain()), Ok(1.0));
    }

    #[test]
    fn more_asked_is_more_power_and_a_small_population_helps() {
        let mut before = 0.0;
        for n in [10.0, 100.0, 200.0, 400.0, 900.0] {
            let open = power(0.3, n, 0.4, n, &plain()).unwrap();
            let closed = Design { population: Some(2000), ..plain() };
            let finite = power(0.3, n, 0.4, n, &closed).unwrap();
            assert!(open > before && finite > open, "{n}");
            before = open;
        }
    }

    #[test]
    fn what_cannot_be_planned_says_why() {
        let ask = |n1, n2, population| {
            power(0.1, n1, 0.2, n2, &Design { population, ..Design::default() })
        };
        assert_eq!(ask(0.0, 0.0, None), Err(Reason::NoRows));
        assert_eq!(ask(0.0, 5.0, None), Err(Reason::EmptyGroup));
        assert_eq!(ask(5.0, -1.0, None), Err(Reason::EmptyReference));
        assert_eq!(ask(f64::NAN, 5.0, None), Err(Reason::EmptyGroup));
        assert_eq!(ask(f64::INFINITY, 5.0, None), Err(Reason::TooLarge));
        assert_eq!(ask(5.0, 5.0, Some(10)), Err(Reason::CompleteCount));
        assert_eq!(ask(5.0, 6.0, Some(10)), Err(Reason::SampleAbovePopulation));
        let size = |p1, p2, power, ratio| sample_size(p1, p2, power, ratio, &Design::default());
        assert_eq!(size(0.1, 0.1, 0.8, 1.0), Err(Reason::NoDifference));
        assert_eq!(size(0.1, 1.2, 0.8, 1.0), Err(Reason::NotAProbability));
        assert_eq!(size(f64::NAN, 0.2, 0.8, 1.0), Err(Reason::NotAProbability));
        assert_eq!(size(0.1, 0.2, 0.8, 0.0), Err(Reason::ImpossibleRatio));
        assert_eq!(size(0.1, 0.2, 0.01, 1.0), Err(Reason::ImpossiblePower));
        assert_eq!(size(0.1, 0.2, 1.0, 1.0), Err(Reason::ImpossiblePower));
        assert_eq!(size(0.1, 0.1 + 1e-16, 0.8, 1.0).map(|s| s.n1 > 1e28), Ok(true));
    }
}
