//! What do the replicates say of the figure?

use super::super::interval::Interval;
use super::super::level::Level;
use super::super::normal;
use super::super::reason::Reason;
use super::Resample;

/// Replicates this near to the figure count as equal to it, as a share of the range of all: sums of
/// the same decimals in another order differ by less.
const SAME: f64 = 1e-12;

/// How an interval is made of replicates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum BootstrapMethod {
    /// The quantiles of the replicates.
    Percentile,
    /// Quantiles corrected for bias, and for a spread that changes with the figure.
    #[default]
    Bca,
}

impl BootstrapMethod {
    /// Every method's name, as specifications write it.
    pub const WORDS: [&'static str; 2] = ["percentile", "bca"];

    /// The method of that name; `None` for any other word.
    ///
    /// ```
    /// use wholefamily::stats::bootstrap::BootstrapMethod;
    /// assert_eq!(BootstrapMethod::parse("bca"), Some(BootstrapMethod::Bca));
    /// assert_eq!(BootstrapMethod::parse("BCa"), None);
    /// ```
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Percentile, Self::Bca].into_iter().find(|method| method.word() == word)
    }

    /// The method's name, as specifications write it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Percentile => "percentile",
            Self::Bca => "bca",
        }
    }
}

/// A figure with its bootstrap interval, and what that rests on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bootstrap {
    /// The figure and its limits.
    pub interval: Interval,
    /// The standard deviation of the replicates; `None` with fewer than two.
    pub standard_error: Option<f64>,
    /// How many resamples were drawn.
    pub draws: u64,
    /// How many of them left the figure undefined. They are left out.
    pub undefined: u64,
}

/// What is the figure's interval, by its replicates?
///
/// # Formula
/// With θ̂ the figure, θ* its B replicates, α = (1 − level)/2 and zα the normal quantile of α:
/// ```text
/// percentile: the α and 1 − α quantiles of θ*
/// bca:        their Φ(z₀ + (z₀ ± zα)/(1 − a(z₀ ± zα))) quantiles
///             z₀ = Φ⁻¹((#(θ* < θ̂) + #(θ* = θ̂)/2)/B),  a: the jackknife's acceleration
/// ```
/// The p quantile lies (B − 1)p places above the smallest, linearly between two (R's type 7, as in
/// SciPy's `bootstrap`).
///
/// # Edges
/// An undefined figure: [`Reason::UndefinedFigure`]. Fewer than two replicates:
/// [`Reason::NoDraws`]. Replicates that are all the same say nothing of
/// how the figure varies (0 of 10 is 0 of 10 however often it is drawn): [`Reason::ZeroVariance`].
/// If the undefined ones are more than α of all, they could move either limit anywhere:
/// [`Reason::UndefinedResamples`]; as is an acceleration that is undefined. If a limit of the
/// figure would lie on its wrong side, or z₀ is infinite: [`Reason::LopsidedResamples`].
///
/// # Source
/// B. Efron, 1987, "Better bootstrap confidence intervals"; B. Efron and R. J. Tibshirani, 1993,
/// "An introduction to the bootstrap", chapters 13 and 14.
///
/// # Example
/// See the [module](super).
#[must_use]
pub fn bootstrap(
    of: &impl Resample,
    replicates: &[Option<f64>],
    method: BootstrapMethod,
    level: Level,
) -> Bootstrap {
    let acceleration = match method {
        BootstrapMethod::Percentile => None,
        BootstrapMethod::Bca => of.jackknife().and_then(|jackknife| jackknife.acceleration()),
    };
    bootstrap_interval(of.observed(), replicates, acceleration, method, level)
}

