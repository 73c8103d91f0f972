//! Where does each quantile stand in the population?

use crate::stats::reason::Reason;

/// Quantiles by their share of the population, and a straight line through their figures.
///
/// With aᵢ the share and bᵢ the midpoint of a quantile's stretch of the ranking, the regression of
/// √a·Y on √a and b√a without intercept is the weighted least squares line of Y on b. As Σ ab = ½
/// always, its slope is Σ cᵢYᵢ with cᵢ = aᵢ(bᵢ − ½) / Σ a(b − ½)².
pub(super) struct Ranked {
    /// aᵢ: shares of the population, which add up to 1.
    pub(super) share: Vec<f64>,
    /// bᵢ − ½: midpoints in the ranking, from the middle.
    pub(super) place: Vec<f64>,
    /// Σ a(b − ½)².
    pub(super) breadth: f64,
}

impl Ranked {
    /// Checks the populations, which must be positive numbers.
    pub(super) fn new(population: &[f64]) -> Result<Self, Reason> {
        if !population.iter().all(|people| people.is_finite() && *people > 0.0) {
            return Err(Reason::ImpossiblePopulation);
        }
        let total: f64 = population.iter().sum();
        if !total.is_finite() {
            return Err(Reason::TooLarge);
        }
        let share: Vec<f64> = population.iter().map(|people| people / total).collect();
        let mut before = 0.0;
        let mut place = Vec::with_capacity(population.len());
        for people in population {
            // (those before − those after) / 2: for whole numbers of people nothing is rounded
            place.push((before - (total - before - people)) / (2.0 * total));
            before += people;
        }
        let breadth = share.iter().zip(&place).map(|(a, b)| a * b * b).sum();
        Ok(Self { share, place, breadth })
    }

    /// The population-weighted mean, Σ aY: also the line's height in the middle of the ranking.
    pub(super) fn mean(&self, value: &[f64]) -> f64 {
        let first = value.first().copied().unwrap_or(0.0);
        let beyond: f64 = self.share.iter().zip(value).map(|(a, y)| a * (y - first)).sum();
        first + beyond
    }

    /// cᵢ: what each quantile's figure adds to the slope.
    pub(super) fn weights(&self) -> Vec<f64> {
        self.share.iter().zip(&self.place).map(|(a, b)| a * b / self.breadth).collect()
    }

    /// The slope, Σ c(Y − mean): the mean is taken out so that it does not cancel.
    pub(super) fn slope(&self, value: &[f64]) -> f64 {
        let mean = self.mean(value);
        self.weights().iter().zip(value).map(|(c, y)| c * (y - mean)).sum()
    }

    /// Σ a(Y − line)²; 0 where only rounding is left.
    pub(super) fn residual(&self, value: &[f64]) -> f64 {
        let (mean, slope) = (self.mean(value), self.slope(value));
        let (mut residual, mut size) = (0.0, 0.0);
        for ((a, b), y) in self.share.iter().zip(&self.place).zip(value) {
            residual += a * (y - mean - slope * b).powi(2);
            size += a * y * y;
        }
        if residual <= 1e-28 * size { 0.0 } else { residual }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_fifths_by_hand() {
        let ranked = Ranked::new(&[7.0; 5]).unwrap();
        for (place, want) in ranked.place.iter().zip([-0.4, -0.2, 0.0, 0.2, 0.4]) {
            assert!((place - want).abs() < 1e-16, "{place}");
        }
        assert!((ranked.breadth - 0.08).abs() < 1e-16);
        // a line through the midpoints: its slope is 5 for each fifth
        assert!((ranked.slope(&[1.0, 2.0, 3.0, 4.0, 5.0]) - 5.0).abs() < 1e-14);
        assert_eq!(ranked.residual(&[1.0, 2.0, 3.0, 4.0, 5.0]), 0.0);
    }

    #[test]
    fn the_breadth_is_a_twelfth_less_the_cubes() {
        let ranked = Ranked::new(&[3.0, 1.0, 4.0, 1.5, 9.0]).unwrap();
        let cubes: f64 = ranked.share.iter().map(|a| a.powi(3)).sum();
        assert!((ranked.breadth - (1.0 - cubes) / 12.0).abs() < 1e-16);
        let middle: f64 = ranked.share.iter().zip(&ranked.place).map(|(a, b)| a * b).sum();
        assert!(middle.abs() < 1e-16);
    }

    #[test]
    fn impossible_populations_say_why() {
        for wrong in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(Ranked::new(&[1.0, wrong]).err(), Some(Reason::ImpossiblePopulation));
        }
        assert_eq!(Ranked::new(&[f64::MAX, f64::MAX]).err(), Some(Reason::TooLarge));
    }
}
