//! How much has a share of the same people changed?

use crate::stats::interval::Interval;
use crate::stats::level::Level;
use crate::stats::proportion::wilson_reach;
use crate::stats::reason::Reason;

/// The difference between two shares of the same n pairs, p₁ − p₂, with Newcombe's interval.
///
/// # Formula
/// With e, f, g, h = both, first only, second only, neither; p₁ = (e + f)/n and p₂ = (e + g)/n, and
/// (l, u) Wilson's limits of each:
/// ```text
/// d = (f − g)/n
/// d − √(v² − 2φvw + w²),  v = p₁ − l₁,  w = u₂ − p₂
/// d + √(v² − 2φvw + w²),  v = u₁ − p₁,  w = p₂ − l₂
/// φ = C / √((e + f)(g + h)(e + g)(f + h)),  A = eh − fg
///     C = A − n/2 for A > n/2,  0 for 0 ≤ A ≤ n/2,  A for A < 0
/// ```
/// φ is how the two go together, and 0 where everyone, or nobody, has the first or the second.
///
/// # Arguments
/// `both`, `first_only`, `second_only`, `neither`: how many pairs have it (before and after, say).
/// The difference lies between −1 and 1.
///
/// # Edges
/// Defined for any pairs; no pairs at all are [`Reason::NoPairs`], counts that add up to more than
/// 2⁶⁴ [`Reason::TooLarge`]. Limits beyond −1 and 1 are cut there.
///
/// # Source
/// R. G. Newcombe, 1998, "Improved confidence intervals for the difference between binomial
/// proportions based on paired data", method 10.
///
/// # Example
/// ```
/// use wholefamily::stats::{Level, paired_difference};
/// // M. W. Fagerland, S. Lydersen and P. Laake, 2014: 59, 6, 16 and 80 patients, −0.119 to −0.005
/// let d = paired_difference(59, 6, 16, 80, Level::new(0.95).unwrap());
/// assert!((d.value.unwrap() - -10.0 / 161.0).abs() < 1e-15);
/// assert!((d.lower.unwrap() - -0.1186).abs() < 5e-5 && (d.upper.unwrap() - -0.0046).abs() < 5e-5);
/// ```
#[must_use]
pub fn paired_difference(
    both: u64,
    first_only: u64,
    second_only: u64,
    neither: u64,
    level: Level,
) -> Interval {
    let cells = [both, first_only, second_only, neither];
    let n = cells.iter().try_fold(0_u64, |sum, &cell| sum.checked_add(cell));
    let n = match n {
        None => return Interval::undefined(Reason::TooLarge),
        Some(0) => return Interval::undefined(Reason::NoPairs),
        Some(n) => n,
    };
    let size = first_only.abs_diff(second_only) as f64 / n as f64;
    let d = if first_only < second_only { -size } else { size };
    let (below1, above1) = wilson_reach(both + first_only, n, level.z());
    let (below2, above2) = wilson_reach(both + second_only, n, level.z());
    let apart = apart(cells, n);
    let reach = |v: f64, w: f64| (v - w).hypot((2.0 * apart * v * w).sqrt());
    let lower = (d - reach(below1, above2)).clamp(-1.0, 1.0);
    let upper = (d + reach(above1, below2)).clamp(-1.0, 1.0);
    Interval::new(d, lower, upper)
}

/// 1 − φ, from 0 to 2, without the subtraction: the square of φ's denominator less the square of A is
/// n(efg + efh + egh + fgh).
fn apart(cells: [u64; 4], n: u64) -> f64 {
    let [e, f, g, h] = cells;
    let (alike, unlike) = (u128::from(e) * u128::from(h), u128::from(f) * u128::from(g));
    let gap = alike.abs_diff(unlike);
    let [e, f, g, h] = cells.map(|cell| cell as f64);
    let n = n as f64;
    let root = ((e + f) * (g + h)).sqrt() * ((e + g) * (f + h)).sqrt();
    if root == 0.0 {
        return 1.0;
    }
    if alike < unlike {
        return 1.0 + gap as f64 / root;
    }
    let a = gap as f64;
    if 2.0 * a <= n {
        return 1.0;
    }
    let rest = n * ((e * f) * (g + h) + (g * h) * (e + f));
    rest / (root + a) / root + n / 2.0 / root
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(e: u64, f: u64, g: u64, h: u64) -> Interval {
        paired_difference(e, f, g, h, Level::default())
    }

    #[test]
    fn phi_by_hand() {
        // A = 8·8 − 2·2 = 60, less n/2 = 10, over 10²
        assert!((apart([8, 2, 2, 8], 20) - 0.5).abs() < 1e-15);
        // A = 4·4 − 3·3 = 7 = n/2
        assert_eq!(apart([4, 3, 3, 4], 14), 1.0);
        assert_eq!(apart([2, 8, 8, 2], 20), 1.6);
        assert_eq!(apart([5, 0, 3, 0], 8), 1.0);
    }

    #[test]
    fn published_intervals() {
        // D. G. Altman, D. Machin, T. N. Bryant and M. J. Gardner, 2000, "Statistics with
        // confidence", chapter 6: 14, 5, 0 and 22 patients, 0.011 to 0.226
        let d = of(14, 5, 0, 22);
        assert!((d.lower.unwrap() - 0.011).abs() < 5e-4 && (d.upper.unwrap() - 0.226).abs() < 5e-4);
    }

    #[test]
    fn swapping_the_two_turns_the_sign() {
        for (e, f, g, h) in [(14, 5, 0, 22), (1, 7, 3, 12), (0, 0, 5, 0), (1_000_000, 3, 1, 9)] {
            let (there, back) = (of(e, f, g, h), of(e, g, f, h));
            assert_eq!(there.value, back.value.map(|v| -v));
            assert!((there.lower.unwrap() + back.upper.unwrap()).abs() < 4e-16);
            // Counting those without it instead turns the sign as well.
            let other = of(h, f, g, e);
            assert!(
                (there.lower.unwrap() + other.upper.unwrap()).abs() < 4e-16
                    || (there.lower.unwrap() - other.lower.unwrap()).abs() < 4e-16
            );
        }
    }

    #[test]
    fn edges_are_defined() {
        for (e, f, g, h) in [(1, 0, 0, 0), (0, 0, 0, 9), (0, 9, 0, 0), (0, 0, 9, 0), (5, 0, 0, 5)] {
            let d = of(e, f, g, h);
            assert!(d.reason.is_none() && d.lower <= d.value && d.value <= d.upper, "{d:?}");
            assert!(d.lower < d.upper);
        }
        assert_eq!(of(0, 9, 0, 0).upper, Some(1.0));
        assert_eq!(of(0, 0, 0, 0), Interval::undefined(Reason::NoPairs));
        assert_eq!(of(u64::MAX, 1, 0, 0), Interval::undefined(Reason::TooLarge));
    }

    #[test]
    fn huge_counts_give_ordered_limits() {
        let k = u64::MAX / 4;
        let d = paired_difference(k, k, k, k, Level::new(1.0 - 1e-15).unwrap());
        assert_eq!(d.value, Some(0.0));
        assert!(d.lower < d.value && d.value < d.upper);
    }
}
