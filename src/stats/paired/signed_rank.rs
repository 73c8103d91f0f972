//! Have scores moved up or down, whatever their distribution?

use super::gains;
use crate::stats::alternative::Alternative;
use crate::stats::normal;
use crate::stats::reason::Reason;

/// From so many pairs on, the normal approximation is taken, as by R.
const MANY: usize = 50;
/// The most pairs that the exact distribution is worked out for.
const MOST: usize = 400;

/// How to find the p-value of a rank sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum SignedRankMethod {
    /// Exact for fewer than 50 pairs if no gain is 0 or equal in size to another, normal otherwise:
    /// as R's `wilcox.test`.
    #[default]
    Auto,
    /// Exact, given the ranks as they are, ties included; for up to 400 pairs.
    Exact,
    /// The normal approximation, corrected for ties and continuity.
    Normal,
}

impl SignedRankMethod {
    /// Every method's name, as specifications write it.
    pub const WORDS: [&'static str; 3] = ["auto", "exact", "normal"];

    /// The method of that name; `None` for any other word.
    ///
    /// ```
    /// use wholefamily::stats::SignedRankMethod;
    /// assert_eq!(SignedRankMethod::parse("auto"), Some(SignedRankMethod::Auto));
    /// assert_eq!(SignedRankMethod::parse("wilcoxon"), None);
    /// ```
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Auto, Self::Exact, Self::Normal].into_iter().find(|method| method.word() == word)
    }

    /// The method's name, as specifications write it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Exact => "exact",
            Self::Normal => "normal",
        }
    }
}

/// What the signed ranks of gains say.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SignedRank {
    /// The sum of the ranks of those who rose.
    pub statistic: Option<f64>,
    /// How often chance alone would give as much.
    pub p_value: Option<f64>,
    /// How many pairs moved, and were ranked.
    pub used: usize,
    /// How many pairs did not move, and were left out.
    pub zeros: usize,
    /// Why there is no p-value.
    pub reason: Option<Reason>,
}

/// Wilcoxon's signed-rank test of scores before and after.
///
/// # Formula
/// With rᵢ the rank of the size of the i-th gain, after − before, among those that are not 0 (ties
/// share the mean of their ranks), n of them, and t the length of each tie:
/// ```text
/// V = Σ rᵢ over the gains above 0
/// exact    p from all 2ⁿ ways to give the ranks signs: the smaller tail, twice if two-sided
/// normal   z = (V − n(n + 1)/4 ∓ ½) / √(n(n + 1)(2n + 1)/24 − Σ (t³ − t)/48)
/// ```
/// # Arguments
/// `before[i]`, `after[i]`: the scores of one person. `alternative`: `Greater` is scores that rise.
///
/// # Edges
/// Gains of 0 are left out and counted, as Wilcoxon did and R does; that can make a change look
/// surer than it is if there are many. Gains are compared as the computer holds them: 0.3 − 0.2 and
/// 0.2 − 0.1 are no tie. No gains but 0 are [`Reason::NoPairDiffers`]; no pairs [`Reason::NoPairs`];
/// sequences of different lengths [`Reason::UnequalLengths`]; a score that is not finite
/// [`Reason::NotFinite`]; the exact test of more than 400 pairs [`Reason::TooLargeForFull`].
///
/// # Source
/// F. Wilcoxon, 1945, "Individual comparisons by ranking methods".
///
/// # Example
/// ```
/// use wholefamily::stats::{Alternative, SignedRankMethod, signed_rank};
/// let (before, after) = ([11.0, 14.0, 9.0, 12.0], [13.0, 15.0, 13.0, 12.0]);
/// let test = signed_rank(&before, &after, SignedRankMethod::Auto, Alternative::Greater);
/// assert_eq!((test.statistic, test.used, test.zeros), (Some(6.0), 3, 1));
/// let exact = signed_rank(&before, &after, SignedRankMethod::Exact, Alternative::Greater);
/// assert_eq!(exact.p_value, Some(0.125)); // all three rose: one way in 2³
/// ```
#[must_use]
pub fn signed_rank(
    before: &[f64],
    after: &[f64],
    method: SignedRankMethod,
    alternative: Alternative,
) -> SignedRank {
    let nothing = |zeros, reason| SignedRank {
        statistic: None,
        p_value: None,
        used: 0,
        zeros,
        reason: Some(reason),
    };
    let mut gains = match gains(before, after) {
        Ok(gains) => gains,
        Err(reason) => return nothing(0, reason),
    };
    let pairs = gains.len();
    gains.retain(|gain| *gain != 0.0);
    let zeros = pairs - gains.len();
    if gains.is_empty() {
        return nothing(zeros, Reason::NoPairDiffers);
    }
    let ranks = Ranks::new(gains);
    let used = ranks.doubled.len();
    let exact = match method {
        SignedRankMethod::Auto => used < MANY && zeros == 0 && ranks.ties == 0,
        SignedRankMethod::Exact => true,
        SignedRankMethod::Normal => false,
    };
    let statistic = Some(ranks.risen as f64 / 2.0);
    if exact && used > MOST {
        let reason = Some(Reason::TooLargeForFull);
        return SignedRank { statistic, p_value: None, used, zeros, reason };
    }
    let p = if exact { ranks.exact(alternative) } else { ranks.normal(alternative) };
    SignedRank { statistic, p_value: Some(p), used, zeros, reason: None }
}

