//! How many of n, each with the same chance?

use super::Random;
use super::transformed::{Hat, ln_factorial_ratio};

/// From this expected count on, draws are by rejection.
const MANY: f64 = 10.0;

/// A binomial distribution to draw from, prepared once for any number of draws.
///
/// # Formula
/// Where np < 10, the first k at which P(X ≤ k) exceeds a uniform number, with
/// P(k + 1) = P(k) · (n − k)p/((k + 1)q); else by transformed rejection. Either takes the same time
/// on average whatever n is, and is exact but for rounding. Over p = ½ those
/// without the event are drawn instead. Logarithms are those of the machine: one that rounds the
/// last digit otherwise could draw another number, about once in 10¹³ draws.
///
/// # Source
/// W. Hörmann, 1993, "The generation of binomial random variates", algorithm BTRS.
///
/// # Example
/// ```
/// use wholefamily::stats::random::{Binomial, Random};
/// let coins = Binomial::new(100, 0.5);
/// let heads = coins.draw(&mut Random::new(1, 0));
/// assert!((20..=80).contains(&heads));
/// assert_eq!(Binomial::new(100, 1.0).draw(&mut Random::new(1, 0)), 100);
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Binomial {
    n: u64,
    turned: bool,
    way: Way,
}

#[derive(Debug, Clone, Copy)]
enum Way {
    /// From the probability of 0, with the odds.
    Walk {
        none: f64,
        odds: f64,
    },
    Reject(Hat, Peak),
}

/// The most probable count, and ln P(k)/P(mode) of others.
#[derive(Debug, Clone, Copy)]
struct Peak {
    mode: f64,
    others: f64,
    /// ln of (n − mode + 1)p/((mode + 1)q), nearly 0.
    slope: f64,
}

impl Peak {
    fn new(n: f64, chance: f64) -> Self {
        let mode = ((n + 1.0) * chance).floor().min(n);
        let others = n - mode;
        let odds = chance / (1.0 - chance);
        Self { mode, others, slope: (odds * ((others + 1.0) / (mode + 1.0))).ln() }
    }

    fn relative(&self, count: f64) -> f64 {
        let up = count - self.mode;
        up * self.slope + ln_factorial_ratio(self.mode, up) + ln_factorial_ratio(self.others, -up)
    }
}

impl Binomial {
    /// The number of `n` that have the event, when each has it with probability `p`.
    ///
    /// A `p` outside 0 to 1 counts as the nearer of them, and NaN as 0.
    #[must_use]
    pub fn new(n: u64, p: f64) -> Self {
        let turned = p > 0.5;
        let chance = if turned { (1.0 - p).max(0.0) } else { p.max(0.0) };
        let (size, rest) = (n as f64, 1.0 - chance);
        let way = if size * chance < MANY {
            Way::Walk { none: (size * (-chance).ln_1p()).exp(), odds: chance / rest }
        } else {
            let deviation = (size * chance * rest).sqrt();
            let width = 1.15 + 2.53 * deviation;
            let hat = Hat {
                tail: -0.0873 + 0.0248 * width + 0.01 * chance,
                width,
                centre: size * chance + 0.5,
                surely: 0.92 - 4.2 / width,
                height: (2.83 + 5.1 / width) * deviation,
            };
            Way::Reject(hat, Peak::new(size, chance))
        };
        Self { n, turned, way }
    }

    /// One count, from 0 to n.
    #[must_use]
    pub fn draw(&self, random: &mut Random) -> u64 {
        let count = match &self.way {
            Way::Walk { none, odds } => self.walk(random, *none, *odds),
            Way::Reject(hat, peak) => hat.draw(random, self.n, |count| peak.relative(count)),
        };
        if self.turned { self.n - count } else { count }
    }

    fn walk(&self, random: &mut Random, none: f64, odds: f64) -> u64 {
        let (mut left, mut term, mut count) = (random.uniform(), none, 0_u64);
        // A uniform number is a multiple of 2⁻⁵³, and beyond 110 less than that is left.
        while left >= term && count < self.n.min(110) {
            left -= term;
            term *= odds * ((self.n - count) as f64 / (count + 1) as f64);
            count += 1;
        }
        count
    }
}

impl Random {
    /// How many of `n` have an event of probability `p`: one draw of [`Binomial`].
    ///
    /// ```
    /// use wholefamily::stats::random::Random;
    /// assert!(Random::new(1, 0).binomial(1_000_000_000, 0.5).abs_diff(500_000_000) < 200_000);
    /// ```
    pub fn binomial(&mut self, n: u64, p: f64) -> u64 {
        Binomial::new(n, p).draw(self)
    }
}

