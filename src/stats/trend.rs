//! Does a share rise or fall over ordered groups?

use super::alternative::Alternative;
use super::normal;
use super::reason::Reason;
use super::significance::Significance;

/// Cochran and Armitage's test for a trend of shares over ordered groups.
///
/// # Formula
/// With X = Σ xᵢ of N = Σ nᵢ, P = X/N and s̄ = Σ nᵢsᵢ / N:
/// ```text
/// z = Σ (sᵢ − s̄)(xᵢ − nᵢP) / √(P(1 − P) Σ nᵢ(sᵢ − s̄)²)
/// ```
/// z² is the chi-squared of R's `prop.trend.test`.
///
/// # Arguments
/// `x[i]` of `n[i]`: the groups, in their order. `score[i]`: where each lies, such as 1 to 5 for
/// fifths by deprivation or the years of a survey; 1, 2, 3, … if `None`. `alternative`: `Greater`
/// is a share that rises with the score.
///
/// # Edges
/// A group without rows has no say. All groups at one score, or nobody or everybody with the event,
/// is [`Reason::NoVariation`]; no rows at all [`Reason::NoRows`]; x > n [`Reason::CountAboveBase`];
/// sequences of different lengths [`Reason::UnequalLengths`]; a score that is infinite or not a
/// number [`Reason::NotFinite`].
///
/// # Source
/// W. G. Cochran, 1954, "Some methods for strengthening the common χ² tests"; P. Armitage, 1955,
/// "Tests for linear trends in proportions and frequencies".
///
/// # Example
/// ```
/// use wholefamily::stats::{Alternative, trend};
/// // 1, 2 and 3 of 4: P = 1/2, so z = 2 / √(1/4 · 8)
/// let test = trend(&[1, 2, 3], &[4, 4, 4], None, Alternative::TwoSided);
/// assert!((test.statistic.unwrap() - 2.0_f64.sqrt()).abs() < 1e-15);
/// ```
#[must_use]
pub fn trend(
    x: &[u64],
    n: &[u64],
    score: Option<&[f64]>,
    alternative: Alternative,
) -> Significance {
    if x.len() != n.len() || score.is_some_and(|score| score.len() != x.len()) {
        return Significance::undefined(Reason::UnequalLengths);
    }
    let places: Vec<f64> = (1_u32..).map(f64::from).take(x.len()).collect();
    let score = score.unwrap_or(&places);
    if score.iter().any(|s| !s.is_finite()) {
        return Significance::undefined(Reason::NotFinite);
    }
    if x.iter().zip(n).any(|(x, n)| x > n) {
        return Significance::undefined(Reason::CountAboveBase);
    }
    let total = |counts: &[u64]| counts.iter().map(|&count| u128::from(count)).sum::<u128>();
    let (events, all) = (total(x), total(n));
    if all == 0 {
        return Significance::undefined(Reason::NoRows);
    }
    // Scores are measured from one that has rows, which loses no digits where they are years, and
    // by their range, so that their squares stay finite.
    let Some(origin) = score.iter().zip(n).find(|(_, n)| **n > 0).map(|(s, _)| *s) else {
        return Significance::undefined(Reason::NoRows);
    };
    let range = score.iter().map(|s| (s - origin).abs()).fold(0.0, f64::max);
    let one_score = score.iter().zip(n).all(|(s, n)| *n == 0 || *s == origin);
    if events == 0 || events == all || one_score {
        return Significance::undefined(Reason::NoVariation);
    }
    let size = all as f64;
    let place = |s: f64| (s - origin) / range;
    let mean = score.iter().zip(n).map(|(&s, &n)| place(s) * (n as f64 / size)).sum::<f64>();
    let (mut sum, mut spread) = (0.0, 0.0);
    for ((&x, &n), &s) in x.iter().zip(n).zip(score) {
        if n > 0 {
            let from_mean = place(s) - mean;
            sum += from_mean * surplus(x, n, events, all);
            spread += n as f64 * from_mean * from_mean;
        }
    }
    let z = sum / ((events as f64 / size) * ((all - events) as f64 / size) * spread).sqrt();
    let p = match alternative {
        Alternative::TwoSided => normal::two_sided_p(z),
        Alternative::Greater => normal::upper(z),
        Alternative::Less => normal::upper(-z),
    };
    Significance::new(Some(z), None, p)
}