/// The same, of a figure, its replicates and its acceleration, which `percentile` does not need.
///
/// # Example
/// ```
/// use wholefamily::stats::bootstrap::{BootstrapMethod, bootstrap_interval};
/// use wholefamily::stats::Level;
/// let drawn: Vec<Option<f64>> = (0..=40).map(|i| Some(f64::from(i))).collect();
/// let (level, percentile) = (Level::new(0.9).unwrap(), BootstrapMethod::Percentile);
/// let got = bootstrap_interval(Some(20.0), &drawn, None, percentile, level);
/// assert!((got.interval.lower.unwrap() - 2.0).abs() < 1e-12); // the 5% point of 0 to 40
/// ```
#[must_use]
pub fn bootstrap_interval(
    observed: Option<f64>,
    replicates: &[Option<f64>],
    acceleration: Option<f64>,
    method: BootstrapMethod,
    level: Level,
) -> Bootstrap {
    let mut defined: Vec<f64> =
        replicates.iter().flatten().copied().filter(|figure| figure.is_finite()).collect();
    let draws = replicates.len() as u64;
    let undefined = draws - defined.len() as u64;
    let standard_error = deviation(&defined);
    let interval = match observed {
        None => Interval::undefined(Reason::UndefinedFigure),
        Some(value) if !value.is_finite() => Interval::undefined(Reason::TooLarge),
        Some(value) => {
            defined.sort_unstable_by(f64::total_cmp);
            let limits = if undefined as f64 > level.tail() * draws as f64 {
                Err(Reason::UndefinedResamples)
            } else {
                limits(value, &defined, acceleration, method, level)
            };
            match limits {
                Ok((lower, upper)) => Interval::new(value, lower, upper),
                Err(reason) => Interval::without_limits(value, reason),
            }
        }
    };
    Bootstrap { interval, standard_error, draws, undefined }
}

fn limits(
    value: f64,
    sorted: &[f64],
    acceleration: Option<f64>,
    method: BootstrapMethod,
    level: Level,
) -> Result<(f64, f64), Reason> {
    let (Some(first), Some(last)) = (sorted.first(), sorted.last()) else {
        return Err(Reason::NoDraws);
    };
    if sorted.len() < 2 {
        return Err(Reason::NoDraws);
    }
    if first == last {
        return Err(Reason::ZeroVariance);
    }
    let (low, high) = match method {
        BootstrapMethod::Percentile => (level.tail(), 1.0 - level.tail()),
        BootstrapMethod::Bca => {
            let acceleration = acceleration.ok_or(Reason::UndefinedResamples)?;
            let same = (last - first) * SAME;
            let below = sorted.partition_point(|figure| *figure < value - same);
            let up_to = sorted.partition_point(|figure| *figure <= value + same);
            let share = (below + up_to) as f64 / 2.0 / sorted.len() as f64;
            let bias = normal::lower_quantile(share).ok_or(Reason::LopsidedResamples)?;
            let place = |z: f64| {
                let (shift, shrink) = (bias + z, 1.0 - acceleration * (bias + z));
                if shrink > 0.0 {
                    Ok(normal::lower(bias + shift / shrink))
                } else {
                    Err(Reason::LopsidedResamples)
                }
            };
            (place(-level.z())?, place(level.z())?)
        }
    };
    let (lower, upper) = (quantile(sorted, low), quantile(sorted, high));
    if lower > value || upper < value {
        return Err(Reason::LopsidedResamples);
    }
    Ok((lower, upper))
}

/// The figure (B − 1)p places above the smallest, linearly between two.
fn quantile(sorted: &[f64], p: f64) -> f64 {
    let place = p * (sorted.len() - 1) as f64;
    let (below, part) = (place.floor(), place - place.floor());
    let at = |index: usize| sorted.get(index).or(sorted.last()).copied().unwrap_or(f64::NAN);
    let (low, high) = (at(below as usize), at(below as usize + 1));
    // From the nearer of the two, so that each end is met exactly.
    if part < 0.5 { low + (high - low) * part } else { high - (high - low) * (1.0 - part) }
}

