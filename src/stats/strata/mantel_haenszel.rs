//! The contrast pooled over strata, and the test that none of them has one.

use super::homogeneity::homogeneity;
use super::{Estimand, Sorted, Stratum};
use crate::stats::contrast::{about, cross_difference, product};
use crate::stats::interval::Interval;
use crate::stats::level::Level;
use crate::stats::normal;
use crate::stats::reason::Reason;
use crate::stats::significance::Significance;

/// A figure pooled over strata.
#[derive(Debug, Clone, PartialEq)]
pub struct Pooled {
    /// The pooled figure and its interval.
    pub interval: Interval,
    /// [Cochran, Mantel and Haenszel's test](cochran_mantel_haenszel) that no stratum has a
    /// difference; `None` where no table could have come out otherwise.
    pub p_value: Option<f64>,
    /// The test that all strata have the same contrast: see [`homogeneity`], which also says why
    /// there is none.
    pub homogeneity_p: Option<f64>,
    /// How many strata hold both groups, and so have a say.
    pub used: usize,
    /// Which strata hold only one of the groups, and so have none: their places, from 0.
    pub one_group_only: Vec<usize>,
}

/// The contrast between two groups within strata, pooled by Mantel and Haenszel's weights.
///
/// # Formula
/// Sums are over the strata that hold both groups; N = n₁ + n₂, m = x₁ + x₂, a = x₁, b = n₁ − x₁, c
/// = x₂, d = n₂ − x₂.
/// ```text
/// ratio        R/S,  R = Σ x₁n₂/N,  S = Σ x₂n₁/N
///              variance of its log   Σ (n₁n₂m − x₁x₂N)/N² / (RS)
/// odds ratio   R/S,  R = Σ ad/N,  S = Σ bc/N,  P = (a + d)/N,  Q = (b + c)/N
///              variance of its log   Σ PR/(2R²) + Σ (PS + QR)/(2RS) + Σ QS/(2S²)
/// difference   D = Σ (x₁n₂ − x₂n₁)/N / W,  W = Σ n₁n₂/N
///              variance   (D Σ (n₁²x₂ − n₂²x₁ + n₁n₂(n₂ − n₁)/2)/N² + Σ (ad + bc)/(2N)) / W²
/// ```
/// # Arguments
/// `strata`: any number, in any order; an empty stratum is passed over, one with a single group is
/// named by its place. `correct`: whether the test of no difference is corrected for continuity, as
/// in [`cochran_mantel_haenszel`]; the figure and its interval never are.
///
/// # Edges
/// No stratum with both groups is [`Reason::NoOverlap`]: no number then, however many rows there
/// are. A count above its base anywhere is [`Reason::CountAboveBase`]. The ratio with no events is
/// as in [`ratio`](crate::stats::ratio); the odds ratio with R or S zero is [`Reason::EmptyCells`];
/// a variance of zero is [`Reason::ZeroVariance`]. Limits of a difference beyond −1 and 1 are cut
/// there.
///
/// # Source
/// N. Mantel and W. Haenszel, 1959, "Statistical aspects of the analysis of data from retrospective
/// studies of disease"; variances of S. Greenland and J. M. Robins, 1985, "Estimation of a common
/// effect parameter from sparse follow-up data" (ratio); J. Robins, N. Breslow and S. Greenland,
/// 1986, "Estimators of the Mantel-Haenszel variance consistent in both sparse data and
/// large-strata limiting models" (odds ratio); T. Sato, 1989, "On the variance estimator for the
/// Mantel-Haenszel risk difference".
///
/// # Example
/// ```
/// use wholefamily::stats::{Estimand, Level, Reason, Stratum, mantel_haenszel};
/// let level = Level::new(0.95).unwrap();
/// // Hubs served only families new to the service, local offices only families known to it.
/// let strata = [Stratum { x1: 3, n1: 25, x2: 0, n2: 0 }, Stratum { x1: 0, n1: 0, x2: 7, n2: 10 }];
/// let pooled = mantel_haenszel(&strata, Estimand::Ratio, false, level);
/// assert_eq!(pooled.interval.reason, Some(Reason::NoOverlap));
/// assert_eq!((pooled.used, pooled.one_group_only), (0, vec![0, 1]));
/// ```
#[must_use]
pub fn mantel_haenszel(
    strata: &[Stratum],
    estimand: Estimand,
    correct: bool,
    level: Level,
) -> Pooled {
    let nothing = |reason, one_group_only| Pooled {
        interval: Interval::undefined(reason),
        p_value: None,
        homogeneity_p: None,
        used: 0,
        one_group_only,
    };
    let sorted = match Sorted::new(strata) {
        Ok(sorted) if sorted.both.is_empty() => {
            return nothing(Reason::NoOverlap, sorted.one_group_only);
        }
        Ok(sorted) => sorted,
        Err(reason) => return nothing(reason, vec![]),
    };
    let mut sums = Sums::default();
    for stratum in &sorted.both {
        sums.push(stratum);
    }
    let interval = match estimand {
        Estimand::Ratio => sums.ratio(level),
        Estimand::Difference => sums.difference(level),
        Estimand::OddsRatio => sums.odds_ratio(level),
    };
    Pooled {
        interval,
        p_value: cochran_mantel_haenszel(strata, correct).p_value,
        homogeneity_p: homogeneity(strata, estimand).p_value,
        used: sorted.both.len(),
        one_group_only: sorted.one_group_only,
    }
}

