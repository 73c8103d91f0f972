//! How many events, when so many are expected?

use super::super::distribution::poisson::probability;
use super::Random;
use super::transformed::{Hat, ln_factorial_ratio};

/// From this expected count on, draws are by rejection.
const MANY: f64 = 10.0;
/// As published, the hat is up to half a percent too low at some counts; this puts it over all of
/// them.
const RAISED: f64 = 1.01;

/// A Poisson distribution to draw from, prepared once for any number of draws.
///
/// # Formula
/// Where the mean is below 10, the first k at which P(X ≤ k) exceeds a uniform number, with
/// P(k + 1) = P(k) · mean/(k + 1); else by transformed rejection, in the same time on average
/// whatever the mean.
///
/// # Source
/// W. Hörmann, 1993, "The transformed rejection method for generating Poisson random variables",
/// algorithm PTRS, its hat raised by a hundredth.
///
/// # Example
/// ```
/// use wholefamily::stats::random::{Poisson, Random};
/// assert!((50..=150).contains(&Poisson::new(100.0).draw(&mut Random::new(1, 0))));
/// assert_eq!(Poisson::new(0.0).draw(&mut Random::new(1, 0)), 0);
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Poisson {
    mean: f64,
    way: Way,
}

#[derive(Debug, Clone, Copy)]
enum Way {
    /// From the probability of 0.
    Walk(f64),
    Reject(Hat, Peak),
}

/// The most probable count, and ln P(k)/P(mode) of others.
#[derive(Debug, Clone, Copy)]
struct Peak {
    mode: f64,
    /// 1 + ln(mean/(mode + 1)).
    slope: f64,
}

impl Peak {
    fn relative(&self, count: f64) -> f64 {
        let up = count - self.mode;
        up * self.slope + ln_factorial_ratio(self.mode, up)
    }
}

impl Poisson {
    /// The number of events where `mean` are expected; a mean that is negative or NaN counts as 0,
    /// and one above 10¹⁵ as that.
    #[must_use]
    pub fn new(mean: f64) -> Self {
        let mean = if mean > 0.0 { mean.min(1e15) } else { 0.0 };
        let way = if mean < MANY {
            Way::Walk((-mean).exp())
        } else {
            let width = 0.931 + 2.53 * mean.sqrt();
            let mode = mean.floor();
            let hat = Hat {
                tail: -0.059 + 0.02483 * width,
                width,
                centre: mean + 0.43,
                surely: (0.9277 - 3.6224 / (width - 2.0)) / RAISED,
                height: (1.1239 + 1.1328 / (width - 3.4)) * RAISED / probability(mode as u64, mean),
            };
            Way::Reject(hat, Peak { mode, slope: 1.0 + (mean / (mode + 1.0)).ln() })
        };
        Self { mean, way }
    }

    /// One count.
    #[must_use]
    pub fn draw(&self, random: &mut Random) -> u64 {
        match &self.way {
            Way::Walk(none) => {
                let (mut left, mut term, mut count) = (random.uniform(), *none, 0_u64);
                // A uniform number is a multiple of 2⁻⁵³, and beyond 110 less than that is left.
                while left >= term && count < 110 {
                    left -= term;
                    count += 1;
                    term *= self.mean / count as f64;
                }
                count
            }
            Way::Reject(hat, peak) => hat.draw(random, u64::MAX, |count| peak.relative(count)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::transformed::assert_covers;
    use super::*;

    #[test]
    fn the_hat_covers_the_distribution() {
        for mean in [10.0, 11.5, 15.0, 20.0, 25.0, 30.0, 100.0, 12_345.6, 1e9] {
            let Way::Reject(hat, peak) = Poisson::new(mean).way else { panic!("{mean}") };
            assert_covers(&hat, u64::MAX, |count| peak.relative(count));
            let of_mode = probability(peak.mode as u64, mean);
            for z in [-3.0, -1.0, 0.0, 0.4, 5.0_f64] {
                let count = (mean + z * mean.sqrt()).round();
                let want = probability(count as u64, mean) / of_mode;
                let got = peak.relative(count).exp();
                assert!((got / want - 1.0).abs() < 1e-8, "{mean} {count}: {got} {want}");
            }
        }
    }

    #[test]
    fn draws_are_as_probable_as_they_should_be() {
        const DRAWS: u64 = 100_000;
        for (seed, mean) in [0.1, 1.0, 4.5, 9.99, 10.0, 37.5, 400.0].into_iter().enumerate() {
            let poisson = Poisson::new(mean);
            let mut seen = vec![0.0; 1000];
            let mut random = Random::new(seed as u64, 2);
            for _ in 0..DRAWS {
                seen[poisson.draw(&mut random) as usize] += 1.0;
            }
            let (mut statistic, mut cells) = (0.0, -1.0);
            for (k, got) in seen.iter().enumerate() {
                let expected = probability(k as u64, mean) * DRAWS as f64;
                if expected > 10.0 {
                    statistic += (got - expected).powi(2) / expected;
                    cells += 1.0;
                }
            }
            let limit = cells + 3.5 * (2.0_f64 * cells).sqrt() + 4.0;
            assert!(statistic < limit, "{mean}: {statistic} on {cells}");
        }
    }

    #[test]
    fn what_is_certain_is_drawn() {
        for mean in [0.0, -1.0, f64::NAN] {
            assert_eq!(Poisson::new(mean).draw(&mut Random::new(0, 0)), 0);
        }
        let most = Poisson::new(f64::INFINITY).draw(&mut Random::new(0, 0));
        assert!(most.abs_diff(1_000_000_000_000_000) < 1_000_000_000);
    }
}
