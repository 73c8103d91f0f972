//! What share of them, and how sure can we be?
//!
//! | | where |
//! |---|---|
//! | closed forms: Wilson, Agresti–Coull, Wald | `score` |
//! | from the binomial and beta distributions: Clopper–Pearson, mid-p, Jeffreys | `exact` |
//! | from the hypergeometric, for a population of known size | `finite` |
//! | for rows in clusters, such as families | `clustered` |

mod clustered;
mod exact;
mod finite;
mod score;

use super::interval::Interval;
use super::level::Level;
use super::reason::Reason;

pub use clustered::{ClusterCounts, clustered_proportion};
pub(super) use score::wilson_reach;

/// How to put an interval about a share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum ProportionMethod {
    /// Wilson's score interval, right for small bases too (E. B. Wilson, 1927, "Probable inference,
    /// the law of succession, and statistical inference").
    #[default]
    Wilson,
    /// The exact interval, which holds the true share at least as often as the level says, and
    /// often more (C. Clopper and E. Pearson, 1934, "The use of confidence or fiducial limits
    /// illustrated in the case of the binomial").
    ClopperPearson,
    /// The middle of the posterior under Jeffreys' prior, with its ends put to 0 and 1 where none
    /// or all have it (L. Brown, T. Cai and A. DasGupta, 2001, "Interval estimation for a binomial
    /// proportion").
    Jeffreys,
    /// The simple interval about a share moved towards one half (A. Agresti and B. Coull, 1998,
    /// "Approximate is better than 'exact' for interval estimation of binomial proportions").
    AgrestiCoull,
    /// The exact interval counting only half of the probability of what was seen, so that it is
    /// right on average (G. Berry and P. Armitage, 1995, "Mid-P confidence intervals: a brief
    /// review").
    MidP,
    /// The textbook's p ± z√(pq/n), without width at 0 and at n: to reproduce what others
    /// published, not to draw conclusions from.
    Wald,
    /// The exact interval for a share of a population of known size, of which n were drawn
    /// (H. S. Konijn, 1973, "Statistical theory of sample survey design and analysis").
    Hypergeometric,
}

impl ProportionMethod {
    /// Every method's name, as specifications write it.
    pub const WORDS: [&'static str; 7] = [
        "wilson",
        "clopper-pearson",
        "jeffreys",
        "agresti-coull",
        "mid-p",
        "wald",
        "hypergeometric",
    ];

    const ALL: [Self; 7] = [
        Self::Wilson,
        Self::ClopperPearson,
        Self::Jeffreys,
        Self::AgrestiCoull,
        Self::MidP,
        Self::Wald,
        Self::Hypergeometric,
    ];

    /// The method of that name; `None` for any other word.
    ///
    /// ```
    /// use wholefamily::stats::ProportionMethod;
    /// assert_eq!(ProportionMethod::parse("wilson"), Some(ProportionMethod::Wilson));
    /// assert_eq!(ProportionMethod::parse("Wilson"), None);
    /// ```
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.word() == word)
    }

    /// The method's name, as specifications write it and results show it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Wilson => "wilson",
            Self::ClopperPearson => "clopper-pearson",
            Self::Jeffreys => "jeffreys",
            Self::AgrestiCoull => "agresti-coull",
            Self::MidP => "mid-p",
            Self::Wald => "wald",
            Self::Hypergeometric => "hypergeometric",
        }
    }

    /// Whether the method has no interval unless the size of the population is known.
    #[must_use]
    pub const fn needs_population(self) -> bool {
        matches!(self, Self::Hypergeometric)
    }

    /// Whether the method can make use of the size of the population that was sampled.
    #[must_use]
    pub const fn takes_population(self) -> bool {
        matches!(self, Self::Wilson | Self::Wald | Self::Hypergeometric)
    }
}

/// The share `x` / `n`, with its two-sided interval.
///
/// # Formula
/// With p = x/n, q = 1 − p, z the level's normal quantile, α = 1 − level, X a binomial count of n
/// with share π, and B(u; a, b) the u-quantile of the beta distribution:
/// ```text
/// wilson           (2x + z² ± z √(z² + 4xq)) / (2(n + z²))
/// clopper-pearson  the π with P(X ≥ x) = α/2, which is B(α/2; x, n − x + 1), and
///                  the π with P(X ≤ x) = α/2, which is B(1 − α/2; x + 1, n − x)
/// jeffreys         B(α/2; x + ½, n − x + ½) and B(1 − α/2; x + ½, n − x + ½)
/// agresti-coull    p̃ ± z √(p̃(1 − p̃)/(n + z²)),  p̃ = (x + z²/2)/(n + z²)
/// mid-p            the π with P(X > x) + ½ P(X = x) = α/2, and
///                  the π with P(X < x) + ½ P(X = x) = α/2
/// wald             p ± z √(pq/n)
/// hypergeometric   needs the size of the population: see [`proportion_of`]
/// ```
/// # Arguments
/// `x`: how many have it; `n`: of how many. The share and its limits lie between 0 and 1.
///
/// # Edges
/// The lower limit of 0 of n is exactly 0 and the upper limit of n of n exactly 1, in every method.
/// `n` = 0 is [`Reason::NoRows`]; `x` > `n` is [`Reason::CountAboveBase`]. Limits beyond 0 and 1
/// are cut there. At levels so low that an interval would miss its own share (Agresti–Coull and
/// Jeffreys can, near 0), the limit is the share.
///
/// # Source
/// See each [`ProportionMethod`]. Compared with each other by [`coverage`](super::coverage()).
///
/// # Example
/// ```
/// use wholefamily::stats::{Level, ProportionMethod, proportion};
/// let share = proportion(3, 25, ProportionMethod::Wilson, Level::new(0.95).unwrap());
/// assert_eq!(share.value, Some(0.12));
/// assert!((share.lower.unwrap() - 0.0417).abs() < 5e-5);
/// assert!((share.upper.unwrap() - 0.2996).abs() < 5e-5);
/// ```
#[inline]
#[must_use]
pub fn proportion(x: u64, n: u64, method: ProportionMethod, level: Level) -> Interval {
    if n == 0 {
        return Interval::undefined(Reason::NoRows);
    }
    if x > n {
        return Interval::undefined(Reason::CountAboveBase);
    }
    let p = x as f64 / n as f64;
    let z = level.z();
    let limits = match method {
        ProportionMethod::Wilson => score::wilson(x, n, z),
        ProportionMethod::ClopperPearson => exact::clopper_pearson(x, n, level),
        ProportionMethod::Jeffreys => exact::jeffreys(x, n, level),
        ProportionMethod::AgrestiCoull => score::agresti_coull(x, n, z),
        ProportionMethod::MidP => exact::mid_p(x, n, level),
        ProportionMethod::Wald => score::wald(x, n, z),
        ProportionMethod::Hypergeometric => {
            return Interval::without_limits(p, Reason::NeedsPopulation);
        }
    };
    within(x, n, limits)
}

