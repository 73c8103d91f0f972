//! Parts of a change in stock, against the formula with 50 digits.

use wholefamily::stats::{EntryYear, Stock, stock_parts};

use crate::table::{Nearness, Row, rows};

fn years(row: &Row, when: &str) -> Vec<EntryYear> {
    let of = |name: &str| row.counts(&format!("{name}_{when}"));
    let pairs = of("entries").into_iter().zip(of("children"));
    pairs.map(|(entries, children)| EntryYear { entries, children }).collect()
}

#[test]
fn parts_of_a_change_in_stock() {
    let mut nearness = Nearness::default();
    for row in rows("stock_parts.csv") {
        let (before, after) = (years(&row, "before"), years(&row, "after"));
        let size = |when: &str| row.expected(&format!("population_{when}"));
        let old = Stock { population: size("before"), years: &before };
        let new = Stock { population: size("after"), years: &after };
        let parts = stock_parts(&old, &new).unwrap();
        // Each part is a sum of differences of logarithms, times means between the two stocks.
        let children = |years: &[EntryYear]| years.iter().map(|year| year.children).sum::<u64>();
        let floor = 1e-14 * children(&before).max(children(&after)) as f64;
        nearness.hold(&row, "", "population", parts.population, floor);
        nearness.hold(&row, "", "entries", Some(parts.entries), floor);
        nearness.hold(&row, "", "stays", Some(parts.stays), floor);
    }
}
