//! How far apart are two shares?

use super::super::interval::Interval;
use super::super::level::Level;
use super::super::proportion::wilson_reach;
use super::{cross_difference, product, score, unfit};

/// How to put an interval about the difference between two shares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum DifferenceMethod {
    /// From Wilson's limits of each share, right for small groups too (R. G. Newcombe, 1998,
    /// "Interval estimation for the difference between independent proportions", method 10).
    #[default]
    Newcombe,
    /// Every difference that a score test does not reject (O. Miettinen and M. Nurminen, 1985,
    /// "Comparative analysis of two rates").
    MiettinenNurminen,
    /// The simple interval after one event and one non-event are added to each group (A. Agresti
    /// and B. Caffo, 2000, "Simple and effective confidence intervals for proportions and
    /// differences of proportions result from adding two successes and two failures").
    AgrestiCaffo,
    /// The textbook's d ± z√(p₁q₁/n₁ + p₂q₂/n₂), without width where both shares are 0 or 1: to
    /// reproduce what others published, not to draw conclusions from.
    Wald,
}

impl DifferenceMethod {
    /// Every method's name, as specifications write it.
    pub const WORDS: [&'static str; 4] =
        ["newcombe", "miettinen-nurminen", "agresti-caffo", "wald"];

    /// The method of that name; `None` for any other word.
    ///
    /// ```
    /// use wholefamily::stats::DifferenceMethod;
    /// assert_eq!(DifferenceMethod::parse("newcombe"), Some(DifferenceMethod::Newcombe));
    /// assert_eq!(DifferenceMethod::parse("Newcombe"), None);
    /// ```
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Newcombe, Self::MiettinenNurminen, Self::AgrestiCaffo, Self::Wald]
            .into_iter()
            .find(|method| method.word() == word)
    }

    /// The method's name, as specifications write it and results show it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Newcombe => "newcombe",
            Self::MiettinenNurminen => "miettinen-nurminen",
            Self::AgrestiCaffo => "agresti-caffo",
            Self::Wald => "wald",
        }
    }
}

