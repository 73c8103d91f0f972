//! How do two groups compare, when each member is compared only with its like?
//!
//! A stratum holds those who are alike in what must not decide the comparison: an area, an age, a
//! way into the service. Within it x₁ of n₁ in the group stand beside x₂ of n₂ in the reference
//! group, and only strata that hold both groups have a say.

mod homogeneity;
mod mantel_haenszel;

pub use homogeneity::{breslow_day, homogeneity};
pub use mantel_haenszel::{Pooled, cochran_mantel_haenszel, mantel_haenszel};

use super::contrast::unfit;
use super::reason::Reason;

/// One stratum: x₁ of n₁ in the group, x₂ of n₂ in the reference group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stratum {
    /// Events in the group.
    pub x1: u64,
    /// Size of the group.
    pub n1: u64,
    /// Events in the reference group.
    pub x2: u64,
    /// Size of the reference group.
    pub n2: u64,
}

impl Stratum {
    /// The cells of the two-by-two table: events and others in the group, then in the reference.
    const fn cells(&self) -> [u64; 4] {
        let Self { x1, n1, x2, n2 } = *self;
        [x1, n1.saturating_sub(x1), x2, n2.saturating_sub(x2)]
    }
}

/// What is pooled over the strata.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Estimand {
    /// The ratio of shares.
    #[default]
    Ratio,
    /// The difference in shares.
    Difference,
    /// The odds ratio.
    OddsRatio,
}

impl Estimand {
    /// Every estimand's name, as specifications write it.
    pub const WORDS: [&'static str; 3] = ["ratio", "difference", "odds_ratio"];

    /// The estimand of that name; `None` for any other word.
    ///
    /// ```
    /// use wholefamily::stats::Estimand;
    /// assert_eq!(Estimand::parse("odds_ratio"), Some(Estimand::OddsRatio));
    /// assert_eq!(Estimand::parse("odds ratio"), None);
    /// ```
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Ratio, Self::Difference, Self::OddsRatio].into_iter().find(|one| one.word() == word)
    }

    /// The estimand's name, as specifications write it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ratio => "ratio",
            Self::Difference => "difference",
            Self::OddsRatio => "odds_ratio",
        }
    }
}

/// The strata with both groups, and the places of those with one group only.
struct Sorted<'a> {
    both: Vec<&'a Stratum>,
    one_group_only: Vec<usize>,
}

impl<'a> Sorted<'a> {
    /// Passes over empty strata; an impossible one is a reason to go no further.
    fn new(strata: &'a [Stratum]) -> Result<Self, Reason> {
        let mut sorted = Self { both: Vec::with_capacity(strata.len()), one_group_only: vec![] };
        for (place, stratum) in strata.iter().enumerate() {
            match unfit(stratum.x1, stratum.n1, stratum.x2, stratum.n2) {
                None => sorted.both.push(stratum),
                Some(Reason::NoRows) => {}
                Some(Reason::EmptyGroup | Reason::EmptyReference) => {
                    sorted.one_group_only.push(place);
                }
                Some(reason) => return Err(reason),
            }
        }
        Ok(sorted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_comes_back() {
        for word in Estimand::WORDS {
            assert_eq!(Estimand::parse(word).unwrap().word(), word);
        }
    }
}
