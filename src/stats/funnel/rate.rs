//! Limits for events over an exposure (or over what was expected) about an average above 0.

use super::limits::FunnelMethod;
use super::proportion::first;
use crate::stats::distribution::{gamma, poisson};
use crate::stats::level::Level;
use crate::stats::poisson::{lower_limit, upper_limit};

/// The lower and the upper limit of the rate; `funnel::limits_at` has the formulas.
pub(super) fn limits(n: f64, average: f64, method: FunnelMethod, level: Level) -> (f64, f64) {
    let (mean, tail) = (n * average, level.tail());
    match method {
        FunnelMethod::Phe => {
            let observed = n as u64;
            (mean / upper_limit(observed, level), mean / lower_limit(observed, level))
        }
        FunnelMethod::Score => {
            let reach = level.z() * (average / n).sqrt();
            ((average - reach).max(0.0), average + reach)
        }
        FunnelMethod::Exact => {
            let (low, high) = counts(mean, level);
            (low as f64 / n, high as f64 / n)
        }
        FunnelMethod::Interpolated => {
            let (low, high) = counts(mean, level);
            let at = |r: u64, beyond: f64| (r as f64 - beyond / poisson::probability(r, mean)) / n;
            (
                at(low, poisson::lower(low, mean) - tail).max(0.0),
                at(high, tail - poisson::upper(high + 1, mean)).max(0.0),
            )
        }
        FunnelMethod::Confidence => {
            (gamma::lower_quantile(tail, mean) / n, gamma::upper_quantile(tail, mean + 1.0) / n)
        }
    }
}

/// The smallest r with P(R ≤ r) ≥ tail, and the smallest with P(R > r) ≤ tail.
fn counts(mean: f64, level: Level) -> (u64, u64) {
    let (reach, tail) = (level.z() * mean.sqrt(), level.tail());
    let most = 1 << 53;
    let low = first(most, mean - reach, |r| poisson::lower(r, mean) >= tail);
    let high = first(most, mean + reach, |r| poisson::upper(r + 1, mean) <= tail);
    (low, high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_expected_by_hand() {
        // P(0) = 1/e = 0.368: at 50% both quartiles are whole counts, 0 and 2
        let half = Level::new(0.5).unwrap();
        let (lower, upper) = limits(1.0, 1.0, FunnelMethod::Exact, half);
        assert_eq!((lower, upper), (0.0, 2.0));
        // at one observed, phe's upper limit is 1/−ln 0.75
        let (_, upper) = limits(1.0, 1.0, FunnelMethod::Phe, half);
        assert!((upper - -1.0 / 0.75_f64.ln()).abs() < 1e-14);
    }

    #[test]
    fn whole_expectations_are_garwoods_limits() {
        let level = Level::default();
        let (lower, upper) = limits(12.0, 1.0, FunnelMethod::Confidence, level);
        assert!((lower * 12.0 / lower_limit(12, level) - 1.0).abs() < 1e-13);
        assert!((upper * 12.0 / upper_limit(12, level) - 1.0).abs() < 1e-13);
    }

    #[test]
    fn the_unit_of_exposure_does_not_matter() {
        for method in [FunnelMethod::Score, FunnelMethod::Exact, FunnelMethod::Interpolated] {
            let (a, b) = limits(2000.0, 0.004, method, Level::default());
            let (c, d) = limits(2.0, 4.0, method, Level::default());
            assert!((a * 1000.0 - c).abs() < 1e-12 && (b * 1000.0 - d).abs() < 1e-12);
        }
    }
}
