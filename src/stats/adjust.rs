//! What is left of a p-value when it is one of many?

use super::reason::Reason;

/// How to adjust p-values for their number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum AdjustMethod {
    /// Keeps the chance of any false finding at the level, whatever the tests (S. Holm, 1979, "A
    /// simple sequentially rejective multiple test procedure"). Never worse than Bonferroni.
    #[default]
    Holm,
    /// Keeps the expected share of false findings among all findings at the level, for tests that
    /// are independent or lean the same way (Y. Benjamini and Y. Hochberg, 1995, "Controlling the
    /// false discovery rate: a practical and powerful approach to multiple testing").
    BenjaminiHochberg,
    /// The same for tests that depend on each other in any way (Y. Benjamini and D. Yekutieli, 2001,
    /// "The control of the false discovery rate in multiple testing under dependency").
    BenjaminiYekutieli,
    /// Each p-value times their number: to reproduce what others published (C. E. Bonferroni, 1936,
    /// "Teoria statistica delle classi e calcolo delle probabilità").
    Bonferroni,
}

impl AdjustMethod {
    /// Every method's name, as specifications write it.
    pub const WORDS: [&'static str; 4] =
        ["holm", "benjamini-hochberg", "benjamini-yekutieli", "bonferroni"];

    /// The method of that name; `None` for any other word.
    ///
    /// ```
    /// use wholefamily::stats::AdjustMethod;
    /// assert_eq!(AdjustMethod::parse("holm"), Some(AdjustMethod::Holm));
    /// assert_eq!(AdjustMethod::parse("BH"), None);
    /// ```
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Holm, Self::BenjaminiHochberg, Self::BenjaminiYekutieli, Self::Bonferroni]
            .into_iter()
            .find(|method| method.word() == word)
    }

    /// The method's name, as specifications write it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Holm => "holm",
            Self::BenjaminiHochberg => "benjamini-hochberg",
            Self::BenjaminiYekutieli => "benjamini-yekutieli",
            Self::Bonferroni => "bonferroni",
        }
    }
}

/// Adjusts p-values for their number, so that each may be held against the level itself.
///
/// # Formula
/// With the p-values in rising order, p₁ ≤ … ≤ pₘ, and none above 1:
/// ```text
/// holm                  max over j ≤ i of (m + 1 − j) pⱼ
/// benjamini-hochberg    min over j ≥ i of (m / j) pⱼ
/// benjamini-yekutieli   min over j ≥ i of (m / j) pⱼ (1 + 1/2 + … + 1/m)
/// bonferroni            m pᵢ
/// ```
/// # Arguments
/// `p`: p-values, in any order; the answers stand in the same order. Those that are `None` stay
/// `None` and are not counted in m, as in R's `p.adjust`.
///
/// # Errors
/// [`Reason::NotAProbability`] if one lies outside 0 to 1 or is not a number.
///
/// # Example
/// ```
/// use wholefamily::stats::{AdjustMethod, adjust};
/// let p = [Some(0.25), None, Some(0.125)];
/// assert_eq!(adjust(&p, AdjustMethod::Holm).unwrap(), [Some(0.25), None, Some(0.25)]);
/// ```
pub fn adjust(p: &[Option<f64>], method: AdjustMethod) -> Result<Vec<Option<f64>>, Reason> {
    let mut ordered: Vec<(usize, f64)> =
        p.iter().enumerate().filter_map(|(place, p)| p.map(|p| (place, p))).collect();
    if !ordered.iter().all(|(_, p)| (0.0..=1.0).contains(p)) {
        return Err(Reason::NotAProbability);
    }
    ordered.sort_by(|(_, one), (_, other)| one.total_cmp(other));
    let m = ordered.len() as f64;
    let harmonic: f64 = (1..=ordered.len()).rev().map(|i| 1.0 / i as f64).sum();
    let factor = |before: usize| match method {
        AdjustMethod::Holm => m - before as f64,
        AdjustMethod::BenjaminiHochberg => m / (before as f64 + 1.0),
        AdjustMethod::BenjaminiYekutieli => harmonic * m / (before as f64 + 1.0),
        AdjustMethod::Bonferroni => m,
    };
    let mut adjusted: Vec<f64> =
        ordered.iter().enumerate().map(|(before, (_, p))| (factor(before) * p).min(1.0)).collect();
    match method {
        AdjustMethod::Holm => run(adjusted.iter_mut(), f64::max),
        AdjustMethod::BenjaminiHochberg | AdjustMethod::BenjaminiYekutieli => {
            run(adjusted.iter_mut().rev(), f64::min);
        }
        AdjustMethod::Bonferroni => {}
    }
    let mut answers = vec![None; p.len()];
    for ((place, _), adjusted) in ordered.iter().zip(adjusted) {
        if let Some(answer) = answers.get_mut(*place) {
            *answer = Some(adjusted);
        }
    }
    Ok(answers)
}

