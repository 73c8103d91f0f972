//! Which quantile does an area belong to?

use std::collections::BTreeMap;

/// Which of `k` quantiles, with equally many areas each, does an area's figure fall into?
///
/// # Formula
/// With n figures and rank r among them (equal figures share the smallest rank):
/// ```text
/// quantile = k + 1 − ⌈(n + 1 − r) k / n⌉
/// ```
/// in whole numbers. PHEindicatormethods divides by n/k in floating point, which puts some areas into
/// the wrong quantile: of 28 areas and 20 quantiles the one ranked 8th falls into 6, but 5 is printed.
/// For 5 and 10 quantiles, up to 7,000 areas, the two agree everywhere.
///
/// # Arguments
/// `value`: a figure for each area; NaN is missing, and takes no part. `k`: how many quantiles.
/// `invert`: whether quantile 1 holds the highest figures (PHE's default) rather than the lowest.
///
/// # Edges
/// `None` for a missing figure; for every area if there are fewer figures than quantiles, or `k` is 0.
/// Equal figures share a quantile, so that quantiles may be unequal, or empty.
///
/// # Source
/// PHEindicatormethods 2.1.0, `phe_quantile`.
///
/// # Example
/// ```
/// use wholefamily::stats::inequality::quantile;
/// let score = [8.1, 3.2, 5.5, 9.0, 1.4];
/// let fifths = quantile(&score, 5, true);
/// assert_eq!(fifths, [Some(2), Some(4), Some(3), Some(1), Some(5)]);
/// ```
#[must_use]
pub fn quantile(value: &[f64], k: u32, invert: bool) -> Vec<Option<u32>> {
    let order = ranking(value, |value| !value.is_nan(), invert);
    let mut placed = vec![None; value.len()];
    let (n, wanted) = (order.len() as u64, u64::from(k));
    if k == 0 || n < wanted {
        return placed;
    }
    let mut before = 0;
    for tied in blocks(&order) {
        let from_the_end = ((n - before) * wanted).div_ceil(n);
        for (area, _) in tied {
            if let Some(place) = placed.get_mut(*area) {
                *place = u32::try_from(wanted + 1 - from_the_end).ok();
            }
        }
        before += tied.len() as u64;
    }
    placed
}

/// Which of `k` quantiles, with equally many *people* each, does an area fall into?
///
/// # Formula
/// Areas are ordered by rank; B and A are the people before an area, and up to and with it, and T all.
/// The cut after quantile j is wanted at jT/k. An area that lies across it goes to the side that
/// leaves the cut nearer to where it is wanted, and to the later quantile when both are as near:
/// ```text
/// quantile = 1 + how many j < k have   A > jT/k   and   (A + B)/2 ≥ jT/k
/// ```
/// # Arguments
/// `rank`: of each area, 1 the most deprived (SIMD ranks; any number that orders them will do);
/// `population`: its people. Within health boards or councils, one board's areas at a time: [`within`].
///
/// # Edges
/// `None` for an area whose rank or population is NaN, infinite or (population) negative: it takes no
/// part; for every area if fewer than `k` take part, nobody lives there, or `k` is 0. Areas of equal
/// rank stay together. Areas with more people than a quantile can leave quantiles empty.
///
/// # Source
/// Public Health Scotland's rule for the population-weighted quintiles and deciles of SIMD 2020v2: data
/// zones by rank, each cut as close to its target as whole data zones allow. Their published national
/// quintiles are pairs of deciles, which are pairs of vigintiles; cuts made by this rule at 20%, 40%, …
/// are the same. A few data zones of Shetland were then moved by hand, which no formula repeats.
///
/// # Example
/// ```
/// use wholefamily::stats::inequality::population_quantile;
/// // Half of 20 people is 10: the cut comes after 9 rather than after 14.
/// let halves = population_quantile(&[1.0, 2.0, 3.0, 4.0], &[4.0, 5.0, 5.0, 6.0], 2);
/// assert_eq!(halves, [Some(1), Some(1), Some(2), Some(2)]);
/// ```
#[must_use]
pub fn population_quantile(rank: &[f64], population: &[f64], k: u32) -> Vec<Option<u32>> {
    let mut placed = vec![None; rank.len()];
    let people = |area: usize| {
        population.get(area).copied().filter(|people| people.is_finite() && *people >= 0.0)
    };
    let known: Vec<f64> = rank
        .iter()
        .enumerate()
        .map(|(area, &rank)| if people(area).is_some() { rank } else { f64::NAN })
        .collect();
    let order = ranking(&known, |rank| rank.is_finite(), false);
    let living = |areas: &[(usize, f64)]| areas.iter().filter_map(|(area, _)| people(*area)).sum();
    let total: f64 = living(&order);
    if k == 0 || order.len() < k as usize || total <= 0.0 || !total.is_finite() {
        return placed;
    }
    let wanted = f64::from(k);
    let mut before = 0.0;
    for tied in blocks(&order) {
        let after = before + living(tied);
        let past = |j: &u32| {
            let cut = f64::from(*j) * total;
            after * wanted > cut && (before + after) * wanted >= 2.0 * cut
        };
        // every cut up to some j is passed, and none beyond it
        let passed = (1..k).take_while(past).count();
        for (area, _) in tied {
            if let Some(place) = placed.get_mut(*area) {
                *place = u32::try_from(passed + 1).ok();
            }
        }
        before = after;
    }
    placed
}

