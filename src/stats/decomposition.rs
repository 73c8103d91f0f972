//! Of a change in how many are in care, what is due to the population, to entries, and to how long
//! stays last?

use super::reason::Reason;

/// The entries of one year, and how many of them are still in care.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct EntryYear {
    /// Entries in the year.
    pub entries: u64,
    /// Of these, still in care on the date.
    pub children: u64,
}

/// How many are in care on a date, and what that number is made of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stock<'a> {
    /// The children whom care could concern; without it, entries are taken as they are.
    pub population: Option<f64>,
    /// The entries of each year back from the date: first the 12 months up to it, then the 12 months
    /// before those, and so on. Years that are not there have none.
    pub years: &'a [EntryYear],
}

/// What each factor adds to a change in stock; together they are the change.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StockParts {
    /// By more or fewer children in the population; nothing where it is not known.
    pub population: Option<f64>,
    /// By more or fewer entries, for each of the population where that is known.
    pub entries: f64,
    /// By a larger or smaller share of those who entered still in care: longer or shorter stays.
    pub stays: f64,
}

/// Parts a change in stock into population, entries and stays, by the logarithmic mean.
///
/// # Formula
/// With P the population, Eₖ the entries of the year that lies k years before the date, Nₖ those of
/// them in care and Rₖ = Nₖ/Eₖ the share that stayed,
/// ```text
/// N = Σ Nₖ = Σ P × Eₖ/P × Rₖ
/// N₁ − N₀ = Σ Lₖ ln(P₁/P₀) + Σ Lₖ ln((Eₖ₁/P₁) / (Eₖ₀/P₀)) + Σ Lₖ ln(Rₖ₁/Rₖ₀)
/// Lₖ = (Nₖ₁ − Nₖ₀) / ln(Nₖ₁/Nₖ₀), or Nₖ₀ where both are the same
/// ```
/// Without a population N = Σ Eₖ × Rₖ. Nothing is left over, and parts change sign where before and
/// after change places. A change in entries moves "stays" not at all, however long ago it was:
/// entries of a year are set against entries of a year as long before, and so are shares that stayed.
///
/// # Arguments
/// `before` and `after`: the two dates, both with a population or both without.
///
/// # Edges
/// A logarithm needs what is above 0. Where one date has no entries of a year, the whole change in
/// that year's children is of entries; where both have, but one has nobody left in care, it is of
/// stays. That is where the formula goes as the 0 is approached, so parts still add up. Where neither
/// has anybody in care there is no change to part.
///
/// More in care than entered is [`Reason::CountAboveBase`], a population that is not a positive
/// number [`Reason::ImpossiblePopulation`], one that only one date has [`Reason::NoPopulation`].
///
/// # Source
/// B. W. Ang and F. L. Liu, 2001, "A new energy decomposition method: perfect in decomposition and
/// consistent in aggregation", Energy 26, 537–548; B. W. Ang, 2004, "Decomposition analysis for
/// policymaking in energy: which is the preferred method?", Energy Policy 32, 1131–1139 (LMDI-I);
/// B. W. Ang and N. Liu, 2007, "Handling zero values in the logarithmic mean Divisia index
/// decomposition approach", Energy Policy 35, 238–246.
///
/// # Example
/// ```
/// use wholefamily::stats::{EntryYear, Stock, stock_parts};
/// let years = |counts: [(u64, u64); 2]| counts.map(|(entries, children)| EntryYear { entries, children });
/// // Everyone stays for two years, and entries halve from 100 to 50: all of it is entries.
/// let (before, after) = (years([(100, 100), (100, 100)]), years([(50, 50), (100, 100)]));
/// let stock = |years| Stock { population: Some(1e4), years };
/// let parts = stock_parts(&stock(&before), &stock(&after)).unwrap();
/// assert_eq!((parts.population, parts.entries, parts.stays), (Some(0.0), -50.0, 0.0));
/// ```
///
/// # Errors
/// The [`Reason`] why there are no parts.
pub fn stock_parts(before: &Stock<'_>, after: &Stock<'_>) -> Result<StockParts, Reason> {
    let impossible = |year: &EntryYear| year.children > year.entries;
    if before.years.iter().chain(after.years).any(impossible) {
        return Err(Reason::CountAboveBase);
    }
    let population = match (before.population, after.population) {
        (None, None) => None,
        (Some(before), Some(after)) => {
            let possible = |size: f64| size.is_finite() && size > 0.0;
            if !possible(before) || !possible(after) {
                return Err(Reason::ImpossiblePopulation);
            }
            Some(log_ratio(before, after))
        }
        _ => return Err(Reason::NoPopulation),
    };
    let by_population = population.unwrap_or(0.0);
    let year = |stock: &Stock<'_>, place| stock.years.get(place).copied().unwrap_or_default();
    let (mut of_population, mut of_entries, mut of_stays) = (0.0, 0.0, 0.0);
    for place in 0..before.years.len().max(after.years.len()) {
        let (before, after) = (year(before, place), year(after, place));
        let children = (before.children as f64, after.children as f64);
        if before.entries == 0 || after.entries == 0 {
            of_entries += children.1 - children.0;
        } else if before.children == 0 || after.children == 0 {
            of_stays += children.1 - children.0;
        } else {
            let entries = log_ratio(before.entries as f64, after.entries as f64);
            let mean = log_mean(children.0, children.1);
            of_population += mean * by_population;
            of_entries += mean * (entries - by_population);
            of_stays += mean * (log_ratio(children.0, children.1) - entries);
        }
    }
    let population = population.map(|_| of_population);
    Ok(StockParts { population, entries: of_entries, stays: of_stays })
}