/// Replaces each number by the largest, or smallest, up to it.
fn run<'a>(numbers: impl Iterator<Item = &'a mut f64>, pick: fn(f64, f64) -> f64) {
    let mut so_far = None;
    for number in numbers {
        *number = so_far.map_or(*number, |best| pick(best, *number));
        so_far = Some(*number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [AdjustMethod; 4] = [
        AdjustMethod::Holm,
        AdjustMethod::BenjaminiHochberg,
        AdjustMethod::BenjaminiYekutieli,
        AdjustMethod::Bonferroni,
    ];

    fn of(p: &[f64], method: AdjustMethod) -> Vec<f64> {
        let p: Vec<_> = p.iter().copied().map(Some).collect();
        adjust(&p, method).unwrap().into_iter().map(Option::unwrap).collect()
    }

    #[test]
    fn every_word_comes_back() {
        for word in AdjustMethod::WORDS {
            assert_eq!(AdjustMethod::parse(word).unwrap().word(), word);
        }
    }

    #[test]
    fn four_by_hand() {
        let p = [0.25, 0.0625, 0.125, 0.125];
        assert_eq!(of(&p, AdjustMethod::Holm), [0.375, 0.25, 0.375, 0.375]);
        assert_eq!(
            of(&p, AdjustMethod::BenjaminiHochberg),
            [0.25, 0.125 * 4.0 / 3.0, 0.125 * 4.0 / 3.0, 0.125 * 4.0 / 3.0]
        );
        assert_eq!(of(&p, AdjustMethod::Bonferroni), [1.0, 0.25, 0.5, 0.5]);
        // 1 + 1/2 + 1/3 + 1/4 = 25/12
        let first = of(&p, AdjustMethod::BenjaminiYekutieli)[0];
        assert!((first - 0.25 * 25.0 / 12.0).abs() < 1e-15);
    }

    #[test]
    fn nulls_stay_and_do_not_count() {
        for method in ALL {
            let with = adjust(&[None, Some(0.01), None, Some(0.04)], method).unwrap();
            let without = of(&[0.01, 0.04], method);
            assert_eq!(with, [None, Some(without[0]), None, Some(without[1])]);
            assert_eq!(adjust(&[], method), Ok(vec![]));
            assert_eq!(adjust(&[None], method), Ok(vec![None]));
            assert_eq!(of(&[0.3], method), [0.3]);
        }
    }

    #[test]
    fn adjusted_values_keep_the_order_and_never_shrink() {
        let p: Vec<f64> = (0..50_u64).map(|i| ((i * 7919) % 101) as f64 / 101.0).collect();
        for method in ALL {
            let adjusted = of(&p, method);
            for i in 0..p.len() {
                assert!(adjusted[i] >= p[i] && adjusted[i] <= 1.0);
                for j in 0..p.len() {
                    assert!(p[i] > p[j] || adjusted[i] <= adjusted[j]);
                }
            }
        }
    }

    #[test]
    fn what_is_no_probability_is_refused() {
        for wrong in [-0.1, 1.1, f64::NAN, f64::INFINITY] {
            let got = adjust(&[Some(0.5), Some(wrong)], AdjustMethod::Holm);
            assert_eq!(got, Err(Reason::NotAProbability));
        }
    }
}
