//! Parts of a change in stock, against the formula with 50 digits.

use wholefamily::stats::{Stock, stock_parts};

use crate::table::{Nearness, Row, rows};

fn stock(row: &Row, when: &str) -> Stock {
    let of = |name: &str| format!("{name}_{when}");
    Stock {
        population: row.expected(&of("population")),
        entries: row.count(&of("entries")),
        children: row.count(&of("children")),
    }
}

#[test]
fn parts_of_a_change_in_stock() {
    let mut nearness = Nearness::default();
    for row in rows("stock_parts.csv") {
        let (before, after) = (stock(&row, "before"), stock(&row, "after"));
        let parts = stock_parts(&before, &after).unwrap();
        // Each part is a difference of logarithms, times a mean between the two stocks.
        let floor = 1e-14 * before.children.max(after.children) as f64;
        nearness.hold(&row, "", "population", parts.population, floor);
        nearness.hold(&row, "", "entries", Some(parts.entries), floor);
        nearness.hold(&row, "", "stays", Some(parts.stays), floor);
    }
}