/// The ranks of gains, each doubled, so that those of ties are whole.
struct Ranks {
    doubled: Vec<u64>,
    /// The sum of those above 0.
    risen: u64,
    /// Σ (t³ − t) over ties of t gains.
    ties: u128,
}

impl Ranks {
    fn new(mut gains: Vec<f64>) -> Self {
        gains.sort_by(|one, other| one.abs().total_cmp(&other.abs()));
        let mut ranks = Self { doubled: Vec::with_capacity(gains.len()), risen: 0, ties: 0 };
        for tie in gains.chunk_by(|one, other| one.abs() == other.abs()) {
            let (before, length) = (ranks.doubled.len() as u64, tie.len() as u64);
            // the mean of before + 1 to before + length, doubled
            let rank = 2 * before + length + 1;
            ranks.risen += rank * tie.iter().filter(|gain| **gain > 0.0).count() as u64;
            ranks.doubled.extend(std::iter::repeat_n(rank, tie.len()));
            let length = u128::from(length);
            ranks.ties += length * length * length - length;
        }
        ranks
    }

    fn all(&self) -> u64 {
        let n = self.doubled.len() as u64;
        n * (n + 1)
    }

    fn exact(&self, alternative: Alternative) -> f64 {
        // The distribution is symmetric, so the upper tail is a lower one.
        let below = || self.at_most(self.risen);
        let above = || self.at_most(self.all() - self.risen);
        match alternative {
            Alternative::Less => below(),
            Alternative::Greater => above(),
            Alternative::TwoSided => {
                (2.0 * self.at_most(self.risen.min(self.all() - self.risen))).min(1.0)
            }
        }
    }

    /// P(V ≤ `most`), doubled like the ranks: one rank after another is in the sum or not.
    fn at_most(&self, most: u64) -> f64 {
        let Ok(places) = usize::try_from(most) else { return 1.0 };
        if most >= self.all() {
            return 1.0;
        }
        // chance[s] = P(sum so far = s)
        let mut chance = vec![0.0; places + 1];
        if let Some(first) = chance.first_mut() {
            *first = 1.0;
        }
        for &rank in &self.doubled {
            let rank = usize::try_from(rank).unwrap_or(usize::MAX);
            let without = chance.clone();
            for sum in &mut chance {
                *sum /= 2.0;
            }
            for (sum, before) in chance.iter_mut().skip(rank).zip(without) {
                *sum += before / 2.0;
            }
        }
        chance.iter().sum()
    }