/// The share of a population of known size, of which `n` were drawn and `x` of those have it, with
/// its two-sided interval: 40 of 60 families answered, and 24 said yes.
///
/// # Formula
/// With N the population, f = (N − n)/(N − 1) the finite population correction, α = 1 − level,
/// and X the number with it among n drawn without replacement from N of whom K have it:
/// ```text
/// wilson           as for [`proportion()`], with z √f for z: that is, n/f asked in place of n
/// wald             p ± z √(pq f/n)
/// hypergeometric   K/N for the smallest K with P(X ≥ x | K) > α/2, and
///                  K/N for the largest K with P(X ≤ x | K) > α/2
/// ```
/// f multiplies the variance, not the standard error: with N = 60, n = 40 and p = 0.6, Wald's
/// half-width at 0.95 is 0.0884. (Taking the root of f twice, as a published script does, gives
/// 0.1158.)
///
/// # Arguments
/// `x`: how many have it; `n`: of how many asked, drawn at random; `population`: how many there are
/// in all, asked or not. `None` gives what [`proportion()`] gives.
///
/// # Edges
/// If all were asked (`n` = `population`) there is no sampling error, and both limits are the
/// share. If nearly all were, the exact limits can both lie on one side of x/n, which need not be a
/// share that the population can have: then the limit on the other side is x/n. `n` > `population` is [`Reason::SampleAbovePopulation`]. The other methods have no
/// form for a finite population: the share stands, its interval is
/// [`Reason::TakesNoPopulation`]. Otherwise as for [`proportion()`].
///
/// # Source
/// W. G. Cochran, 1977, "Sampling techniques", 3rd edition, section 3.2 (the correction). H. S.
/// Konijn, 1973, "Statistical theory of sample survey design and analysis" (the exact interval).
///
/// # Example
/// ```
/// use wholefamily::stats::{Level, ProportionMethod, proportion_of};
/// let yes = proportion_of(24, 40, Some(60), ProportionMethod::Hypergeometric, Level::default());
/// assert_eq!(yes.value, Some(0.6));
/// // 30 of the 60 at least, and 41 at most
/// assert_eq!((yes.lower, yes.upper), (Some(30.0 / 60.0), Some(41.0 / 60.0)));
/// ```
#[inline]
#[must_use]
pub fn proportion_of(
    x: u64,
    n: u64,
    population: Option<u64>,
    method: ProportionMethod,
    level: Level,
) -> Interval {
    let Some(population) = population else {
        return proportion(x, n, method, level);
    };
    if n == 0 {
        return Interval::undefined(Reason::NoRows);
    }
    if x > n {
        return Interval::undefined(Reason::CountAboveBase);
    }
    if n > population {
        return Interval::undefined(Reason::SampleAbovePopulation);
    }
    let p = x as f64 / n as f64;
    if !method.takes_population() {
        return Interval::without_limits(p, Reason::TakesNoPopulation);
    }
    if n == population {
        return Interval::new(p, p, p);
    }
    let z = level.z() * finite::correction(n, population).sqrt();
    match method {
        ProportionMethod::Wilson => within(x, n, score::wilson(x, n, z)),
        ProportionMethod::Wald => within(x, n, score::wald(x, n, z)),
        _ => {
            let (lower, upper) = finite::hypergeometric(x, n, population, level);
            Interval::new(p, lower, upper)
        }
    }
}

/// The share with limits cut at 0 and 1, which none and all reach exactly.
#[inline]
fn within(x: u64, n: u64, (lower, upper): (f64, f64)) -> Interval {
    let lower = if x == 0 { 0.0 } else { lower.clamp(0.0, 1.0) };
    let upper = if x == n { 1.0 } else { upper.clamp(0.0, 1.0) };
    Interval::new(x as f64 / n as f64, lower, upper)
}

#[cfg(test)]
mod tests;
