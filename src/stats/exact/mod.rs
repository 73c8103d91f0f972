//! Could chance alone have made two groups so unlike?

mod factorial;
mod fisher;
mod margins;
mod unconditional;

pub use fisher::fisher;

use super::alternative::Alternative;
use super::contrast::unfit;
use super::reason::Reason;
use super::significance::Significance;

/// Which exact test of a two-by-two table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum ExactMethod {
    /// Given all margins (R. A. Fisher, 1935, "The logic of inductive inference").
    #[default]
    Fisher,
    /// The same less half the probability of the observed table, which is closer to the stated size
    /// (H. O. Lancaster, 1961, "Significance tests in discrete distributions").
    FisherMidP,
    /// Given the sizes of the groups only, with Fisher's p as the statistic: never less powerful than
    /// Fisher's (R. D. Boschloo, 1970, "Raised conditional level of significance for the 2×2-table
    /// when testing the equality of two probabilities").
    Boschloo,
    /// Given the sizes of the groups only, with the pooled z as the statistic (G. A. Barnard, 1947,
    /// "Significance tests for 2×2 tables").
    Barnard,
}

impl ExactMethod {
    /// Every method's name, as specifications write it.
    pub const WORDS: [&'static str; 4] = ["fisher", "fisher-mid-p", "boschloo", "barnard"];

    /// The method of that name; `None` for any other word.
    ///
    /// ```
    /// use wholefamily::stats::ExactMethod;
    /// assert_eq!(ExactMethod::parse("boschloo"), Some(ExactMethod::Boschloo));
    /// assert_eq!(ExactMethod::parse("Boschloo"), None);
    /// ```
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Fisher, Self::FisherMidP, Self::Boschloo, Self::Barnard]
            .into_iter()
            .find(|method| method.word() == word)
    }

    /// The method's name, as specifications write it and results show it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Fisher => "fisher",
            Self::FisherMidP => "fisher-mid-p",
            Self::Boschloo => "boschloo",
            Self::Barnard => "barnard",
        }
    }
}

/// Could chance alone have made two groups so unlike: how probable are tables at least as extreme as
/// this one, if the two groups do not differ?
///
/// # Formula
/// With all margins held, x₁ is hypergeometric: P(k) = C(n₁, k) C(n₂, m − k) / C(n₁ + n₂, m), m = x₁
/// + x₂.
/// ```text
/// fisher         less: Σ P(k), k ≤ x₁;   greater: Σ P(k), k ≥ x₁
///                two-sided: Σ P(k) over all k with P(k) ≤ P(x₁)(1 + 10⁻⁷), as R's fisher.test
/// fisher-mid-p   Fisher's p less P(x₁)/2, for each alternative
/// ```
/// With only n₁ and n₂ held, both groups are binomial with the same share π, which is unknown; p is
/// the largest over all π, 0 ≤ π ≤ 1, of the probability of the tables (i, j) that are
/// ```text
/// barnard        less: T(i, j) ≤ T(x₁, x₂);  greater: ≥;  two-sided: |T(i, j)| ≥ |T(x₁, x₂)|
///                T = (p₁ − p₂)/√(p(1 − p)(1/n₁ + 1/n₂)), p = m/(n₁ + n₂); 0 where p₁ = p₂
/// boschloo       less, greater: Fisher's p of (i, j) for that alternative ≤ that of (x₁, x₂)
///                two-sided: twice the smaller of those two, at most 1
/// ```
/// Ties in T are found in whole numbers; Fisher's p values within 1 part in 10¹² are ties.
///
/// # Arguments
/// `x1` of `n1`: the group; `x2` of `n2`: the reference group; `alternative`: less means that the
/// group's share is the smaller one.
///
/// # Edges
/// 1 where no table could be less extreme: no events, or only events, in both (mid-p: ½).
/// [`Reason::TooLarge`] where counts are beyond reason: for Fisher totals above some 10¹³, for the
/// others above 100,000. Empty groups as in [`difference`](super::difference). A p below 10⁻³⁰⁰ may
/// be 0.
///
/// A table that ties with the observed one keeps its whole probability in the mid-p; only that of
/// the observed table is halved. Others double the smaller one-sided mid-p (R's exact2x2, epitools,
/// OpenEpi): ask for both sides to have it.
///
/// # Source
/// R. A. Fisher, 1935, "The logic of inductive inference"; S. Lydersen, M. W. Fagerland and P.
/// Laake, 2009, "Recommended tests for association in 2×2 tables" (mid-p, Boschloo, Barnard);
/// Barnard and Boschloo as in SciPy's `barnard_exact` (pooled; it misses ties by rounding) and
/// `boschloo_exact`.
///
/// # Example
/// ```
/// use wholefamily::stats::{Alternative, ExactMethod, exact_test};
/// // C. R. Mehta and P. Senchaudhuri, 2003: 7 of 15 vaccinated infected, against 12 of 15
/// let p = |method| exact_test(7, 15, 12, 15, method, Alternative::Less).p_value.unwrap();
/// assert!((p(ExactMethod::Fisher) - 0.0641).abs() < 5e-5);
/// assert!((p(ExactMethod::Barnard) - 0.0341).abs() < 5e-5);
/// assert!((p(ExactMethod::Boschloo) - 0.0341).abs() < 5e-5);
/// ```
#[must_use]
pub fn exact_test(
    x1: u64,
    n1: u64,
    x2: u64,
    n2: u64,
    method: ExactMethod,
    alternative: Alternative,
) -> Significance {
    if let Some(reason) = unfit(x1, n1, x2, n2) {
        return Significance::undefined(reason);
    }
    let p_value = match method {
        ExactMethod::Fisher => fisher::p_value(x1, n1, x2, n2, alternative).map(|(p, _)| p),
        ExactMethod::FisherMidP => {
            fisher::p_value(x1, n1, x2, n2, alternative).map(|(p, observed)| p - observed / 2.0)
        }
        ExactMethod::Boschloo => unconditional::boschloo(x1, n1, x2, n2, alternative),
        ExactMethod::Barnard => unconditional::barnard(x1, n1, x2, n2, alternative),
    };
    match p_value {
        Some(p) => Significance::new(None, None, p),
        None => Significance::undefined(Reason::TooLarge),
    }
}