/// Quantiles within each group of areas, such as health boards: `place` is called with the positions
/// of one group's areas at a time, and what it answers is put back where they stood.
///
/// # Arguments
/// `group`: a number for each area's group; `place`: gives one quantile for each position.
///
/// # Edges
/// Positions that `place` leaves out are `None`.
///
/// # Example
/// ```
/// use wholefamily::stats::inequality::{population_quantile, within};
/// let (board, rank) = ([7, 7, 9, 9], [10.0, 40.0, 20.0, 30.0]);
/// let people = [100.0; 4];
/// let halves = within(&board, |areas| {
///     let pick = |from: &[f64]| areas.iter().map(|&area| from[area]).collect::<Vec<_>>();
///     population_quantile(&pick(&rank), &pick(&people), 2)
/// });
/// assert_eq!(halves, [Some(1), Some(2), Some(1), Some(2)]);
/// ```
#[must_use]
pub fn within(
    group: &[u32],
    mut place: impl FnMut(&[usize]) -> Vec<Option<u32>>,
) -> Vec<Option<u32>> {
    let mut groups: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for (area, group) in group.iter().enumerate() {
        groups.entry(*group).or_default().push(area);
    }
    let mut placed = vec![None; group.len()];
    for areas in groups.values() {
        for (area, quantile) in areas.iter().zip(place(areas)) {
            if let Some(place) = placed.get_mut(*area) {
                *place = quantile;
            }
        }
    }
    placed
}

/// The areas that take part, with their figures, in order.
fn ranking(value: &[f64], takes_part: fn(f64) -> bool, falling: bool) -> Vec<(usize, f64)> {
    let mut order: Vec<(usize, f64)> =
        value.iter().copied().enumerate().filter(|(_, value)| takes_part(*value)).collect();
    // −0 and 0 are one figure
    order.sort_by(|(_, a), (_, b)| (a + 0.0).total_cmp(&(b + 0.0)));
    if falling {
        order.reverse();
    }
    order
}