/// How far apart are two shares: p₁ − p₂, with its interval?
///
/// # Formula
/// With d = p₁ − p₂, q = 1 − p, z the level's normal quantile, (l, u) Wilson's limits of each share
/// and N = n₁ + n₂:
/// ```text
/// newcombe             d − √((p₁ − l₁)² + (u₂ − p₂)²)   to   d + √((u₁ − p₁)² + (p₂ − l₂)²)
/// miettinen-nurminen   both δ with (d − δ)² = z² N/(N − 1) (p̃₁q̃₁/n₁ + p̃₂q̃₂/n₂),
///                      where p̃₁ − p̃₂ = δ are the likeliest shares that lie δ apart
/// agresti-caffo        p̃₁ − p̃₂ ± z √(p̃₁q̃₁/(n₁ + 2) + p̃₂q̃₂/(n₂ + 2)),  p̃ = (x + 1)/(n + 2)
/// wald                 d ± z √(p₁q₁/n₁ + p₂q₂/n₂)
/// ```
/// # Arguments
/// `x1` of `n1`: the group; `x2` of `n2`: the reference group. The difference lies between −1 and
/// 1.
///
/// # Edges
/// Defined whenever both groups have rows, at 0% and 100% too. Limits beyond −1 and 1 are cut
/// there. An empty group is [`Reason::EmptyGroup`], [`Reason::EmptyReference`] or
/// [`Reason::NoRows`]; x > n is [`Reason::CountAboveBase`]. Agresti and Caffo's interval is about
/// another figure than d: where it would leave d out, as it does for few rows and low levels only,
/// its nearer limit is d.
///
/// # Source
/// R. G. Newcombe, 1998, "Interval estimation for the difference between independent proportions";
/// O. Miettinen and M. Nurminen, 1985, "Comparative analysis of two rates"; A. Agresti and B.
/// Caffo, 2000, "Simple and effective confidence intervals for proportions and differences of
/// proportions result from adding two successes and two failures".
///
/// # Example
/// ```
/// use wholefamily::stats::{DifferenceMethod, Level, difference};
/// let method = DifferenceMethod::Newcombe;
/// let d = difference(56, 70, 48, 80, method, Level::default()); // Newcombe's table II, case (a)
/// assert!((d.value.unwrap() - 0.2).abs() < 1e-15);
/// assert!((d.lower.unwrap() - 0.0524).abs() < 5e-5 && (d.upper.unwrap() - 0.3339).abs() < 5e-5);
/// ```
///
/// [`Reason::EmptyGroup`]: crate::stats::Reason::EmptyGroup
/// [`Reason::EmptyReference`]: crate::stats::Reason::EmptyReference
/// [`Reason::NoRows`]: crate::stats::Reason::NoRows
/// [`Reason::CountAboveBase`]: crate::stats::Reason::CountAboveBase
#[must_use]
pub fn difference(
    x1: u64,
    n1: u64,
    x2: u64,
    n2: u64,
    method: DifferenceMethod,
    level: Level,
) -> Interval {
    if let Some(reason) = unfit(x1, n1, x2, n2) {
        return Interval::undefined(reason);
    }
    let z = level.z();
    let d = cross_difference(x1, n1, x2, n2) / product(n1, n2);
    let (centre, below, above) = match method {
        DifferenceMethod::Newcombe => {
            let (below1, above1) = wilson_reach(x1, n1, z);
            let (below2, above2) = wilson_reach(x2, n2, z);
            (d, below1.hypot(above2), above1.hypot(below2))
        }
        DifferenceMethod::MiettinenNurminen => (
            d,
            score::difference_reach(x2, n2, x1, n1, z),
            score::difference_reach(x1, n1, x2, n2, z),
        ),
        DifferenceMethod::AgrestiCaffo => {
            let reach = z * (variance(x1, n1, 1) + variance(x2, n2, 1)).sqrt();
            (shrunk_difference(x1, n1, x2, n2), reach, reach)
        }
        DifferenceMethod::Wald => {
            let reach = z * (variance(x1, n1, 0) + variance(x2, n2, 0)).sqrt();
            (d, reach, reach)
        }
    };
    Interval::new(d, (centre - below).clamp(-1.0, 1.0), (centre + above).clamp(-1.0, 1.0))
}

/// p(1 − p)/n once `more` events and as many non-events are added.
fn variance(x: u64, n: u64, more: u64) -> f64 {
    let (more, rest) = (more as f64, n.saturating_sub(x) as f64);
    let size = n as f64 + 2.0 * more;
    (x as f64 + more) / size * ((rest + more) / size) / size
}

/// (x₁ + 1)/(n₁ + 2) − (x₂ + 1)/(n₂ + 2), its numerator as d's plus n₂ − n₁ + 2(x₁ − x₂).
fn shrunk_difference(x1: u64, n1: u64, x2: u64, n2: u64) -> f64 {
    let wide = |count: u64, more: u128| u128::from(count) + more;
    let forward = wide(x1, 1).saturating_mul(wide(n2, 2));
    let back = wide(x2, 1).saturating_mul(wide(n1, 2));
    let size = forward.abs_diff(back) as f64 / (wide(n1, 2) as f64 * wide(n2, 2) as f64);
    if forward < back { -size } else { size }
}

#[cfg(test)]
mod tests {
    use super::*;
    use DifferenceMethod::{AgrestiCaffo, MiettinenNurminen, Newcombe, Wald};

    const METHODS: [DifferenceMethod; 4] = [Newcombe, MiettinenNurminen, AgrestiCaffo, Wald];

    /// The level whose z is 2, so that intervals come out as fractions.
    fn two() -> Level {
        Level::new(1.0 - crate::stats::normal::two_sided_p(2.0)).unwrap()
    }

    fn close(got: Option<f64>, want: f64) {
        assert!((got.unwrap() - want).abs() < 1e-14, "{got:?} {want}");
    }

    #[test]
    fn every_word_names_its_method() {
        for (word, method) in DifferenceMethod::WORDS.into_iter().zip(METHODS) {
            assert_eq!(DifferenceMethod::parse(word), Some(method));
            assert_eq!(method.word(), word);
        }
        assert_eq!(DifferenceMethod::parse("score"), None);
    }

