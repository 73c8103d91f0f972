//! How probable is it that one share is larger than another?
//!
//! Bayes' answer: before the data every share has a beta distribution, after them too, and the
//! difference of two such shares is found by integration.

mod difference;
mod quadrature;

use super::distribution::beta;
use super::level::Level;
use super::reason::Reason;
use difference::{Difference, Shapes};

/// What is held of a share before it is seen: a beta distribution with two positive shapes.
///
/// `Prior::new(1.0, 1.0)` holds every share equally likely; the default is Jeffreys' (½, ½), which
/// gives way soonest to what is seen.
///
/// ```
/// use wholefamily::stats::Prior;
/// assert_eq!(Prior::default(), Prior::new(0.5, 0.5).unwrap());
/// assert_eq!(Prior::new(0.0, 1.0), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Prior {
    a: f64,
    b: f64,
}

impl Prior {
    /// Checks the shapes, as if `a` had been seen with it and `b` without; `None` unless both are
    /// from 0.1 to 10⁹. (With shapes near 0 a share that nobody had would be put below any number
    /// that a computer can hold.)
    #[must_use]
    pub fn new(a: f64, b: f64) -> Option<Self> {
        let fit = |shape: f64| (0.1..=1e9).contains(&shape);
        (fit(a) && fit(b)).then_some(Self { a, b })
    }

    /// The two shapes.
    #[must_use]
    pub const fn shapes(self) -> (f64, f64) {
        (self.a, self.b)
    }

    fn after(self, x: u64, n: u64) -> Shapes {
        Shapes { a: self.a + x as f64, b: self.b + (n - x) as f64 }
    }
}

impl Default for Prior {
    fn default() -> Self {
        Self { a: 0.5, b: 0.5 }
    }
}

/// What is held of a share, or of a difference of two, after the data.
///
/// The value is the posterior mean. The limits leave half of 1 − level on either side; where a
/// posterior leans far to one side and the level is low, its mean can lie outside of them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Posterior {
    /// The posterior mean.
    pub value: Option<f64>,
    /// The lower limit of the credible interval.
    pub lower: Option<f64>,
    /// The upper limit.
    pub upper: Option<f64>,
    /// Of a difference: the probability that the first share is the larger one.
    pub probability: Option<f64>,
    /// Why there are no figures.
    pub reason: Option<Reason>,
}

impl Posterior {
    const fn undefined(reason: Reason) -> Self {
        Self { value: None, lower: None, upper: None, probability: None, reason: Some(reason) }
    }
}

/// What share of them is it, after seeing `x` of `n` and with a prior?
///
/// # Formula
/// With prior shapes a and b, and B(u; ·) the u-quantile of the beta distribution:
/// ```text
/// value          (x + a) / (n + a + b)
/// lower, upper   B((1 ∓ level)/2; x + a, n − x + b)
/// ```
/// # Arguments
/// `x`: how many have it; `n`: of how many.
///
/// # Edges
/// The limits are the posterior's own for 0 of n and n of n too, so the lower is above 0; the
/// `jeffreys` method of [`proportion`](super::proportion()) puts them to 0 and 1. There is no
/// `probability`. `n` = 0 is [`Reason::NoRows`], because only the prior would speak; `x` > `n` is
/// [`Reason::CountAboveBase`].
///
/// # Source
/// A. Gelman and others, 2013, "Bayesian data analysis", 3rd edition, section 2.4.
///
/// # Example
/// ```
/// use wholefamily::stats::{Level, Prior, posterior_share};
/// let share = posterior_share(3, 25, Prior::default(), Level::default());
/// assert_eq!(share.value, Some(3.5 / 26.0));
/// assert!((share.lower.unwrap() - 0.0350).abs() < 5e-5);
/// ```
#[must_use]
pub fn posterior_share(x: u64, n: u64, prior: Prior, level: Level) -> Posterior {
    if n == 0 {
        return Posterior::undefined(Reason::NoRows);
    }
    if x > n {
        return Posterior::undefined(Reason::CountAboveBase);
    }
    let Shapes { a, b } = prior.after(x, n);
    Posterior {
        value: Some(a / (a + b)),
        lower: Some(beta::lower_quantile(level.tail(), a, b)),
        upper: Some(beta::upper_quantile(level.tail(), a, b)),
        probability: None,
        reason: None,
    }
}

/// By how much does the first group's share exceed the second's, and how probably does it at all,
/// after seeing both and with the same prior for each?
///
/// # Formula
/// With prior shapes a and b, the shares are independent beta variables
/// pᵢ ~ Beta(xᵢ + a, nᵢ − xᵢ + b):
/// ```text
/// value          (x1 + a)/(n1 + a + b) − (x2 + a)/(n2 + a + b)
/// lower, upper   the d with P(p1 − p2 < d) = (1 ∓ level)/2
/// probability    P(p1 > p2)
/// ```
/// where P(p1 − p2 < d) = ∫ f₂(y) F₁(y + d) dy, by quadrature: the same result every time, to
/// some 10⁻¹² in probability and 10⁻¹¹ in the limits.
///
/// # Arguments
/// `x1` of `n1` in the group of interest, `x2` of `n2` in the reference group; `prior`: say which,
/// for with small groups it matters.
///
/// # Edges
/// `n1` = 0 is [`Reason::EmptyGroup`] and `n2` = 0 [`Reason::EmptyReference`], because only the
/// prior would speak there; a count above its base is [`Reason::CountAboveBase`]; a group of more
/// than 10⁹ is [`Reason::TooLarge`].
///
/// # Source
/// A. Gelman and others, 2013, "Bayesian data analysis", 3rd edition, section 2.4.
///
/// # Example
/// ```
/// use wholefamily::stats::{Level, Prior, posterior_difference};
/// // one of one against none of one, every share equally likely before
/// let prior = Prior::new(1.0, 1.0).unwrap();
/// let difference = posterior_difference(1, 1, 0, 1, prior, Level::default());
/// assert!((difference.value.unwrap() - 1.0 / 3.0).abs() < 1e-15);
/// assert!((difference.probability.unwrap() - 5.0 / 6.0).abs() < 1e-13);
/// ```
#[must_use]
pub fn posterior_difference(
    x1: u64,
    n1: u64,
    x2: u64,
    n2: u64,
    prior: Prior,
    level: Level,
) -> Posterior {
    let reason = match (n1, n2) {
        (0, _) => Some(Reason::EmptyGroup),
        (_, 0) => Some(Reason::EmptyReference),
        _ if x1 > n1 || x2 > n2 => Some(Reason::CountAboveBase),
        _ if n1.max(n2) > LARGEST => Some(Reason::TooLarge),
        _ => None,
    };
    if let Some(reason) = reason {
        return Posterior::undefined(reason);
    }
    let (first, second) = (prior.after(x1, n1), prior.after(x2, n2));
    let (there, back) = (Difference::new(first, second), Difference::new(second, first));
    let value = first.mean() - second.mean();
    let spread = first.variance() + second.variance();
    let start = |sign: f64| sign * value - level.z() * spread.sqrt();
    Posterior {
        value: Some(value),
        // the upper limit is the lower one of p2 − p1, so that swapping the groups swaps them
        lower: Some(there.quantile(level.tail(), start(1.0))),
        upper: Some(-back.quantile(level.tail(), start(-1.0))),
        probability: Some(back.below(0.0)),
        reason: None,
    }
}

/// Groups beyond this size are narrower than the quadrature's floating-point numbers can follow.
const LARGEST: u64 = 1_000_000_000;

#[cfg(test)]
mod tests;