/// Stretches of equal figures.
fn blocks(order: &[(usize, f64)]) -> impl Iterator<Item = &[(usize, f64)]> {
    order.chunk_by(|(_, a), (_, b)| a == b)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(quantiles: Vec<Option<u32>>) -> Vec<u32> {
        quantiles.into_iter().map(|quantile| quantile.unwrap_or(0)).collect()
    }

    #[test]
    fn whole_numbers_where_phe_rounds() {
        // rank 8 of 28 in 20 quantiles: (28 + 1 − 8)·20/28 is 15 exactly, so 20 + 1 − 15 = 6
        let value: Vec<f64> = (1..=28).map(f64::from).collect();
        assert_eq!(quantile(&value, 20, false)[7], Some(6));
    }

    #[test]
    fn ties_share_the_smallest_rank() {
        // ranks 1, 2, 2, 2, 5 in fifths: 1, 2, 2, 2, 5
        assert_eq!(plain(quantile(&[1.0, 2.0, 2.0, 2.0, 3.0], 5, false)), [1, 2, 2, 2, 5]);
        assert_eq!(plain(quantile(&[0.0, -0.0, 1.0, 2.0], 4, false)), [1, 1, 3, 4]);
        // from the top: 3 is first, then the three 2s, then 1
        assert_eq!(plain(quantile(&[1.0, 2.0, 2.0, 2.0, 3.0], 5, true)), [5, 2, 2, 2, 1]);
    }

    #[test]
    fn missing_areas_take_no_part() {
        let nan = f64::NAN;
        assert_eq!(plain(quantile(&[nan, 1.0, 2.0], 2, false)), [0, 1, 2]);
        assert_eq!(plain(quantile(&[nan, 1.0, 2.0], 3, false)), [0, 0, 0]);
        assert_eq!(plain(quantile(&[1.0, 2.0], 0, false)), [0, 0]);
        assert_eq!(plain(quantile(&[], 5, false)), [0_u32; 0]);
        let ranks = [1.0, nan, 2.0, 3.0];
        assert_eq!(plain(population_quantile(&ranks, &[1.0, 9.0, 1.0, nan], 2)), [1, 0, 2, 0]);
        assert_eq!(plain(population_quantile(&ranks, &[0.0; 4], 2)), [0; 4]);
        assert_eq!(plain(population_quantile(&ranks, &[1.0, 1.0], 2)), [0; 4]);
    }

    #[test]
    fn a_zone_across_a_cut_goes_to_the_nearer_side() {
        let halves = |people: &[f64]| {
            let rank: Vec<f64> = (0..people.len()).map(|area| area as f64).collect();
            plain(population_quantile(&rank, people, 2))
        };
        assert_eq!(halves(&[4.0, 3.0, 3.0]), [1, 2, 2]); // 4 is nearer to 5 than 7
        assert_eq!(halves(&[3.0, 3.0, 4.0]), [1, 1, 2]); // 6 is nearer than 3
        assert_eq!(halves(&[4.0, 2.0, 4.0]), [1, 2, 2]); // as near: the later
        assert_eq!(halves(&[5.0, 0.0, 5.0]), [1, 1, 2]); // nobody lives on the cut
        assert_eq!(halves(&[1.0, 8.0, 1.0]), [1, 2, 2]);
    }

    #[test]
    fn equal_zones_are_cut_as_counts_are() {
        let rank: Vec<f64> = (0..6976_u32).map(|zone| f64::from(zone * 7919 % 6976)).collect();
        let fifths = population_quantile(&rank, &vec![3.0; 6976], 5);
        for fifth in 1..=5 {
            let size = fifths.iter().filter(|quantile| **quantile == Some(fifth)).count();
            assert!((1395..=1396).contains(&size), "{fifth}: {size}");
        }
    }

    #[test]
    fn fifths_are_pairs_of_tenths() {
        let people: Vec<f64> = (0..500_u32).map(|zone| f64::from(500 + zone * 97 % 613)).collect();
        let rank: Vec<f64> = (0..500_u32).map(f64::from).collect();
        let (fifths, tenths) =
            (population_quantile(&rank, &people, 5), population_quantile(&rank, &people, 10));
        for (fifth, tenth) in fifths.iter().zip(tenths) {
            assert_eq!(fifth.unwrap(), tenth.unwrap().div_ceil(2));
        }
    }

    #[test]
    fn equal_ranks_stay_together_whatever_the_order() {
        let placed = plain(population_quantile(&[1.0, 2.0, 2.0, 3.0], &[4.0, 2.0, 3.0, 4.0], 2));
        assert_eq!(placed[1], placed[2]);
        let turned = plain(population_quantile(&[3.0, 2.0, 2.0, 1.0], &[4.0, 3.0, 2.0, 4.0], 2));
        assert_eq!((placed[0], placed[1]), (turned[3], turned[2]));
    }
}
