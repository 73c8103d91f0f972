//! Do more change one way than the other?

use crate::stats::distribution::binomial;
use crate::stats::interval::Interval;
use crate::stats::level::Level;
use crate::stats::normal;
use crate::stats::proportion::{ProportionMethod, proportion};
use crate::stats::reason::Reason;

/// How to hold the pairs that changed against chance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum McNemarMethod {
    /// The binomial test, which errs on the careful side.
    #[default]
    Exact,
    /// The same counting half of the probability of what was seen, which is nearer the level (M. W.
    /// Fagerland, S. Lydersen and P. Laake, 2013, "The McNemar test for binary matched-pairs data:
    /// mid-p and asymptotic are better than exact conditional").
    MidP,
    /// McNemar's chi-squared as it is (Q. McNemar, 1947, "Note on the sampling error of the
    /// difference between correlated proportions or percentages").
    ChiSquared,
    /// The same with a correction for continuity (A. L. Edwards, 1948, "Note on the 'correction for
    /// continuity' in testing the significance of the difference between correlated proportions").
    Corrected,
}

impl McNemarMethod {
    /// Every method's name, as specifications write it.
    pub const WORDS: [&'static str; 4] = ["exact", "mid-p", "chi-squared", "corrected"];

    /// The method of that name; `None` for any other word.
    ///
    /// ```
    /// use wholefamily::stats::McNemarMethod;
    /// assert_eq!(McNemarMethod::parse("mid-p"), Some(McNemarMethod::MidP));
    /// assert_eq!(McNemarMethod::parse("midp"), None);
    /// ```
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Exact, Self::MidP, Self::ChiSquared, Self::Corrected]
            .into_iter()
            .find(|method| method.word() == word)
    }

    /// The method's name, as specifications write it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::MidP => "mid-p",
            Self::ChiSquared => "chi-squared",
            Self::Corrected => "corrected",
        }
    }
}

/// How much oftener pairs changed one way than the other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct McNemar {
    /// The conditional odds ratio b/c and its interval.
    pub interval: Interval,
    /// How often chance alone would give as uneven a split; `None` where no pair differs and the
    /// method is a chi-squared.
    pub p_value: Option<f64>,
}

/// McNemar's test of pairs, and the odds ratio b/c.
///
/// # Formula
/// With n = b + c, X binomial with n trials of one half, and k the smaller of b and c:
/// ```text
/// exact         p = 2 P(X ≤ k), at most 1
/// mid-p         p = 2 P(X ≤ k) − P(X = k)
/// chi-squared   (b − c)² / n,   1 degree of freedom
/// corrected     (|b − c| − 1)² / n, and 0 for b = c
/// interval      L/(1 − L)  to  U/(1 − U)
/// ```
/// where (L, U) is the interval for b of n: Clopper and Pearson's, or with mid-p the mid-p interval.
///
/// # Arguments
/// `b`: pairs with the first only (yes before, no after); `c`: pairs with the second only. Pairs
/// alike in both say nothing of the change and are not asked for.
///
/// # Edges
/// c = 0: no odds ratio ([`Reason::NoSecondOnly`]), but its lower limit. b = 0: the odds ratio and
/// its lower limit are 0. Neither: [`Reason::NoPairDiffers`], and p is 1 by the exact methods.
///
/// # Source
/// The methods' papers: see [`McNemarMethod`]. Interval: N. E. Breslow and N. E. Day, 1980,
/// "Statistical methods in cancer research", volume 1, section 5.2.
///
/// # Example
/// ```
/// use wholefamily::stats::{Level, McNemarMethod, mcnemar};
/// // 1 child got worse and 7 got better
/// let test = mcnemar(1, 7, McNemarMethod::Exact, Level::default());
/// assert!((test.p_value.unwrap() - 2.0 * 9.0 / 256.0).abs() < 1e-15);
/// assert_eq!(test.interval.value, Some(1.0 / 7.0));
/// ```
#[must_use]
pub fn mcnemar(b: u64, c: u64, method: McNemarMethod, level: Level) -> McNemar {
    let Some(n) = b.checked_add(c) else {
        return McNemar { interval: Interval::undefined(Reason::TooLarge), p_value: None };
    };
    let limits = match method {
        McNemarMethod::MidP => ProportionMethod::MidP,
        _ => ProportionMethod::ClopperPearson,
    };
    McNemar { interval: odds(b, c, n, limits, level), p_value: p_value(b, c, n, method) }
}