    fn normal(&self, alternative: Alternative) -> f64 {
        let n = self.doubled.len() as f64;
        let mean = n * (n + 1.0) / 4.0;
        let variance = n * (n + 1.0) * (2.0 * n + 1.0) / 24.0 - self.ties as f64 / 48.0;
        let above = self.risen as f64 / 2.0 - mean;
        let z = |distance: f64| distance / variance.sqrt();
        match alternative {
            Alternative::TwoSided => normal::two_sided_p(z((above.abs() - 0.5).max(0.0))),
            Alternative::Greater => normal::upper(z(above - 0.5)),
            Alternative::Less => normal::upper(-z(above + 0.5)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Alternative::{Greater, Less, TwoSided};
    use SignedRankMethod::{Auto, Exact, Normal};

    fn of(gains: &[f64], method: SignedRankMethod, alternative: Alternative) -> SignedRank {
        signed_rank(&vec![0.0; gains.len()], gains, method, alternative)
    }

    fn near(got: Option<f64>, want: f64) {
        let got = got.unwrap();
        assert!((got / want - 1.0).abs() < 1e-13, "{got:e} {want:e}");
    }

    #[test]
    fn every_word_comes_back() {
        for word in SignedRankMethod::WORDS {
            assert_eq!(SignedRankMethod::parse(word).unwrap().word(), word);
        }
    }

    #[test]
    fn small_samples_by_hand() {
        // V = 1 + 2 + 4 of 10; sums of 3 or less: {}, 1, 2, 3, 1 + 2
        let test = of(&[1.0, 2.0, -3.0, 4.0], Auto, Greater);
        assert_eq!((test.statistic, test.p_value), (Some(7.0), Some(5.0 / 16.0)));
        assert_eq!(of(&[1.0, 2.0, -3.0, 4.0], Auto, TwoSided).p_value, Some(10.0 / 16.0));
        // at most 7: all but 8, 9 and 10
        assert_eq!(of(&[1.0, 2.0, -3.0, 4.0], Auto, Less).p_value, Some(13.0 / 16.0));
    }

    #[test]
    fn ties_share_their_ranks() {
        // ranks 1½, 1½, 3; V = 4½ of 6; sums of 1½ or less: {}, 1½, 1½
        let test = of(&[2.0, -2.0, 5.0], Exact, Greater);
        assert_eq!((test.statistic, test.p_value), (Some(4.5), Some(3.0 / 8.0)));
        // z = (4½ − 3 − ½) / √(3·4·7/24 − 6/48)
        let z = 1.0 / (3.5_f64 - 0.125).sqrt();
        near(of(&[2.0, -2.0, 5.0], Auto, TwoSided).p_value, normal::two_sided_p(z));
    }

    #[test]
    fn gains_of_nothing_are_left_out_and_counted() {
        let test = of(&[0.0, 1.0, 2.0, 0.0, -3.0], Exact, TwoSided);
        let without = of(&[1.0, 2.0, -3.0], Exact, TwoSided);
        assert_eq!((test.used, test.zeros, without.zeros), (3, 2, 0));
        assert_eq!((test.statistic, test.p_value), (without.statistic, without.p_value));
        // As in R, a zero means the normal approximation.
        assert_eq!(
            of(&[0.0, 1.0, 2.0, -3.0], Auto, TwoSided).p_value,
            of(&[1.0, 2.0, -3.0], Normal, TwoSided).p_value
        );
    }

    #[test]
    fn the_middle_is_no_evidence() {
        for method in [Exact, Normal] {
            assert_eq!(of(&[1.0, 2.0, -3.0], method, TwoSided).p_value, Some(1.0));
        }
    }

    #[test]
    fn turning_the_signs_turns_the_sides() {
        let gains: Vec<f64> = (1..45).map(|i| f64::from((i * 37) % 101) - 40.5).collect();
        let turned: Vec<f64> = gains.iter().map(|gain| -gain).collect();
        for method in [Exact, Normal] {
            let there = of(&gains, method, Greater).p_value.unwrap();
            near(of(&turned, method, Less).p_value, there);
            near(
                of(&turned, method, TwoSided).p_value,
                of(&gains, method, TwoSided).p_value.unwrap(),
            );
        }
    }

    #[test]
    fn exact_and_normal_agree_where_pairs_are_many() {
        let gains: Vec<f64> =
            (1..=200).map(|i| f64::from(i) * if i % 5 < 2 { -1.0 } else { 1.0 }).collect();
        let exact = of(&gains, Exact, TwoSided).p_value.unwrap();
        let normal = of(&gains, Normal, TwoSided).p_value.unwrap();
        assert!((exact / normal - 1.0).abs() < 0.02, "{exact} {normal}");
        assert_eq!(of(&gains, Auto, TwoSided).p_value, Some(normal));
        near(of(&vec![1.0; 60], Exact, Greater).p_value, 2.0_f64.powi(-60));
    }

    #[test]
    fn what_cannot_be_tested_says_why() {
        let why = |before: &[f64], after: &[f64], method| {
            signed_rank(before, after, method, TwoSided).reason
        };
        assert_eq!(why(&[], &[], Auto), Some(Reason::NoPairs));
        assert_eq!(why(&[1.0], &[], Auto), Some(Reason::UnequalLengths));
        assert_eq!(why(&[1.0], &[f64::NAN], Auto), Some(Reason::NotFinite));
        assert_eq!(why(&[1.0, 2.0], &[1.0, 2.0], Auto), Some(Reason::NoPairDiffers));
        assert_eq!(why(&[-1e308], &[1e308], Auto), Some(Reason::TooLarge));
        assert_eq!(why(&[0.0; 401], &[1.0; 401], Exact), Some(Reason::TooLargeForFull));
        assert_eq!(why(&[0.0; 401], &[1.0; 401], Auto), None);
    }
}