/// The standard deviation, with n − 1.
fn deviation(figures: &[f64]) -> Option<f64> {
    let (n, first) = (figures.len() as f64, *figures.first()?);
    let mean = figures.iter().map(|figure| figure - first).sum::<f64>() / n;
    let squares = figures.iter().map(|figure| (figure - first - mean).powi(2)).sum::<f64>();
    let deviation = (squares / (n - 1.0)).sqrt();
    deviation.is_finite().then_some(deviation)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(figures: &[f64], value: f64, method: BootstrapMethod) -> Bootstrap {
        let drawn: Vec<Option<f64>> = figures.iter().map(|figure| Some(*figure)).collect();
        bootstrap_interval(Some(value), &drawn, Some(0.0), method, Level::default())
    }

    #[test]
    fn every_word_comes_back() {
        for word in BootstrapMethod::WORDS {
            assert_eq!(BootstrapMethod::parse(word).unwrap().word(), word);
        }
    }

    #[test]
    fn without_bias_or_acceleration_both_methods_agree() {
        let figures: Vec<f64> = (0..=2000).map(|i| f64::from(i) / 10.0).collect();
        let [one, other] = [BootstrapMethod::Percentile, BootstrapMethod::Bca]
            .map(|method| of(&figures, 100.0, method).interval);
        assert!((one.lower.unwrap() - 5.0).abs() < 1e-12);
        assert!((one.lower.unwrap() - other.lower.unwrap()).abs() < 1e-11);
        assert!((one.upper.unwrap() - other.upper.unwrap()).abs() < 1e-11);
    }

    #[test]
    fn ties_with_the_figure_are_counted_half() {
        // 1 below, 2 the same, 1 above: no bias, so the median of the limits is the figure.
        let got = of(&[0.0, 1.0, 1.0, 2.0], 1.0, BootstrapMethod::Bca).interval;
        let reach = |limit: Option<f64>| (limit.unwrap() - 1.0).abs();
        assert!((reach(got.lower) - reach(got.upper)).abs() < 1e-12, "{got:?}");
    }

    #[test]
    fn sums_of_decimals_in_another_order_are_ties() {
        let (figure, again) = (0.1 + 0.2 + 0.3, 0.3 + 0.2 + 0.1);
        assert_ne!(figure, again);
        let tied = of(&[0.5, figure, figure, 0.7], figure, BootstrapMethod::Bca).interval;
        let nearly = of(&[0.5, again, again, 0.7], figure, BootstrapMethod::Bca).interval;
        let apart = |a: Option<f64>, b: Option<f64>| (a.unwrap() - b.unwrap()).abs();
        assert!(apart(tied.lower, nearly.lower) < 1e-15);
        assert!(apart(tied.upper, nearly.upper) < 1e-15);
    }

    #[test]
    fn the_spread_by_hand() {
        let got = of(&[1.0, 2.0, 3.0, 4.0], 2.0, BootstrapMethod::Percentile);
        assert!((got.standard_error.unwrap() - (5.0_f64 / 3.0).sqrt()).abs() < 1e-15);
        assert_eq!((got.draws, got.undefined), (4, 0));
    }

    #[test]
    fn the_order_of_replicates_does_not_matter_to_the_limits() {
        let figures = [0.3, -0.1, 0.2, 0.9, 0.25];
        let mut turned = figures;
        turned.reverse();
        let [one, other] =
            [figures, turned].map(|figures| of(&figures, 0.25, BootstrapMethod::Bca).interval);
        assert_eq!(one, other);
    }

    #[test]
    fn what_has_no_limits_says_why() {
        let method = BootstrapMethod::Bca;
        let reason = |figures: &[f64], value| of(figures, value, method).interval.reason;
        assert_eq!(reason(&[], 0.0), Some(Reason::NoDraws));
        assert_eq!(reason(&[1.0], 1.0), Some(Reason::NoDraws));
        assert_eq!(reason(&[1.0, 1.0, 1.0], 1.0), Some(Reason::ZeroVariance));
        assert_eq!(reason(&[1.0, 2.0, 3.0], 0.0), Some(Reason::LopsidedResamples));
        assert_eq!(reason(&[1.0, f64::INFINITY, 3.0], 2.0), Some(Reason::UndefinedResamples));
        let drawn = [Some(1.0), Some(2.0), Some(3.0)];
        let none = bootstrap_interval(None, &drawn, None, method, Level::default());
        assert_eq!(none.interval, Interval::undefined(Reason::UndefinedFigure));
        let flat = bootstrap_interval(Some(2.0), &drawn, None, method, Level::default());
        assert_eq!(flat.interval.reason, Some(Reason::UndefinedResamples));
        let outside = of(&[1.0, 2.0, 3.0, 4.0], 9.0, BootstrapMethod::Percentile);
        assert_eq!(outside.interval.reason, Some(Reason::LopsidedResamples));
    }

    #[test]
    fn a_few_undefined_resamples_are_left_out_and_counted() {
        let mut drawn: Vec<Option<f64>> = (0..100).map(|i| Some(f64::from(i))).collect();
        drawn.extend([None, None]);
        let method = BootstrapMethod::Percentile;
        let got = bootstrap_interval(Some(50.0), &drawn, None, method, Level::default());
        assert_eq!((got.draws, got.undefined), (102, 2));
        assert!(got.interval.lower.is_some());
        drawn.push(None);
        let got = bootstrap_interval(Some(50.0), &drawn, None, method, Level::default());
        assert_eq!(got.interval.reason, Some(Reason::UndefinedResamples));
    }
}