/// The odds b/c; 1 less a limit of b's share is the other limit of c's, with all its digits.
fn odds(b: u64, c: u64, n: u64, method: ProportionMethod, level: Level) -> Interval {
    if n == 0 {
        return Interval::undefined(Reason::NoPairDiffers);
    }
    let (first, second) = (proportion(b, n, method, level), proportion(c, n, method, level));
    let odds = |of: Option<f64>, to: Option<f64>| Some(of? / to?).filter(|odds| odds.is_finite());
    let lower = odds(first.lower, second.upper);
    if c == 0 {
        let reason = Some(Reason::NoSecondOnly);
        return Interval { value: None, lower, upper: None, reason };
    }
    match (lower, odds(first.upper, second.lower)) {
        (Some(lower), Some(upper)) => Interval::new(b as f64 / c as f64, lower, upper),
        _ => Interval::without_limits(b as f64 / c as f64, Reason::TooLarge),
    }
}

fn p_value(b: u64, c: u64, n: u64, method: McNemarMethod) -> Option<f64> {
    let (fewer, gap) = (b.min(c), b.abs_diff(c) as f64);
    let both_tails = || 2.0 * binomial::lower(fewer, n, 0.5);
    match method {
        McNemarMethod::Exact => Some(both_tails().min(1.0)),
        McNemarMethod::MidP if b == c => Some(1.0),
        McNemarMethod::MidP => Some(both_tails() - binomial::probability(fewer, n, 0.5)),
        _ if n == 0 => None,
        McNemarMethod::ChiSquared => Some(normal::two_sided_p(gap / (n as f64).sqrt())),
        McNemarMethod::Corrected => {
            Some(normal::two_sided_p((gap - 1.0).max(0.0) / (n as f64).sqrt()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [McNemarMethod; 4] = [
        McNemarMethod::Exact,
        McNemarMethod::MidP,
        McNemarMethod::ChiSquared,
        McNemarMethod::Corrected,
    ];

    fn of(b: u64, c: u64, method: McNemarMethod) -> McNemar {
        mcnemar(b, c, method, Level::default())
    }

    fn near(got: Option<f64>, want: f64) {
        let got = got.unwrap();
        assert!((got / want - 1.0).abs() < 1e-13, "{got:e} {want:e}");
    }

    #[test]
    fn every_word_comes_back() {
        for word in McNemarMethod::WORDS {
            assert_eq!(McNemarMethod::parse(word).unwrap().word(), word);
        }
    }

    #[test]
    fn p_values_by_hand() {
        near(of(1, 7, McNemarMethod::Exact).p_value, 18.0 / 256.0);
        near(of(1, 7, McNemarMethod::MidP).p_value, 10.0 / 256.0);
        near(of(0, 4, McNemarMethod::Exact).p_value, 2.0 / 16.0);
        near(of(0, 4, McNemarMethod::MidP).p_value, 1.0 / 16.0);
        near(of(1, 9, McNemarMethod::ChiSquared).p_value, normal::two_sided_p(6.4_f64.sqrt()));
        near(of(1, 9, McNemarMethod::Corrected).p_value, normal::two_sided_p(4.9_f64.sqrt()));
    }

    #[test]
    fn an_even_split_is_no_evidence() {
        for method in ALL {
            for k in [1, 3, 1000, 1_000_000_000] {
                assert_eq!(of(k, k, method).p_value, Some(1.0));
                assert_eq!(of(k, k, method).interval.value, Some(1.0));
            }
        }
    }

    #[test]
    fn nobody_differs() {
        for method in ALL {
            let none = of(0, 0, method);
            assert_eq!(none.interval, Interval::undefined(Reason::NoPairDiffers));
            let exact = matches!(method, McNemarMethod::Exact | McNemarMethod::MidP);
            assert_eq!(none.p_value, exact.then_some(1.0));
        }
    }

    #[test]
    fn the_ends_of_the_odds() {
        // 0 of 5: Clopper and Pearson's upper limit is 1 − 0.025^(1/5)
        let none = of(0, 5, McNemarMethod::Exact).interval;
        let left = 0.025_f64.powf(0.2);
        assert_eq!((none.value, none.lower), (Some(0.0), Some(0.0)));
        near(none.upper, (1.0 - left) / left);
        let all = of(5, 0, McNemarMethod::Exact).interval;
        assert_eq!((all.value, all.upper), (None, None));
        assert_eq!(all.reason, Some(Reason::NoSecondOnly));
        near(all.lower, left / (1.0 - left));
    }

    #[test]
    fn swapping_the_two_turns_the_odds_round() {
        for method in ALL {
            for (b, c) in [(1, 7), (12, 5), (3, 1_000_000_000)] {
                let (there, back) = (of(b, c, method), of(c, b, method));
                near(there.interval.lower, 1.0 / back.interval.upper.unwrap());
                assert_eq!(there.p_value, back.p_value);
            }
        }
    }

    #[test]
    fn too_many_pairs_say_so() {
        let far = of(u64::MAX, 1, McNemarMethod::Exact);
        assert_eq!(far.interval, Interval::undefined(Reason::TooLarge));
    }
}