    #[test]
    fn the_difference_itself_does_not_depend_on_the_method() {
        for method in METHODS {
            assert_eq!(difference(3, 4, 1, 4, method, two()).value, Some(0.5));
        }
    }

    #[test]
    fn newcombe_by_hand() {
        // 0 of 12 against 12 of 12: Wilson 0..1/4 and 3/4..1, so −1 to −1 + √(1/16 + 1/16)
        let d = difference(0, 12, 12, 12, Newcombe, two());
        assert_eq!((d.value, d.lower), (Some(-1.0), Some(-1.0)));
        close(d.upper, -1.0 + 0.125_f64.sqrt());
        let same = difference(0, 1, 0, 1, Newcombe, two());
        assert_eq!(same.value, Some(0.0));
        assert_eq!(same.lower.map(|lower| -lower), same.upper);
    }

    #[test]
    fn wald_and_agresti_caffo_by_hand() {
        // 8 of 16 against 8 of 16: reach 2√(2/64) = √(1/8)
        close(difference(8, 16, 8, 16, Wald, two()).upper, 0.125_f64.sqrt());
        // 1 of 2 becomes 2 of 4: reach 2√(2/16) = √(1/2)
        close(difference(1, 2, 1, 2, AgrestiCaffo, two()).upper, 0.5_f64.sqrt());
        // 2 of 2 and 0 of 2 become 3 of 4 and 1 of 4: 1/2 − 2√(2 · 3/64)
        close(difference(2, 2, 0, 2, AgrestiCaffo, two()).lower, 0.5 - 0.375_f64.sqrt());
        let none = difference(0, 5, 0, 9, Wald, two());
        assert_eq!((none.value, none.lower, none.upper), (Some(0.0), Some(0.0), Some(0.0)));
    }

    #[test]
    fn miettinen_nurminen_by_hand_where_neither_group_has_an_event() {
        // The likeliest shares δ apart are δ and 0: δ² = 4 · 20/19 · δ(1 − δ)/10, so δ = c/(1 + c)
        let c = 4.0 * 20.0 / 19.0 / 10.0;
        let d = difference(0, 10, 0, 10, MiettinenNurminen, two());
        close(d.upper, c / (1.0 + c));
        close(d.lower, -c / (1.0 + c));
    }

    /// statsmodels 0.15.0 gives 0.0526 to 0.3440 in the first case: the linear coefficient of its
    /// cubic holds a count where the size of a group belongs (statsmodels issue 10269).
    #[test]
    fn newcombes_table_ii_for_the_score_method() {
        // R. G. Newcombe, 1998, table II, method 6
        for (x1, n1, x2, n2, lower, upper) in [
            (56, 70, 48, 80, 0.0528, 0.3382),
            (9, 10, 3, 10, 0.1700, 0.8406),
            (10, 10, 0, 20, 0.7156, 1.0),
            (10, 10, 0, 10, 0.6636, 1.0),
        ] {
            let d = difference(x1, n1, x2, n2, MiettinenNurminen, Level::default());
            assert!((d.lower.unwrap() - lower).abs() < 5.1e-5, "{d:?}");
            assert!((d.upper.unwrap() - upper).abs() < 5.1e-5, "{d:?}");
        }
    }

    #[test]
    fn limits_lie_between_minus_1_and_1_about_the_difference() {
        for method in METHODS {
            for (x1, n1) in [(0, 1), (1, 1), (0, 7), (3, 7), (7, 7), (1, 900), (450, 900)] {
                for (x2, n2) in [(0, 1), (1, 1), (0, 30), (9, 30), (30, 30), (1, 1 << 40)] {
                    for level in [1e-9, 0.5, 0.95, 1.0 - 1e-15] {
                        let d = difference(x1, n1, x2, n2, method, Level::new(level).unwrap());
                        let (lower, upper) = (d.lower.unwrap(), d.upper.unwrap());
                        assert!(-1.0 <= lower && upper <= 1.0, "{method:?} {d:?}");
                        assert!(d.lower <= d.value && d.value <= d.upper, "{method:?} {d:?}");
                    }
                }
            }
        }
    }
}
