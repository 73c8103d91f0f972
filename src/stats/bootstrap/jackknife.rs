//! How does a figure change as each one is left out?

/// What the acceleration of a BCa interval is computed from, gathered sample by sample.
///
/// # Formula
/// For sample j of size nⱼ, with θᵢ the figure without its i-th and θ̄ their mean:
/// ```text
/// Uᵢ = (nⱼ − 1)(θ̄ − θᵢ);   a = (1/6) Σⱼ ΣᵢUᵢ³/nⱼ³ / (Σⱼ ΣᵢUᵢ²/nⱼ²)^(3/2)
/// ```
/// # Source
/// B. Efron and R. J. Tibshirani, 1993, "An introduction to the bootstrap", section 14.3; several
/// samples: as in SciPy's `bootstrap`.
///
/// # Example
/// ```
/// use wholefamily::stats::bootstrap::Jackknife;
/// // 3 of 4: without one of the three 2/3 is left, without the other 3/3
/// let mut jackknife = Jackknife::default();
/// jackknife.sample(&[(2.0 / 3.0, 3), (1.0, 1)]);
/// // U is 1/4 three times and −3/4 once: a = (1/6) (3 − 27)/64 / ((3 + 9)/16)^(3/2)
/// let by_hand = -24.0 / 64.0 / 0.75_f64.powf(1.5) / 6.0;
/// assert!((jackknife.acceleration().unwrap() - by_hand).abs() < 1e-15);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Jackknife {
    squares: f64,
    cubes: f64,
}

impl Jackknife {
    /// Adds a sample: each figure that leaving one of it out gives, and how many give it.
    pub fn sample(&mut self, without: &[(f64, u64)]) {
        let n = without.iter().map(|(_, copies)| *copies as f64).sum::<f64>();
        let Some((origin, _)) = without.first() else { return };
        // Of deviations from any one of them, so that nothing is lost where all are nearly equal.
        let mean = without.iter().map(|(figure, copies)| (figure - origin) * *copies as f64);
        let mean = mean.sum::<f64>() / n;
        for (figure, copies) in without {
            self.one(*copies, (n - 1.0) / n * (mean - (figure - origin)));
        }
    }

    /// Adds `copies` that each change the figure by `influence` = Uᵢ/nⱼ.
    pub fn one(&mut self, copies: u64, influence: f64) {
        let square = influence * influence;
        self.squares += copies as f64 * square;
        self.cubes += copies as f64 * square * influence;
    }

    /// a; `None` where leaving one out never changes the figure.
    #[must_use]
    pub fn acceleration(&self) -> Option<f64> {
        let acceleration = self.cubes / (6.0 * self.squares * self.squares.sqrt());
        acceleration.is_finite().then_some(acceleration)
    }
}
