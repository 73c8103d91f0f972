//! Of a change in how many are in care, what is due to the population, to entries, and to how long
//! stays last?

use super::reason::Reason;

/// How many are in care on a date, and what that number is made of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stock {
    /// The children whom care could concern; without it, entries are taken as they are.
    pub population: Option<f64>,
    /// Entries in the year up to the date.
    pub entries: u64,
    /// Children in care on the date.
    pub children: u64,
}

/// What each factor adds to a change in stock; together they are the change.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StockParts {
    /// By more or fewer children in the population; nothing where it is not known.
    pub population: Option<f64>,
    /// By more or fewer entries, for each of the population where that is known.
    pub entries: f64,
    /// By more or fewer children in care for each that entered: longer or shorter stays.
    pub stays: f64,
}

/// Parts a change in stock into population, entries and stays, by the logarithmic mean.
///
/// # Formula
/// With P the population, E the entries of a year and N the children in care,
/// ```text
/// N = P × E/P × N/E
/// N₁ − N₀ = L ln(P₁/P₀) + L ln((E₁/P₁) / (E₀/P₀)) + L ln((N₁/E₁) / (N₀/E₀))
/// L = (N₁ − N₀) / ln(N₁/N₀), or N₀ where both are the same
/// ```
/// Without a population N = E × N/E. Nothing is left over, and parts change sign where before and
/// after change places. In a steady state N/E is the mean length of stay in years (Little's law).
///
/// # Arguments
/// `before` and `after`: the two dates, both with a population or both without.
///
/// # Edges
/// A logarithm needs what is above 0: nobody in care is [`Reason::NoneBefore`] or
/// [`Reason::NoneAfter`], nobody who entered [`Reason::NoEntriesBefore`] or
/// [`Reason::NoEntriesAfter`], a population that is not a positive number
/// [`Reason::ImpossiblePopulation`], one that only one date has [`Reason::NoPopulation`].
///
/// # Source
/// B. W. Ang and F. L. Liu, 2001, "A new energy decomposition method: perfect in decomposition and
/// consistent in aggregation", Energy 26, 537–548; B. W. Ang, 2004, "Decomposition analysis for
/// policymaking in energy: which is the preferred method?", Energy Policy 32, 1131–1139 (LMDI-I).
///
/// # Example
/// ```
/// use wholefamily::stats::{Stock, stock_parts};
/// let stock = |population, entries, children| Stock { population: Some(population), entries, children };
/// // As many children, half the entries, and each stays as long: all of it is entries.
/// let parts = stock_parts(&stock(1e4, 40, 100), &stock(1e4, 20, 50)).unwrap();
/// assert_eq!((parts.population, parts.entries, parts.stays), (Some(0.0), -50.0, 0.0));
/// ```
///
/// # Errors
/// The [`Reason`] why there are no parts.
pub fn stock_parts(before: &Stock, after: &Stock) -> Result<StockParts, Reason> {
    match (before, after) {
        (Stock { children: 0, .. }, _) => return Err(Reason::NoneBefore),
        (_, Stock { children: 0, .. }) => return Err(Reason::NoneAfter),
        (Stock { entries: 0, .. }, _) => return Err(Reason::NoEntriesBefore),
        (_, Stock { entries: 0, .. }) => return Err(Reason::NoEntriesAfter),
        _ => {}
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
    let entries = log_ratio(before.entries as f64, after.entries as f64);
    let children = log_ratio(before.children as f64, after.children as f64);
    let mean = log_mean(before.children as f64, after.children as f64);
    let parts = StockParts {
        population: population.map(|population| mean * population),
        entries: mean * (entries - population.unwrap_or(0.0)),
        stays: mean * (children - entries),
    };
    let finite = [parts.population.unwrap_or(0.0), parts.entries, parts.stays];
    if finite.into_iter().all(f64::is_finite) { Ok(parts) } else { Err(Reason::TooLarge) }
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

    fn stock(population: f64, entries: u64, children: u64) -> Stock {
        Stock { population: Some(population), entries, children }
    }

    #[test]
    fn by_hand() {
        // N doubles from 100 to 200: L = 100 / ln 2. P × 2, E/P × 1/2, N/E × 2: a part each of 100.
        let parts = stock_parts(&stock(1000.0, 50, 100), &stock(2000.0, 50, 200)).unwrap();
        for (part, expected) in
            [(parts.population, 100.0), (Some(parts.entries), -100.0), (Some(parts.stays), 100.0)]
        {
            assert!((part.unwrap() - expected).abs() < 1e-12, "{part:?}");
        }
        // Without a population the first two are one: entries did not change.
        let alone = |entries, children| Stock { population: None, entries, children };
        let parts = stock_parts(&alone(50, 100), &alone(50, 200)).unwrap();
        assert_eq!((parts.population, parts.entries, parts.stays), (None, 0.0, 100.0));
    }

    #[test]
    fn parts_of_no_change_cancel() {
        let parts = stock_parts(&stock(1000.0, 50, 100), &stock(1000.0, 25, 100)).unwrap();
        assert_eq!(parts.population, Some(0.0));
        assert_eq!(parts.entries, -parts.stays);
        assert!((parts.stays - 100.0 * 2_f64.ln()).abs() < 1e-12);
    }

    #[test]
    fn what_has_no_logarithm_says_why() {
        let some = stock(1000.0, 50, 100);
        let because = |before: Stock, after: Stock| stock_parts(&before, &after).unwrap_err();
        assert_eq!(because(stock(1e3, 50, 0), stock(1e3, 50, 0)), Reason::NoneBefore);
        assert_eq!(because(some, stock(1e3, 50, 0)), Reason::NoneAfter);
        assert_eq!(because(stock(1e3, 0, 9), stock(1e3, 0, 9)), Reason::NoEntriesBefore);
        assert_eq!(because(some, stock(1e3, 0, 9)), Reason::NoEntriesAfter);
        for population in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(because(some, stock(population, 5, 9)), Reason::ImpossiblePopulation);
        }
        let none = Stock { population: None, ..some };
        assert_eq!(because(some, none), Reason::NoPopulation);
        assert_eq!(because(none, some), Reason::NoPopulation);
    }

    proptest! {
        /// Nothing is left over, and the way back is the way there with the other sign.
        #[test]
        fn parts_add_up_to_the_change(
            before in (1e-3..1e7_f64, 1..1_000_000_u64, 1..1_000_000_u64),
            after in (1e-3..1e7_f64, 1..1_000_000_u64, 1..1_000_000_u64),
        ) {
            let (before, after) =
                (stock(before.0, before.1, before.2), stock(after.0, after.1, after.2));
            let there = stock_parts(&before, &after).unwrap();
            let back = stock_parts(&after, &before).unwrap();
            let parts = [there.population.unwrap(), there.entries, there.stays];
            let change = after.children as f64 - before.children as f64;
            let largest = parts.iter().fold(change.abs(), |most, part| most.max(part.abs()));
            prop_assert!((parts.iter().sum::<f64>() - change).abs() <= 1e-12 * largest.max(1e-3));
            let returned = [back.population.unwrap(), back.entries, back.stays];
            for (part, other) in parts.iter().zip(returned) {
                prop_assert!((part + other).abs() <= 1e-12 * largest.max(1e-3));
            }
        }
    }
}