/// Could chance alone have made the two groups so unlike within their strata?
///
/// # Formula
/// With the letters of [`mantel_haenszel`]:
/// ```text
/// T  = Σ (x₁n₂ − x₂n₁)/N,   V = Σ n₁n₂m(N − m)/(N²(N − 1))
/// χ² = T²/V,   or (|T| − ½)²/V when corrected;   1 degree of freedom
/// ```
/// # Arguments
/// `strata` as in [`mantel_haenszel`]; `correct`: whether |T| is made smaller by one half, which
/// brings p near that of the exact test. Without it, p is near the exact test's mid-p.
///
/// # Edges
/// Where |T| is below one half, nothing is taken from it, as in R's `mantelhaen.test`. No stratum
/// with both groups is [`Reason::NoOverlap`]; where every stratum has only events, or none, there is
/// [`Reason::NoVariation`].
///
/// # Source
/// W. G. Cochran, 1954, "Some methods for strengthening the common χ² tests"; N. Mantel and W.
/// Haenszel, 1959, "Statistical aspects of the analysis of data from retrospective studies of
/// disease".
///
/// # Example
/// ```
/// use wholefamily::stats::{Stratum, cochran_mantel_haenszel};
/// let strata = [Stratum { x1: 3, n1: 4, x2: 1, n2: 4 }, Stratum { x1: 1, n1: 2, x2: 1, n2: 2 }];
/// let test = cochran_mantel_haenszel(&strata, false); // 1² / (4/7 + 1/3)
/// assert!((test.statistic.unwrap() - 21.0 / 19.0).abs() < 1e-15);
/// ```
#[must_use]
pub fn cochran_mantel_haenszel(strata: &[Stratum], correct: bool) -> Significance {
    let sorted = match Sorted::new(strata) {
        Ok(sorted) if sorted.both.is_empty() => return Significance::undefined(Reason::NoOverlap),
        Ok(sorted) => sorted,
        Err(reason) => return Significance::undefined(reason),
    };
    let (mut cross, mut variance) = (0.0, 0.0);
    for Stratum { x1, n1, x2, n2 } in sorted.both.into_iter().copied() {
        let n = n1 as f64 + n2 as f64;
        let (m, rest) = (x1 as f64 + x2 as f64, (n1 - x1) as f64 + (n2 - x2) as f64);
        cross += cross_difference(x1, n1, x2, n2) / n;
        variance += (product(n1, n2) / n) * (m / n) * (rest / (n - 1.0));
    }
    if variance <= 0.0 {
        return Significance::undefined(Reason::NoVariation);
    }
    let distance = cross.abs();
    let distance = if correct && distance >= 0.5 { distance - 0.5 } else { distance };
    let z = distance / variance.sqrt();
    Significance::new(Some(z * z), Some(1.0), normal::two_sided_p(z))
}

