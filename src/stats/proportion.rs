//! What share of them, and how sure can we be?

use super::interval::Interval;
use super::level::Level;
use super::reason::Reason;

/// How to put an interval about a share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum ProportionMethod {
    /// Wilson's score interval, right for small bases too (E. B. Wilson, 1927, "Probable inference,
    /// the law of succession, and statistical inference").
    #[default]
    Wilson,
    /// The simple interval about a share moved towards one half (A. Agresti and B. Coull, 1998,
    /// "Approximate is better than 'exact' for interval estimation of binomial proportions").
    AgrestiCoull,
    /// The textbook's p ± z√(pq/n), without width at 0 and at n: to reproduce what others
    /// published, not to draw conclusions from.
    Wald,
}

impl ProportionMethod {
    /// Every method's name, as specifications write it.
    pub const WORDS: [&'static str; 3] = ["wilson", "agresti-coull", "wald"];

    /// The method of that name; `None` for any other word.
    ///
    /// ```
    /// use wholefamily::stats::ProportionMethod;
    /// assert_eq!(ProportionMethod::parse("wilson"), Some(ProportionMethod::Wilson));
    /// assert_eq!(ProportionMethod::parse("Wilson"), None);
    /// ```
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Wilson, Self::AgrestiCoull, Self::Wald]
            .into_iter()
            .find(|method| method.word() == word)
    }

    /// The method's name, as specifications write it and results show it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Wilson => "wilson",
            Self::AgrestiCoull => "agresti-coull",
            Self::Wald => "wald",
        }
    }
}

/// The share `x` / `n`, with its two-sided interval.
///
/// # Formula
/// With p = x/n, q = 1 − p, and z the level's normal quantile:
/// ```text
/// wilson          (2x + z² ± z √(z² + 4xq)) / (2(n + z²))
/// agresti-coull   p̃ ± z √(p̃(1 − p̃)/(n + z²)),  p̃ = (x + z²/2)/(n + z²)
/// wald            p ± z √(pq/n)
/// ```
/// # Arguments
/// `x`: how many have it; `n`: of how many. The share and its limits lie between 0 and 1.
///
/// # Edges
/// The lower limit of 0 of n is exactly 0 and the upper limit of n of n exactly 1. `n` = 0 is
/// [`Reason::NoRows`]; `x` > `n` is [`Reason::CountAboveBase`]. Limits beyond 0 and 1 are cut
/// there.
///
/// # Example
/// ```
/// use wholefamily::stats::{Level, ProportionMethod, proportion};
/// let share = proportion(3, 25, ProportionMethod::Wilson, Level::new(0.95).unwrap());
/// assert_eq!(share.value, Some(0.12));
/// assert!((share.lower.unwrap() - 0.0417).abs() < 5e-5);
/// assert!((share.upper.unwrap() - 0.2996).abs() < 5e-5);
/// ```
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
    let (lower, upper) = match method {
        ProportionMethod::Wilson => wilson(x, n, z),
        ProportionMethod::AgrestiCoull => agresti_coull(x, n, z),
        ProportionMethod::Wald => wald(x, n, z),
    };
    let lower = if x == 0 { 0.0 } else { lower.clamp(0.0, 1.0) };
    let upper = if x == n { 1.0 } else { upper.clamp(0.0, 1.0) };
    Interval::new(p, lower, upper)
}

/// Wilson's limits, without the subtraction that costs the lower one its digits: the two roots
/// multiply to x²/(n(n + z²)).
fn wilson(x: u64, n: u64, z: f64) -> (f64, f64) {
    let (x, n, q) = (x as f64, n as f64, (n - x) as f64 / n as f64);
    let large = 2.0 * x + z * z + z * (z * z + 4.0 * x * q).sqrt();
    (2.0 * x * (x / n) / large, large / (2.0 * (n + z * z)))
}

/// How far Wilson's limits lie below and above the share x/n, each to full precision however large
/// n is.
///
/// ```text
/// z (√(z² + 4xq) ∓ z(q − p)) / (2(n + z²))
/// ```
/// taken, where the two terms cancel, in the form 2zpq / (√(z² + 4xq) + z|q − p|). The caller has
/// checked that 0 < n and x ≤ n.
pub(super) fn wilson_reach(x: u64, n: u64, z: f64) -> (f64, f64) {
    let rest = n.saturating_sub(x);
    let size = n as f64;
    let (p, q) = (x as f64 / size, rest as f64 / size);
    let root = (z * z + 4.0 * x as f64 * q).sqrt();
    let apart = z * (x.abs_diff(rest) as f64 / size); // z |q − p|
    let near = 2.0 * z * p * q / (root + apart);
    let far = z * (root + apart) / (2.0 * (size + z * z));
    if x <= rest { (near, far) } else { (far, near) }
}