/// The logarithmic mean of two numbers above 0.
fn log_mean(before: f64, after: f64) -> f64 {
    let log = log_ratio(before, after);
    if log == 0.0 { before } else { (after - before) / log }
}

/// ln(after / before) of two numbers above 0: from the change while it is small.
fn log_ratio(before: f64, after: f64) -> f64 {
    let change = (after - before) / before;
    let ratio = after / before;
    match change.abs() < 0.5 {
        true => change.ln_1p(),
        false if ratio.is_normal() => ratio.ln(),
        false => after.ln() - before.ln(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn years<const N: usize>(counts: [(u64, u64); N]) -> [EntryYear; N] {
        counts.map(|(entries, children)| EntryYear { entries, children })
    }

    fn parts(
        population: Option<(f64, f64)>,
        before: &[EntryYear],
        after: &[EntryYear],
    ) -> Result<StockParts, Reason> {
        let (old, new) = population.unzip();
        stock_parts(
            &Stock { population: old, years: before },
            &Stock { population: new, years: after },
        )
    }

    fn near(found: StockParts, population: Option<f64>, entries: f64, stays: f64) {
        let pairs = [(found.entries, entries), (found.stays, stays)];
        for (found, expected) in pairs.into_iter().chain(found.population.zip(population)) {
            assert!((found - expected).abs() < 1e-12, "{found}, not {expected}");
        }
        assert_eq!(found.population.is_some(), population.is_some());
    }

    #[test]
    fn by_hand() {
        // N doubles from 100 to 200: L = 100 / ln 2. P × 2, E/P × 1/2, R × 2: a part each of 100.
        let (before, after) = (years([(400, 100)]), years([(400, 200)]));
        near(parts(Some((1e3, 2e3)), &before, &after).unwrap(), Some(100.0), -100.0, 100.0);
        // Without a population the first two are one: entries did not change.
        near(parts(None, &before, &after).unwrap(), None, 0.0, 100.0);
        // A second year, in which E × 1/4 and R × 2: N halves from 8 to 4, L = 4 / ln 2, entries
        // L ln 1/4 = -8, stays L ln 2 = 4.
        let (before, after) = (years([(400, 100), (32, 8)]), years([(400, 200), (8, 4)]));
        near(parts(None, &before, &after).unwrap(), None, -8.0, 104.0);
    }

    #[test]
    fn entries_that_fall_are_not_shorter_stays() {
        // Every stay lasts two years, and entries fall from 100 a year to 50.
        let before = years([(100, 100), (100, 100), (100, 0)]);
        for (after, change) in [
            ([(50, 50), (100, 100), (100, 0)], -50.0),
            ([(50, 50), (50, 50), (100, 0)], -100.0),
            ([(50, 50), (50, 50), (50, 0)], -100.0),
        ] {
            let found = parts(None, &before, &years(after)).unwrap();
            assert_eq!((found.entries, found.stays), (change, 0.0));
        }
    }

    #[test]
    fn stays_that_lengthen_are_not_entries() {
        // 100 a year; stays of one year become stays of two.
        let before = years([(100, 100), (100, 0)]);
        let found = parts(None, &before, &years([(100, 100), (100, 100)])).unwrap();
        assert_eq!((found.entries, found.stays), (0.0, 100.0));
    }

    #[test]
    fn parts_of_no_change_cancel() {
        let (before, after) = (years([(200, 100)]), years([(100, 100)]));
        let found = parts(Some((1e3, 1e3)), &before, &after).unwrap();
        assert_eq!(found.population, Some(0.0));
        assert_eq!(found.entries, -found.stays);
        assert!((found.stays - 100.0 * 2_f64.ln()).abs() < 1e-12);
    }

    #[test]
    fn without_entries_it_is_entries_and_without_stayers_it_is_stays() {
        let of = |before, after| {
            let found = parts(Some((1e3, 2e3)), &years([before]), &years([after])).unwrap();
            (found.population.unwrap(), found.entries, found.stays)
        };
        assert_eq!(of((0, 0), (7, 3)), (0.0, 3.0, 0.0));
        assert_eq!(of((7, 3), (0, 0)), (0.0, -3.0, 0.0));
        assert_eq!(of((9, 0), (7, 3)), (0.0, 0.0, 3.0));
        assert_eq!(of((7, 3), (9, 0)), (0.0, 0.0, -3.0));
        assert_eq!(of((7, 0), (9, 0)), (0.0, 0.0, 0.0));
        assert_eq!(of((0, 0), (9, 0)), (0.0, 0.0, 0.0));
        // Years that one date lacks are years without entries; of no years there is no change.
        let found = parts(None, &[], &years([(2, 1), (4, 4)])).unwrap();
        assert_eq!((found.entries, found.stays), (5.0, 0.0));
        assert_eq!(parts(None, &[], &[]).unwrap().entries, 0.0);
    }

    #[test]
    fn what_cannot_be_parted_says_why() {
        let (some, more) = (years([(50, 9)]), years([(9, 10)]));
        assert_eq!(parts(None, &some, &more), Err(Reason::CountAboveBase));
        assert_eq!(parts(None, &more, &some), Err(Reason::CountAboveBase));
        for size in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(parts(Some((size, 1.0)), &some, &some), Err(Reason::ImpossiblePopulation));
            assert_eq!(parts(Some((1.0, size)), &some, &some), Err(Reason::ImpossiblePopulation));
        }
        let (with, without) = (
            Stock { population: Some(1e3), years: &some },
            Stock { population: None, years: &some },
        );
        assert_eq!(stock_parts(&with, &without), Err(Reason::NoPopulation));
        assert_eq!(stock_parts(&without, &with), Err(Reason::NoPopulation));
    }

    /// A year of entries, often of few or none, of whom some are still in care.
    fn entry_year() -> impl Strategy<Value = EntryYear> {
        prop_oneof![0..4_u64, 0..1_000_000_u64]
            .prop_flat_map(|entries| (Just(entries), prop_oneof![Just(0), 0..=entries]))
            .prop_map(|(entries, children)| EntryYear { entries, children })
    }

    proptest! {
        /// Nothing is left over, and the way back is the way there with the other sign.
        #[test]
        fn parts_add_up_to_the_change(
            sizes in (1e-3..1e7_f64, 1e-3..1e7_f64),
            before in prop::collection::vec(entry_year(), 0..6),
            after in prop::collection::vec(entry_year(), 0..6),
        ) {
            let there = parts(Some(sizes), &before, &after).unwrap();
            let back = parts(Some((sizes.1, sizes.0)), &after, &before).unwrap();
            let found = [there.population.unwrap(), there.entries, there.stays];
            let stock = |years: &[EntryYear]| years.iter().map(|year| year.children).sum::<u64>() as f64;
            let change = stock(&after) - stock(&before);
            // Each year's parts may be larger than their sum, by logarithms of up to 40.
            let size = 40.0 * stock(&after).max(stock(&before)).max(1e-3);
            prop_assert!((found.iter().sum::<f64>() - change).abs() <= 1e-15 * size);
            let returned = [back.population.unwrap(), back.entries, back.stays];
            for (part, other) in found.iter().zip(returned) {
                prop_assert!((part + other).abs() <= 1e-15 * size);
            }
        }

        /// Where the same share of each year's entries stays, no part is of stays, whatever the entries.
        #[test]
        fn the_same_shares_are_no_change_in_stays(
            years in prop::collection::vec((1..1000_u64, 1..1000_u64, 1..50_u64, 1..50_u64), 1..6),
        ) {
            let of = |pick: fn(&(u64, u64, u64, u64)) -> u64| -> Vec<EntryYear> {
                years.iter().map(|year| {
                    let (share, whole) = (year.2.min(year.3), year.3);
                    EntryYear { entries: pick(year) * whole, children: pick(year) * share }
                }).collect()
            };
            let (before, after) = (of(|year| year.0), of(|year| year.1));
            let found = parts(None, &before, &after).unwrap();
            let most: u64 = before.iter().chain(&after).map(|year| year.children).sum();
            prop_assert!(found.stays.abs() <= 1e-14 * most as f64);
        }
    }
}