/// What the formulas add up over strata; names are the formulas' own.
#[derive(Default)]
struct Sums {
    share_r: f64,
    share_s: f64,
    share_variance: f64,
    odds_r: f64,
    odds_s: f64,
    odds_pr: f64,
    odds_ps_qr: f64,
    odds_qs: f64,
    cross: f64,
    weight: f64,
    sato_p: f64,
    sato_q: f64,
}

impl Sums {
    fn push(&mut self, stratum: &Stratum) {
        let Stratum { x1, n1, x2, n2 } = *stratum;
        let [a, b, c, d] = stratum.cells().map(|cell| cell as f64);
        let cross = cross_difference(x1, n1, x2, n2);
        let both = product(n1, n2);
        let (n1, n2) = (n1 as f64, n2 as f64);
        let n = n1 + n2;

        self.share_r += a * n2 / n;
        self.share_s += c * n1 / n;
        // n₁n₂m − x₁x₂N = n₁ad + n₂cb
        self.share_variance += ((n1 / n) * a * d + (n2 / n) * c * b) / n;

        let (p, q) = ((a + d) / n, (b + c) / n);
        let (r, s) = (a * d / n, b * c / n);
        self.odds_r += r;
        self.odds_s += s;
        self.odds_pr += p * r;
        self.odds_ps_qr += p * s + q * r;
        self.odds_qs += q * s;

        self.cross += cross / n;
        self.weight += both / n;
        self.sato_p += ((n1 / n) * (n1 / n)) * c - ((n2 / n) * (n2 / n)) * a
            + (n1 / n) * (n2 / n) * (n2 - n1) / 2.0;
        self.sato_q += (a * d + c * b) / n / 2.0;
    }

    fn ratio(&self, level: Level) -> Interval {
        let (r, s) = (self.share_r, self.share_s);
        match (r > 0.0, s > 0.0) {
            (false, false) => Interval::undefined(Reason::NoEventsInEither),
            (true, false) => Interval::undefined(Reason::NoReferenceEvents),
            (false, true) => Interval::without_limits(0.0, Reason::NoEvents),
            (true, true) if self.share_variance > 0.0 => {
                about(r / s, self.share_variance / r / s, level)
            }
            (true, true) => Interval::without_limits(r / s, Reason::ZeroVariance),
        }
    }

    fn odds_ratio(&self, level: Level) -> Interval {
        let (r, s) = (self.odds_r, self.odds_s);
        match (r > 0.0, s > 0.0) {
            (_, false) => Interval::undefined(Reason::EmptyCells),
            (false, true) => Interval::without_limits(0.0, Reason::EmptyCells),
            (true, true) => {
                let variance = self.odds_pr / r / r / 2.0
                    + self.odds_ps_qr / r / s / 2.0
                    + self.odds_qs / s / s / 2.0;
                about(r / s, variance, level)
            }
        }
    }