#[cfg(test)]
mod tests {
    use super::super::transformed::assert_covers;
    use super::*;
    use crate::stats::distribution::binomial::probability;

    #[test]
    fn probabilities_over_the_mode_s_are_right() {
        for (n, p) in [(20, 0.5), (1000, 0.011), (100_000, 0.3), (1_000_000_000_000, 0.2)] {
            let peak = Peak::new(n as f64, p);
            let of_mode = probability(peak.mode as u64, n, p);
            let deviation = (n as f64 * p * (1.0 - p)).sqrt();
            for z in [-3.0, -1.0, -0.01, 0.0, 0.3, 2.0, 4.0_f64] {
                let count = (peak.mode + (z * deviation).round()).clamp(0.0, n as f64);
                let want = probability(count as u64, n, p) / of_mode;
                let got = peak.relative(count).exp();
                assert!((got / want - 1.0).abs() < 1e-8, "{n} {p} {count}: {got} {want}");
            }
        }
    }

    #[test]
    fn the_hat_covers_the_distribution() {
        for (n, p) in [
            (20, 0.5),
            (25, 0.4),
            (100, 0.1),
            (1000, 0.01),
            (1000, 0.5),
            (1_000_000, 1.1e-5),
            (100_000, 0.3),
            (1_000_000_000, 0.2),
        ] {
            let Way::Reject(hat, peak) = Binomial::new(n, p).way else { panic!("{n} {p}") };
            assert_covers(&hat, n, |count| peak.relative(count));
        }
    }

    /// Chi-squared of the draws in cells of ten or more expected, against its degrees of freedom.
    #[test]
    fn draws_are_as_probable_as_they_should_be() {
        const DRAWS: u64 = 100_000;
        for (seed, (n, p)) in [
            (1, 0.3),
            (5, 0.99),
            (20, 0.5),
            (40, 0.2),
            (100, 0.07),
            (100, 0.12),
            (300, 0.9),
            (5000, 0.004),
            (100_000, 0.000_02),
            (100_000, 0.5),
        ]
        .into_iter()
        .enumerate()
        {
            let binomial = Binomial::new(n, p);
            let mut seen = std::collections::BTreeMap::<u64, f64>::new();
            let mut random = Random::new(seed as u64, 1);
            for _ in 0..DRAWS {
                *seen.entry(binomial.draw(&mut random)).or_default() += 1.0;
            }
            let (mut statistic, mut cells) = (0.0, -1.0);
            let (mut pooled, mut pooled_seen) = (0.0, 0.0);
            for k in 0..=n {
                let expected = probability(k, n, p) * DRAWS as f64;
                let got = seen.get(&k).copied().unwrap_or(0.0);
                if expected < 10.0 {
                    pooled += expected;
                    pooled_seen += got;
                } else {
                    statistic += (got - expected).powi(2) / expected;
                    cells += 1.0;
                }
            }
            if pooled > 10.0 {
                statistic += (pooled_seen - pooled).powi(2) / pooled;
                cells += 1.0;
            }
            let limit = cells + 3.5 * (2.0_f64 * cells).sqrt() + 4.0;
            assert!(statistic < limit, "{n} {p}: {statistic} on {cells}");
        }
    }

    #[test]
    fn what_is_certain_is_drawn() {
        let mut random = Random::new(0, 0);
        for n in [0, 1, 7, 1_000_000_000] {
            for (p, want) in [(0.0, 0), (1.0, n), (-0.5, 0), (1.5, n), (f64::NAN, 0)] {
                assert_eq!(random.binomial(n, p), want, "{n} {p}");
            }
        }
    }

    #[test]
    fn huge_counts_have_the_right_mean_and_spread() {
        let (n, p) = (1_000_000_000_000_u64, 0.25);
        let binomial = Binomial::new(n, p);
        let mut random = Random::new(9, 9);
        let deviation = (n as f64 * p * (1.0 - p)).sqrt();
        let draws: Vec<f64> = (0..20_000)
            .map(|_| (binomial.draw(&mut random) as f64 - n as f64 * p) / deviation)
            .collect();
        let mean = draws.iter().sum::<f64>() / 20_000.0;
        let spread = draws.iter().map(|z| z * z).sum::<f64>() / 20_000.0;
        assert!(mean.abs() < 0.03 && (spread - 1.0).abs() < 0.04, "{mean} {spread}");
    }
}