fn agresti_coull(x: u64, n: u64, z: f64) -> (f64, f64) {
    let size = n as f64 + z * z;
    let p = (x as f64 + z * z / 2.0) / size;
    let q = ((n - x) as f64 + z * z / 2.0) / size;
    let reach = z * (p * q / size).sqrt();
    (p - reach, p + reach)
}

fn wald(x: u64, n: u64, z: f64) -> (f64, f64) {
    let (p, q) = (x as f64 / n as f64, (n - x) as f64 / n as f64);
    let reach = z * (p * q / n as f64).sqrt();
    (p - reach, p + reach)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ProportionMethod::{AgrestiCoull, Wald, Wilson};

    const METHODS: [ProportionMethod; 3] = [Wilson, AgrestiCoull, Wald];

    fn level(level: f64) -> Level {
        Level::new(level).unwrap()
    }

    /// The level whose z is 2, so that intervals come out as fractions.
    fn z_of_2() -> Level {
        level(1.0 - crate::stats::normal::two_sided_p(2.0))
    }

    fn close(got: Option<f64>, want: f64) {
        let got = got.unwrap();
        assert!((got - want).abs() <= 1e-14, "{got} {want}");
    }

    #[test]
    fn wilson_by_hand_at_z_2() {
        // 1 of 1: 2·1 + 4 = 6, root √4 = 2, so (6 ± 4)/10
        let one = proportion(1, 1, Wilson, z_of_2());
        close(one.lower, 0.2);
        assert_eq!(one.upper, Some(1.0));
        // 6 of 12: 12 + 4 = 16, root √(4 + 12) = 4, so (16 ± 8)/32
        let half = proportion(6, 12, Wilson, z_of_2());
        close(half.lower, 0.25);
        close(half.upper, 0.75);
    }

    #[test]
    fn agresti_coull_and_wald_by_hand_at_z_2() {
        // 6 of 12: p̃ = 8/16, reach 2√(1/4/16) = 1/4
        close(proportion(6, 12, AgrestiCoull, z_of_2()).lower, 0.25);
        // 8 of 16: reach 2√(1/4/16) = 1/4
        close(proportion(8, 16, Wald, z_of_2()).upper, 0.75);
    }

    #[test]
    fn an_empty_base_has_no_share_and_says_why() {
        for method in METHODS {
            assert_eq!(proportion(0, 0, method, level(0.95)), Interval::undefined(Reason::NoRows));
            assert_eq!(
                proportion(4, 3, method, level(0.95)),
                Interval::undefined(Reason::CountAboveBase)
            );
        }
    }

    #[test]
    fn none_starts_at_0_and_all_ends_at_1() {
        for method in METHODS {
            for n in [1, 2, 3, 10, 49, 1_000_003, u64::MAX] {
                for wanted in [1e-9, 0.8, 0.95, 0.998, 1.0 - 1e-15] {
                    let (none, all) = (
                        proportion(0, n, method, level(wanted)),
                        proportion(n, n, method, level(wanted)),
                    );
                    assert_eq!((none.value, none.lower), (Some(0.0), Some(0.0)));
                    assert_eq!((all.value, all.upper), (Some(1.0), Some(1.0)));
                    assert!(none.upper.unwrap() < 1.0 && all.lower.unwrap() > 0.0);
                }
            }
        }
    }

    #[test]
    fn limits_stay_in_order_and_within_0_and_1() {
        for method in METHODS {
            for n in [1, 2, 7, 100, 1 << 40, u64::MAX] {
                for x in [0, 1, n / 3, n / 2, n - 1, n] {
                    for wanted in [1e-300, 0.5, 0.95, 1.0 - f64::EPSILON / 2.0] {
                        let share = proportion(x, n, method, level(wanted));
                        let (value, lower, upper) =
                            (share.value.unwrap(), share.lower.unwrap(), share.upper.unwrap());
                        assert!(
                            0.0 <= lower && lower <= value && value <= upper && upper <= 1.0,
                            "{x}/{n} {method:?} {share:?}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn reach_is_the_distance_to_the_limits() {
        for (x, n) in [(0, 1), (1, 1), (3, 25), (13, 25), (25, 25), (500, 1000)] {
            let (below, above) = wilson_reach(x, n, 1.96);
            let (lower, upper) = wilson(x, n, 1.96);
            let p = x as f64 / n as f64;
            assert!(
                (p - lower - below).abs() < 1e-15 && (upper - p - above).abs() < 1e-15,
                "{x}/{n}"
            );
        }
    }

    #[test]
    fn every_word_names_its_method() {
        for (word, method) in ProportionMethod::WORDS.into_iter().zip(METHODS) {
            assert_eq!(ProportionMethod::parse(word), Some(method));
            assert_eq!(method.word(), word);
        }
        assert_eq!(ProportionMethod::parse("exact"), None);
    }
}