    fn difference(&self, level: Level) -> Interval {
        let d = self.cross / self.weight;
        let (first, second) = (d * self.sato_p, self.sato_q);
        // The two parts cancel where every share is 0 or 1; what rounding leaves is not a variance.
        if first + second <= 1e-13 * (first.abs() + second) {
            return Interval::without_limits(d, Reason::ZeroVariance);
        }
        let reach = level.z() * (first + second).sqrt() / self.weight;
        Interval::new(d, (d - reach).clamp(-1.0, 1.0), (d + reach).clamp(-1.0, 1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Estimand; 3] = [Estimand::Ratio, Estimand::Difference, Estimand::OddsRatio];

    fn level() -> Level {
        Level::default()
    }

    fn stratum(x1: u64, n1: u64, x2: u64, n2: u64) -> Stratum {
        Stratum { x1, n1, x2, n2 }
    }

    fn near(got: Option<f64>, want: Option<f64>) {
        let (got, want) = (got.unwrap(), want.unwrap());
        assert!((got - want).abs() <= 1e-13 * want.abs(), "{got} {want}");
    }

    #[test]
    fn two_strata_by_hand() {
        // (3 of 4 against 1 of 4) and (1 of 2 against 1 of 2); N = 8 and 4
        let strata = [stratum(3, 4, 1, 4), stratum(1, 2, 1, 2)];
        // ratio: (12/8 + 2/4) / (4/8 + 2/4) = 2
        assert_eq!(
            mantel_haenszel(&strata, Estimand::Ratio, false, level()).interval.value,
            Some(2.0)
        );
        // difference: (8/8 + 0) / (16/8 + 4/4) = 1/3
        near(
            mantel_haenszel(&strata, Estimand::Difference, false, level()).interval.value,
            Some(1.0 / 3.0),
        );
        // odds ratio: (9/8 + 1/4) / (1/8 + 1/4) = 11/3
        near(
            mantel_haenszel(&strata, Estimand::OddsRatio, false, level()).interval.value,
            Some(11.0 / 3.0),
        );
        // χ² = 1² / (16·4·4/(64·7) + 4·2·2/(16·3)) = 1 / (4/7 + 1/3) = 21/19
        near(
            mantel_haenszel(&strata, Estimand::Ratio, false, level()).p_value,
            Some(normal::two_sided_p((21.0_f64 / 19.0).sqrt())),
        );
    }

    #[test]
    fn one_stratum_is_the_plain_contrast() {
        let one = [stratum(7, 20, 4, 30)];
        // Greenland and Robins' variance is then Katz's: 1/7 − 1/20 + 1/4 − 1/30 = 13/42
        let ratio = mantel_haenszel(&one, Estimand::Ratio, false, level()).interval;
        let katz = about(2.625, 13.0 / 42.0, level());
        near(ratio.value, katz.value);
        near(ratio.lower, katz.lower);
        // and Robins, Breslow and Greenland's Woolf's: 1/7 + 1/13 + 1/4 + 1/26
        let odds_ratio = mantel_haenszel(&one, Estimand::OddsRatio, false, level()).interval;
        let woolf = about(3.5, 185.0 / 364.0, level());
        near(odds_ratio.value, woolf.value);
        near(odds_ratio.upper, woolf.upper);
        let difference = mantel_haenszel(&one, Estimand::Difference, false, level()).interval;
        near(difference.value, Some(13.0 / 60.0));
    }

    #[test]
    fn no_overlap_gives_no_number() {
        for estimand in ALL {
            for strata in
                [&[][..], &[stratum(0, 0, 0, 0)], &[stratum(3, 25, 0, 0), stratum(0, 0, 7, 10)]]
            {
                let pooled = mantel_haenszel(strata, estimand, false, level());
                assert_eq!(pooled.interval, Interval::undefined(Reason::NoOverlap));
                assert_eq!((pooled.p_value, pooled.used), (None, 0));
                assert_eq!(
                    pooled.one_group_only.len(),
                    strata.iter().filter(|s| s.n1 + s.n2 > 0).count()
                );
            }
        }
    }

    #[test]
    fn strata_with_one_group_are_counted_and_have_no_say() {
        let both = [stratum(3, 9, 1, 8), stratum(5, 6, 2, 7)];
        let with_others =
            [stratum(4, 4, 0, 0), both[0], stratum(0, 0, 0, 0), both[1], stratum(0, 0, 1, 3)];
        for estimand in ALL {
            let (short, long) = (
                mantel_haenszel(&both, estimand, false, level()),
                mantel_haenszel(&with_others, estimand, false, level()),
            );
            assert_eq!(
                (short.interval, short.p_value, short.homogeneity_p, short.used),
                (long.interval, long.p_value, long.homogeneity_p, long.used)
            );
            assert_eq!((short.one_group_only, long.one_group_only), (vec![], vec![0, 4]));
        }
    }

    #[test]
    fn zeros_say_why() {
        let pooled =
            |strata: &[Stratum], estimand| mantel_haenszel(strata, estimand, false, level());
        let (none, all) = ([stratum(0, 5, 0, 6)], [stratum(5, 5, 6, 6), stratum(1, 1, 1, 1)]);
        assert_eq!(
            pooled(&none, Estimand::Ratio).interval,
            Interval::undefined(Reason::NoEventsInEither)
        );
        assert_eq!(
            pooled(&none, Estimand::OddsRatio).interval,
            Interval::undefined(Reason::EmptyCells)
        );
        assert_eq!(
            pooled(&none, Estimand::Difference).interval,
            Interval::without_limits(0.0, Reason::ZeroVariance)
        );
        assert_eq!(pooled(&none, Estimand::Ratio).p_value, None);
        assert_eq!(
            pooled(&all, Estimand::Ratio).interval,
            Interval::without_limits(1.0, Reason::ZeroVariance)
        );
        let apart = [stratum(5, 5, 0, 6), stratum(3, 3, 0, 7)];
        assert_eq!(
            pooled(&apart, Estimand::Ratio).interval,
            Interval::undefined(Reason::NoReferenceEvents)
        );
        assert_eq!(
            pooled(&apart, Estimand::Difference).interval,
            Interval::without_limits(1.0, Reason::ZeroVariance)
        );
        let none_in_group = [stratum(0, 5, 2, 6)];
        assert_eq!(
            pooled(&none_in_group, Estimand::Ratio).interval,
            Interval::without_limits(0.0, Reason::NoEvents)
        );
        assert_eq!(
            pooled(&none_in_group, Estimand::OddsRatio).interval,
            Interval::without_limits(0.0, Reason::EmptyCells)
        );
    }

    #[test]
    fn an_impossible_stratum_spoils_the_pool() {
        let pooled = mantel_haenszel(
            &[stratum(1, 2, 1, 2), stratum(3, 2, 1, 2)],
            Estimand::Ratio,
            false,
            level(),
        );
        assert_eq!(pooled.interval, Interval::undefined(Reason::CountAboveBase));
    }

    #[test]
    fn huge_strata_stay_finite_and_ordered() {
        let most = u64::MAX;
        for estimand in ALL {
            for strata in [
                [stratum(most / 3, most, most / 2, most); 2],
                [stratum(1, 2, 1, most), stratum(1, most, 1, 2)],
            ] {
                let pooled =
                    mantel_haenszel(&strata, estimand, false, Level::new(1.0 - 1e-15).unwrap());
                let interval = pooled.interval;
                assert!(
                    interval.lower.is_some()
                        && interval.lower <= interval.value
                        && interval.value <= interval.upper
                );
                assert!((0.0..=1.0).contains(&pooled.p_value.unwrap()));
            }
        }
    }

    #[test]
    fn the_correction_takes_one_half_where_there_is_as_much() {
        // T = 1 and V = 19/21, as above
        let strata = [stratum(3, 4, 1, 4), stratum(1, 2, 1, 2)];
        near(cochran_mantel_haenszel(&strata, true).statistic, Some(0.25 * 21.0 / 19.0));
        // T = 1/4: nothing is taken, so both tests agree
        let near_none = [stratum(1, 3, 0, 1)];
        assert_eq!(
            cochran_mantel_haenszel(&near_none, true),
            cochran_mantel_haenszel(&near_none, false)
        );
        let none = cochran_mantel_haenszel(&[stratum(0, 3, 0, 1)], true);
        assert_eq!(none, Significance::undefined(Reason::NoVariation));
    }

    #[test]
    fn swapping_the_groups_turns_the_pooled_figure_round() {
        let strata = [stratum(3, 9, 1, 8), stratum(5, 6, 2, 7), stratum(11, 40, 9, 22)];
        let swapped = strata.map(|s| stratum(s.x2, s.n2, s.x1, s.n1));
        for estimand in ALL {
            let there = mantel_haenszel(&strata, estimand, true, level());
            let back = mantel_haenszel(&swapped, estimand, true, level());
            near(there.p_value, back.p_value);
            near(there.homogeneity_p, back.homogeneity_p);
            if estimand == Estimand::Difference {
                near(there.interval.lower, back.interval.upper.map(|limit| -limit));
            } else {
                near(there.interval.lower, back.interval.upper.map(|limit| 1.0 / limit));
            }
        }
    }
}