/// x − nX/N, rounded once where the products fit.
fn surplus(x: u64, n: u64, events: u128, all: u128) -> f64 {
    match (u128::from(x).checked_mul(all), u128::from(n).checked_mul(events)) {
        (Some(forward), Some(back)) => {
            let size = forward.abs_diff(back) as f64 / all as f64;
            if forward < back { -size } else { size }
        }
        _ => x as f64 - n as f64 * (events as f64 / all as f64),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO_SIDED: Alternative = Alternative::TwoSided;

    fn near(got: Option<f64>, want: f64) {
        let got = got.unwrap();
        assert!((got - want).abs() <= 1e-14 * want.abs(), "{got} {want}");
    }

    #[test]
    fn two_groups_are_the_plain_test_of_two_shares() {
        // P = 4/8; z = (3/4 − 1/4) / √(1/4 · (1/4 + 1/4))
        let test = trend(&[1, 3], &[4, 4], Some(&[0.0, 1.0]), TWO_SIDED);
        near(test.statistic, 2.0_f64.sqrt());
        near(trend(&[1, 3], &[4, 4], Some(&[-3.0, 77.0]), TWO_SIDED).statistic, 2.0_f64.sqrt());
    }

    #[test]
    fn turning_the_order_round_turns_the_sign() {
        let (x, n) = ([3, 9, 14, 30], [40, 41, 39, 60]);
        let there = trend(&x, &n, None, Alternative::Greater);
        let back = trend(&[30, 14, 9, 3], &[60, 39, 41, 40], None, Alternative::Less);
        near(back.statistic, -there.statistic.unwrap());
        near(back.p_value, there.p_value.unwrap());
        let both = trend(&x, &n, None, TWO_SIDED);
        near(both.p_value, 2.0 * there.p_value.unwrap());
    }

    #[test]
    fn years_are_as_good_as_places() {
        let (x, n) = ([3, 9, 14], [40, 41, 39]);
        let years = trend(&x, &n, Some(&[2016.0, 2017.0, 2018.0]), TWO_SIDED);
        near(years.statistic, trend(&x, &n, None, TWO_SIDED).statistic.unwrap());
        let far = trend(&x, &n, Some(&[1e15 + 1.0, 1e15 + 2.0, 1e15 + 3.0]), TWO_SIDED);
        near(far.statistic, years.statistic.unwrap());
    }

    #[test]
    fn empty_groups_have_no_say() {
        let without = trend(&[3, 9], &[40, 41], Some(&[1.0, 3.0]), TWO_SIDED);
        assert_eq!(trend(&[3, 0, 9], &[40, 0, 41], None, TWO_SIDED), without);
    }

    #[test]
    fn what_cannot_be_tested_says_why() {
        let why =
            |x: &[u64], n: &[u64], score: Option<&[f64]>| trend(x, n, score, TWO_SIDED).reason;
        assert_eq!(why(&[], &[], None), Some(Reason::NoRows));
        assert_eq!(why(&[0, 0], &[0, 0], None), Some(Reason::NoRows));
        assert_eq!(why(&[1], &[2], None), Some(Reason::NoVariation));
        assert_eq!(why(&[0, 0], &[2, 3], None), Some(Reason::NoVariation));
        assert_eq!(why(&[2, 3], &[2, 3], None), Some(Reason::NoVariation));
        assert_eq!(why(&[1, 2], &[2, 3], Some(&[5.0, 5.0])), Some(Reason::NoVariation));
        assert_eq!(why(&[1, 4], &[2, 3], None), Some(Reason::CountAboveBase));
        assert_eq!(why(&[1, 2], &[2], None), Some(Reason::UnequalLengths));
        assert_eq!(why(&[1, 2], &[2, 3], Some(&[1.0])), Some(Reason::UnequalLengths));
        assert_eq!(why(&[1, 2], &[2, 3], Some(&[1.0, f64::NAN])), Some(Reason::NotFinite));
        assert_eq!(why(&[1, 2], &[2, 3], Some(&[1e308, -1e308])), Some(Reason::TooLarge));
        let wide = trend(&[1, 2], &[2, 3], Some(&[-1e300, 1e300]), TWO_SIDED);
        near(wide.statistic, trend(&[1, 2], &[2, 3], None, TWO_SIDED).statistic.unwrap());
    }

    #[test]
    fn huge_counts_stay_finite() {
        let most = u64::MAX;
        let test = trend(&[1, most / 2, most], &[most; 3], None, TWO_SIDED);
        assert_eq!(test.p_value, Some(0.0));
        assert!(test.statistic.unwrap() > 1e9);
    }
}
